"""Ranvier, a spiking neural network simulator for neuromorphic research.

A network is described, then simulated:

    net = ranvier.Network()
    exc = net.population("exc", "iaf_psc_exp", 100, tau_m=10.0)
    net.connect("exc", "exc", ranvier.fixed_indegree(10), weight=20.0, delay=1.5)
    net.stimulate("exc", "poisson_generator", rate=8000.0, weight=100.0)
    sim = ranvier.Simulation(net, threads=2, seed=1, record={"exc": ["V_m"]})
    sim.run(1000.0)
    times, ids = sim.spikes("exc")

or trained (`Sequential`, `Trainer`), deployed to event-driven inference and given an agent that
answers as soon as it is sure (`ExitRule`). `run` does what a YAML file says.

Units are NEST's: ms, mV, pF, pA, nS, Hz. `list("models")` and `describe("iaf_psc_exp")` tell what
there is. Names load when they are first used, so that `ranvier.report` works without the compiled
part.
"""

import sys as _sys
from importlib import import_module as _import_module
from typing import Any as _Any

from .factories import module as _factory_module

_modules = {
    "agent": (
        "AgentEvaluation",
        "DynamicConfidence",
        "ExitCurve",
        "ExitRule",
        "Exits",
        "FixedTimeCurve",
        "Oracle",
        "compare",
        "exit_curve",
        "fixed_time_curve",
        "oracle",
    ),
    "calibration": (
        "Calibration",
        "CalibrationErrors",
        "CalibrationReport",
        "RiskCoverage",
        "calibration_report",
        "fit_temperature",
        "isotonic",
        "reliability",
        "risk_coverage",
        "vector_scaling",
    ),
    "catalogue": ("Choice", "Description", "describe", "list", "load_plugin"),
    "data": (
        "Cochleagram",
        "Data",
        "DataSplit",
        "EventSplit",
        "Events",
        "cochleagram",
        "fetch_data",
        "load_data",
        "load_events",
        "read_sound",
    ),
    "errors": (
        "CorruptFile",
        "Error",
        "FileNotFound",
        "Interrupted",
        "InvalidConfig",
        "InvalidValue",
        "OutputError",
        "UnknownName",
        "Unsupported",
    ),
    "event_learning": ("EventEvaluation", "EventLayer", "EventTrainer", "Recurrent"),
    "experiments": ("run",),
    "inference": ("Activity", "Answers", "Inference"),
    "learning": ("Evaluation", "Sequential"),
    "layer": ("AveragePool", "Convolution", "Dense", "Layer", "MaxPool"),
    "network": ("Network", "Population", "circuit"),
    "onnx_import": ("import_onnx",),
    "plotting": (),
    "report": (),
    "simulation": ("Counters", "Recording", "Simulation", "Spikes", "Synapses"),
    "traces": ("EventTrace", "Trace"),
    "training": ("Epoch", "Trainer"),
}
_home = {name: module for module, names in _modules.items() for name in names}

#: Modules of factories, one function per entry of a registry.
_factories = (
    "models",
    "devices",
    "circuits",
    "rules",
    "distributions",
    "plasticity",
    "encodings",
    "layers",
    "surrogates",
    "losses",
    "optimisers",
    "schedules",
    "exit_rules",
)
#: Those whose functions are also reached as ranvier.<function>.
_short = ("rules", "distributions")

for _kind in _factories:
    globals()[_kind] = _sys.modules[f"{__name__}.{_kind}"] = _factory_module(_kind)

__all__ = sorted({*_modules, *_home, *_factories})


def __getattr__(name: str) -> _Any:
    if name == "__version__":
        return _import_module("._core", __name__).__version__
    if name in _home:
        value = getattr(_import_module(f".{_home[name]}", __name__), name)
    elif name in _modules:
        return _import_module(f".{name}", __name__)
    elif not name.startswith("_"):
        value = _import_module(".catalogue", __name__).short_name(name, _short)
    else:
        raise AttributeError(f"module 'ranvier' has no attribute '{name}'")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    shorts = (_import_module(".catalogue", __name__).names(kind) for kind in _short)
    return sorted({*globals(), *__all__, *(name for names in shorts for name in names)})
