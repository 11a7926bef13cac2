"""Recorded read-outs of networks that ran to their end: what agents are fitted to and judged on."""

from __future__ import annotations

from typing import Any

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
    """Scores of every sample at its output events; see Inference.record_event_trace."""

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
