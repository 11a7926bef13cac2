"""Agents and calibration on scores whose right answers are known by hand."""

import math

import numpy as np
import pytest

import ranvier


def trace_of(*samples, labels):
    """Samples given as [T][K]."""
    return ranvier.Trace(np.stack(samples, axis=1), labels)


def ramp(slopes, steps=4):
    return np.outer(np.arange(1, steps + 1), slopes).astype(float)


def test_the_rule_is_the_softmax_against_the_threshold():
    agent = ranvier.DynamicConfidence(temperature=2.0, threshold=0.7)
    scores = np.array([1.0, 3.0, 0.5])
    assert agent.decide(scores) == (np.exp(1.5) / np.exp(scores / 2.0).sum() > 0.7)
    assert agent.prediction == 1
    assert agent.confidence == pytest.approx(np.exp(1.5) / np.exp(scores / 2.0).sum(), rel=1e-14)
    assert agent.decide([0.0, 9.0, 0.0])
    assert agent.decisions == 2
    agent.reset()
    assert agent.decisions == 0


def test_evaluation_counts_steps_until_the_threshold_is_passed():
    # Two classes, temperature 1: c > 0.9 where the gap exceeds ln 9 = 2.197.
    trace = trace_of(ramp([3.0, 0.0]), ramp([1.0, 0.0]), ramp([0.1, 0.0]), labels=[0, 1, 0])
    result = ranvier.DynamicConfidence(1.0, 0.9).evaluate(trace)
    assert result.mean_latency == pytest.approx((1 + 3 + 4) / 3)
    assert result.accuracy == pytest.approx(2 / 3)
    assert result.forced_share == pytest.approx(1 / 3)
    assert result.final_accuracy == pytest.approx(2 / 3)
    assert result.mean_events is None


def test_the_exit_curve_holds_the_agent_at_every_threshold():
    random = np.random.default_rng(0)
    scores = np.cumsum(random.normal(size=(8, 50, 4)), axis=0)
    trace = ranvier.Trace(scores, random.integers(0, 4, 50))
    curve = ranvier.exit_curve(trace, temperature=1.5)
    assert (np.diff(curve.latency) >= 0).all() and curve.latency[-1] == 8.0
    for threshold in (0.3, 0.5, 0.9):
        point = np.searchsorted(curve.threshold, threshold, side="right") - 1
        result = ranvier.DynamicConfidence(1.5, threshold).evaluate(trace)
        assert curve.latency[point] == pytest.approx(result.mean_latency)
        assert curve.accuracy[point] == pytest.approx(result.accuracy)


def test_the_fixed_time_curve_is_the_share_of_right_answers_at_each_step():
    random = np.random.default_rng(1)
    scores, labels = random.normal(size=(5, 40, 3)), random.integers(0, 3, 40)
    curve = ranvier.fixed_time_curve(ranvier.Trace(scores, labels))
    np.testing.assert_array_equal(curve.latency, [1, 2, 3, 4, 5])
    np.testing.assert_allclose(curve.accuracy, (scores.argmax(axis=2) == labels).mean(axis=1))


def test_the_oracle_stops_at_the_first_right_answer():
    late = np.array([[1.0, 0.0], [1.0, 2.0], [3.0, 2.0], [3.0, 4.0]])
    trace = trace_of(ramp([1.0, 0.0]), late, ramp([1.0, 0.0]), labels=[0, 1, 1])
    oracle = ranvier.oracle(trace)
    assert oracle.accuracy == pytest.approx(2 / 3)
    assert oracle.latency_charged_horizon == pytest.approx((1 + 2 + 4) / 3)
    assert oracle.latency_charged_first == pytest.approx((1 + 2 + 1) / 3)
    assert oracle.latency_right == pytest.approx((1 + 2) / 2)
    assert oracle.optimal_cutoff == pytest.approx((1 + 4 + 4) / 3)


def test_a_fitted_temperature_restores_probabilities():
    # Labels drawn from softmax(z): scores given as 3 z are calibrated at temperature 3.
    random = np.random.default_rng(2)
    z = random.normal(scale=2.0, size=(20_000, 4))
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    labels = (random.random((20_000, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 3)
    trace = ranvier.Trace(3.0 * z[None], labels)
    # The standard error of the fit is about 1.5 % here.
    assert ranvier.fit_temperature(trace) == pytest.approx(3.0, rel=0.06)
    before = ranvier.reliability(trace)
    after = ranvier.reliability(trace, temperature=3.0)
    # sqrt(bins / samples) bounds what chance leaves of the calibration error.
    assert after.ece < math.sqrt(15 / 20_000) < before.ece
    assert after.count.sum() == 20_000


def test_the_calibration_error_is_the_weighted_gap():
    confidence = np.array([0.95, 0.95, 0.55, 0.55])
    result = ranvier.reliability(confidence, [True, False, True, True], bins=10)
    assert result.ece == pytest.approx(0.5 * 0.45 + 0.5 * 0.45)
    assert result.overall_accuracy == 0.75
    np.testing.assert_array_equal(result.count.nonzero()[0], [5, 9])


def test_a_fitted_agent_keeps_the_accuracy_it_promised():
    random = np.random.default_rng(3)
    labels = random.integers(0, 4, 400)
    evidence = random.normal(size=(10, 400, 4))
    evidence[:, np.arange(400), labels] += 1.0
    trace = ranvier.Trace(np.cumsum(evidence, axis=0), labels)
    agent = ranvier.DynamicConfidence.fit(trace, allowed_accuracy_loss=0.01)
    assert agent.fitted["stops_early"]
    result = agent.evaluate(trace)
    assert result.mean_latency == pytest.approx(agent.fitted["latency"])
    assert result.accuracy >= agent.fitted["final_accuracy"] - 0.01
    assert result.mean_latency < 10.0


def noisy(seed, steps=8, samples=500, classes=4):
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, samples)
    evidence = random.normal(size=(steps, samples, classes))
    evidence[:, np.arange(samples), labels] += 1.0
    return ranvier.Trace(np.cumsum(evidence, axis=0), labels)


def parameters_of(rule):
    return {"target_accuracy": 0.5} if rule == "point_classifier" else {}


@pytest.mark.parametrize("name", ranvier.list("exit_rules"))
def test_every_rule_is_judged_on_arrays_as_it_answers_one_by_one(name):
    held_out, test = noisy(5), noisy(6, samples=60)
    rule = ranvier.ExitRule(name, **parameters_of(name)).fit(held_out)
    exits = rule.exits(test)
    for i, label in enumerate(test.labels):
        rule.reset()
        step = next((t for t in range(8) if rule.stop(test.scores[t, i])), 7)
        assert step + 1 == exits.latency[i]
        assert rule.score == exits.score[i]
        assert (rule.prediction == label) == exits.correct[i]
        assert 0.0 <= rule.probability <= 1.0
        assert rule.prediction in rule.answer_set or name == "conformal"
    result = rule.evaluate(test)
    assert result.mean_latency == pytest.approx(exits.latency.mean())
    assert result.accuracy == pytest.approx(exits.correct.mean())
    assert result.saving == pytest.approx(1 - exits.latency.mean() / 8)
    assert rule.held_out["horizon"] == 8.0


def test_a_rule_may_be_a_choice_and_tells_what_it_found():
    trace = noisy(7)
    rule = ranvier.ExitRule(ranvier.exit_rules.margin(selection="fixed", threshold=3.0))
    assert rule.ready and rule.findings == {"threshold": 3.0}
    lead = np.sort(trace.scores, axis=2)
    lead = lead[:, :, -1] - lead[:, :, -2]
    stops = np.where((lead > 3.0).any(axis=0), (lead > 3.0).argmax(axis=0), 7) + 1
    np.testing.assert_array_equal(rule.exits(trace).latency, stops)
    gap = ranvier.ExitRule("top_k_gap")
    assert not gap.ready and "not fitted" in repr(gap)
    assert gap.fit(trace).findings["thresholds"].shape == (8,)


def test_rules_are_compared_on_one_record():
    rules = ["patience", "margin", ranvier.exit_rules.margin(selection="plain")]
    results = ranvier.compare(rules, noisy(8), noisy(9))
    assert list(results) == ["patience", "margin", "margin 2"]
    assert all(0.0 < result.accuracy <= 1.0 for result in results.values())


def test_calibration_errors_have_intervals_that_do_not_change():
    random = np.random.default_rng(10)
    p = random.dirichlet(np.ones(4), 2000)
    labels = (random.random((2000, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 3)
    one, two = (ranvier.calibration_report(p, labels, replicates=50) for _ in range(2))
    assert one == two
    assert one.lower.brier < one.value.brier < one.upper.brier
    assert one.value.brier == pytest.approx(((p - np.eye(4)[labels]) ** 2).sum(axis=1).mean())
    assert one.value.nll == pytest.approx(-np.log(p[np.arange(2000), labels]).mean())
    assert one.ece_if_calibrated < math.sqrt(15 / 2000)


def test_maps_and_rankings_are_what_others_compute():
    curve = ranvier.risk_coverage([0.9, 0.8, 0.7], [1, 0, 1])
    np.testing.assert_allclose(curve.risk, [0, 1 / 2, 1 / 3])
    assert curve.auroc == pytest.approx(0.5)
    start, value = ranvier.isotonic([1, 2, 3], [1, 3, 2])
    np.testing.assert_allclose(start, [1, 2])
    np.testing.assert_allclose(value, [1, 2.5])
    random = np.random.default_rng(11)
    z = random.normal(size=(5000, 3))
    shifted = z * [2.0, 1.0, 0.5]
    p = np.exp(shifted) / np.exp(shifted).sum(axis=1, keepdims=True)
    labels = (random.random((5000, 1)) > p.cumsum(axis=1)).sum(axis=1).clip(0, 2)
    weights, biases = ranvier.vector_scaling(z, labels)
    np.testing.assert_allclose(weights, [2.0, 1.0, 0.5], atol=0.2)
    assert np.ptp(biases) < 0.2


def test_a_trained_network_answers_early_as_its_trace_says():
    random = np.random.default_rng(4)
    labels = random.integers(0, 2, 60)
    inputs = random.random((60, 4), dtype=np.float32)
    inputs[np.arange(60), labels] += 1.0
    net = ranvier.Sequential(4, [ranvier.Dense(8), ranvier.Dense(2, "leaky_integrator")], steps=8)
    ranvier.Trainer(net, epochs=10, batch_size=20).fit(inputs, labels)
    trace = net.record_trace(inputs, labels)
    agent = ranvier.DynamicConfidence.fit(trace, allowed_accuracy_loss=0.05)
    answers = net.answer(inputs, agent)
    result = agent.evaluate(trace)
    assert answers.latency.mean() == pytest.approx(result.mean_latency)
    assert (answers.prediction == labels).mean() == pytest.approx(result.accuracy)
    with pytest.raises(ValueError, match="steps or events"):
        net.answer(inputs, agent, at="spikes")


@pytest.mark.parametrize("runtime", ["clock", "event"])
@pytest.mark.parametrize("encoding", ["current", "latency"])
def test_a_kept_network_answers_as_one_built_for_the_call(runtime, encoding):
    x = np.random.default_rng(5).random((40, 4), dtype=np.float32)
    y = np.zeros(40, int)
    hidden = ranvier.Dense(8, tau_m=5.0, V_th=0.2)
    net = ranvier.Sequential(
        4, [hidden, ranvier.Dense(2, "leaky_integrator")], steps=8, encoding=encoding
    )
    agent = ranvier.DynamicConfidence(0.5, 0.7)
    expected = net.answer(x, agent, runtime=runtime)
    assert len(set(expected.latency)) > 1
    for threads in (1, 2):
        kept = net.inference(runtime=runtime, threads=threads)
        for _ in range(2):
            np.testing.assert_array_equal(kept.answer(x, agent), expected)
        np.testing.assert_array_equal(kept.answer(x[::-1], agent), np.array(expected)[:, ::-1])
        with pytest.raises(ValueError, match="3 values"):
            kept.answer(x[:, :3], agent)
        with pytest.raises(ValueError, match="fitted"):
            kept.answer(x, ranvier.ExitRule("top_k_gap"))
        trace = net.record_trace(x, y, runtime=runtime)
        np.testing.assert_array_equal(kept.record_trace(x, y).scores, trace.scores)
        np.testing.assert_array_equal(kept.observe(x[3]).scores, trace.scores[:, 3])
        singles = [kept.answer(x[i : i + 1], agent) for i in range(len(x))]
        np.testing.assert_array_equal(np.concatenate(singles, axis=1), expected)


def test_a_kept_network_has_the_weights_of_when_it_was_made():
    x = np.random.default_rng(6).random((5, 4), dtype=np.float32)
    net = ranvier.Sequential(4, [ranvier.Dense(2, "leaky_integrator")], steps=4)
    kept = net.inference()
    before = kept.observe(x[0]).scores
    net.weights["layer_1.weight"][...] = 0.0
    np.testing.assert_array_equal(kept.observe(x[0]).scores, before)
    assert (net.observe(x[0]).scores != before).all()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ranvier.Trace(np.zeros((2, 3)), [0, 0, 0]), "three"),
        (lambda: ranvier.Trace(np.zeros((2, 3, 2)), [0, 0]), "label"),
        (lambda: ranvier.Trace(np.zeros((2, 3, 2)), [0, 0, 2]), "2"),
        (lambda: ranvier.Trace(np.full((2, 3, 2), np.nan), [0, 0, 0]), "finite"),
        (lambda: ranvier.DynamicConfidence(0.0, 0.5), "temperature"),
        (lambda: ranvier.DynamicConfidence(1.0, 1.5), "threshold"),
        (lambda: ranvier.reliability([0.5]), "correct"),
        (lambda: ranvier.reliability([1.5], [1]), "1.5"),
        (
            lambda: ranvier.DynamicConfidence.fit(
                trace_of(ramp([1.0, 0.0]), labels=[0]), selektion="safe"
            ),
            "did you mean 'selection'",
        ),
        (lambda: ranvier.ExitRule("margn"), "margin"),
        (lambda: ranvier.ExitRule("top_k_gap").stop([1.0, 0.0]), "fitted"),
        (
            lambda: ranvier.DynamicConfidence.fit(noisy(12), temperature_fit="fit_each_step"),
            "more than one temperature",
        ),
        (
            lambda: ranvier.ExitRule("margin", selection="latency", max_latency=0.1).fit(noisy(12)),
            "smallest possible is 1",
        ),
    ],
)
def test_what_does_not_fit_is_refused(make, message):
    with pytest.raises((ValueError, LookupError), match=message):
        make()
