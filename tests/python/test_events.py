"""Samples of events from Python, and the model of the inner ear."""

import matplotlib

matplotlib.use("Agg")

import struct

import matplotlib.pyplot as plt
import numpy as np
import pytest

import ranvier
from ranvier import plotting


@pytest.fixture
def release(tmp_path):
    """A small N-MNIST: digit k has its events in row k, late ones for odd takes."""
    random = np.random.default_rng(1)
    for part, takes in (("Train", 12), ("Test", 4)):
        for digit in range(10):
            folder = tmp_path / part / str(digit)
            folder.mkdir(parents=True)
            for take in range(takes):
                times = np.sort(random.integers(0, 20_000, 40))
                rows = [
                    struct.pack(">BBBH", x, 3 * digit, time >> 16, time & 0xFFFF)
                    for x, time in zip(random.integers(0, 34, 40).tolist(), times.tolist())
                ]
                (folder / f"{take:02}.bin").write_bytes(b"".join(rows))
    return tmp_path


def network():
    layers = [
        ranvier.Dense(20),
        ranvier.Dense(10, model="leaky_integrator"),
    ]
    return ranvier.Sequential(
        2 * 34 * 34, layers, steps=20, encoding=ranvier.encodings.events(), loss="last_membrane"
    )


def test_events_are_read_sample_by_sample(release):
    train, test = ranvier.load_events("nmnist", folder=release)
    assert (len(train), len(test), train.shape, train.classes) == (120, 40, (2, 34, 34), 10)
    times, addresses = train[13]
    assert train.labels[13] == 1
    assert (np.diff(times) >= 0).all() and times.max() < 20.0
    assert (addresses // 34 == 3).all()
    np.testing.assert_array_equal(train[-1][0], train[119][0])
    with pytest.raises(IndexError):
        train[120]
    counts = ranvier.load_data("nmnist", folder=release).train
    assert counts.inputs[13].sum() == 40


def test_a_network_learns_events_and_answers_to_them(release):
    train, test = ranvier.load_events("nmnist", folder=release)
    net = network()
    trainer = ranvier.Trainer(net, epochs=15, batch_size=20, optimiser=ranvier.optimisers.adam(0.01))
    history = trainer.fit(train, validation=test)
    assert history[-1].validation_accuracy > 0.8
    assert net.evaluate(test).accuracy == history[-1].validation_accuracy
    trace = net.record_trace(test)
    np.testing.assert_array_equal(trace.labels, test.labels)
    np.testing.assert_allclose(trace.scores, net.scores(test), atol=1e-4)


def test_labels_are_neither_doubled_nor_forgotten(release):
    train, _ = ranvier.load_events("nmnist", folder=release)
    with pytest.raises(ValueError, match="their own labels"):
        network().evaluate(train, train.labels)
    with pytest.raises(ValueError, match="no labels"):
        network().evaluate(np.zeros((2, 2312)))
    with pytest.raises(ValueError, match="holds values"):
        ranvier.load_events("digits8x8")
    with pytest.raises(ValueError, match="no recorded sound"):
        ranvier.load_events("nmnist", folder=release, cochlea={"channels": 3})


def test_values_are_normalised_on_request():
    plain = ranvier.load_data("digits8x8").train.inputs
    scaled = ranvier.load_data("digits8x8", mean=[0.25], std=[0.5]).train.inputs
    np.testing.assert_allclose(scaled, (plain - 0.25) / 0.5)
    with pytest.raises(ValueError, match="expected 1"):
        ranvier.load_data("digits8x8", mean=[0.1, 0.2])


def test_a_tone_is_heard_where_it_belongs():
    rate = 8000.0
    sound = np.sin(2 * np.pi * 1000.0 * np.arange(1600) / rate)
    heard = ranvier.cochleagram(sound, rate, channels=20)
    assert heard.activity.shape == (20, 1600)
    loudest = heard.activity.mean(axis=1).argmax()
    assert abs(heard.frequencies[loudest] - 1000.0) < 100.0
    times, channels = heard.spikes
    assert len(times) == len(channels) > 0 and times.max() <= 200.0
    axes = plotting.cochleagram(heard)
    assert axes.get_ylabel() == "channel (Hz)"
    plt.close("all")
    with pytest.raises(LookupError, match="channel"):
        ranvier.cochleagram(sound, rate, chanels=3)


@pytest.mark.parametrize("shape", [(8, 8), (3, 6, 6), (2, 6, 6), (20,)])
def test_samples_of_every_shape_are_drawn(shape):
    values = np.random.default_rng(1).random(shape)
    assert len(plotting.image(values).images) == 1
    plt.close("all")
