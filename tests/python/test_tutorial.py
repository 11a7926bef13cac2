"""The tutorial's blocks do what the page says, in its order."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)(?: file=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks():
    page = (ROOT / "docs/tutorial.md").read_text()
    return [(match[1], match[2], match[3]) for match in BLOCK.finditer(page)]


def commands_of(kind, text):
    return (
        [sys.executable, "-c", text]
        if kind == "python"
        else ["bash", "-euo", "pipefail", "-c", text]
    )


def test_every_block_of_the_tutorial_runs(tmp_path):
    environment = dict(os.environ, RANVIER=str(ROOT))
    environment["PATH"] = f"{ROOT / 'build'}{os.pathsep}{environment['PATH']}"
    ran = 0
    for kind, file, text in blocks():
        if file is not None:
            (tmp_path / file).write_text(text)
            continue
        result = subprocess.run(
            commands_of(kind, text), cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert result.returncode == 0, f"{text}\n{result.stdout}\n{result.stderr}"
        ran += 1
    assert ran >= 6
