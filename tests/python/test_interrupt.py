"""Ctrl-C ends whatever is running, soon, and leaves it fit to go on."""

import signal
import subprocess
import sys
import time

import pytest

simulate = """
import numpy as np, ranvier
net = ranvier.Network()
net.population("p", "iaf_psc_exp", 1000, I_e=500.0)
net.connect("p", "p", ranvier.fixed_indegree(10), weight=1.0, delay=1.5)
sim = ranvier.Simulation(net, {runtime!r}, threads={threads})
try:
    sim.run(0.1)
    print("running", flush=True)
    sim.run(1e8)
except KeyboardInterrupt:
    before = sim.now
    sim.run(1.0)
    assert 0.0 < before < sim.now
    assert sim.counters.spikes > 0
    print("stopped", flush=True)
"""

train = """
import numpy as np, ranvier
rng = np.random.default_rng(0)
x, y = rng.random((512, 64), dtype=np.float32), rng.integers(0, 10, 512)
def make():
    net = ranvier.Sequential(64, [ranvier.Dense(64), ranvier.Dense(10)], steps=10)
    return ranvier.Trainer(net, epochs=100_000, batch_size=64, schedule="constant")
stopped = make()
try:
    print("running", flush=True)
    stopped.fit(x, y)
except KeyboardInterrupt:
    stopped.fit(x, y, epochs=stopped.epoch + 1)
    whole = make()
    whole.fit(x, y, epochs=stopped.epoch)
    for name, weight in whole.network.weights.items():
        assert (weight == stopped.network.weights[name]).all(), name
    print("stopped", flush=True)
"""


def interrupted(program, after):
    """Seconds between SIGINT and the program's answer."""
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    try:
        assert child.stdout.readline() == "running\n"
        time.sleep(after)
        sent = time.monotonic()
        child.send_signal(signal.SIGINT)
        assert child.stdout.readline() == "stopped\n"
        answered = time.monotonic()
        assert child.wait(20) == 0
        return answered - sent
    finally:
        child.kill()
        child.stdout.close()


@pytest.mark.parametrize(("runtime", "threads"), [("clock", 1), ("clock", 2), ("event", 1)])
def test_a_simulation_stops_after_a_whole_step(runtime, threads):
    # 50 ms between two looks; the rest is for a busy machine.
    assert interrupted(simulate.format(runtime=runtime, threads=threads), 0.3) < 2.0


def test_training_stops_and_goes_on_to_the_same_weights():
    assert interrupted(train, 0.5) < 10.0
