"""Plastic projections from Python."""

import numpy as np
import pytest

import ranvier


def network(plasticity=None):
    net = ranvier.Network()
    net.population("E", "iaf_psc_delta", 40, E_L=0.0, V_th=20.0, V_reset=10.0, t_ref=2.0)
    net.stimulate("E", ranvier.devices.poisson_generator(rate=3000.0, weight=0.7))
    net.connect(
        "E",
        "E",
        ranvier.fixed_indegree(8),
        weight=ranvier.uniform(0.2, 0.6),
        delay=ranvier.uniform(0.5, 4.0),
        plasticity=plasticity or ranvier.plasticity.stdp_pair(A_plus=0.05, A_minus=0.05, w_max=1.0),
        name="plastic",
    )
    net.connect("E", "E", ranvier.fixed_indegree(3), weight=-0.2, delay=1.0, name="static")
    return net


def test_weights_are_read_as_arrays_in_a_documented_order():
    simulation = ranvier.Simulation(network(), seed=3)
    before = simulation.synapses_of("plastic")
    simulation.run(300.0)
    after = simulation.synapses_of("plastic")
    assert after.weights.shape == (320,)
    order = np.lexsort((before.delays, before.targets, before.sources))
    assert (order == np.arange(320)).all()
    assert (before.sources == after.sources).all() and (before.targets == after.targets).all()
    assert (before.weights != after.weights).any()
    assert (0.0 <= after.weights).all() and (after.weights <= 1.0).all()
    assert (simulation.weights("plastic") == after.weights).all()
    assert (simulation.weights("static") == -0.2).all()


def test_weights_are_set_as_arrays():
    simulation = ranvier.Simulation(network(), seed=3)
    simulation.run(50.0)
    values = np.linspace(0.0, 1.0, 320, dtype=np.float32)
    simulation.set_weights("plastic", values)
    assert (simulation.weights("plastic") == values).all()
    simulation.set_weights("plastic", 0.25)
    assert (simulation.weights("plastic") == 0.25).all()
    with pytest.raises(ranvier.InvalidValue, match="expected 320"):
        simulation.set_weights("plastic", values[:-1])
    with pytest.raises(ranvier.InvalidValue, match="between 0 and 1"):
        simulation.set_weights("plastic", values + 0.5)
    with pytest.raises(ranvier.Unsupported, match="static"):
        simulation.set_weights("static", 0.5)
    with pytest.raises(ranvier.UnknownName, match="did you mean 'plastic'"):
        simulation.weights("plastik")


def test_a_checkpoint_keeps_plastic_weights(tmp_path):
    whole = ranvier.Simulation(network(), seed=3)
    whole.run(900.0)
    part = ranvier.Simulation(network(), seed=3, threads=2)
    part.run(432.1)
    part.save(tmp_path / "x.h5")
    rest = ranvier.Simulation(network(), seed=3)
    rest.load(tmp_path / "x.h5")
    rest.run(900.0 - 432.1)
    assert rest.digest == whole.digest
    assert (rest.weights("plastic") == whole.weights("plastic")).all()


def test_a_rule_is_known_by_name_and_its_mistakes_are_named():
    assert "stdp_pair" in ranvier.list("plasticity")
    assert "w_max" in ranvier.describe("stdp_pair").text()
    with pytest.raises(ranvier.UnknownName, match="did you mean 'A_plus'"):
        ranvier.plasticity.stdp_pair(A_pluss=1.0)
    with pytest.raises(ranvier.UnknownName, match="did you mean 'stdp_pair'"):
        network(plasticity="stdp_pear")
    with pytest.raises(ranvier.Unsupported, match="event runtime"):
        ranvier.Simulation(network(), runtime="event")
