"""Networks described from Python."""

import numpy as np
import pytest

import ranvier


def test_a_population_is_known_by_its_name_or_by_its_handle():
    net = ranvier.Network()
    exc = net.population("exc", "iaf_psc_exp", 4, tau_m=12.0)
    net.population("inh", ranvier.models.iaf_psc_exp(tau_m=8.0), 2)
    assert net.connect(exc, "inh", weight=1.0) == "exc->inh"
    assert net.connect("exc", "inh", weight=1.0) == "exc->inh#2"
    assert net.populations["exc"] == exc
    assert net.parameters("inh") == {"tau_m": 8.0}
    assert net.neurons == 6


def test_parameters_may_differ_between_neurons():
    net = ranvier.Network()
    thresholds = np.linspace(-55.0, -50.0, 5)
    net.population("p", "iaf_psc_exp", 5, V_th=thresholds)
    np.testing.assert_array_equal(net.parameters("p")["V_th"], thresholds)


def test_numpy_scalars_are_numbers():
    net = ranvier.Network()
    net.population("p", "iaf_psc_exp", np.int64(3), tau_m=np.float32(8.0), C_m=np.array(200))
    assert net.parameters("p") == {"tau_m": 8.0, "C_m": 200.0}


def test_initial_states_come_from_numbers_arrays_and_distributions():
    net = ranvier.Network()
    start = {"V_m": np.array([-60.0, -61.0, -62.0]), "I_syn_ex": 5.0}
    net.population("listed", "iaf_psc_exp", 3, initial=start)
    net.population("drawn", "iaf_psc_exp", 2000, initial={"V_m": ranvier.uniform(-70.0, -60.0)})
    sim = ranvier.Simulation(net)
    np.testing.assert_array_equal(sim.state("listed", "V_m"), start["V_m"])
    np.testing.assert_array_equal(sim.state("listed", "I_syn_ex"), 5.0)
    drawn = sim.state("drawn", "V_m")
    assert -70.0 <= drawn.min() and drawn.max() < -60.0
    # Mean of 2000 uniform draws over 10 mV: standard error 10/sqrt(12*2000) = 0.065 mV.
    assert abs(drawn.mean() + 65.0) < 5 * 0.065


def test_fixed_indegree_gives_every_neuron_its_number_of_synapses():
    net = ranvier.Network()
    net.population("a", "parrot", 50)
    net.population("b", "iaf_psc_exp", 20)
    net.connect("a", "b", ranvier.fixed_indegree(7), weight=ranvier.normal(20.0, 2.0), delay=1.5)
    assert ranvier.Simulation(net).synapses == 7 * 20


def test_synapses_may_be_listed_with_their_weights():
    net = ranvier.Network()
    net.population("a", "parrot", 3)
    net.population("b", "iaf_psc_exp", 2)
    net.stimulate("a", "spike_generator", spike_times=[[1.0], [2.0], []])
    net.connect("a", "b", ([0, 1, 1], [1, 0, 1]), weight=[10.0, 20.0, 40.0], delay=0.5)
    sim = ranvier.Simulation(net, "event", on_grid=True)
    assert sim.synapses == 3
    sim.run(3.0)
    decayed = np.exp(-np.array([0.5, 1.5]) / 2.0)
    expected = [20.0 * decayed[0], 40.0 * decayed[0] + 10.0 * decayed[1]]
    np.testing.assert_allclose(sim.state("b", "I_syn_ex"), expected, rtol=1e-12)


@pytest.mark.parametrize("rule", [5, ([0],), ([0, 1], [0]), ([0.5], [0]), ([-1], [0]), ([9], [0])])
def test_listed_synapses_that_do_not_fit_are_refused(rule):
    net = ranvier.Network()
    net.population("a", "parrot", 2)
    with pytest.raises(ValueError, match="expected"):
        net.connect("a", "a", rule)
        ranvier.Simulation(net)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("population", ("p", "iaf_psc_ex", 1), "did you mean 'iaf_psc_exp'"),
        ("population", ("p", "iaf_psc_exp", 0), "expected a size of at least 1"),
        ("population", ("p", "iaf_psc_exp", -1), "at least 0"),
        ("population", ("p", "iaf_psc_exp", 1.5), "expected a whole number"),
        ("population", ("exc", "iaf_psc_exp", 1), "defined twice"),
        ("connect", ("exc", "ecx"), "did you mean 'exc'"),
        ("connect", ("exc", "exc", "fixed_indegre"), "did you mean 'fixed_indegree'"),
        ("stimulate", ("exc", "poison_generator"), "did you mean 'poisson_generator'"),
    ],
)
def test_what_does_not_fit_is_named(name, arguments, message):
    net = ranvier.Network()
    net.population("exc", "iaf_psc_exp", 2)
    with pytest.raises(ValueError, match=message):
        getattr(net, name)(*arguments)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tau_mm": 1.0}, "did you mean 'tau_m'"),
        ({"tau_m": -1.0}, "greater than 0"),
        ({"tau_m": "long"}, "expected real number"),
        ({"tau_m": None}, "NoneType"),
        ({"tau_m": [1.0, 2.0, 3.0]}, "3"),
        ({"tau_m": [[1.0], [2.0]]}, "dimensions"),
        ({"tau_m": ["a", "b"]}, "numbers"),
        ({"V_th": [-55.0, float("nan")]}, "V_th"),
        ({"initial": {"V": 1.0}}, "V_m"),
        ({"initial": {"V_m": "high"}}, "expected a number"),
    ],
)
def test_a_parameter_that_does_not_fit_is_refused(parameters, message):
    net = ranvier.Network()
    with pytest.raises(ValueError, match=message):
        net.population("p", "iaf_psc_exp", 2, **parameters)
    assert not net.populations


def test_a_device_replays_one_list_for_all_or_one_for_each():
    net = ranvier.Network()
    net.population("a", "parrot", 2)
    net.population("b", "parrot", 2)
    net.stimulate("a", "spike_generator", spike_times=[1.0, 2.0])
    net.stimulate("b", "spike_generator", spike_times=[np.array([3.0]), []])
    sim = ranvier.Simulation(net)
    sim.run(5.0)
    np.testing.assert_allclose(sim.spikes("a").times, [1.0, 1.0, 2.0, 2.0], atol=0.1)
    np.testing.assert_array_equal(sim.spikes("a").ids, [0, 1, 0, 1])
    np.testing.assert_array_equal(sim.spikes("b").ids, [0])


@pytest.mark.parametrize("times", [5.0, [[1.0], [2.0], [3.0]], [["x"], []], [[-1.0], []]])
def test_spike_times_that_do_not_fit_are_refused(times):
    net = ranvier.Network()
    net.population("a", "parrot", 2)
    with pytest.raises(ValueError, match="spike"):
        net.stimulate("a", "spike_generator", spike_times=times)


def test_a_choice_of_another_kind_is_a_type_error():
    net = ranvier.Network()
    with pytest.raises(TypeError, match="ranvier.models"):
        net.population("p", ranvier.normal(0.0, 1.0), 1)


def test_a_circuit_is_a_network_to_add_to():
    net = ranvier.circuit("potjans_diesmann", scale=0.01, indegree_scale=0.01)
    assert list(net.populations) == ["L23E", "L23I", "L4E", "L4I", "L5E", "L5I", "L6E", "L6I"]
    assert net.neurons == 772
    net.population("reader", "parrot", 1)
    net.connect("L5E", "reader")
    sim = ranvier.Simulation(net)
    sim.run(1.0)
    assert sim.synapses > 0
    chosen = ranvier.circuits.potjans_diesmann(scale=0.01, drive="dc")
    assert ranvier.circuit(chosen).stimuli == []


def test_a_circuit_refuses_what_it_cannot_be():
    with pytest.raises(ranvier.UnknownName, match="did you mean 'potjans_diesmann'"):
        ranvier.circuit("potjans_diesman")
    with pytest.raises(ranvier.UnknownName, match="did you mean 'scale'"):
        ranvier.circuit("potjans_diesmann", scal=1.0)
    with pytest.raises(ranvier.InvalidValue, match="scale of potjans_diesmann is 2"):
        ranvier.circuit("potjans_diesmann", scale=2.0)
