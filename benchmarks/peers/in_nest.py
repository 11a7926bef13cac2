"""A description run in NEST: `python -m peers.in_nest < request.json` prints one JSON line."""

import json
import resource
import sys
import time
from math import inf, isfinite

import nest

from peers.description import named

# Ranvier's distributions in terms of NEST's.
DISTRIBUTIONS = {
    "constant": lambda p: p["value"],
    "uniform": lambda p: nest.random.uniform(p["low"], p["high"]),
    "normal": lambda p: nest.random.normal(p["mean"], p["std"]),
    "normal_clipped": lambda p: clipped(nest.random.normal(p["mean"], p["std"]), p),
    "normal_redrawn": lambda p: nest.math.redraw(
        nest.random.normal(p["mean"], p["std"]), p.get("low", -1e6), p.get("high", 1e6)
    ),
}

RULES = {
    "pairwise_bernoulli": lambda p: {"rule": "pairwise_bernoulli", "p": p["p"]},
    "fixed_indegree": lambda p: {"rule": "fixed_indegree", "indegree": p["indegree"]},
    "fixed_outdegree": lambda p: {"rule": "fixed_outdegree", "outdegree": p["outdegree"]},
    "fixed_total_number": lambda p: {"rule": "fixed_total_number", "N": p["number"]},
}


def clipped(drawn, bounds):
    if "low" in bounds:
        drawn = nest.math.max(drawn, bounds["low"])
    if "high" in bounds:
        drawn = nest.math.min(drawn, bounds["high"])
    return drawn


def value(source):
    """A number, or NEST's parameter for a distribution."""
    if isinstance(source, (int, float)):
        return float(source)
    name, parameters = named(source)
    return DISTRIBUTIONS[name](parameters)


def static_copy(model, source):
    """A copy of a static model for the synapses of one source population. NEST takes 2^27 synapses of
    a model on a thread, which the full microcircuit exceeds on two; a source whose synapses are of
    one model costs it no more than before."""
    name = f"{model}_{source}"
    if name not in nest.synapse_models:
        nest.CopyModel(model, name)
    return name


def synapse_model(spec, k, target, static):
    """NEST's model for the k-th projection; its post trace belongs to the target neurons."""
    if not spec.get("plasticity"):
        return static_copy(static, spec["source"])
    name, rule = named(spec["plasticity"])
    if name != "stdp_pair" or rule["delay"] != "dendritic":
        raise ValueError(f"NEST has no {name} with {rule.get('delay')} delays")
    target.tau_minus = rule["tau_minus"]
    model = f"plastic_{k}"
    nest.CopyModel(
        "stdp_synapse_hom",
        model,
        {
            "tau_plus": rule["tau_plus"],
            "lambda": rule["A_plus"] / rule["w_max"],
            "alpha": rule["A_minus"] / rule["A_plus"],
            "mu_plus": 0.0,
            "mu_minus": 0.0,
            "Wmax": rule["w_max"],
        },
    )
    return model


def device_delay(network):
    """The delay of the devices' synapses: the least constant one, so that NEST's communication
    interval stays that of the network, or 1.5 ms beside drawn ones."""
    constants = [p["delay"] for p in network["projections"] if isinstance(p["delay"], (int, float))]
    return min(constants, default=1.5)


def device_parameters(parameters):
    """Those that NEST's generator has; the weight belongs to its synapses."""
    return {
        key: parameters[key]
        for key in ("rate", "start", "stop")
        if isfinite(parameters.get(key, inf))
    }


def build(network, threads, static):
    """Populations by name, ready to run. static: NEST's model for synapses without plasticity."""
    nest.ResetKernel()
    nest.resolution = network["simulation"]["resolution"]
    nest.local_num_threads = threads
    nest.rng_seed = network["seed"]
    nest.print_time = False
    nest.keep_source_table = False  # less memory: no connection is looked up after the start
    populations = {}
    for name, spec in network["populations"].items():
        parameters = spec["parameters"]
        population = nest.Create(spec["model"], spec["size"], params=parameters)
        population.V_m = parameters["E_L"]  # NEST starts at the model's default E_L, not at this one
        for variable, source in (spec.get("initial") or {}).items():
            population.set({variable: value(source)})
        populations[name] = population
    for k, spec in enumerate(network["projections"]):
        rule, parameters = named(spec["rule"])
        nest.Connect(
            populations[spec["source"]],
            populations[spec["target"]],
            RULES[rule](parameters),
            {
                "synapse_model": synapse_model(spec, k, populations[spec["target"]], static),
                "weight": value(spec["weight"]),
                "delay": value(spec["delay"]),
            },
        )
    for spec in network["devices"].values():
        device = nest.Create(spec["model"], params=device_parameters(spec["parameters"]))
        nest.Connect(
            device,
            populations[spec["target"]],
            syn_spec={"weight": spec["parameters"]["weight"], "delay": device_delay(network)},
        )
    return populations


def record(populations, after):
    """A spike recorder of each population from `after` ms on."""
    recorders = {}
    for name, population in populations.items():
        recorders[name] = nest.Create("spike_recorder", params={"start": after})
        nest.Connect(population, recorders[name])
    return recorders


def run(network, threads, after=None, static="static_synapse"):
    """Seconds and rates of one run. With `after` spikes are recorded from there on and rates given
    per population; without, nothing is recorded while time is taken."""
    start, built_with = time.perf_counter(), time.process_time()
    populations = build(network, threads, static)
    recorders = record(populations, after) if after is not None else {}
    nest.Prepare()  # sorts the synapses: part of building
    built, built_with = time.perf_counter(), time.process_time() - built_with
    duration = network["simulation"]["duration"]
    used = time.process_time()
    nest.Run(duration)
    ran, used = time.perf_counter(), time.process_time() - used
    spikes = nest.local_spike_counter
    nest.Cleanup()
    neurons = sum(len(population) for population in populations.values())
    result = {
        "build_seconds": built - start,
        "run_seconds": ran - built,
        "build_processor_seconds": built_with,
        "run_processor_seconds": used,
        "resident_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "synapses": nest.num_connections - sum(len(p) for p in populations.values()) * bool(recorders),
        "rate_hz": spikes / neurons / duration * 1e3,
        "version": nest.__version__,
    }
    if recorders:
        result["rates_hz"] = {
            name: recorder.n_events / len(populations[name]) / (duration - after) * 1e3
            for name, recorder in recorders.items()
        }
    return result


def main():
    request = json.load(sys.stdin)
    nest.set_verbosity("M_ERROR")
    print(json.dumps(run(**request)))


if __name__ == "__main__":
    main()
