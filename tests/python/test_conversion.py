"""Activations made to spike from Python."""

import numpy as np
import pytest

import ranvier


def network(activation="qcfs", **parameters):
    return ranvier.Sequential(
        (1, 6, 6),
        [
            ranvier.Convolution(3, 3, activation, name="conv", **parameters),
            ranvier.AveragePool(2, name="pool"),
            ranvier.Dense(12, activation, name="hidden", gain=1.5, **parameters),
            ranvier.Dense(4, "leaky_integrator", name="output", tau_m=np.inf),
        ],
        steps=1,
        loss="last_membrane",
        seed=5,
    )


@pytest.fixture
def x():
    return np.random.default_rng(2).random((10, 36)).astype(np.float32)


@pytest.mark.parametrize("runtime", ["clock", "event"])
def test_one_shot_signed_ends_at_the_scores_before_conversion(x, runtime):
    net = network(levels=4, threshold=1.0)
    net.convert(variant="signed", input="one_shot", steps=8)
    trace = net.record_trace(x, np.zeros(10, np.uint8), runtime=runtime)
    np.testing.assert_allclose(trace.scores[-1], net.scores(x)[-1], atol=2e-6)


def test_corrections_are_spikes_of_their_own(x):
    net = network(levels=4, threshold=1.0)
    net.convert(variant="signed", input="one_shot", steps=8)
    seen = [net.observe(sample).spikes for sample in x]
    assert list(seen[0]) == ["conv", "conv_corrections", "hidden", "hidden_corrections", "output"]
    assert all(len(spikes["conv_corrections"].times) == 0 for spikes in seen)
    assert any(len(spikes["hidden_corrections"].times) > 0 for spikes in seen)


def test_thresholds_are_percentiles_of_the_activity(x):
    net = network("relu")
    thresholds = net.convert(x, percentile=97.0)
    for layer in ("conv", "hidden"):
        expected = np.percentile(net.activity(x)[layer].astype(float), 97.0)
        assert thresholds[layer] == pytest.approx(expected, rel=1e-12)
    assert set(thresholds) == {"conv", "hidden"}


def test_a_conversion_is_saved_with_the_network(x, tmp_path):
    net = network("relu")
    net.convert(x, variant="signed", steps=16)
    net.save(tmp_path / "net.h5")
    again = ranvier.Sequential.load(tmp_path / "net.h5")
    y = np.zeros(10, np.uint8)
    expected = net.record_trace(x, y).scores
    assert expected.shape[0] == 16
    np.testing.assert_array_equal(again.record_trace(x, y).scores, expected)


def test_what_cannot_be_converted_is_refused(x):
    net = network("relu")
    with pytest.raises(ranvier.Unsupported, match="layer 'conv' has the activation 'relu'"):
        net.deploy()
    with pytest.raises(ranvier.InvalidValue, match="'signd'; did you mean 'signed'"):
        net.convert(variant="signd")
    with pytest.raises(ranvier.InvalidValue, match="percentile"):
        net.convert(x, percentile=101.0)
    net.convert(x, input="one_shot")
    with pytest.raises(ranvier.Unsupported, match="no levels that one-shot"):
        net.deploy()
