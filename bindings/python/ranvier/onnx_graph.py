"""A network under construction from a graph of ONNX: layers so far, values, and the node at hand."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Size3 = tuple[int, int, int]


class Refusal(Exception):
    """A sentence that tells what cannot be imported."""


@dataclass(eq=False)
class Draft:
    """A layer as far as it is known; its input is the sample where `input` is None."""

    kind: str
    where: str
    node: str
    input: Draft | None
    shape: Size3
    options: dict[str, Any] = field(default_factory=dict)
    weight: Array | None = None
    bias: Array | None = None
    add: Draft | None = None
    model: str = "none"


@dataclass
class Value:
    """A tensor of a sample: what the layer gives, in rows [channels][height][width], or flat."""

    layer: Draft | None  #: None for the sample itself
    shape: Size3
    flat: bool = False
    shared: bool = False  #: whether something else looks at the layer on the way here


class Graph:
    """Layers so far, and what the names of the file stand for."""

    def __init__(self, constants: dict[str, Array], uses: Counter[str], output: str) -> None:
        self.constants = constants
        self.uses = uses  #: how many operators and outputs look at each name
        self.output = output
        self.values: dict[str, Value] = {}
        self.layers: list[Draft] = []
        self.gain = 1.0  #: of the sample

    def open(self, draft: Draft) -> Value:
        self.layers.append(draft)
        return Value(draft, draft.shape)

    def joinable(self, name: str) -> Draft | None:
        """The layer behind a value, if something may still join it."""
        value = self.values.get(name)
        if value is None or value.layer is None or value.shared or self.uses[name] != 1:
            return None
        return value.layer if value.layer.model == "none" else None


class Node:
    """An operator with its attributes, and the sentences that refuse it."""

    def __init__(self, proto: Any, graph: Graph) -> None:
        import onnx

        self.type: str = proto.op_type
        self.name: str = proto.name
        self.inputs = list(proto.input)
        self.outputs = list(proto.output)
        self.graph = graph
        self.attributes = {a.name: onnx.helper.get_attribute_value(a) for a in proto.attribute}
        named = f"node '{proto.name}'" if proto.name else f"the node of '{proto.output[0]}'"
        self.where = f"{named} ({proto.op_type})"

    def get(self, name: str, default: Any) -> Any:
        return self.attributes.get(name, default)

    def refuse(self, what: str) -> Refusal:
        return Refusal(f"{self.where} {what}")

    def value(self, index: int = 0) -> Value:
        value = self.graph.values.get(self.inputs[index])
        if value is None:
            raise self.refuse(f"takes '{self.inputs[index]}', which is no activity of a sample")
        return value

    def constant(self, index: int) -> Array:
        name = self.inputs[index]
        if name not in self.graph.constants:
            raise self.refuse(f"takes '{name}' as a number; expected a constant of the file")
        return self.graph.constants[name]

    def optional(self, index: int) -> Array | None:
        given = index < len(self.inputs) and self.inputs[index] != ""
        return self.constant(index) if given else None

    def is_constant(self, index: int) -> bool:
        return self.inputs[index] in self.graph.constants

    def square(self, name: str, default: int) -> int:
        """An attribute of one number for each side of the plane, which must be equal."""
        sizes = list(self.get(name, [default, default]))
        if len(sizes) != 2 or sizes[0] != sizes[1]:
            raise self.refuse(f"has {name} {sizes}; expected two equal numbers")
        return int(sizes[0])

    def pads(self, kernel: tuple[int, int], stride: int) -> tuple[int, int, int, int]:
        """Zeros above, left, below and right."""
        automatic = self.get("auto_pad", b"NOTSET").decode()
        if automatic in ("NOTSET", ""):
            return tuple(int(pad) for pad in self.get("pads", [0, 0, 0, 0]))  # type: ignore[return-value]
        if automatic == "VALID":
            return (0, 0, 0, 0)
        total = []
        for extent, size in zip(self.value().shape[1:], kernel):
            total.append(max((-(-extent // stride) - 1) * stride + size - extent, 0))
        less, more = [t // 2 for t in total], [t - t // 2 for t in total]
        first, last = (less, more) if automatic == "SAME_UPPER" else (more, less)
        return (first[0], first[1], last[0], last[1])
