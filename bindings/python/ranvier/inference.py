"""Trained networks that answer: a deployed circuit, kept from call to call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypedDict

import numpy as np
import numpy.typing as npt

from . import _core
from .data import Events
from .errors import InvalidValue
from .network import count
from .samples import as_inputs, labelled, unlabelled
from .simulation import Spikes
from .traces import EventTrace, Trace

if TYPE_CHECKING:
    from .learning import Sequential


class Answers(NamedTuple):
    """What a deployed network answered to each sample [N]."""

    prediction: npt.NDArray[np.int64]
    latency: npt.NDArray[np.float64]  #: steps
    score: npt.NDArray[np.float64]  #: of the exit rule at that moment
    probability: npt.NDArray[np.float64]  #: of being right; nan for a rule without a fit
    synaptic_events: npt.NDArray[np.int64]
    spikes: npt.NDArray[np.int64]


class Activity(NamedTuple):
    """What one sample did in a deployed network."""

    spikes: dict[str, Spikes]  #: of each layer
    scores: npt.NDArray[np.float64]  #: [steps][classes]


class InferenceOptions(TypedDict, total=False):
    """What `Inference` takes by keyword."""

    runtime: str
    on_grid: bool
    threads: int
    seed: int


class Inference:
    """A trained network deployed to a runtime, ready to be asked; made by `Sequential.inference`.

    Parameters
    ----------
    network
        Its weights and its conversion are those of now: training that goes on, or a later
        `convert`, does not reach what was made before.
    runtime
        "clock" or "event".
    on_grid
        Whether spikes fall on the steps of training; otherwise, in the `event` runtime, anywhere.
    threads
        That samples are shared out among. Each has a circuit of its own, built when first needed.
    seed
        Of encodings that draw random numbers; they also depend on a sample's place in its set.

    Samples are arrays [N][D], or events with their labels. An answer does not depend on what was
    shown before.
    """

    def __init__(
        self,
        network: Sequential,
        *,
        runtime: str = "event",
        on_grid: bool = True,
        threads: int = 1,
        seed: int = 1,
    ) -> None:
        options = {
            "runtime": runtime,
            "on_grid": on_grid,
            "threads": count(threads, "the number of threads"),
            "seed": count(seed, "the seed"),
        }
        self._inputs = network.inputs
        self._core = _core.Inference(network._core, network._conversion, options)

    def record_trace(self, x: npt.ArrayLike | Events, y: npt.ArrayLike | None = None) -> Trace:
        """Scores after every step [T][N][K], with the labels and the synaptic events up to each."""
        return Trace._of(self._core.record_trace(*labelled(x, y, self._inputs)))

    def record_event_trace(
        self, x: npt.ArrayLike | Events, y: npt.ArrayLike | None = None
    ) -> EventTrace:
        """Scores at every output event. Raises Unsupported outside the `event` runtime, and for a
        loss that looks back over the steps."""
        return EventTrace._of(self._core.record_event_trace(*labelled(x, y, self._inputs)))

    def answer(self, x: npt.ArrayLike | Events, agent: Any, *, at: str = "steps") -> Answers:
        """Shows each sample until `agent`, an ExitRule, is sure.

        It is asked `at` "steps" or, in the event runtime, at output "events".
        """
        if at not in ("steps", "events"):
            raise InvalidValue(f"the agent cannot be asked at '{at}'; expected steps or events")
        samples = unlabelled(x, self._inputs)
        return Answers(*self._core.answers(*samples, agent._core, at == "events"))

    def observe(self, sample: npt.ArrayLike, *, index: int = 0) -> Activity:
        """Spikes of every layer of neurons and scores over time of one sample [D], shown as the one
        at `index` of a set. Spikes that a layer takes back are those of "<layer>_corrections"."""
        inputs = as_inputs(np.asarray(sample).reshape(1, -1), self._inputs)
        spikes, scores = self._core.observe(inputs, index)
        return Activity({name: Spikes(*train) for name, *train in spikes}, scores)
