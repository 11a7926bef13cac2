"""Agents that decide when to answer, and how well their confidence matches their accuracy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
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
    """What an agent achieves on data that neither its temperature nor its threshold has seen."""

    accuracy: float
    mean_latency: float
    median_latency: float
    p95_latency: float
    forced_share: float  #: share answered at the horizon because nothing stopped it earlier
    mean_events: float | None  #: synaptic events until the decision
    final_accuracy: float  #: of answering all samples at the horizon
    matched_accuracy: float  #: of answering all samples at the mean latency
    base_time: float  #: smallest fixed time within 0.1 point of the final accuracy
    horizon: float
    final_events: float | None
    at_exit: Calibration


class DynamicConfidence:
    """Stops as soon as max softmax(scores / temperature) exceeds the threshold.

    Source: Li, Jones & Furber 2023, ICCV, arXiv:2303.10276.
    """

    #: What the fit promised on held-out data; empty for an agent that was not fitted.
    fitted: dict[str, Any]

    def __init__(self, temperature: float, threshold: float, max_steps: int = 0) -> None:
        self.temperature, self.threshold, self.max_steps = temperature, threshold, max_steps
        self.fitted = {}
        self._core = _core.DynamicConfidence(temperature, threshold, max_steps)

    @classmethod
    def fit(cls, held_out: Trace | EventTrace, **parameters: Any) -> DynamicConfidence:
        """Temperature and threshold from samples used neither to train nor to report results.

        Keywords: temperature_fit ("fixed", "fit_final", "fit_all_steps", "horizon", "grid"),
        selection ("plain", "safe", "paired", "fixed"), allowed_accuracy_loss, temperature,
        threshold, max_steps.
        """
        fitted = _core.fit_agent(held_out._core, parameters)
        agent = cls(fitted["temperature"], fitted["threshold"], fitted["max_steps"])
        agent.fitted = fitted
        return agent

    def reset(self) -> None:
        """Before every new input."""
        self._core.reset()

    def decide(self, scores: npt.ArrayLike) -> bool:
        """Looks at the accumulated scores [K]; True where the run should stop."""
        return self._core.decide(np.asarray(scores, np.float64).ravel())

    @property
    def prediction(self) -> int:
        return self._core.prediction()

    @property
    def confidence(self) -> float:
        return self._core.confidence()

    @property
    def decisions(self) -> int:
        """Number of decisions since `reset`."""
        return self._core.decisions()

    def evaluate(self, trace: Trace | EventTrace) -> AgentEvaluation:
        result = _core.evaluate_agent(trace._core, self.temperature, self.threshold)
        return AgentEvaluation(**{**result, "at_exit": Calibration(**result["at_exit"])})

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
