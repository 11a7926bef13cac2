"""What each operator of ONNX does to the layers of a network under construction.

A linear operator opens a layer. While nothing else looks at its output, what follows may still join
it: a bias, a scale, a normalisation, an earlier layer added, and at last a rectification, which closes
it. Definitions: the operator pages of ONNX, opsets 7 to 21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from .onnx_graph import Array, Draft, Graph, Node, Size3, Value


def _places(extent: int, kernel: int, stride: int) -> int:
    return (extent - kernel) // stride + 1


def _plane(node: Node) -> Size3:
    value = node.value()
    if value.flat:
        raise node.refuse("works on a plane, but its input is flat")
    return value.shape


def _convolution(node: Node) -> Value:
    channels, height, width = _plane(node)
    weight = node.constant(1)
    if weight.ndim != 4:
        raise node.refuse(f"has weights of {weight.ndim} dimensions; expected a plane's 4")
    if node.square("dilations", 1) != 1:
        raise node.refuse("is dilated; expected dilations of 1")
    stride = node.square("strides", 1)
    top, left, bottom, right = node.pads((weight.shape[2], weight.shape[3]), stride)
    # Layers pad all sides alike: a side with fewer zeros gets weights of zero instead.
    padding = max(top, left, bottom, right)
    margins = ((padding - top, padding - bottom), (padding - left, padding - right))
    weight = np.pad(weight, ((0, 0), (0, 0), *margins))
    kernel = weight.shape[2]
    if weight.shape[3] != kernel:
        raise node.refuse(f"has a kernel of {weight.shape[2:]} with its padding; expected a square")
    groups = int(node.get("group", 1))
    out = tuple(_places(extent + 2 * padding, kernel, stride) for extent in (height, width))
    options = {
        "filters": len(weight),
        "kernel": kernel,
        "stride": stride,
        "padding": padding,
        "groups": groups,
    }
    shape = (len(weight), *out)
    bias = node.optional(2)
    return node.graph.open(
        Draft("convolution", node.where, node.name, node.value().layer, shape, options, weight, bias)
    )


def _dense(node: Node, weight: Array, bias: Array | None) -> Value:
    """Weights [out][in]."""
    channels, height, width = node.value().shape
    if weight.ndim != 2 or weight.shape[1] != channels * height * width:
        raise node.refuse(
            f"has weights of shape {list(weight.shape[::-1])} for {channels * height * width} values"
        )
    if not node.value().flat and height * width > 1:
        raise node.refuse("multiplies rows of a plane; expected its input flat")
    if bias is not None:
        if bias.size not in (1, len(weight)):
            raise node.refuse(f"has a bias of shape {list(bias.shape)} for {len(weight)} outputs")
        bias = np.broadcast_to(bias.reshape(-1), (len(weight),))
    shape = (len(weight), 1, 1)
    value = node.graph.open(
        Draft("dense", node.where, node.name, node.value().layer, shape, {}, weight, bias)
    )
    value.flat = True
    return value


def _gemm(node: Node) -> Value:
    if node.get("transA", 0):
        raise node.refuse("transposes its input; expected transA 0")
    weight = node.constant(1) * node.get("alpha", 1.0)
    bias = node.optional(2)
    if bias is not None:
        bias = bias * node.get("beta", 1.0)
    return _dense(node, weight if node.get("transB", 0) else weight.T, bias)


def _matmul(node: Node) -> Value:
    return _dense(node, node.constant(1).T, None)


def _pool(node: Node) -> Value:
    channels, height, width = _plane(node)
    if node.type == "GlobalAveragePool":
        window = stride = height
        if height != width:
            raise node.refuse(f"pools a plane of {height} x {width}; expected a square")
    else:
        window, stride = node.square("kernel_shape", 0), node.square("strides", 1)
        if any(node.pads((window, window), stride)) or node.square("dilations", 1) != 1:
            raise node.refuse("pools beyond the edge; expected neither padding nor dilation")
        rests = [(extent - window) % stride for extent in (height, width)]
        if node.get("ceil_mode", 0) and any(rests):
            raise node.refuse("pools beyond the edge; expected ceil_mode 0")
    kind = "max_pool" if node.type == "MaxPool" else "average_pool"
    shape = (channels, _places(height, window, stride), _places(width, window, stride))
    options = {"window": window, "stride": stride}
    layer = node.value().layer
    return node.graph.open(Draft(kind, node.where, node.name, layer, shape, options))


def _relu(node: Node) -> Value:
    layer = node.graph.joinable(node.inputs[0])
    if layer is None:
        raise node.refuse("rectifies what others also see; expected the output of one layer")
    layer.model = "relu"
    return node.value()


def _per_channel(node: Node, layer: Draft, values: Array) -> Array:
    """Numbers [channels] that a constant broadcasts to."""
    sizes = [size for size in values.shape if size != 1]
    channels = layer.shape[0]
    place = (channels,) if layer.kind == "dense" else (channels, 1, 1)
    if values.size != 1 and (sizes != [channels] or values.shape[-len(place) :] != place):
        raise node.refuse(
            f"takes a constant of shape {list(values.shape)}; expected one number, or one for each "
            f"of {channels} channels"
        )
    return np.broadcast_to(values.reshape(-1), (channels,))


def _linear_layer(node: Node, index: int) -> Draft:
    layer = node.graph.joinable(node.inputs[index])
    if layer is None or layer.weight is None:
        raise node.refuse("does not follow synapses; expected a Conv, Gemm or MatMul before it")
    return layer


def _shift(layer: Draft, by: Array) -> None:
    layer.bias = by if layer.bias is None else layer.bias + by


def _scale(node: Node, layer: Draft, by: Array) -> None:
    if layer.add is not None:
        raise node.refuse("scales a sum of layers; expected it before they are added")
    assert layer.weight is not None
    layer.weight = layer.weight * by.reshape(-1, *[1] * (layer.weight.ndim - 1))
    layer.bias = None if layer.bias is None else layer.bias * by


def _batch_norm(node: Node) -> Value:
    if node.get("training_mode", 0):
        raise node.refuse("normalises by batches; expected a network exported for inference")
    layer = _linear_layer(node, 0)
    scale, shift, mean, variance = (node.constant(k) for k in range(1, 5))
    slope = scale / np.sqrt(variance + node.get("epsilon", 1e-5))
    _scale(node, layer, slope)
    _shift(layer, shift - mean * slope)
    return node.value()


def _add(node: Node) -> Value:
    if node.is_constant(0) or node.is_constant(1):
        activity = 1 if node.is_constant(0) else 0
        sign = -1.0 if node.type == "Sub" else 1.0
        if node.type == "Sub" and activity == 1:
            raise node.refuse("subtracts activity from a constant; expected them in the other order")
        if node.value(activity).layer is None:
            raise node.refuse("shifts the sample; expected samples shifted before the network")
        layer = _linear_layer(node, activity)
        _shift(layer, sign * _per_channel(node, layer, node.constant(1 - activity)))
        return node.value(activity)
    if node.type == "Sub":
        raise node.refuse("subtracts the activity of layers; expected Add")
    return _joined(node)


def _joined(node: Node) -> Value:
    """Two layers added: the later one takes the earlier one's output with its own."""
    first, second = node.value(0), node.value(1)
    if first.shape != second.shape or first.layer is None or second.layer is None:
        raise node.refuse("adds what are not layers of one shape")
    place = node.graph.layers.index
    later = 0 if place(first.layer) > place(second.layer) else 1
    layer = node.graph.joinable(node.inputs[later])
    if layer is None or layer.add is not None:
        raise node.refuse("adds to a layer that is complete; expected synapses or a pool before it")
    layer.add = node.value(1 - later).layer
    return node.value(later)


def _multiply(node: Node) -> Value:
    activity = 1 if node.is_constant(0) else 0
    if node.type == "Div" and activity == 1:
        raise node.refuse("divides a constant by activity; expected them in the other order")
    factor = np.asarray(node.constant(1 - activity), dtype=np.float64)
    factor = 1.0 / factor if node.type == "Div" else factor
    value = node.value(activity)
    if value.layer is not None:
        layer = _linear_layer(node, activity)
        _scale(node, layer, _per_channel(node, layer, factor))
    elif factor.size == 1 and node.graph.uses[node.inputs[activity]] == 1:
        node.graph.gain *= float(factor.reshape(()))
    else:
        raise node.refuse("scales the channels of the sample apart; expected one number for all")
    return value


def _flatten(node: Node) -> Value:
    if node.get("axis", 1) != 1:
        raise node.refuse("flattens samples together; expected axis 1")
    return Value(node.value().layer, node.value().shape, flat=True)


def _reshape(node: Node) -> Value:
    value = node.value()
    sizes = [int(size) for size in node.constant(1)]
    number = int(np.prod(value.shape))
    if len(sizes) == 2 and sizes[1] in (-1, number):
        return Value(value.layer, value.shape, flat=True)
    if tuple(sizes[1:]) == value.shape:
        return Value(value.layer, value.shape)
    raise node.refuse(f"makes the shape {sizes} of {value.shape}; expected [N, {number}]")


def _pass(node: Node) -> Value:
    return node.value()


def _softmax(node: Node) -> Value:
    """Scores are those before it; their order is the same."""
    if node.outputs[0] != node.graph.output:
        raise node.refuse("is not the last operator, where alone it can be left out")
    return node.value()


def _number(node: Node) -> Array:
    """Operators on shapes, which exporters leave between a plane and its flat form."""
    if node.type == "Constant":
        import onnx.numpy_helper

        (name, value), *_ = node.attributes.items()
        return onnx.numpy_helper.to_array(value) if name == "value" else np.asarray(value)
    if node.type == "Shape":
        return np.asarray([-1, *node.value().shape])
    if node.type == "Gather":
        return np.take(node.constant(0), node.constant(1), axis=node.get("axis", 0))
    if node.type == "Unsqueeze":
        axes = node.get("axes", None)
        axes = node.constant(1) if axes is None else axes
        return np.expand_dims(node.constant(0), tuple(int(axis) for axis in axes))
    if node.type == "Transpose":
        return np.transpose(node.constant(0), node.get("perm", None))
    parts = [np.atleast_1d(node.constant(k)) for k in range(len(node.inputs))]
    return np.concatenate(parts, axis=node.get("axis", 0))


_activity: dict[str, Callable[[Node], Value]] = {
    "Add": _add,
    "AveragePool": _pool,
    "BatchNormalization": _batch_norm,
    "Conv": _convolution,
    "Div": _multiply,
    "Dropout": _pass,
    "Flatten": _flatten,
    "Gemm": _gemm,
    "GlobalAveragePool": _pool,
    "Identity": _pass,
    "LogSoftmax": _softmax,
    "MatMul": _matmul,
    "MaxPool": _pool,
    "Mul": _multiply,
    "Relu": _relu,
    "Reshape": _reshape,
    "Softmax": _softmax,
    "Sub": _add,
}
_numbers = ("Concat", "Constant", "Gather", "Shape", "Transpose", "Unsqueeze")

#: Operators that can be imported.
supported = tuple(sorted((*_activity, *_numbers)))


def apply(proto: Any, graph: Graph) -> None:
    node = Node(proto, graph)
    if proto.domain not in ("", "ai.onnx") or node.type not in supported:
        raise node.refuse(f"cannot be imported; expected one of {', '.join(supported)}")
    constant = node.type == "Identity" and node.is_constant(0)
    if constant:
        graph.constants[node.outputs[0]] = node.constant(0)
    elif node.type in _numbers:
        graph.constants[node.outputs[0]] = _number(node)
    else:
        value = replace(_activity[node.type](node))
        sources = [(graph.values.get(name), graph.uses[name]) for name in node.inputs]
        value.shared = any(
            source is not None and source.layer is value.layer and (source.shared or uses > 1)
            for source, uses in sources
        )
        graph.values[node.outputs[0]] = value
