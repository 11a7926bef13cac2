"""How well confidences match accuracies, and fits that make them match better."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from . import _core
from .errors import InvalidValue
from .traces import EventTrace, Trace


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
    """Weights and biases of softmax(weights * scores + biases) of least log-loss."""
    return _core.vector_scaling(
        np.asarray(scores, np.float64), np.asarray(labels).astype(np.uint8)
    )


def isotonic(
    x: npt.ArrayLike, y: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Non-decreasing function of least squares: where each of its steps begins, and its values."""
    return _core.isotonic(np.asarray(x, np.float64), np.asarray(y, np.float64))
