"""YAML experiments run from Python."""

import json

import h5py
import numpy as np
import pytest

import ranvier

simulate = """
experiment: simulate
name: small
seed: 3
simulation: {duration: 50.0, resolution: 0.1}
populations:
  exc: {model: iaf_psc_exp, size: 50, parameters: {I_e: 500.0}}
projections:
  - {source: exc, target: exc, rule: {fixed_indegree: {indegree: 5}}, weight: 20.0, delay: 1.5}
"""

classify = """
experiment: classify
name: digits
seed: 1
data: {set: digits8x8, train_samples: 300, test_samples: 100}
network:
  steps: 6
  layers:
    - {size: 32, model: lif}
    - {size: 10, model: leaky_integrator}
training: {epochs: 2, batch_size: 32}
"""


def written(folder, text):
    path = folder / "config.yaml"
    path.write_text(text)
    return path


def test_a_simulation_gives_the_spikes_of_the_same_network_made_by_hand(tmp_path):
    metrics = ranvier.run(written(tmp_path, simulate), out=tmp_path / "out")
    net = ranvier.Network()
    net.population("exc", "iaf_psc_exp", 50, I_e=500.0)
    net.connect("exc", "exc", ranvier.fixed_indegree(5), weight=20.0, delay=1.5)
    sim = ranvier.Simulation(net, seed=3)
    sim.run(50.0)
    assert metrics["digest"] == sim.digest
    assert metrics["spikes"] == sim.counters.spikes
    assert metrics == json.loads((tmp_path / "out" / "metrics.json").read_text())
    with h5py.File(tmp_path / "out" / "results.h5") as file:
        np.testing.assert_array_equal(file["spikes/exc/timestamps"], sim.spikes("exc").times)


def test_overrides_and_a_report(tmp_path):
    out = tmp_path / "out"
    overrides = {"simulation.duration": 20.0, "populations.exc.parameters.I_e": np.float64(600.0)}
    stages = []
    metrics = ranvier.run(
        written(tmp_path, simulate),
        out=out,
        set=overrides,
        report=True,
        progress=lambda *told: stages.append(told),
    )
    assert metrics["biological_seconds"] == pytest.approx(0.02)
    assert "<svg" in (out / "report.html").read_text()


def test_a_classifier_is_trained_and_reported(tmp_path):
    out = tmp_path / "out"
    metrics = ranvier.run(written(tmp_path, classify), out=out, threads=2, report=True)
    assert 0.0 <= metrics["accuracy_agent"] <= 1.0
    page = (out / "report.html").read_text()
    for heading in ("Learning", "Answering early", "Calibration", "One sample"):
        assert f"<h2>{heading}</h2>" in page


def test_all_problems_of_a_file_are_listed_at_once(tmp_path):
    text = simulate.replace("size: 50", "size: -5").replace("delay: 1.5", "dealy: 1.5")
    with pytest.raises(ranvier.InvalidConfig) as caught:
        ranvier.run(written(tmp_path, text), out=tmp_path / "out")
    assert isinstance(caught.value, ValueError)
    assert len(caught.value.problems) >= 2
    assert "dealy" in str(caught.value) and "config.yaml" in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        ranvier.run(tmp_path / "absent.yaml")
