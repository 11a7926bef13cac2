"""Plots of what simulations return."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from ranvier import plotting


@pytest.fixture(autouse=True)
def close():
    yield
    plt.close("all")


def test_a_raster_takes_one_population_or_several():
    pair = (np.array([1.0, 2.0]), np.array([0, 3]))
    assert plotting.raster(pair).get_ylabel() == "neuron"
    axes = plotting.raster({"a": pair, "b": pair, "silent": (np.zeros(0), np.zeros(0, int))})
    assert [tick.get_text() for tick in axes.get_yticklabels()] == ["a", "b", "silent"]


def test_a_population_rate_is_spikes_per_neuron_and_second():
    times = np.arange(0.5, 1000.0)
    axes = plotting.population_rate(times, neurons=10, window=(0.0, 1000.0), width=100.0)
    np.testing.assert_allclose(axes.patches[0].get_data().values, 100.0)


def test_every_plot_labels_its_axes():
    bins = np.linspace(0.05, 0.95, 10)
    drawn = [
        plotting.trace([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0]], labels=["a", "b"]),
        plotting.learning_curve([1, 2], [0.5, 0.6], [np.nan, np.nan]),
        plotting.accuracy_latency(
            fixed=([1, 2], [0.5, 0.9]), agent=([1, 1.5], [0.6, 0.9]), chosen=(1.2, 0.8)
        ),
        plotting.reliability(bins, bins, np.arange(10), ece=0.01),
        plotting.exit_rules(
            [("a", 1.5, 0.8), ("b", 2.0, 0.9)],
            curves={0: ([1, 2], [0.7, 0.9])},
            fixed=([1, 2], [0.5, 0.9]),
            oracle=(1.1, 0.95),
        ),
        plotting.calibration_over_time({"sum": [0.1, 0.2], "mean": [0.1, 0.05]}),
        plotting.risk_coverage([0.5, 1.0], [0.0, 0.1], auroc=0.9),
        plotting.decision_times([1.0, 2.0, 2.0], [1, 0, 1]),
        plotting.scores(np.ones((3, 4)), label=2, decision=2),
    ]
    for axes in drawn:
        assert axes.get_xlabel() and axes.get_ylabel()
