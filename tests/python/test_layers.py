"""Layers from Python: shapes, branches, what is trained beside weights, and what is refused."""

import numpy as np
import pytest

import ranvier


def images(count: int = 40) -> tuple[np.ndarray, np.ndarray]:
    """Bars, upright or lying, in noise."""
    rng = np.random.default_rng(3)
    x = 0.2 * rng.random((count, 1, 8, 8))
    y = np.arange(count) % 2
    for k, label in enumerate(y):
        place = rng.integers(1, 7)
        if label:
            x[k, 0, place, :] += 0.8
        else:
            x[k, 0, :, place] += 0.8
    return x.astype(np.float32), y.astype(np.uint8)


def network(**changes) -> ranvier.Sequential:
    return ranvier.Sequential(
        (1, 8, 8),
        [
            ranvier.Convolution(4, 3, padding=1, name="conv", batch_norm=True, tau_m=4.0),
            ranvier.AveragePool(2, name="pool"),
            ranvier.Convolution(4, 1, "none", name="shortcut"),
            ranvier.Convolution(
                4, 3, padding=1, name="block", input="pool", add="shortcut", trained=["V_th"]
            ),
            ranvier.Dense(2, "leaky_integrator", name="output", dropout=0.0, tau_m=10.0),
        ],
        steps=4,
        loss="last_membrane",
        **changes,
    )


def test_shapes_follow_from_the_input():
    net = network()
    assert net.inputs == 64
    assert {k: v.shape for k, v in net.weights.items() if k.endswith("weight")} == {
        "conv.weight": (4, 1, 3, 3),
        "shortcut.weight": (4, 4, 1, 1),
        "block.weight": (4, 4, 3, 3),
        "output.weight": (2, 64),
    }
    assert net.weights["block.log_V_th"].shape == (1,)
    assert repr(net) == "<ranvier.Sequential 64-256-64-64-64-2, 4 steps>"


def test_a_convolutional_network_learns_and_is_stored_with_its_averages(tmp_path):
    x, y = images()
    net = network()
    ranvier.Trainer(
        net, epochs=12, batch_size=20, optimiser=ranvier.optimisers.adam(learning_rate=0.01)
    ).fit(x, y)
    assert net.evaluate(x, y).accuracy > 0.9
    assert np.any(net.statistics["conv.norm_mean"] != 0)
    net.save(tmp_path / "net.h5")
    again = ranvier.Sequential.load(tmp_path / "net.h5")
    assert np.array_equal(again.scores(x), net.scores(x))
    recorded = net.record_trace(x, y).scores
    assert np.array_equal(recorded[-1].argmax(axis=1), net.predict(x))


def test_patience_survives_a_stop(tmp_path):
    x, y = images()
    options = {"batch_size": 20, "patience": 2, "optimiser": ranvier.optimisers.adam(0.3)}
    whole = ranvier.Trainer(network(), epochs=20, **options)
    whole.fit(x, y, validation=(x, y))
    part = ranvier.Trainer(network(), epochs=20, **options)

    def stop(record):
        if record.epoch == whole.epoch - 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        part.fit(x, y, validation=(x, y), on_epoch=stop)
    part.save(tmp_path / "part.h5")
    again = ranvier.Trainer.resume(tmp_path / "part.h5")
    again.fit(x, y, validation=(x, y))
    assert again.epoch == whole.epoch < 20
    for name, value in whole.network.weights.items():
        assert np.array_equal(again.network.weights[name], value)


def test_windows_leave_the_gradient_as_it_is():
    x, y = images(6)
    whole = network().gradient(x, y)[1]
    for name, part in network(window=2).gradient(x, y)[1].items():
        np.testing.assert_allclose(part, whole[name], rtol=1e-4, atol=1e-7)


def test_every_credit_rule_and_transport_trains():
    x, y = images(20)
    for credit in ranvier.list("credit_rules"):
        for transport in ranvier.list("error_transports"):
            net = ranvier.Sequential(
                64,
                [ranvier.Dense(10), ranvier.Dense(2, "leaky_integrator")],
                credit=credit,
                error_transport=transport,
            )
            before = net.weights["layer_1.weight"].copy()
            ranvier.Trainer(net, epochs=1, batch_size=20).fit(x, y)
            assert np.any(net.weights["layer_1.weight"] != before)


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: network(credit="eprop"), "did you mean 'e_prop'"),
        (lambda: ranvier.Sequential((1, 2, 3, 4), []), "shape of 4 sizes"),
        (
            lambda: ranvier.Sequential((1, 4, 4), [ranvier.Convolution(2, 7), ranvier.Dense(2)]),
            "does not fit",
        ),
        (lambda: ranvier.Sequential(4, [ranvier.Dense(2, trained=["tau"])]), "no trainable"),
    ],
)
def test_what_cannot_be_is_refused(make, message):
    with pytest.raises(ranvier.Error, match=message):
        make()
