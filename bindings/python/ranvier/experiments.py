"""Experiments: a YAML file in, a folder of results and its headline figures out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Mapping
from typing import Any

from . import _core
from .network import count


def _as_yaml(value: Any) -> str:
    """A value as YAML's flow style writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_as_yaml(v)}" for key, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_as_yaml, value)) + "]"
    if value is None:
        return "null"
    if hasattr(value, "tolist"):
        return _as_yaml(value.tolist())
    return str(value)


def run(
    config: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    threads: int = 1,
    set: Mapping[str, Any] | None = None,
    resume: bool = False,
    report: bool = False,
    progress: Callable[[str, float, float, str], object] | None = None,
) -> dict[str, Any]:
    """Runs the experiment a YAML file describes and returns its headline figures.

    `out` is the folder of the results, by default results/<name of the config>. `set` overrides
    keys by their path: {"training.epochs": 3}. `report` draws report.html there. `progress` is
    called now and then with the stage, how much is done, of how much, and the unit. Ctrl-C leaves a
    checkpoint that `resume` continues.
    """
    overrides = [f"{path}={_as_yaml(value)}" for path, value in (set or {}).items()]
    metrics, folder, notes = _core.run_experiment(
        os.fspath(config),
        overrides,
        "" if out is None else os.fspath(out),
        count(threads, "the number of threads"),
        resume,
        progress,
    )
    for note in notes:
        warnings.warn(note, stacklevel=2)
    if report:
        from .report import write_report

        write_report(folder)
    return metrics
