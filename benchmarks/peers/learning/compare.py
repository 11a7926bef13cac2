#!/usr/bin/env python3
"""Trains and queries the same network in Ranvier, snnTorch and SpikingJelly, and prints the ratios.

    .venv-peers/bin/python benchmarks/peers/learning/compare.py dense --threads 2 --repeat 3

Every round runs each simulator once in a process of its own; ratios are taken within a round. MNIST is
read through Ranvier, from $RANVIER_DATA or its cache. `make peers` installs the others.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
SIMULATORS = ("ranvier", "snntorch", "spikingjelly")
RATIOS = {
    "epoch": "epoch_seconds",
    "epoch_processor": "epoch_processor_seconds",
    "single": "single_seconds",
    "single_processor": "single_processor_seconds",
}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", choices=("dense", "convolutional"))
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeat", type=int, default=3, help="rounds")
    parser.add_argument("--samples", type=int, default=60000, help="training images of an epoch")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--singles", type=int, default=500, help="images shown one by one")
    parser.add_argument(
        "--hoist",
        action="store_true",
        help="have the others take the first layer's product once instead of at every step",
    )
    parser.add_argument("--package", default=str(HERE.parents[2] / "build" / "python"))
    return parser.parse_args()


def environment(options):
    paths = [options.package, os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "OMP_NUM_THREADS": str(options.threads),
    }


def write_data(folder, options):
    """MNIST as arrays, read in a process of its own so that this one loads no simulator."""
    program = (
        "import sys, numpy as np, ranvier\n"
        "split = ranvier.load_data('mnist', train_samples=int(sys.argv[2]))\n"
        "for name, part in (('', split.train), ('test_', split.test)):\n"
        "    np.save(f'{sys.argv[1]}/{name}x.npy', part.inputs)\n"
        "    np.save(f'{sys.argv[1]}/{name}y.npy', part.labels)\n"
    )
    kept = str(options.samples if options.samples < 60000 else 0)
    subprocess.run(
        [sys.executable, "-c", program, folder, kept], check=True, env=environment(options)
    )


def measure(simulator, task, options):
    done = subprocess.run(
        [sys.executable, str(HERE / f"in_{simulator}.py"), json.dumps(task)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment(options),
    )
    return json.loads(done.stdout.splitlines()[-1])


def summary(values):
    return {"median": median(values), "min": min(values), "max": max(values)}


def main():
    options = arguments()
    rounds = []
    with tempfile.TemporaryDirectory() as folder:
        write_data(folder, options)
        keys = ("network", "samples", "batch", "steps", "threads", "singles", "hoist")
        task = {**{key: getattr(options, key) for key in keys}, "data": folder}
        for _ in range(options.repeat):
            rounds.append({name: measure(name, task, options) for name in SIMULATORS})
            print(json.dumps(rounds[-1]), file=sys.stderr)
    line = {**task, "load": os.getloadavg()[0]}
    del line["data"]
    for name in SIMULATORS:
        line[name] = {key: summary([r[name][key] for r in rounds]) for key in rounds[0][name]}
    for name in SIMULATORS[1:]:
        for ratio, key in RATIOS.items():
            line[f"{name}_over_ranvier_{ratio}"] = summary(
                [r[name][key] / r["ranvier"][key] for r in rounds]
            )
    print(json.dumps(line))


if __name__ == "__main__":
    main()
