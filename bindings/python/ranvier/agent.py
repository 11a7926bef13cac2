"""Agents that decide when to answer, and how well their confidence matches their accuracy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .catalogue import Choice, chosen
from .errors import InvalidValue


class Trace:
    """Scores of every sample after every step of a run that nothing stopped.

    Parameters
    ----------
    scores
        [T][N][K], accumulated up to each step.
    labels
        [N]
    events
        [T][N] synaptic events up to each step, where they were counted.
    """

    def __init__(
        self, scores: npt.ArrayLike, labels: npt.ArrayLike, events: npt.ArrayLike | None = None
    ) -> None:
        values = np.asarray(labels)
        if values.size and not (0 <= values.min() and values.max() <= 255):
            raise InvalidValue(
                f"the labels lie between {values.min()} and {values.max()}; expected 0 to 255"
            )
        self._core = _core.Trace(
            np.asarray(scores, np.float64),
            values.astype(np.uint8),
            None if events is None else np.asarray(events, np.uint64),
        )

    @classmethod
    def _of(cls, core: _core.Trace) -> Trace:
        trace = cls.__new__(cls)
        trace._core = core
        return trace

    @property
    def scores(self) -> npt.NDArray[np.float64]:
        return self._core.scores()

    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        return self._core.labels()

    @property
    def events(self) -> npt.NDArray[np.uint64] | None:
        return self._core.events()

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        steps, samples, classes = self.scores.shape
        return f"<ranvier.Trace {samples} samples, {steps} steps, {classes} classes>"


class EventTrace:
    """Scores of every sample at its output events; see Sequential.record_event_trace."""

    @classmethod
    def _of(cls, core: _core.EventTrace) -> EventTrace:
        trace = cls.__new__(cls)
        trace._core = core
        return trace

    _core: Any

    @property
    def horizon(self) -> float:
        return self._core.horizon

    def __len__(self) -> int:
        return self._core.samples()

    def __repr__(self) -> str:
        return f"<ranvier.EventTrace {len(self)} samples>"


class ExitCurve(NamedTuple):
    """Accuracy against mean latency for every threshold; the last point runs to the horizon."""

    threshold: npt.NDArray[np.float64]
    latency: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]


class FixedTimeCurve(NamedTuple):
    """Accuracy of answering all samples at one common time."""

    latency: npt.NDArray[np.float64]
    accuracy: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """Reliability by bins of confidence, and the errors that sum it up."""

    lower: npt.NDArray[np.float64]
    upper: npt.NDArray[np.float64]
    count: npt.NDArray[np.int64]
    confidence: npt.NDArray[np.float64]  #: mean of each bin
    accuracy: npt.NDArray[np.float64]  #: of each bin
    ece: float  #: expected calibration error: gaps weighted by share of samples
    mce: float  #: the largest gap
    ace: float  #: unweighted mean of the gaps
    overall_accuracy: float
    mean_confidence: float


@dataclass(frozen=True)
class Oracle:
    """What stopping could achieve if the label were known; latencies in steps."""

    accuracy: float  #: share of samples that are right at any decision point
    latency_charged_horizon: float  #: mean first right answer; never right costs the horizon
    latency_charged_first: float  #: the same; never right costs one step
    latency_right: float | None  #: the same over the samples that are ever right
    optimal_cutoff: float  #: mean time from which the answer stays right
    average_earliest_time: float


@dataclass(frozen=True)
class AgentEvaluation:
    """What an exit rule achieves on data that its fit has not seen."""

    accuracy: float
    mean_latency: float
    median_latency: float
    p95_latency: float
    forced_share: float  #: share answered at the last point because nothing stopped it
    mean_events: float | None  #: synaptic events until the decision
    final_accuracy: float  #: of answering all samples at the horizon
    matched_accuracy: float  #: of answering all samples at the mean latency
    base_time: float  #: smallest fixed time within 0.1 point of the final accuracy
    horizon: float
    final_events: float | None
    at_exit: Calibration | None  #: of scores that claim to be probabilities
    calibrated_at_exit: Calibration | None  #: of ExitRule.probability, for a fitted rule

    @property
    def saving(self) -> float:
        """Share of the steps of the whole run that are saved."""
        return 1.0 - self.mean_latency / self.horizon

    @property
    def saving_against_base(self) -> float:
        """The same against `base_time`, the honest baseline."""
        return 1.0 - self.mean_latency / self.base_time

    @property
    def matched_gain(self) -> float:
        """Accuracy gained over a fixed time of the same mean latency."""
        return self.accuracy - self.matched_accuracy


class Exits(NamedTuple):
    """When and how each sample [N] was answered."""

    latency: npt.NDArray[np.float64]
    correct: npt.NDArray[np.uint8]
    score: npt.NDArray[np.float64]


class ExitRule:
    """When to stop: a score at every decision point, and the threshold it has to exceed.

    Parameters
    ----------
    rule
        A name out of ranvier.list("exit_rules"), or a choice such as
        ranvier.exit_rules.margin(selection="paired").
    parameters
        Those of the rule; ranvier.describe(name) tells them.
    """

    def __init__(self, rule: str | Choice, **parameters: Any) -> None:
        self.name, values = chosen("exit_rules", rule)
        self._core = _core.ExitRule(self.name, {**values, **parameters})

    def fit(self, held_out: Trace | EventTrace) -> ExitRule:
        """Learns from runs of samples used neither to train nor to report results."""
        self._core.fit(held_out._core)
        return self

    @property
    def ready(self) -> bool:
        """Nothing is left to be learnt from held-out runs."""
        return self._core.ready()

    @property
    def findings(self) -> dict[str, Any]:
        """What the fit found: thresholds, temperatures, quantiles."""
        return self._core.findings()

    @property
    def held_out(self) -> dict[str, float] | None:
        """accuracy, latency, final_accuracy and horizon on the runs of the fit."""
        return self._core.held_out()

    def reset(self) -> None:
        """Before every new input."""
        self._core.reset()

    def stop(self, scores: npt.ArrayLike, time: float | None = None) -> bool:
        """Looks at the accumulated scores [K]; True where the run should stop.

        `time` is in steps since the input came on; without it every decision is a step.
        """
        at = self._core.decisions() + 1 if time is None else time
        return self._core.stop(float(at), np.asarray(scores, np.float64).ravel())

    @property
    def prediction(self) -> int:
        return self._core.prediction()

    @property
    def answer_set(self) -> list[int]:
        """Classes that are not excluded; the prediction alone, but for rules that answer so."""
        return self._core.answer_set()

    @property
    def score(self) -> float:
        return self._core.score()

    @property
    def probability(self) -> float | None:
        """Share of held-out answers at such a time with such a score that were right."""
        return self._core.probability()

    @property
    def decisions(self) -> int:
        """Number of decisions since `reset`."""
        return self._core.decisions()

    def evaluate(self, trace: Trace | EventTrace) -> AgentEvaluation:
        return _evaluation(self._core, trace)

    def exits(self, trace: Trace | EventTrace) -> Exits:
        """When and how the rule answers each sample of a trace."""
        return Exits(*self._core.exits(trace._core))

    def exit_curve(self, trace: Trace | EventTrace) -> ExitCurve:
        """The exact curve of the rule's score: one point per threshold that changes anything."""
        return ExitCurve(*self._core.exit_curve(trace._core))

    def __repr__(self) -> str:
        return f"<ranvier.ExitRule {self.name}{'' if self.ready else ', not fitted'}>"


def _evaluation(core: Any, trace: Trace | EventTrace) -> AgentEvaluation:
    result = core.evaluate(trace._core)
    for name in ("at_exit", "calibrated_at_exit"):
        if result[name] is not None:
            result[name] = Calibration(**result[name])
    return AgentEvaluation(**result)


def compare(
    rules: Iterable[str | Choice], held_out: Trace | EventTrace, test: Trace | EventTrace
) -> dict[str, AgentEvaluation]:
    """Fits every rule to one trace and judges it on the other."""
    fitted = [ExitRule(rule).fit(held_out) for rule in rules]
    results: dict[str, AgentEvaluation] = {}
    for rule in fitted:
        count = sum(name.split(" ")[0] == rule.name for name in results)
        results[f"{rule.name} {count + 1}" if count else rule.name] = rule.evaluate(test)
    return results


class DynamicConfidence:
    """Stops as soon as max softmax(scores / temperature) exceeds the threshold.

    The rule "dynamic_confidence" of `ExitRule` with both numbers given.

    Source: Li, Jones & Furber 2023, ICCV, arXiv:2303.10276.
    """

    #: What the fit promised on held-out data; empty for an agent that was not fitted.
    fitted: dict[str, Any]

    def __init__(self, temperature: float, threshold: float, max_steps: int = 0) -> None:
        parameters = {
            "temperature_fit": "fixed",
            "temperature": temperature,
            "selection": "fixed",
            "threshold": threshold,
            "max_steps": max_steps,
        }
        self.temperature, self.threshold, self.max_steps = temperature, threshold, max_steps
        self.fitted = {}
        self._core = _core.ExitRule("dynamic_confidence", parameters)

    @classmethod
    def fit(cls, held_out: Trace | EventTrace, **parameters: Any) -> DynamicConfidence:
        """Temperature and threshold from samples used neither to train nor to report results.

        Keywords: those of ranvier.exit_rules.dynamic_confidence whose temperature is one number.
        """
        core = _core.ExitRule("dynamic_confidence", parameters)
        core.fit(held_out._core)
        found = core.findings()
        if "temperature" not in found:
            raise InvalidValue(
                "temperature_fit finds more than one temperature; expected fixed, fit_final, "
                "fit_all_steps, horizon or grid, or an ExitRule in place of DynamicConfidence"
            )
        promised = core.held_out()
        agent = cls(found["temperature"], found["threshold"], parameters.get("max_steps", 0))
        agent.fitted = {
            **found,
            **promised,
            "max_steps": agent.max_steps,
            "stops_early": promised["latency"] < promised["horizon"],
        }
        agent._core = core
        return agent

    def reset(self) -> None:
        """Before every new input."""
        self._core.reset()

    def decide(self, scores: npt.ArrayLike) -> bool:
        """Looks at the accumulated scores [K]; True where the run should stop."""
        return self._core.stop(
            float(self._core.decisions() + 1), np.asarray(scores, np.float64).ravel()
        )

    @property
    def prediction(self) -> int:
        return self._core.prediction()

    @property
    def confidence(self) -> float:
        return self._core.score()

    @property
    def decisions(self) -> int:
        """Number of decisions since `reset`."""
        return self._core.decisions()

    def evaluate(self, trace: Trace | EventTrace) -> AgentEvaluation:
        return _evaluation(self._core, trace)

    def __repr__(self) -> str:
        return (
            f"ranvier.DynamicConfidence(temperature={self.temperature:.6g}, "
            f"threshold={self.threshold:.6g}, max_steps={self.max_steps})"
        )


def exit_curve(trace: Trace | EventTrace, temperature: float) -> ExitCurve:
    """The exact curve: one point for every threshold at which anything changes."""
    return ExitCurve(*_core.exit_curve(trace._core, temperature))


def fixed_time_curve(trace: Trace | EventTrace) -> FixedTimeCurve:
    """Accuracy of answering all samples at one time: the baseline of every agent."""
    return FixedTimeCurve(*_core.fixed_time_curve(trace._core))


def oracle(trace: Trace | EventTrace) -> Oracle:
    """The bound on every agent, from the labels."""
    return Oracle(**_core.oracle(trace._core))


def fit_temperature(trace: Trace | EventTrace, over: str = "all_steps") -> float:
    """Temperature of least negative log-likelihood, over "all_steps" or the "final" one."""
    return _core.fit_temperature(trace._core, over)


def reliability(
    confidence: npt.ArrayLike | Trace | EventTrace,
    correct: npt.ArrayLike | None = None,
    *,
    temperature: float = 1.0,
    bins: int = 15,
) -> Calibration:
    """Calibration of confidences [N] against `correct` [N], or of a trace's final answers.

    For a trace the confidence is softmax(scores / temperature).
    """
    if isinstance(confidence, (Trace, EventTrace)):
        return Calibration(**_core.reliability_of_trace(confidence._core, temperature, bins))
    if correct is None:
        raise InvalidValue("the confidences come without `correct`; expected 0 or 1 for each")
    flags = np.asarray(correct).astype(bool).astype(np.uint8)
    return Calibration(**_core.reliability(np.asarray(confidence, np.float64), flags, bins))


@dataclass(frozen=True)
class CalibrationErrors:
    """Measures of calibration; gap = |accuracy - mean confidence| of a bin."""

    ece: float  #: gaps weighted by share of samples, bins of equal width
    mce: float  #: the largest gap
    ace: float  #: unweighted mean of the gaps
    adaptive_ece: float  #: as ece, with bin edges at the quantiles of the confidence
    classwise_ece: float  #: mean over classes of the ece of their probability
    nll: float  #: -ln p_y, nats
    brier: float  #: sum over classes of (p_k - 1[k = y])^2, between 0 and 2


@dataclass(frozen=True)
class CalibrationReport:
    """Calibration errors with the ends of their bootstrap intervals."""

    value: CalibrationErrors
    lower: CalibrationErrors
    upper: CalibrationErrors
    ece_if_calibrated: float  #: what chance alone leaves of the ece on these samples
    ece_if_calibrated_interval: tuple[float, float]


def calibration_report(
    probabilities: npt.ArrayLike,
    labels: npt.ArrayLike,
    *,
    replicates: int = 200,
    level: float = 0.95,
    seed: int = 1,
    bins: int = 15,
) -> CalibrationReport:
    """All calibration errors of probabilities [N][K] against labels [N], with intervals."""
    report = _core.calibration_report(
        np.asarray(probabilities, np.float64),
        np.asarray(labels).astype(np.uint8),
        replicates,
        level,
        seed,
        bins,
    )
    parts = {name: CalibrationErrors(**report.pop(name)) for name in ("value", "lower", "upper")}
    return CalibrationReport(**parts, **report)


@dataclass(frozen=True)
class RiskCoverage:
    """Share of wrong answers among the samples of the highest scores, of every share."""

    coverage: npt.NDArray[np.float64]
    risk: npt.NDArray[np.float64]
    area: float  #: of the risk over the coverage
    auroc: float | None  #: chance that a right answer has a higher score than a wrong one


def risk_coverage(score: npt.ArrayLike, correct: npt.ArrayLike) -> RiskCoverage:
    """How well scores [N] tell right answers from wrong ones."""
    flags = np.asarray(correct).astype(bool).astype(np.uint8)
    return RiskCoverage(**_core.risk_coverage(np.asarray(score, np.float64), flags))


def vector_scaling(
    scores: npt.ArrayLike, labels: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Weights and biases of softmax(weights * scores + biases) of least log-loss on held-out data."""
    return _core.vector_scaling(
        np.asarray(scores, np.float64), np.asarray(labels).astype(np.uint8)
    )


def isotonic(
    x: npt.ArrayLike, y: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Non-decreasing function of least squares: where each of its steps begins, and its values."""
    return _core.isotonic(np.asarray(x, np.float64), np.asarray(y, np.float64))
