#!/usr/bin/env python3
"""Runs benchmark cases in Ranvier and in its peers, one after the other, and prints the ratios.

    .venv-peers/bin/python benchmarks/peers/compare.py cuba/clock brunel/static --threads 1

Every round runs each simulator once in a process of its own, so that what else the machine does meets
all of them alike; ratios are taken within a round. One JSON line for each case and peer. `make peers`
installs the peers; one that is missing is skipped.
"""

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

MODULES = {"nest": ("nest", "in_nest"), "brian2": ("brian2", "in_brian")}
# Brian2 lets delta synapses act on refractory neurons and has no rule that draws a fixed number of
# partners: it runs the two networks that need neither.
BRIAN_FAMILIES = ("cuba", "coba")

# Wall time is what a user waits for; processor time is what can be compared on a machine that others
# use as well.
FIGURES = ("build_seconds", "run_seconds", "build_processor_seconds", "run_processor_seconds")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="+", metavar="CASE", help="names of `ranvier bench --list`")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    parser.add_argument("--duration", type=float, help="biological time, ms")
    parser.add_argument("--scale", default="1")
    parser.add_argument("--peers", nargs="+", choices=MODULES, default=list(MODULES))
    parser.add_argument(
        "--nest-static",
        default="static_synapse",
        choices=("static_synapse", "static_synapse_hpc"),
        help="NEST's model of synapses without plasticity; the second takes 16 bytes instead of 24",
    )
    parser.add_argument("--ranvier", default=str(HERE.parents[1] / "build" / "ranvier"))
    parser.add_argument(
        "--rates",
        type=float,
        metavar="AFTER",
        help="instead of time, compare the populations' rates from AFTER ms on",
    )
    return parser.parse_args()


def installed(peers):
    present = []
    for peer in peers:
        if importlib.util.find_spec("yaml") and importlib.util.find_spec(MODULES[peer][0]):
            present.append(peer)
        else:
            print(f"compare: {peer} is not installed and is skipped; `make peers` installs it",
                  file=sys.stderr)
    return present


def bench(options, case):
    """The JSON line of one repetition in Ranvier."""
    command = [options.ranvier, "bench", case, "--repeat", "1", "--scale", options.scale,
               "--threads", str(options.threads)]
    if options.duration:
        command += ["--duration", str(options.duration)]
    lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()
    if len(lines) != 1:
        raise SystemExit(f"compare: {case} names {len(lines)} cases; expected one")
    return json.loads(lines[0])


def run_peer(options, peer, network, after=None):
    """One run in a process of its own."""
    request = {"network": network, "threads": options.threads, "after": after}
    if peer == "nest":
        request["static"] = options.nest_static
    request = json.dumps(request)
    done = subprocess.run([sys.executable, "-m", f"peers.{MODULES[peer][1]}"], input=request,
                          capture_output=True, text=True, cwd=HERE.parent)
    if done.returncode != 0:
        raise SystemExit(f"compare: {peer} failed:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def spread(numbers):
    return {"median": median(numbers), "min": min(numbers), "max": max(numbers)}


def ratios(ours, theirs, figure):
    return spread([b[figure] / a[figure] for a, b in zip(ours, theirs)])


def flattened(line):
    """One repetition's seconds as plain numbers."""
    return {name: line[name]["median"] for name in FIGURES}


def comparison(case, peer, line, ours, theirs):
    figures = {}
    for name in FIGURES:
        if name not in theirs[0]:
            continue
        figures[name] = {
            "ranvier": spread([a[name] for a in ours]),
            peer: spread([b[name] for b in theirs]),
            "ratio": ratios(ours, theirs, name),
        }
    bytes_per_synapse = {"ranvier": line["bytes_per_synapse"]}
    if "resident_bytes" in theirs[0]:
        peak = max(b["resident_bytes"] for b in theirs)
        bytes_per_synapse[peer] = peak / line["synapses"]
    biological = line["biological_seconds"]
    rates = {"ranvier": line["events"] / line["synapses"] / biological}
    if "rate_hz" in theirs[0]:
        rates[peer] = theirs[0]["rate_hz"]
    return {
        "case": case, "peer": f"{peer} {theirs[0]['version']}", "threads": line["threads"],
        "rounds": len(ours), "parameters": line["parameters"], **figures,
        "bytes_per_synapse": bytes_per_synapse, "rate_hz": rates, "machine": line["machine"],
    }


def compare_times(options, case, peers, network):
    rounds = {peer: [] for peer in peers}
    ours = []
    for _ in range(options.repeat):
        line = bench(options, case)
        ours.append(flattened(line))
        for peer in peers:
            rounds[peer].append(run_peer(options, peer, network))
    for peer in peers:
        print(json.dumps(comparison(case, peer, line, ours, rounds[peer])), flush=True)


def ranvier_rates(options, parameters, after):
    from peers.description import file_of

    with tempfile.TemporaryDirectory() as folder:
        command = [options.ranvier, "run", str(file_of(parameters["configuration"])), "--quiet",
                   "--no-report", "--threads", str(options.threads), "--out", f"{folder}/out"]
        for assignment in [*parameters["set"], f"statistics.after={after}", "record.spikes=all"]:
            command += ["--set", assignment]
        subprocess.run(command, check=True)
        metrics = json.loads(Path(folder, "out", "metrics.json").read_text())
    prefix = "rate_hz_"
    return {k.removeprefix(prefix): v for k, v in metrics.items() if k.startswith(prefix)}


def compare_rates(options, case, peers, line, network):
    rates = {"ranvier": ranvier_rates(options, line["parameters"], options.rates)}
    for peer in peers:
        rates[peer] = run_peer(options, peer, network, options.rates)["rates_hz"]
    print(json.dumps({"case": case, "after_ms": options.rates, "parameters": line["parameters"],
                      "rates_hz": rates}), flush=True)


def main():
    options = arguments()
    present = installed(options.peers)
    if not present:
        return
    from peers.description import described

    for case in options.cases:
        peers = [p for p in present if p != "brian2" or case.split("/")[0] in BRIAN_FAMILIES]
        line = bench(options, case)
        if not peers or "configuration" not in line["parameters"]:
            print(f"compare: {case} has no counterpart in {', '.join(present)}", file=sys.stderr)
            continue
        parameters = line["parameters"]
        network = described(options.ranvier, parameters["configuration"], parameters["set"])
        if options.rates is not None:
            compare_rates(options, case, peers, line, network)
        else:
            compare_times(options, case, peers, network)


if __name__ == "__main__":
    main()
