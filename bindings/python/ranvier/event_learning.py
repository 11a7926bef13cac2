"""Learning in the event runtime, by exact gradients of spike times; docs/event_gradients.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .catalogue import Choice
from .data import Events
from .errors import InvalidValue
from .network import Network, count
from .samples import as_inputs, as_labels
from .training import Epoch, training_description


class Recurrent(NamedTuple):
    """Synapses of a layer among themselves: initial weights in pA, delay in ms."""

    mean: float = 0.0
    deviation: float = 0.0
    delay: float = 1.0


@dataclass
class EventLayer:
    """A layer of iaf_psc_exp neurons and its synapses from the layer before.

    Parameters
    ----------
    mean, deviation
        Of the initial weights, in pA.
    delay
        Of the synapses from the layer before, in ms.
    recurrent
        Synapses of every neuron of the layer to every one of it.
    parameters
        Those of iaf_psc_exp, such as tau_m and tau_syn_ex; all synapses arrive with tau_syn_ex.
    """

    size: int
    mean: float
    deviation: float
    name: str = ""
    delay: float = 0.0
    recurrent: Recurrent | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def _describe(self) -> tuple[Any, ...]:
        return (
            self.name,
            count(self.size, "the size of a layer"),
            dict(self.parameters),
            (self.mean, self.deviation, self.delay),
            None if self.recurrent is None else tuple(self.recurrent),
        )


class EventEvaluation(NamedTuple):
    """Means over samples."""

    loss: float
    accuracy: float
    silent: float  #: share of samples without any output spike; they count as wrong
    latency: float  #: ms to the first output spike
    spikes: list[float]  #: of each layer
    synaptic_events: float  #: to the end of the window
    events_at_answer: float  #: until the first output spike


class EventTrainer:
    """A network that answers with the class whose neuron fires first, and its training.

    Values from 0 to 1 become one spike each, at earliest + x (latest - earliest); events are taken as
    they are. The weights do not depend on the number of threads.

    Parameters
    ----------
    inputs
        Values or addresses of a sample.
    window
        Time a sample is shown for, in ms.
    bias
        Spike times of further inputs, the same for all samples, in ms.
    tau, alpha, tau_early
        Of the loss: lead of the right neuron, weight and time of the pull towards early spikes.
    silent_bump
        Added, in pA, to the weights of a neuron that no sample of a batch makes fire.
    """

    def __init__(
        self,
        inputs: int,
        layers: Sequence[EventLayer],
        *,
        window: float = 60.0,
        earliest: float = 10.0,
        latest: float = 40.0,
        bias: Sequence[float] = (),
        tau: float = 1.0,
        alpha: float = 0.003,
        tau_early: float = 10.0,
        silent_bump: float = 0.0,
        epochs: int = 10,
        batch_size: int = 128,
        chunk_size: int = 0,
        clip_norm: float = 0.0,
        patience: int = 0,
        optimiser: str | Choice = "adam",
        schedule: str | Choice = "cosine",
        threads: int = 1,
        seed: int = 1,
    ) -> None:
        self.inputs = count(inputs, "the number of inputs")
        self.threads = threads
        self._epochs = epochs
        self._core = _core.EventLearner(
            [layer._describe() for layer in layers],
            self.inputs,
            float(window),
            {"earliest": float(earliest), "latest": float(latest)},
            [float(time) for time in bias],
            {"tau": float(tau), "alpha": float(alpha), "tau_early": float(tau_early)},
            float(silent_bump),
            training_description(
                epochs,
                batch_size,
                chunk_size,
                clip_norm,
                patience,
                optimiser,
                schedule,
                seed,
                {},
            ),
        )

    def fit(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        validation: tuple[npt.ArrayLike, npt.ArrayLike] | Events | None = None,
        on_epoch: Callable[[Epoch], object] | None = None,
    ) -> list[Epoch]:
        """Trains until all epochs are complete and returns the history.

        Goes on from where the trainer stands: after Ctrl-C a second call comes to the same weights
        as an unbroken run.
        """
        if validation is None:
            held_out = np.zeros((0, self.inputs), np.float32), np.zeros(0, np.uint8)
        elif isinstance(validation, Events):
            held_out = self._samples(validation, None)
        else:
            held_out = self._samples(*validation)
        callback = None if on_epoch is None else lambda record: on_epoch(Epoch(*record))
        threads = count(self.threads, "the number of threads")
        self._core.fit(self._epochs, *self._samples(x, y), *held_out, threads, callback)
        return self.history

    @property
    def history(self) -> list[Epoch]:
        return [Epoch(*record) for record in self._core.history()]

    def evaluate(
        self, x: npt.ArrayLike | Events, y: npt.ArrayLike | None = None
    ) -> EventEvaluation:
        """Accuracy and what it costs, in the event runtime; events bring their own labels."""
        threads = count(self.threads, "the number of threads")
        return EventEvaluation(*self._core.evaluate(*self._samples(x, y), threads))

    def first_spikes(self, x: npt.ArrayLike | Events) -> npt.NDArray[np.float64]:
        """Time of the first spike of each output neuron for each sample, [N][K] in ms; inf: silent."""
        labels = None if isinstance(x, Events) else np.zeros(len(np.asarray(x)), np.uint8)
        return self._core.first_spikes(*self._samples(x, labels))

    @property
    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Weights in pA by projection, [target][source]; to be set as a whole."""
        return {name: weights for name, _, weights in self._core.projections()}

    @weights.setter
    def weights(self, weights: Mapping[str, npt.ArrayLike]) -> None:
        present = self.weights
        if set(weights) != set(present):
            raise InvalidValue(
                f"weights are given for {sorted(weights)}; expected {sorted(present)}"
            )
        flat = []
        for name, old in present.items():
            new = np.asarray(weights[name], np.float32)
            if new.shape != old.shape:
                raise InvalidValue(
                    f"the weights of {name} have shape {new.shape}; expected {old.shape}"
                )
            flat.append(new.ravel())
        self._core.set_weights(np.concatenate(flat))

    def network(self) -> Network:
        """The trained circuit as populations and projections, for either runtime of Simulation.

        Its inputs are the population "input", driven by the device "input_spikes".
        """
        return Network._of(self._core.network())

    def _samples(self, x: npt.ArrayLike | Events, y: npt.ArrayLike | None) -> tuple[Any, Any]:
        if isinstance(x, Events):
            return x._core, np.zeros(0, np.uint8)
        if y is None:
            raise InvalidValue("the labels are missing; expected one for each sample")
        return as_inputs(x, self.inputs), as_labels(y)
