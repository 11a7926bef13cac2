"""The cortical microcircuit, written out from the published tables for simulators that have no such
circuit: populations, projections and devices as peers.description has them.

Potjans & Diesmann 2014, Cereb. Cortex 24:785-806, tables 4 and 5; scaling after van Albada, Helias &
Diesmann 2015, PLoS Comput. Biol. 11:e1004490. Written independently of networks/circuits, which it
therefore checks.
"""

from math import log, sqrt

# Neurons, external in-degree, mean and standard deviation of the optimised initial potential (mV),
# mean rate at full scale (Hz).
POPULATIONS = {
    "L23E": (20683, 1600, -68.28, 5.36, 0.903),
    "L23I": (5834, 1500, -63.16, 4.57, 2.965),
    "L4E": (21915, 2100, -63.33, 4.74, 4.414),
    "L4I": (5479, 1900, -63.45, 4.94, 5.876),
    "L5E": (4850, 2000, -63.11, 4.94, 7.569),
    "L5I": (1065, 1900, -61.66, 4.55, 8.633),
    "L6E": (14395, 2900, -66.72, 5.46, 1.105),
    "L6I": (2948, 2100, -61.43, 4.48, 7.829),
}

# Row: target, column: source.
PROBABILITIES = [
    [0.1009, 0.1689, 0.0437, 0.0818, 0.0323, 0.0, 0.0076, 0.0],
    [0.1346, 0.1371, 0.0316, 0.0515, 0.0755, 0.0, 0.0042, 0.0],
    [0.0077, 0.0059, 0.0497, 0.135, 0.0067, 0.0003, 0.0453, 0.0],
    [0.0691, 0.0029, 0.0794, 0.1597, 0.0033, 0.0, 0.1057, 0.0],
    [0.1004, 0.0622, 0.0505, 0.0057, 0.0831, 0.3726, 0.0204, 0.0],
    [0.0548, 0.0269, 0.0257, 0.0022, 0.06, 0.3158, 0.0086, 0.0],
    [0.0156, 0.0066, 0.0211, 0.0166, 0.0572, 0.0197, 0.0396, 0.2252],
    [0.0364, 0.001, 0.0034, 0.0005, 0.0277, 0.008, 0.0658, 0.1443],
]

TAU_M, TAU_SYN, C_M = 10.0, 0.5, 250.0  # ms, ms, pF
E_L, V_TH = -65.0, -50.0  # mV


def current_per_potential():
    """pA of a synaptic current whose potential peaks at 1 mV."""
    ratio = TAU_SYN / TAU_M
    peak = ratio ** (ratio / (1 - ratio)) - ratio ** (1 / (1 - ratio))
    return C_M * (1 - ratio) / TAU_SYN / peak


def synapses(probability, sources, targets):
    """Number of synapses that connects pairs with this probability, multapses allowed."""
    return round(log(1 - probability) / log(1 - 1 / (sources * targets)))


def potjans_diesmann(choice):
    """The circuit under the parameters of Ranvier's circuit of this name. Raises ValueError for
    those that no benchmark uses."""
    if choice["drive"] != "poisson" or choice["initial"] != "optimised" or choice["thalamic_rate"]:
        raise ValueError("only Poisson drive, optimised initial potentials and no thalamus are built")
    share, k = choice["scale"], choice["indegree_scale"]
    unit = choice["psp"] * current_per_potential()
    names = list(POPULATIONS)
    populations, devices, projections = {}, {}, []
    for row, target in enumerate(names):
        full, external, mean, std, _ = POPULATIONS[target]
        size = round(share * full)
        current = external * unit * choice["background_rate"] * 1e-3 * TAU_SYN
        for column, source in enumerate(names):
            total = synapses(PROBABILITIES[row][column], POPULATIONS[source][0], full)
            indegree = total / full
            weight = unit * (1.0 if source.endswith("E") else -choice["g"])
            if (source, target) == ("L4E", "L23E"):
                weight *= 2
            current += indegree * weight * POPULATIONS[source][4] * 1e-3 * TAU_SYN
            number = round(indegree * k * size)
            if number == 0:
                continue
            projections.append(projection(choice, source, target, number, weight / sqrt(k)))
        populations[target] = {
            "model": "iaf_psc_exp",
            "size": size,
            "parameters": {
                "C_m": C_M, "tau_m": TAU_M, "tau_syn_ex": TAU_SYN, "tau_syn_in": TAU_SYN,
                "t_ref": 2.0, "E_L": E_L, "V_reset": E_L, "V_th": V_TH,
                "I_e": (1 - sqrt(k)) * current,
            },
            "initial": {"V_m": {"normal": {"mean": mean, "std": std}}},
        }
        devices[f"background_{target}"] = {
            "model": "poisson_generator",
            "target": target,
            "parameters": {
                "rate": external * k * choice["background_rate"],
                "weight": unit / sqrt(k),
            },
        }
    return {"populations": populations, "projections": projections, "devices": devices}


def projection(choice, source, target, number, weight):
    delay = choice["delay_exc"] if source.endswith("E") else choice["delay_inh"]
    bound = {"low": 0.0} if weight > 0 else {"high": 0.0}
    return {
        "source": source,
        "target": target,
        "rule": {"fixed_total_number": {"number": number}},
        "weight": {
            "normal_clipped": {"mean": weight, "std": choice["weight_std"] * abs(weight), **bound}
        },
        "delay": {
            "normal_redrawn": {
                "mean": delay,
                "std": choice["delay_std"] * delay,
                "low": choice["shortest_delay"],
            }
        },
    }
