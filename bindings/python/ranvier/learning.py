"""Networks that learn: layers in sequence, trained by surrogate gradients."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .catalogue import Choice, chosen
from .data import Events
from .errors import CorruptFile, InvalidValue
from .layer import Layer, shape_of
from .network import Network, count
from .simulation import Spikes
from .traces import EventTrace, Trace


class Evaluation(NamedTuple):
    """How well a network does on a data set."""

    loss: float  #: mean over samples
    accuracy: float  #: share of samples whose label has the highest score at the end
    rates: dict[str, float]  #: of each layer, spikes per neuron and step


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


def as_inputs(x: npt.ArrayLike) -> npt.NDArray[np.float32]:
    """Samples as [N][D]; images [N][h][w] are laid out row by row. No copy where none is needed."""
    array = np.asarray(x)
    if array.ndim < 2:
        raise InvalidValue(
            f"the inputs have {array.ndim} dimensions; expected samples first, then features"
        )
    try:
        return np.ascontiguousarray(array.reshape(len(array), -1), dtype=np.float32)
    except (TypeError, ValueError):
        raise InvalidValue(f"the inputs are of type {array.dtype}; expected numbers") from None


def as_labels(y: npt.ArrayLike) -> npt.NDArray[np.uint8]:
    array = np.asarray(y)
    if array.dtype.kind not in "iu" or array.ndim != 1:
        raise InvalidValue(
            f"the labels are a {array.ndim}-dimensional array of {array.dtype}; expected a list of "
            "whole numbers"
        )
    if array.size and (array.min() < 0 or array.max() > 255):
        raise InvalidValue(
            f"the labels lie between {array.min()} and {array.max()}; expected 0 to 255"
        )
    return np.ascontiguousarray(array, dtype=np.uint8)


class Sequential:
    """An encoding, layers one after another, and a readout that scores the classes over time.

    Parameters
    ----------
    inputs
        Values per sample, or their shape: (channels, height, width) or (height, width).
    layers
        The last has one neuron per class.
    steps, step
        Length of the window, and duration of a step in ms.
    encoding, surrogate, loss
        A name, or a choice with parameters such as ranvier.encodings.poisson(max_rate=200.0).
    detach_reset
        No gradient flows through the spike in the reset.
    window, truncated
        Steps that training holds in memory at a time, 0 for all, and whether no gradient flows from
        a window to the one before.
    credit, error_transport
        Names of `ranvier.list("credit_rules")` and `ranvier.list("error_transports")`: which paths
        errors follow back in time, and by which matrices they return.
    seed
        Of the initial weights.

    Within a step activity passes through all layers, so that an answer exists after one step.
    """

    def __init__(
        self,
        inputs: int | Sequence[int],
        layers: Sequence[Layer],
        *,
        steps: int = 10,
        step: float = 1.0,
        encoding: str | Choice = "current",
        surrogate: str | Choice = "fast_sigmoid",
        loss: str | Choice = "every_step",
        detach_reset: bool = True,
        window: int = 0,
        truncated: bool = False,
        credit: str = "bptt",
        error_transport: str = "transpose",
        seed: int = 1,
    ) -> None:
        shape = shape_of(inputs)
        self._create(
            {
                "inputs": shape[0] * shape[1] * shape[2],
                "shape": shape,
                "steps": count(steps, "the number of steps"),
                "step": float(step),
                "encoding": chosen("encodings", encoding),
                "layers": [layer.describe() for layer in layers],
                "surrogate": chosen("surrogates", surrogate),
                "loss": chosen("losses", loss),
                "detach_reset": bool(detach_reset),
                "window": int(window),
                "truncated": bool(truncated),
                "credit": credit,
                "error_transport": error_transport,
            },
            count(seed, "the seed"),
        )

    def _create(self, description: dict[str, Any], seed: int) -> None:
        self._description = description
        self._core = _core.Sequential(description, seed)
        self._set_conversion({"values": {}, "thresholds": [], "steps": 0})

    def _set_conversion(self, conversion: dict[str, Any]) -> None:
        self._conversion = _core.Conversion(*conversion.values())
        self._conversion_given = conversion

    @property
    def inputs(self) -> int:
        return self._description["inputs"]

    @property
    def steps(self) -> int:
        return self._description["steps"]

    @property
    def step(self) -> float:
        """Duration of a step in ms."""
        return self._description["step"]

    @property
    def classes(self) -> int:
        return self._core.classes()

    @property
    def layers(self) -> list[str]:
        """Names of the layers."""
        return self._core.layer_names()

    @property
    def weights(self) -> dict[str, npt.NDArray[np.float32]]:
        """Views of "<layer>.weight" [out][in], "<layer>.bias" [out] and whatever else is trained;
        writing changes the net."""
        return self._core.weights()

    @property
    def statistics(self) -> dict[str, npt.NDArray[np.float32]]:
        """Views of the numbers that come with the weights and are not trained, such as the running
        averages "<layer>.norm_mean"; writing changes the net."""
        return self._core.statistics()

    def activity(self, x: npt.ArrayLike, seed: int = 1) -> dict[str, npt.NDArray[np.float32]]:
        """Output of every layer [T][N][n]: spikes, or the potential of a model without them."""
        return self._core.activity(self._inputs(x), seed)

    def scores(
        self, x: npt.ArrayLike | Events, *, threads: int = 1, seed: int = 1
    ) -> npt.NDArray[np.float64]:
        """Scores of the classes after every step [T][N][K]."""
        return self._core.scores(*self._unlabelled(x), threads, seed)

    def predict(
        self, x: npt.ArrayLike | Events, *, threads: int = 1, seed: int = 1
    ) -> npt.NDArray[np.intp]:
        """The class of the highest score at the end of the window, for each sample."""
        return self.scores(x, threads=threads, seed=seed)[-1].argmax(axis=1)

    def evaluate(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        threads: int = 1,
        seed: int = 1,
    ) -> Evaluation:
        """Loss, accuracy and firing rates; events bring their own labels."""
        loss, accuracy, rates = self._core.evaluate(*self._samples(x, y), threads, seed)
        return Evaluation(loss, accuracy, dict(zip(self.layers, rates.tolist())))

    def gradient(
        self, x: npt.ArrayLike, y: npt.ArrayLike, seed: int = 1
    ) -> tuple[float, dict[str, npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
        """Mean loss over the samples, its gradient by weights, and that by inputs [N][D]."""
        return self._core.gradient(self._inputs(x), as_labels(y), seed)

    def trace(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        threads: int = 1,
        seed: int = 1,
    ) -> Trace:
        """Scores over time with their labels: what an agent is fitted to and measured on."""
        labels = self._samples(x, y)[1]
        return Trace(self.scores(x, threads=threads, seed=seed), labels)

    def convert(
        self,
        x: npt.ArrayLike | Events | None = None,
        *,
        percentile: float = 99.9,
        variant: str = "unsigned",
        input: str = "constant",
        steps: int | None = None,
        threads: int = 1,
    ) -> dict[str, float]:
        """Sets how activations become neurons when the network is deployed from now on.

        Parameters
        ----------
        x
            Training samples for activations without levels (relu): a layer's threshold is the
            `percentile` of all its activations on them.
        variant
            "unsigned", or "signed": a neuron can take spikes back.
        input
            "constant": the sample drives every step. "one_shot": it arrives once, and neurons count
            out their levels; with `variant="signed"` the scores end at those of the network before
            conversion.
        steps
            That a sample is shown for; by default those of training.

        Returns the thresholds that came from `x`, by layer. docs/conversion.md has the equations.
        """
        values = {"variant": variant, "input": input, "percentile": float(percentile)}
        thresholds: list[float] = []
        given = {"values": values, "thresholds": thresholds}
        given["steps"] = 0 if steps is None else count(steps, "the number of steps")
        if x is None:
            self._set_conversion(given)
            return {}
        values["balance"] = "percentile"
        _core.Conversion(values, [], 0)  # refuses a wrong name or number before work starts
        threads = count(threads, "the number of threads")
        thresholds += _core.balance(self._core, *self._unlabelled(x), percentile, threads)
        self._set_conversion(given)
        return {name: value for name, value in zip(self.layers, thresholds) if value > 0.0}

    def deploy(self) -> Network:
        """The same network as populations and projections, for either runtime of Simulation."""
        return Network._of(_core.deploy(self._core, self._conversion))

    def record_trace(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        runtime: str = "event",
        on_grid: bool = True,
        threads: int = 1,
        seed: int = 1,
    ) -> Trace:
        """As `trace`, from the deployed network, with the synaptic events up to each step."""
        options = _options(runtime, on_grid, False, threads, seed)
        return Trace._of(_core.record_trace(self._core, self._conversion, *self._samples(x, y), options))

    def record_event_trace(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        on_grid: bool = True,
        threads: int = 1,
        seed: int = 1,
    ) -> EventTrace:
        """Scores of the deployed network at every output event, in the `event` runtime."""
        options = _options("event", on_grid, True, threads, seed)
        samples = self._samples(x, y)
        core = _core.record_event_trace(self._core, self._conversion, *samples, options)
        return EventTrace._of(core)

    def answer(
        self,
        x: npt.ArrayLike | Events,
        agent: Any,
        *,
        runtime: str = "event",
        on_grid: bool = True,
        at: str = "steps",
        threads: int = 1,
        seed: int = 1,
    ) -> Answers:
        """Runs the deployed network on each sample until `agent`, an ExitRule, is sure.

        It is asked `at` "steps" or, in the event runtime, at output "events".
        """
        if at not in ("steps", "events"):
            raise InvalidValue(f"the agent cannot be asked at '{at}'; expected steps or events")
        options = _options(runtime, on_grid, at == "events", threads, seed)
        samples = self._unlabelled(x)
        return Answers(
            *_core.answers(self._core, self._conversion, *samples, agent._core, options)
        )

    def observe(
        self,
        sample: npt.ArrayLike,
        *,
        runtime: str = "event",
        on_grid: bool = True,
        index: int = 0,
        seed: int = 1,
    ) -> Activity:
        """Spikes of every layer of neurons and scores over time of one sample in the deployed
        network. Spikes that a layer takes back are those of "<layer>_corrections"."""
        inputs = self._inputs(np.asarray(sample).reshape(1, -1))
        options = _options(runtime, on_grid, False, 1, seed)
        spikes, scores = _core.observe(self._core, self._conversion, inputs, index, options)
        return Activity({name: Spikes(*train) for name, *train in spikes}, scores)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes description and weights to an HDF5 file, whole or not at all."""
        _core.write_archive(os.fspath(path), self._archive())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Sequential:
        return cls._from(_core.read_archive(os.fspath(path)), os.fspath(path))

    def _archive(self) -> dict[str, Any]:
        values = {"sequential": json.dumps(self._description, default=_as_list)}
        values["conversion"] = json.dumps(self._conversion_given)
        numbers = self.weights | self.statistics
        return values | {f"weights/{name}": value.ravel() for name, value in numbers.items()}

    @classmethod
    def _from(cls, archive: Mapping[str, Any], path: str) -> Sequential:
        if "sequential" not in archive:
            raise CorruptFile(f"{path} holds no trained network")
        network = cls.__new__(cls)
        network._create(json.loads(archive["sequential"]), 1)
        for name, value in (network.weights | network.statistics).items():
            stored = archive.get(f"weights/{name}")
            if stored is None or stored.size != value.size:
                raise CorruptFile(f"{path} holds no '{name}' of shape {value.shape}")
            value[...] = stored.reshape(value.shape)
        if "conversion" in archive:
            network._set_conversion(json.loads(archive["conversion"]))
        return network

    def _inputs(self, x: npt.ArrayLike) -> npt.NDArray[np.float32]:
        inputs = as_inputs(x)
        if inputs.shape[1] != self.inputs:
            raise InvalidValue(
                f"the samples have {inputs.shape[1]} values each; the network takes {self.inputs}"
            )
        return inputs

    def _samples(
        self, x: npt.ArrayLike | Events, y: npt.ArrayLike | None
    ) -> tuple[Any, npt.NDArray[np.uint8]]:
        """Samples as the extension takes them, and their labels."""
        if isinstance(x, Events):
            if y is not None:
                raise InvalidValue("events bring their own labels; expected no others")
            return x._core, x.labels
        if y is None:
            raise InvalidValue("the samples have no labels; expected one for each")
        return self._inputs(x), as_labels(y)

    def _unlabelled(self, x: npt.ArrayLike | Events) -> tuple[Any, npt.NDArray[np.uint8]]:
        """The same where labels do not matter."""
        if isinstance(x, Events):
            return self._samples(x, None)
        inputs = self._inputs(x)
        return inputs, np.zeros(len(inputs), np.uint8)

    def __repr__(self) -> str:
        sizes = [self.inputs, *self._core.layer_sizes()]
        return f"<ranvier.Sequential {'-'.join(map(str, sizes))}, {self.steps} steps>"


def _as_list(value: Any) -> Any:
    return value.tolist()


def _options(
    runtime: str, on_grid: bool, at_events: bool, threads: int, seed: int
) -> dict[str, Any]:
    return {
        "runtime": runtime,
        "on_grid": on_grid,
        "decide_at_events": at_events,
        "threads": count(threads, "the number of threads"),
        "seed": count(seed, "the seed"),
    }
