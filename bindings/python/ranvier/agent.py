"""Agents that decide when to answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .calibration import Calibration
from .catalogue import Choice, chosen
from .errors import InvalidValue
from .traces import EventTrace, Trace


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
