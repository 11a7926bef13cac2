"""Networks trained elsewhere: the feed-forward part of ONNX as layers with their weights."""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from .catalogue import Choice
from .errors import CorruptFile, FileNotFound, InvalidValue, Unsupported
from .layer import Layer, shape_of
from .learning import Sequential
from .onnx_graph import Draft, Graph, Refusal, Size3, Value
from .onnx_operators import apply


def import_onnx(
    path: str | os.PathLike[str], *, shape: int | Sequence[int] | None = None
) -> Sequential:
    """The network of an ONNX file as layers, with its weights.

    Parameters
    ----------
    path
        A file of inference with one input [N][features] or [N][channels][height][width] and one
        output of scores.
    shape
        Of a sample, where the file leaves it open.

    Batch normalisation and scales are folded into the weights, dropout is left out, rectified units
    become the activation `relu`, and the last layer adds up its input (`leaky_integrator` without a
    leak), so that `scores` gives the outputs of the file; a final softmax is left out. The network
    shows a sample for one step; `Sequential.convert` makes it spike.

    Raises Unsupported, naming operator and node, for what layers cannot do; FileNotFound; CorruptFile
    for a file that is not ONNX. Needs the package `onnx` (`pip install ranvier[onnx]`).
    """
    file = os.fspath(path)
    model = _load(file)
    try:
        graph = _drafted(model.graph, shape)
        return _built(graph, _scores(graph))
    except Refusal as refusal:
        raise Unsupported(f"{file}: {refusal}") from None


def _load(file: str) -> Any:
    try:
        import onnx
    except ImportError:
        raise Unsupported(
            "reading ONNX needs the Python package 'onnx'; expected it installed, as by "
            "`pip install ranvier[onnx]`"
        ) from None
    if not os.path.isfile(file):
        raise FileNotFound(f"{file} does not exist; expected a file of ONNX")
    try:
        model = onnx.load(file)
    except Exception as error:  # protobuf and onnx have families of their own
        raise CorruptFile(f"{file} is no whole file of ONNX: {error}") from None
    if not model.graph.node:
        raise CorruptFile(f"{file} is no whole file of ONNX: it has no operators")
    return model


def _drafted(proto: Any, shape: int | Sequence[int] | None) -> Graph:
    """All operators in turn, which ONNX keeps in an order in which they can run."""
    import onnx.numpy_helper

    constants = {t.name: onnx.numpy_helper.to_array(t) for t in proto.initializer}
    uses = Counter(name for node in proto.node for name in node.input)
    uses.update(output.name for output in proto.output)
    if len(proto.output) != 1:
        names = ", ".join(output.name for output in proto.output)
        raise Refusal(f"the graph has the outputs {names}; expected one")
    graph = Graph(constants, uses, proto.output[0].name)
    sample = _sample(proto)
    graph.values[sample.name] = Value(None, _sample_shape(sample, shape))
    for node in proto.node:
        apply(node, graph)
    return graph


def _sample(proto: Any) -> Any:
    constants = {t.name for t in proto.initializer}
    inputs = [value for value in proto.input if value.name not in constants]
    if len(inputs) != 1:
        names = ", ".join(value.name for value in inputs) or "none"
        raise Refusal(f"the graph has the inputs {names}; expected one")
    return inputs[0]


def _sample_shape(sample: Any, shape: int | Sequence[int] | None) -> Size3:
    if shape is not None:
        return shape_of(shape)
    sizes = [dimension.dim_value for dimension in sample.type.tensor_type.shape.dim][1:]
    if len(sizes) not in (1, 3) or 0 in sizes:
        raise InvalidValue(
            f"the input '{sample.name}' has no fixed shape [N][features] or "
            "[N][channels][height][width]; expected `shape` to tell that of a sample"
        )
    return shape_of(sizes[0] if len(sizes) == 1 else sizes)


def _scores(graph: Graph) -> Draft:
    """The layer of the scores, which must be the last."""
    value = graph.values.get(graph.output)
    if value is None or value.layer is None or value.layer is not graph.layers[-1]:
        raise Refusal(f"the output '{graph.output}' is not what the last layer gives")
    if value.layer.model != "none":
        raise Refusal("the scores are rectified; expected a last layer without an activation")
    return value.layer


def _names(layers: list[Draft]) -> list[str]:
    """Names that serve as those of populations and in files, each once."""
    names: list[str] = []
    for index, layer in enumerate(layers):
        word = re.sub(r"\W+", "_", layer.node).strip("_") or f"{layer.kind}_{index + 1}"
        while word in names:
            word = f"{word}_{index + 1}"
        names.append(word)
    return names


def _built(graph: Graph, scores: Draft) -> Sequential:
    names = dict(zip(map(id, graph.layers), _names(graph.layers)))
    layers = []
    for index, draft in enumerate(graph.layers):
        before = graph.layers[index - 1] if index else None
        options = dict(draft.options)
        if draft.weight is not None:
            options["bias"] = draft.bias is not None
        layer = Layer(
            draft.kind,
            draft.shape[0] if draft.kind == "dense" else 0,
            draft.model,
            names[id(draft)],
            options,
            add=names[id(draft.add)] if draft.add is not None else "",
        )
        if draft.input is not before:
            if draft.input is None:
                raise Refusal(f"{draft.where} takes the sample, as an earlier one does; expected one")
            layer.input = names[id(draft.input)]
        if draft is scores:
            layer.model, layer.parameters = "leaky_integrator", {"tau_m": math.inf}
        layers.append(layer)
    network = Sequential(
        next(iter(graph.values.values())).shape,
        layers,
        steps=1,
        encoding=Choice("encodings", "current", {"gain": graph.gain}),
        loss="last_membrane",
    )
    for draft in graph.layers:
        for tensor, values in (("weight", draft.weight), ("bias", draft.bias)):
            if values is not None:
                network.weights[f"{names[id(draft)]}.{tensor}"][...] = values
    return network
