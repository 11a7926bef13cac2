"""Networks that learn: layers in sequence, trained by surrogate gradients."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Unpack

import numpy as np
import numpy.typing as npt

from . import _core
from .catalogue import Choice, chosen
from .data import Events
from .errors import CorruptFile
from .inference import Activity, Answers, Inference, InferenceOptions
from .layer import Layer, shape_of
from .network import Network, count
from .samples import as_inputs, as_labels, labelled, unlabelled
from .traces import EventTrace, Trace


class Evaluation(NamedTuple):
    """How well a network does on a data set."""

    loss: float  #: mean over samples
    accuracy: float  #: share of samples whose label has the highest score at the end
    rates: dict[str, float]  #: of each layer, spikes per neuron and step


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
        return self._core.activity(as_inputs(x, self.inputs), seed)

    def scores(
        self, x: npt.ArrayLike | Events, *, threads: int = 1, seed: int = 1
    ) -> npt.NDArray[np.float64]:
        """Scores of the classes after every step [T][N][K]."""
        return self._core.scores(*unlabelled(x, self.inputs), threads, seed)

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
        loss, accuracy, rates = self._core.evaluate(*labelled(x, y, self.inputs), threads, seed)
        return Evaluation(loss, accuracy, dict(zip(self.layers, rates.tolist())))

    def gradient(
        self, x: npt.ArrayLike, y: npt.ArrayLike, seed: int = 1
    ) -> tuple[float, dict[str, npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
        """Mean loss over the samples, its gradient by weights, and that by inputs [N][D]."""
        return self._core.gradient(as_inputs(x, self.inputs), as_labels(y), seed)

    def trace(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        threads: int = 1,
        seed: int = 1,
    ) -> Trace:
        """Scores over time with their labels: what an agent is fitted to and measured on."""
        labels = labelled(x, y, self.inputs)[1]
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
        thresholds += _core.balance(self._core, *unlabelled(x, self.inputs), percentile, threads)
        self._set_conversion(given)
        return {name: value for name, value in zip(self.layers, thresholds) if value > 0.0}

    def deploy(self) -> Network:
        """The same network as populations and projections, for either runtime of Simulation. Biases
        are the initial `I_stim`; a constant sample is its weights times it, to be added there."""
        return Network._of(_core.deploy(self._core, self._conversion))

    def inference(
        self, *, runtime: str = "event", on_grid: bool = True, threads: int = 1, seed: int = 1
    ) -> Inference:
        """The deployed network with its weights of now, to be asked again and again: building it
        takes as long as some hundred samples, and the four methods below build it at every call."""
        return Inference(self, runtime=runtime, on_grid=on_grid, threads=threads, seed=seed)

    def record_trace(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        **options: Unpack[InferenceOptions],
    ) -> Trace:
        """As `trace`, from the deployed network, with the synaptic events up to each step. `options`
        are those of `inference`."""
        return self.inference(**options).record_trace(x, y)

    def record_event_trace(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        **options: Unpack[InferenceOptions],
    ) -> EventTrace:
        """Scores of the deployed network at every output event, in the `event` runtime. `options` are
        those of `inference`."""
        return self.inference(**options).record_event_trace(x, y)

    def answer(
        self,
        x: npt.ArrayLike | Events,
        agent: Any,
        *,
        at: str = "steps",
        **options: Unpack[InferenceOptions],
    ) -> Answers:
        """Runs the deployed network on each sample until `agent`, an ExitRule, is sure.

        It is asked `at` "steps" or, in the event runtime, at output "events". `options` are those of
        `inference`.
        """
        return self.inference(**options).answer(x, agent, at=at)

    def observe(
        self, sample: npt.ArrayLike, *, index: int = 0, **options: Unpack[InferenceOptions]
    ) -> Activity:
        """Spikes of every layer of neurons and scores over time of one sample in the deployed
        network. Spikes that a layer takes back are those of "<layer>_corrections". `options` are
        those of `inference`."""
        return self.inference(**options).observe(sample, index=index)

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

    def __repr__(self) -> str:
        sizes = [self.inputs, *self._core.layer_sizes()]
        return f"<ranvier.Sequential {'-'.join(map(str, sizes))}, {self.steps} steps>"


def _as_list(value: Any) -> Any:
    return value.tolist()
