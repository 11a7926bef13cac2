"""Simulations from Python against closed forms, in both runtimes."""

import math
import threading

import numpy as np
import pytest

import ranvier

C_m, tau_m, E_L, V_th, t_ref = 250.0, 10.0, -70.0, -55.0, 2.0


def interval(I_e):
    """Time from reset to threshold of a leaky neuron under constant current, and the dead time."""
    drive = I_e * tau_m / C_m
    return tau_m * math.log(drive / (drive - (V_th - E_L))) + t_ref


def driven(I_e, **options):
    net = ranvier.Network()
    net.population("p", "iaf_psc_exp", len(I_e), I_e=np.asarray(I_e, float))
    return ranvier.Simulation(net, **options)


def random_network(size=200):
    net = ranvier.Network()
    net.population(
        "exc", "iaf_psc_exp", size, tau_m=20.0, initial={"V_m": ranvier.uniform(-70.0, -55.0)}
    )
    net.population("inh", "iaf_psc_exp", size // 4, initial={"V_m": ranvier.uniform(-70.0, -55.0)})
    for source, weight in (("exc", 40.0), ("inh", -160.0)):
        for target in ("exc", "inh"):
            net.connect(source, target, ranvier.fixed_indegree(20), weight=weight, delay=1.5)
    for target in ("exc", "inh"):
        net.stimulate(target, "poisson_generator", rate=8000.0, weight=60.0)
    return net


def test_the_event_runtime_fires_where_the_closed_form_says():
    currents = [400.0, 500.0, 900.0]
    sim = driven(currents, runtime="event")
    sim.run(200.0)
    times, ids = sim.spikes("p")
    for neuron, current in enumerate(currents):
        mine = times[ids == neuron]
        expected = interval(current) * np.arange(1, len(mine) + 1) - t_ref
        assert len(mine) == int((200.0 + t_ref) / interval(current))
        np.testing.assert_allclose(mine, expected, rtol=1e-10)


def test_the_clock_runtime_fires_at_the_first_step_past_threshold():
    sim = driven([400.0, 900.0], resolution=0.1)
    sim.run(50.0)
    times, ids = sim.spikes("p")
    for neuron, current in enumerate([400.0, 900.0]):
        first = times[ids == neuron][0]
        assert first == pytest.approx(0.1 * math.ceil((interval(current) - t_ref) / 0.1), abs=1e-9)


def test_a_membrane_relaxes_as_the_exponential_says():
    sim = driven([300.0], record={"p": "V_m"}, interval=0.5, precision="double")
    sim.run(40.0)
    times, values = sim.trace("p", "V_m")
    np.testing.assert_allclose(times, 0.5 * np.arange(1, 81), rtol=1e-12)
    assert values.shape == (80, 1)
    expected = E_L + 300.0 * tau_m / C_m * -np.expm1(-times / tau_m)
    np.testing.assert_allclose(values[:, 0], expected, rtol=1e-11)
    assert sim.state("p", "V_m")[0] == values[-1, 0]


def test_the_precision_is_single_in_the_clock_runtime_unless_told_otherwise():
    digests = []
    for precision in ("automatic", "single", "double"):
        sim = ranvier.Simulation(random_network(), precision=precision, seed=5)
        sim.run(300.0)
        digests.append(sim.digest)
    assert digests[0] == digests[1] != digests[2]
    with pytest.raises(ranvier.Unsupported, match="precision is single"):
        driven([0.0], runtime="event", precision="single")
    with pytest.raises(LookupError, match="did you mean 'double'"):
        driven([0.0], precision="duoble")


def test_recorders_choose_variables_neurons_and_interval():
    wanted = {"variables": ["V_m", "I_syn_ex"], "neurons": [2], "interval": 1.0}
    sim = driven([0.0, 0.0, 100.0], record={"p": wanted})
    sim.run(3.0)
    assert sim.trace("p", "I_syn_ex").values.shape == (3, 1)
    assert sim.trace("p", "V_m").values[-1, 0] > E_L
    with pytest.raises(LookupError, match="did you mean 'V_m'"):
        sim.trace("p", "V_n")
    with pytest.raises(LookupError, match="nothing is recorded"):
        sim.trace("q", "V_m")


def test_both_runtimes_agree_on_the_grid_to_the_last_spike():
    digests = set()
    for runtime in ("clock", "event"):
        sim = ranvier.Simulation(random_network(), runtime, on_grid=True, seed=5, precision="double")
        sim.run(100.0)
        assert sim.counters.spikes > 100
        digests.add(sim.digest)
    assert len(digests) == 1


def test_the_number_of_threads_does_not_change_a_spike():
    digests = set()
    for threads in (1, 2, 3):
        sim = ranvier.Simulation(random_network(), threads=threads, seed=7)
        sim.run(100.0)
        digests.add(sim.digest)
    assert len(digests) == 1


def test_a_run_in_two_parts_is_the_run_in_one():
    whole, parts = (ranvier.Simulation(random_network(), seed=3) for _ in range(2))
    whole.run(60.0)
    parts.run(25.0)
    parts.run(35.0)
    for mine, other in zip(whole.spikes("exc"), parts.spikes("exc")):
        np.testing.assert_array_equal(mine, other)
    whole.reset()
    assert whole.now == 0.0 and whole.counters.spikes == 0


@pytest.mark.parametrize("runtime", ["clock", "event"])
def test_a_checkpoint_continues_bit_for_bit(tmp_path, runtime):
    whole, first, second = (
        ranvier.Simulation(random_network(60), runtime, seed=3) for _ in range(3)
    )
    whole.run(60.0)
    first.run(30.0)
    first.save(tmp_path / "state.h5")
    second.load(tmp_path / "state.h5")
    second.run(30.0)
    assert second.now == 60.0
    assert second.digest == whole.digest


def test_a_checkpoint_of_another_network_is_refused(tmp_path):
    driven([0.0]).save(tmp_path / "state.h5")
    with pytest.raises(ranvier.CorruptFile, match="another simulation"):
        driven([0.0, 0.0]).load(tmp_path / "state.h5")
    (tmp_path / "noise.h5").write_bytes(b"noise")
    with pytest.raises(OSError, match="noise.h5"):
        driven([0.0]).load(tmp_path / "noise.h5")
    with pytest.raises(FileNotFoundError):
        driven([0.0]).load(tmp_path / "absent.h5")


def test_parameters_and_state_can_be_set_between_runs():
    sim = driven([0.0, 0.0])
    sim.set_parameter("p", I_e=np.array([0.0, 1000.0]), tau_m=5.0)
    sim.run(20.0)
    assert set(sim.spikes("p").ids) == {1}
    sim.set_state("p", "V_m", -60.0)
    np.testing.assert_array_equal(sim.state("p", "V_m"), [-60.0, -60.0])
    with pytest.raises(ValueError, match="expected 2"):
        sim.set_state("p", "V_m", [-60.0, -60.0, -60.0])
    with pytest.raises(ValueError, match="tau_m"):
        sim.set_parameter("p", tau_m=-1.0)


def test_the_rate_is_that_of_the_closed_form():
    sim = driven([500.0], runtime="event")
    sim.run(10_000.0)
    assert sim.rate("p") == pytest.approx(1000.0 / interval(500.0), abs=0.1)
    assert sim.spike_count("p") == len(sim.spikes("p").times) == sim.counters.spikes


def test_progress_is_told_and_its_errors_come_out():
    seen = []
    sim = ranvier.Simulation(random_network(400))
    sim.run(400.0, progress=seen.append)
    assert seen == sorted(seen)

    def stop(now):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        sim.run(10_000.0, progress=stop)
    assert 400.0 < sim.now < 10_400.0


def test_other_threads_run_meanwhile_and_may_not_look_in():
    sim = ranvier.Simulation(random_network(400))
    refused = []

    def look():
        try:
            sim.spikes("exc")
        except ranvier.InvalidValue as error:
            refused.append(str(error))

    def progress(now):
        if not refused:
            thread = threading.Thread(target=look)
            thread.start()

    sim.run(20_000.0, progress=progress)
    assert refused and "running" in refused[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"runtime": "clok"}, "did you mean 'clock'"),
        ({"resolution": 0.0}, "resolution"),
        ({"threads": -1}, "threads"),
        ({"record": {"q": ["V_m"]}}, "unknown population 'q'"),
        ({"record": {"p": ["V_n"]}}, "did you mean 'V_m'"),
        ({"record": {"p": {"variable": "V_m"}}}, "did you mean 'variables'"),
        ({"spikes_of": ["q"]}, "'q'"),
    ],
)
def test_options_that_do_not_fit_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        driven([0.0], **options)


@pytest.mark.parametrize("duration", [-1.0, math.nan, math.inf])
def test_time_only_goes_forward(duration):
    with pytest.raises(ValueError, match="duration"):
        driven([0.0]).run(duration)
