"""Learning in the event runtime from Python."""

import numpy as np
import pytest

import ranvier

NEURON = {"tau_m": 20.0, "tau_syn_ex": 5.0, "t_ref": 1.0}


def comparisons(samples=200, seed=0):
    """Two classes: which of two values is the larger."""
    inputs = np.random.default_rng(seed).random((samples, 2), dtype=np.float32)
    return inputs, (inputs[:, 0] >= inputs[:, 1]).astype(np.uint8)


def trainer(epochs=2, threads=1, **options):
    layers = [
        ranvier.EventLayer(20, 450.0, 200.0, name="hidden", delay=0.5, parameters=NEURON),
        ranvier.EventLayer(2, 250.0, 50.0, name="output", parameters=NEURON),
    ]
    return ranvier.EventTrainer(
        2,
        layers,
        bias=[20.0],
        silent_bump=2.0,
        epochs=epochs,
        batch_size=20,
        optimiser=ranvier.optimisers.adam(learning_rate=2.0),
        threads=threads,
        **options,
    )


def test_training_does_not_depend_on_the_number_of_threads():
    one, two = trainer(threads=1), trainer(threads=2)
    history = one.fit(*comparisons(), validation=comparisons(50, 1))
    two.fit(*comparisons(), validation=comparisons(50, 1))
    assert [epoch.epoch for epoch in history] == [1, 2]
    assert history[-1].loss < history[0].loss
    for name, weights in one.weights.items():
        np.testing.assert_array_equal(weights, two.weights[name])


def test_the_first_spikes_are_those_of_a_simulation_of_the_network():
    learner = trainer()
    x, y = comparisons(20, 2)
    first = learner.first_spikes(x)
    assert first.shape == (20, 2)
    simulation = ranvier.Simulation(learner.network(), runtime="event", on_grid=False)
    for i in (0, 7):
        inputs = [[10.0 + 30.0 * float(v)] for v in x[i]] + [[20.0]]
        simulation.set_spike_times("input_spikes", inputs)
        simulation.run(60.0)
        times, neurons = simulation.spikes("output")[:2]
        for n in range(2):
            own = np.asarray(times)[np.asarray(neurons) == n]
            assert first[i, n] == (own.min() if own.size else np.inf)
    answers = np.where(np.isinf(first).all(axis=1), 255, first.argmin(axis=1))
    assert learner.evaluate(x, y).accuracy == (answers == y).mean()


def test_weights_go_from_one_trainer_to_another():
    learner = trainer()
    learner.fit(*comparisons())
    other = trainer(seed=2)
    assert set(other.weights) == {"input->hidden", "hidden->output"}
    assert other.weights["input->hidden"].shape == (20, 3)
    other.weights = learner.weights
    assert other.evaluate(*comparisons(50, 1)) == learner.evaluate(*comparisons(50, 1))
    with pytest.raises(ValueError, match="expected \\(20, 3\\)"):
        other.weights = {**learner.weights, "input->hidden": np.zeros((3, 20))}


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="tau_m"):
        ranvier.EventTrainer(2, [ranvier.EventLayer(2, 1.0, 1.0, parameters={"tau_m": -1.0})])
    with pytest.raises(ValueError, match="value 1 of sample 0 is 2; expected 0 to 1"):
        trainer().fit(np.array([[0.5, 2.0]]), np.array([0]))
