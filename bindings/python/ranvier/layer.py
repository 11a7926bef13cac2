"""Layers of networks that learn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .catalogue import Choice, chosen
from .errors import InvalidValue
from .network import count


@dataclass
class Layer:
    """Synapses or pooling, then normalisation, an earlier layer added, neurons and dropout.

    Parameters
    ----------
    kind
        A name of `ranvier.list("layers")`; its own parameters are `options`.
    size
        Neurons of a dense layer; the other kinds follow from their input.
    model
        A neuron model, an activation (`ranvier.list("activations")`), or "none". By default "lif"
        behind synapses and "none" behind pools.
    trained, trained_per_neuron
        Parameters of the model that training may change, such as "tau_m" or "V_th"; one value for
        all neurons, or one for each.
    recurrent, recurrent_gain
        Whether the output of a step, weighted, arrives with the input of the next, and the deviation
        of those weights times the root of the number of neurons.
    batch_norm
        True, or a map of the parameters scale, momentum, epsilon.
    dropout
        Probability that a value is silenced in training.
    input, add
        Names of earlier layers: the one whose output comes in (by default the one before), and one
        whose output is added to the drive.
    parameters
        Those of the model.
    """

    kind: str
    size: int = 0
    model: str | Choice | None = None
    name: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)
    trained: Sequence[str] = ()
    trained_per_neuron: bool = False
    recurrent: bool = False
    recurrent_gain: float = 1.0
    batch_norm: bool | Mapping[str, Any] = False
    dropout: float = 0.0
    input: str = ""
    add: str = ""

    def describe(self) -> dict[str, Any]:
        model, values = ("", {}) if self.model is None else self._chosen_model()
        norm = {} if self.batch_norm is True else self.batch_norm
        return {
            "name": self.name,
            "kind": self.kind,
            "size": count(self.size, "the size of a layer") if self.kind == "dense" else 0,
            "model": model,
            "model_parameters": {**values, **self.parameters},
            "parameters": dict(self.options),
            "trained": list(self.trained),
            "trained_per_neuron": bool(self.trained_per_neuron),
            "recurrent": bool(self.recurrent),
            "recurrent_gain": float(self.recurrent_gain),
            "batch_norm": None if norm is False else dict(norm),
            "dropout": float(self.dropout),
            "input": self.input,
            "add": self.add,
        }

    def _chosen_model(self) -> tuple[str, dict[str, Any]]:
        if isinstance(self.model, str):
            return self.model, {}
        return chosen("models", self.model)


def _given(**options: Any) -> dict[str, Any]:
    return {key: value for key, value in options.items() if value is not None}


_LAYER_KEYS = tuple(Layer.__dataclass_fields__)[6:]


def _split(keywords: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What belongs to a layer, and the parameters of its model."""
    of_layer = {key: keywords.pop(key) for key in _LAYER_KEYS if key in keywords}
    return of_layer, keywords


class Dense(Layer):
    """All inputs to each of `size` neurons.

    Keywords that `Layer` does not know are parameters of the model.
    """

    def __init__(
        self,
        size: int,
        model: str | Choice | None = None,
        *,
        name: str = "",
        initialisation: str | None = None,
        gain: float | None = None,
        bias: bool | None = None,
        **keywords: Any,
    ) -> None:
        of_layer, parameters = _split(keywords)
        options = _given(initialisation=initialisation, gain=gain, bias=bias)
        super().__init__("dense", size, model, name, options, parameters, **of_layer)


class Convolution(Layer):
    """`filters` that see a square of the input, moved over its plane.

    Keywords that `Layer` does not know are parameters of the model.
    """

    def __init__(
        self,
        filters: int,
        kernel: int = 3,
        model: str | Choice | None = None,
        *,
        stride: int = 1,
        padding: int = 0,
        groups: int = 1,
        name: str = "",
        initialisation: str | None = None,
        gain: float | None = None,
        bias: bool | None = None,
        **keywords: Any,
    ) -> None:
        of_layer, parameters = _split(keywords)
        options = {
            "filters": count(filters, "the number of filters"),
            "kernel": count(kernel, "the kernel"),
            "stride": count(stride, "the stride"),
            "padding": padding,
            "groups": count(groups, "the number of groups"),
            **_given(initialisation=initialisation, gain=gain, bias=bias),
        }
        super().__init__("convolution", 0, model, name, options, parameters, **of_layer)


class AveragePool(Layer):
    """The mean of a square of each channel."""

    def __init__(self, window: int = 2, *, stride: int = 0, name: str = "") -> None:
        options = {"window": count(window, "the window"), "stride": stride}
        super().__init__("average_pool", name=name, options=options)


class MaxPool(Layer):
    """The maximum of a square of each channel."""

    def __init__(self, window: int = 2, *, stride: int = 0, name: str = "") -> None:
        options = {"window": count(window, "the window"), "stride": stride}
        super().__init__("max_pool", name=name, options=options)


def shape_of(inputs: int | Sequence[int]) -> tuple[int, int, int]:
    """Channels, height and width of a sample of `inputs` values, or of that shape."""
    if not isinstance(inputs, Sequence):
        return (count(inputs, "the number of inputs"), 1, 1)
    sizes = tuple(count(size, "a size of the inputs") for size in inputs)
    if len(sizes) == 2:
        return (1, *sizes)
    if len(sizes) == 3:
        return sizes
    raise InvalidValue(
        f"the inputs have a shape of {len(sizes)} sizes; expected (channels, height, width), "
        "(height, width) or a number"
    )
