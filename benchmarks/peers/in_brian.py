"""A description run in Brian2's C++ standalone mode: `python -m peers.in_brian < request.json` prints
one JSON line.

For the two networks whose synapses act on currents or conductances (CUBA, COBA). The program that
Brian2 generates is compiled before time is taken.
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import brian2
import numpy
from brian2 import mV, ms, nS, pA, pF

from peers.description import named

UNITS = {
    "C_m": pF, "g_L": nS, "tau_m": ms, "tau_syn_ex": ms, "tau_syn_in": ms, "t_ref": ms, "E_L": mV,
    "V_th": mV, "V_reset": mV, "E_ex": mV, "E_in": mV, "I_e": pA, "V_m": mV, "g_ex": nS, "g_in": nS,
}

# Equations, integration method, and per sign of the weight the variable that a spike moves, its unit
# and the sign it moves by.
MODELS = {
    "iaf_psc_exp": (
        """dV_m/dt = (E_L - V_m)/tau_m + (I_ex + I_in + I_e)/C_m : volt (unless refractory)
           dI_ex/dt = -I_ex/tau_syn_ex : amp
           dI_in/dt = -I_in/tau_syn_in : amp""",
        "exact",
        {True: ("I_ex", pA, 1), False: ("I_in", pA, 1)},
    ),
    # The equation is linear in V_m with time-dependent coefficients, for which Brian2 offers
    # `exponential_euler`; its step freezes the conductances.
    "iaf_cond_exp": (
        """dV_m/dt = (g_L*(E_L - V_m) + g_ex*(E_ex - V_m) + g_in*(E_in - V_m) + I_e)/C_m : volt (unless refractory)
           dg_ex/dt = -g_ex/tau_syn_ex : siemens
           dg_in/dt = -g_in/tau_syn_in : siemens""",
        "exponential_euler",
        {True: ("g_ex", nS, 1), False: ("g_in", nS, -1)},
    ),
}

INITIAL = {
    "uniform": lambda p: f"{p['low']} + {p['high'] - p['low']}*rand()",
    "normal": lambda p: f"{p['mean']} + {p['std']}*randn()",
}


def group(name, spec):
    """A NeuronGroup, and what a spike of either sign does to its neurons."""
    equations, method, effects = MODELS[spec["model"]]
    namespace = {
        key: number * UNITS[key] for key, number in spec["parameters"].items() if key in UNITS
    }
    made = brian2.NeuronGroup(
        spec["size"],
        equations,
        threshold="V_m >= V_th",
        reset="V_m = V_reset",
        refractory="t_ref",
        method=method,
        namespace=namespace,
        name=name,
    )
    made.V_m = namespace["E_L"]
    for variable, source in (spec.get("initial") or {}).items():
        distribution, parameters = named(source)
        setattr(made, variable, f"({INITIAL[distribution](parameters)})*{UNITS[variable]!r}")
    return made, effects


def synapses(spec, groups, number):
    """One projection."""
    target, effects = groups[spec["target"]]
    variable, unit, sign = effects[spec["weight"] > 0]
    made = brian2.Synapses(
        groups[spec["source"]][0],
        target,
        on_pre=f"{variable}_post += weight",
        namespace={"weight": sign * spec["weight"] * unit},
        delay=spec["delay"] * ms,
        name=f"synapses_{number}",
    )
    rule, parameters = named(spec["rule"])
    if rule != "pairwise_bernoulli":
        raise ValueError(f"rule {rule} is not built in Brian2")
    made.connect(p=parameters["p"])
    return made


def drive(spec, groups, network):
    """Poisson spikes that stop, drawn beforehand: afterwards they cost nothing, as in the others."""
    target, effects = groups[spec["target"]]
    parameters = spec["parameters"]
    step = network["simulation"]["resolution"]
    variable, unit, sign = effects[parameters["weight"] > 0]
    chance = parameters["rate"] * 1e-3 * step
    random = numpy.random.default_rng(network["seed"])
    steps, neurons = numpy.nonzero(random.random((round(parameters["stop"] / step), len(target))) < chance)
    source = brian2.SpikeGeneratorGroup(len(target), neurons, steps * step * ms)
    made = brian2.Synapses(
        source,
        target,
        on_pre=f"{variable}_post += weight",
        namespace={"weight": sign * parameters["weight"] * unit},
    )
    made.connect(j="i")
    return source, made


def flat(parts):
    for part in parts:
        yield from part if isinstance(part, tuple) else (part,)


def processor_seconds():
    """Of child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def simulated(groups, parts, duration, after):
    """Has the network run, and a monitor of each population from `after` ms on where that is given."""
    simulation = brian2.Network(parts)
    if after is None:
        simulation.run(duration * ms)
        return {}
    simulation.run(after * ms)
    monitors = {name: brian2.SpikeMonitor(made, record=False) for name, (made, _) in groups.items()}
    simulation.add(*monitors.values())
    simulation.run((duration - after) * ms)
    return monitors


def executed(folder, threads):
    """Runs the compiled program: seconds to build and to run the network."""
    start, used = time.perf_counter(), processor_seconds()
    brian2.device.run(directory=folder, results_directory="results", with_output=False)
    whole, used = time.perf_counter() - start, processor_seconds() - used
    # The program writes the seconds of its main loop here: of the processor on one thread, of the
    # clock on the wall with OpenMP.
    ran = float((Path(folder) / "results" / "last_run_info.txt").read_text().split()[0])
    if threads == 1:
        return {"build_processor_seconds": used - ran, "run_processor_seconds": ran}
    return {"build_seconds": whole - ran, "run_seconds": ran}


def run(network, threads, after=None):
    """Seconds of one run; with `after` rates of the time from there on instead."""
    brian2.set_device("cpp_standalone", build_on_run=False)
    brian2.prefs.devices.cpp_standalone.openmp_threads = threads if threads > 1 else 0
    brian2.defaultclock.dt = network["simulation"]["resolution"] * ms
    brian2.seed(network["seed"])
    groups = {name: group(name, spec) for name, spec in network["populations"].items()}
    parts = [made for made, _ in groups.values()]
    parts += [synapses(spec, groups, k) for k, spec in enumerate(network["projections"])]
    parts += flat(drive(spec, groups, network) for spec in network["devices"].values())
    duration = network["simulation"]["duration"]
    monitors = simulated(groups, parts, duration, after)
    with tempfile.TemporaryDirectory() as folder:
        brian2.device.build(directory=folder, compile=True, run=False)
        result = {**executed(folder, threads), "version": brian2.__version__}
        if monitors:
            result["rates_hz"] = {
                name: monitor.num_spikes / len(groups[name][0]) / (duration - after) * 1e3
                for name, monitor in monitors.items()
            }
    return result


def main():
    request = json.load(sys.stdin)
    print(json.dumps(run(**request)))


if __name__ == "__main__":
    main()
