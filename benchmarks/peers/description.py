"""What a `simulate` configuration asks for, as plain Python: the common ground of all simulators.

A description is the resolved configuration (`ranvier validate --resolved`), whose models and
parameters bear NEST's names and units (ms, mV, pF, pA, nS, Hz). A `circuit` in it is written out by
peers.microcircuit.
"""

import subprocess
from pathlib import Path

import yaml

from peers.microcircuit import potjans_diesmann

ROOT = Path(__file__).resolve().parents[2]


def file_of(configuration):
    folders = [ROOT / "configs", ROOT / "benchmarks" / "cases"]
    return next(
        folder / f"{configuration}.yaml"
        for folder in folders
        if (folder / f"{configuration}.yaml").exists()
    )


def described(ranvier, configuration, overrides):
    """Populations, projections, devices and simulation section of a configuration.

    ranvier: path of the command. overrides: "key.path=value" each. Raises CalledProcessError, with
    the command's message on the error stream, where the configuration is wrong.
    """
    command = [ranvier, "validate", "--resolved", str(file_of(configuration))]
    for assignment in overrides:
        command += ["--set", assignment]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    resolved = yaml.safe_load(text)
    network = {
        "seed": resolved["seed"],
        "simulation": resolved["simulation"],
        "populations": resolved.get("populations") or {},
        "projections": resolved.get("projections") or [],
        "devices": resolved.get("devices") or {},
    }
    if "circuit" in resolved:
        for part, content in potjans_diesmann(resolved["circuit"]["potjans_diesmann"]).items():
            if isinstance(network[part], dict):
                network[part].update(content)
            else:
                network[part] = content + network[part]
    return network


def named(choice):
    """Name and parameters of "name" or {name: {parameter: value}}."""
    if isinstance(choice, str):
        return choice, {}
    (name, parameters), = choice.items()
    return name, parameters or {}
