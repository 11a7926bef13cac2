"""Training from Python."""

import numpy as np
import pytest

import ranvier


def stripes(samples=240, seed=0):
    """Three classes: which third of twelve inputs is strong."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 3, samples)
    inputs = 0.3 * random.random((samples, 12), dtype=np.float32)
    for row, label in zip(inputs, labels):
        row[4 * label : 4 * label + 4] += 0.7
    return inputs, labels


def network(**options):
    layers = [ranvier.Dense(16, "lif", tau_m=4.0), ranvier.Dense(3, "leaky_integrator")]
    return ranvier.Sequential(12, layers, **{"steps": 6, **options})


def trained(threads=1, epochs=8, **options):
    trainer = ranvier.Trainer(
        network(**options),
        epochs=epochs,
        batch_size=48,
        optimiser=ranvier.optimisers.adam(learning_rate=0.02),
        threads=threads,
    )
    trainer.fit(*stripes(), validation=stripes(60, seed=1))
    return trainer


@pytest.fixture(scope="module")
def trainer():
    return trained()


def test_a_separable_problem_is_learned(trainer):
    first, last = trainer.history[0], trainer.history[-1]
    assert last.loss < first.loss
    assert last.validation_accuracy > 0.95
    evaluation = trainer.network.evaluate(*stripes(90, seed=2))
    assert evaluation.accuracy > 0.95
    assert set(evaluation.rates) == {"layer_1", "layer_2"}
    assert 0.0 < evaluation.rates["layer_1"] < 1.0


def test_predictions_are_the_best_final_scores(trainer):
    x, y = stripes(50, seed=3)
    scores = trainer.network.scores(x)
    assert scores.shape == (6, 50, 3) and scores.dtype == np.float64
    predictions = trainer.network.predict(x)
    np.testing.assert_array_equal(predictions, scores[-1].argmax(axis=1))
    assert (predictions == y).mean() == trainer.network.evaluate(x, y).accuracy


def test_the_number_of_threads_does_not_change_a_weight(trainer):
    other = trained(threads=2)
    for name, weight in trainer.network.weights.items():
        np.testing.assert_array_equal(weight, other.network.weights[name])


def test_weights_are_views():
    net = network()
    assert {name: w.shape for name, w in net.weights.items()} == {
        "layer_1.weight": (16, 12),
        "layer_1.bias": (16,),
        "layer_2.weight": (3, 16),
        "layer_2.bias": (3,),
    }
    x = stripes(5)[0]
    net.weights["layer_2.weight"][...] = 0.0
    net.weights["layer_2.bias"][...] = [0.0, 1.0, 0.0]
    assert (net.predict(x) == 1).all()
    kept = net.weights["layer_2.bias"]
    del net
    np.testing.assert_array_equal(kept, [0.0, 1.0, 0.0])


def test_equal_seeds_draw_equal_weights():
    first, second, other = network(seed=4), network(seed=4), network(seed=5)
    for name, weight in first.weights.items():
        np.testing.assert_array_equal(weight, second.weights[name])
    assert (first.weights["layer_1.weight"] != other.weights["layer_1.weight"]).any()


def test_the_gradient_of_the_readout_layer_is_that_of_finite_differences():
    # The last layer here has no threshold, so the loss is a smooth function of its bias.
    net, (x, y) = network(), stripes(20)
    _, by_weight, by_input = net.gradient(x, y)
    assert by_input.shape == x.shape
    bias, step = net.weights["layer_2.bias"], np.float32(1 / 256)
    for k in range(3):
        losses = []
        for sign in (1, -1):
            bias[k] += sign * step
            losses.append(net.evaluate(x, y).loss)
            bias[k] -= sign * step
        slope = (losses[0] - losses[1]) / (2 * float(step))
        # Rounding of the scores, 1e-7, over the step; curvature grows with the window cubed (the
        # bias arrives at each of 6 steps): 6^3 / 6 p (1 - p) step^2.
        assert by_weight["layer_2.bias"][k] == pytest.approx(slope, abs=2e-4)


def test_activity_is_spikes_of_every_layer(trainer):
    activity = trainer.network.activity(stripes(7)[0])
    assert activity["layer_1"].shape == (6, 7, 16)
    assert set(np.unique(activity["layer_1"])) <= {0.0, 1.0}


def test_training_resumes_from_a_file_to_the_same_weights(tmp_path, trainer):
    x, y = stripes()
    part = ranvier.Trainer(
        network(), epochs=8, batch_size=48, optimiser=ranvier.optimisers.adam(learning_rate=0.02)
    )

    def stop(epoch):
        if epoch.epoch == 3:
            raise StopIteration("after three epochs")

    with pytest.raises(StopIteration):
        part.fit(x, y, on_epoch=stop)
    part.save(tmp_path / "training.h5")
    resumed = ranvier.Trainer.resume(tmp_path / "training.h5")
    assert resumed.epoch == 3
    history = resumed.fit(x, y)
    assert [record.loss for record in history] == [record.loss for record in trainer.history]
    for name, weight in trainer.network.weights.items():
        np.testing.assert_array_equal(weight, resumed.network.weights[name])


def test_a_network_comes_back_from_its_file(tmp_path, trainer):
    trainer.network.save(tmp_path / "net.h5")
    loaded = ranvier.Sequential.load(tmp_path / "net.h5")
    x = stripes(9)[0]
    np.testing.assert_array_equal(loaded.scores(x), trainer.network.scores(x))
    with pytest.raises(ranvier.CorruptFile, match="no state of a training run"):
        ranvier.Trainer.resume(tmp_path / "net.h5")


def test_images_are_laid_out_row_by_row(trainer):
    x = stripes(4)[0]
    net = trainer.network
    np.testing.assert_array_equal(net.scores(x.reshape(4, 3, 4)), net.scores(x.astype(float)))


@pytest.mark.parametrize("runtime", ["clock", "event"])
@pytest.mark.parametrize("encoding", ["current", "poisson"])
def test_the_deployed_network_gives_the_scores_of_training(runtime, encoding):
    net, (x, y) = trained(epochs=2, encoding=encoding).network, stripes(20, seed=6)
    trace = net.record_trace(x, y, runtime=runtime, threads=2)
    # Weights are rounded to single precision in training, sums over 12 inputs and 6 steps.
    np.testing.assert_allclose(trace.scores, net.scores(x), atol=1e-4)
    assert (np.diff(trace.events.astype(np.int64), axis=0) >= 0).all()


def test_a_deployed_network_is_an_ordinary_network(trainer):
    net = trainer.network.deploy()
    assert {"layer_1", "layer_2"} <= set(net.populations)
    ranvier.Simulation(net, "event", resolution=1.0).run(5.0)


def test_one_sample_can_be_watched(trainer):
    x = stripes(3)[0]
    seen = trainer.network.observe(x[1], index=1)
    assert seen.scores.shape == (6, 3)
    spikes = trainer.network.activity(x)["layer_1"][:, 1]
    assert len(seen.spikes["layer_1"].times) == spikes.sum()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ranvier.Sequential(12, []), "layer"),
        (lambda: ranvier.Sequential(12, [ranvier.Dense(3, "liff")]), "did you mean 'lif'"),
        (lambda: ranvier.Sequential(12, [ranvier.Dense(3, tau_n=1.0)]), "did you mean 'tau_m'"),
        (lambda: network(loss="every_stp"), "did you mean 'every_step'"),
        (lambda: network(steps=0), "step"),
        (lambda: ranvier.Trainer(network(), batch_size=0).fit(*stripes()), "at least 1"),
        (lambda: ranvier.Trainer(network()).fit(stripes()[0], [0, 1]), "one label"),
        (lambda: ranvier.Trainer(network()).fit(stripes()[0][:, :5], stripes()[1]), "takes 12"),
        (lambda: network().evaluate(stripes()[0], stripes()[1] + 1), "label 3"),
        (lambda: network().evaluate(stripes()[0], stripes()[1] - 1), "0 to 255"),
        (lambda: network().evaluate(stripes()[0], stripes()[1] / 2), "whole numbers"),
        (lambda: network().scores(np.zeros(12)), "samples first"),
        (lambda: network().scores([["a"] * 12]), "expected numbers"),
        (
            lambda: ranvier.Trainer(network(), rate_regularisation={"strenght": 1.0}).fit(
                *stripes()
            ),
            "did you mean 'strength'",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
