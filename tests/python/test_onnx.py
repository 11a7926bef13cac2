"""Networks of ONNX as layers: the scores of the reference evaluator, and what is refused."""

import os
from pathlib import Path

import numpy as np
import pytest

import ranvier

onnx = pytest.importorskip("onnx")
from onnx import TensorProto, helper, numpy_helper  # noqa: E402
from onnx.reference import ReferenceEvaluator  # noqa: E402

rng = np.random.default_rng(7)


def numbers(*shape, around=0.0):
    return (around + 0.5 * rng.standard_normal(shape)).astype(np.float32)


def node(operator, inputs, output, **attributes):
    name = attributes.pop("name", "")
    return helper.make_node(operator, inputs.split(), [output], name=name, **attributes)


def written(folder, nodes, constants, shape=(1, 8, 8), opset=15, outputs=("scores",)):
    """A file of these operators on the input 'x', and its model."""
    graph = helper.make_graph(
        nodes,
        "net",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *shape])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in outputs],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    path = folder / "net.onnx"
    onnx.save(model, path)
    return path, model


def batch_norm(channels):
    return {
        "scale": numbers(channels, around=1.0),
        "shift": numbers(channels),
        "mean": numbers(channels),
        "variance": 0.5 + rng.random(channels).astype(np.float32),
    }


FLAT = {
    "w": numbers(64, 5),
    "b": numbers(5),
}

NETWORKS = {
    "a torch export of a small CNN": (
        [
            node("Mul", "x factor", "scaled"),
            node("Conv", "scaled w1 b1", "c1", pads=[1, 1, 1, 1], kernel_shape=[3, 3]),
            node("BatchNormalization", "c1 scale shift mean variance", "n1", epsilon=1e-3),
            node("Relu", "n1", "r1"),
            node("MaxPool", "r1", "p1", kernel_shape=[2, 2], strides=[2, 2]),
            node("Conv", "p1 w2", "c2", strides=[1, 1]),
            node("Relu", "c2", "r2"),
            node("Dropout", "r2", "d2"),
            node("Shape", "d2", "s"),
            node("Gather", "s zero", "n"),
            node("Unsqueeze", "n axis", "n1d"),
            node("Concat", "n1d minus", "flat_shape", axis=0),
            node("Reshape", "d2 flat_shape", "f"),
            node("Gemm", "f w3 b3", "g", transB=1),
            node("LogSoftmax", "g", "scores", axis=1),
        ],
        {
            "factor": np.float32(0.7),
            "w1": numbers(4, 1, 3, 3),
            "b1": numbers(4),
            **batch_norm(4),
            "w2": numbers(6, 4, 3, 3),
            "w3": numbers(5, 24),
            "b3": numbers(5),
            "zero": np.array(0),
            "axis": np.array([0]),
            "minus": np.array([-1]),
        },
    ),
    "a residual block with a shortcut": (
        [
            node("Conv", "x w1", "c1", auto_pad="SAME_UPPER"),
            node("Relu", "c1", "a"),
            node("Conv", "a w2", "c2", pads=[1, 1, 1, 1]),
            node("Add", "a c2", "sum"),
            node("Add", "sum shift", "shifted"),
            node("Relu", "shifted", "b"),
            node("GlobalAveragePool", "b", "p"),
            node("Flatten", "p", "f"),
            node("MatMul", "f w3", "scores"),
        ],
        {
            "w1": numbers(4, 1, 3, 3),
            "w2": numbers(4, 4, 3, 3),
            "shift": numbers(1, 4, 1, 1),
            "w3": numbers(4, 5),
        },
    ),
    "padding of one side": (
        [
            node("Conv", "x w1", "c1", auto_pad="SAME_LOWER", strides=[2, 2], kernel_shape=[3, 3]),
            node("Relu", "c1", "a"),
            node("Conv", "a w2", "c2", pads=[0, 1, 2, 1], group=2),
            node("Flatten", "c2", "f"),
            node("Gemm", "f w3 b3", "scores", alpha=0.5, beta=2.0),
        ],
        {
            "w1": numbers(4, 1, 3, 3),
            "w2": numbers(4, 2, 3, 3),
            "w3": numbers(64, 5),
            "b3": numbers(1, 5),
        },
    ),
    "scales and shifts of dense layers": (
        [
            node("Identity", "x", "same"),
            node("Reshape", "same flat", "f"),
            node("MatMul", "f w", "m"),
            node("Add", "b m", "a"),
            node("Div", "a d", "s"),
            node("Sub", "s b", "t"),
            node("Relu", "t", "r"),
            node("Gemm", "r w2", "g"),
            node("Softmax", "g", "scores"),
        ],
        {**FLAT, "flat": np.array([-1, 64]), "d": numbers(1, 5, around=2.0), "w2": numbers(5, 3)},
    ),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_scores_are_those_of_the_reference_evaluator(name, tmp_path):
    path, model = written(tmp_path, *NETWORKS[name])
    net = ranvier.import_onnx(path)
    x = rng.random((20, 1, 8, 8)).astype(np.float32)
    expected = ReferenceEvaluator(model).run(None, {"x": x})[0]
    scores = net.scores(x)[-1]
    if "oftmax" in model.graph.node[-1].op_type:
        scores -= scores.max(axis=1, keepdims=True)
        scores -= np.log(np.exp(scores).sum(axis=1, keepdims=True))
        if model.graph.node[-1].op_type == "Softmax":
            scores = np.exp(scores)
    # Sums of at most 64 products in single precision, four layers deep.
    bound = 4 * 64 * 2.0**-24 * max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(scores, expected, rtol=0.0, atol=bound)


CONV = {"w1": numbers(2, 1, 3, 3)}
DENSE = [node("Flatten", "x", "f"), node("Gemm", "f w b", "scores")]

REFUSED = {
    "an operator nobody knows": (
        [
            node("Flatten", "x", "f"),
            node("Gemm", "f w b", "g"),
            node("Tanh", "g", "scores", name="/act/Tanh"),
        ],
        FLAT,
        r"node '/act/Tanh' \(Tanh\) cannot be imported; expected one of Add, AveragePool, ",
    ),
    "one without a name": (
        [node("LSTM", "x", "scores")],
        {},
        r"the node of 'scores' \(LSTM\) cannot be imported",
    ),
    "a dilated convolution": (
        [node("Conv", "x w1", "scores", dilations=[2, 2])],
        CONV,
        "dilated; expected dilations of 1",
    ),
    "a pool beyond the edge": (
        [node("AveragePool", "x", "scores", kernel_shape=[3, 3], pads=[1, 1, 1, 1])],
        {},
        "pools beyond the edge",
    ),
    "a shifted sample": (
        [node("Sub", "x b0", "f0"), node("Flatten", "f0", "f"), node("Gemm", "f w b", "scores")],
        {**FLAT, "b0": np.float32(0.1)},
        "shifts the sample",
    ),
    "rectified scores": (
        [*DENSE[:-1], node("Gemm", "f w b", "g"), node("Relu", "g", "scores")],
        FLAT,
        "the scores are rectified",
    ),
    "weights that are computed": (
        [node("Flatten", "x", "f"), node("Gemm", "f f", "scores")],
        {},
        "takes 'f' as a number; expected a constant",
    ),
    "a rectified output that another also sees": (
        [
            node("Conv", "x w1", "c"),
            node("Relu", "c", "r"),
            node("Add", "c r", "scores"),
        ],
        CONV,
        "rectifies what others also see",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_layers_cannot_do_is_refused_by_operator_and_node(name, tmp_path):
    nodes, constants, sentence = REFUSED[name]
    path, _ = written(tmp_path, nodes, constants)
    with pytest.raises(ranvier.Unsupported, match=sentence) as error:
        ranvier.import_onnx(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_files_that_are_not_onnx(tmp_path):
    with pytest.raises(ranvier.FileNotFound, match="does not exist"):
        ranvier.import_onnx(tmp_path / "nowhere.onnx")
    path, _ = written(tmp_path, DENSE, FLAT)
    whole = path.read_bytes()
    for damaged in (b"", b"not a network at all", whole[: len(whole) // 2]):
        path.write_bytes(damaged)
        with pytest.raises(ranvier.CorruptFile, match="no whole file of ONNX"):
            ranvier.import_onnx(path)


def test_an_open_shape_is_asked_for(tmp_path):
    path, model = written(tmp_path, DENSE, FLAT, shape=("C", "H", "W"))
    with pytest.raises(ranvier.InvalidValue, match="expected `shape`"):
        ranvier.import_onnx(path)
    net = ranvier.import_onnx(path, shape=(1, 8, 8))
    x = rng.random((3, 1, 8, 8)).astype(np.float32)
    expected = ReferenceEvaluator(model).run(None, {"x": x})[0]
    np.testing.assert_allclose(net.scores(x)[-1], expected, atol=1e-5)


def published() -> Path:
    folder = Path(os.environ.get("RANVIER_DATA", "")) / "pretrained-ann"
    if not (folder / "mnist_cnn_sinabs.onnx").is_file():
        pytest.skip("set RANVIER_DATA to a folder that holds pretrained-ann")
    return folder


@pytest.mark.parametrize(
    "file, logits, scale, products",
    [
        ("mnist_cnn_sinabs.onnx", "sinabs", 1.0, 25 + 4 + 500 + 4 + 288 + 4 + 128 + 500),
        ("mnist_cnn_cntk_opset8.onnx", "cntk", 255.0, 26 + 201 + 257),
    ],
)
def test_published_networks_give_their_expected_logits(file, logits, scale, products):
    folder = published()
    expected = np.loadtxt(folder / f"expected_logits_{logits}_first100.csv", delimiter=",")
    x = ranvier.load_data("mnist").test.inputs[:100] * np.float32(scale)
    scores = ranvier.import_onnx(folder / file).scores(x)[-1]
    # Each addition of the sums that a logit passes through rounds by 2^-24, in both programs; the
    # table has seven digits.
    bound = (2 * products * 2.0**-24 + 5e-7) * np.abs(expected).max()
    np.testing.assert_allclose(scores, expected, rtol=0.0, atol=bound)


def test_a_balanced_published_network_keeps_its_accuracy():
    net = ranvier.import_onnx(published() / "mnist_cnn_sinabs.onnx")
    data = ranvier.load_data("mnist")
    x, y = data.test.inputs[:200], data.test.labels[:200]
    thresholds = net.convert(data.train.inputs[:200], steps=32, threads=2)
    assert list(thresholds) == ["convolution_1", "convolution_3", "convolution_5", "dense_7"]
    trace = net.record_trace(x, y, runtime="clock", threads=2)
    accuracy = (np.asarray(trace.scores).argmax(axis=2) == y).mean(axis=1)
    # Of 200 images 0.5 points is one.
    assert accuracy[31] >= net.evaluate(x, y).accuracy - 0.0051
    assert accuracy[0] < accuracy[7] < accuracy[31] + 0.02


def test_a_published_maximum_cannot_spike():
    net = ranvier.import_onnx(published() / "mnist_cnn_cntk_opset8.onnx")
    x = np.ones((1, 784), np.float32)
    net.convert(x)
    with pytest.raises(ranvier.Unsupported, match="layer 'Pooling66' is of kind max_pool"):
        net.deploy()
