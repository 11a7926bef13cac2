"""Samples and labels as the extension takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .data import Events
from .errors import InvalidValue


def as_inputs(x: npt.ArrayLike, size: int) -> npt.NDArray[np.float32]:
    """Samples of `size` values as [N][D]; images [N][h][w] are laid out row by row. No copy where
    none is needed."""
    array = np.asarray(x)
    if array.ndim < 2:
        raise InvalidValue(
            f"the inputs have {array.ndim} dimensions; expected samples first, then features"
        )
    try:
        inputs = np.ascontiguousarray(array.reshape(len(array), -1), dtype=np.float32)
    except (TypeError, ValueError):
        raise InvalidValue(f"the inputs are of type {array.dtype}; expected numbers") from None
    if inputs.shape[1] != size:
        raise InvalidValue(
            f"the samples have {inputs.shape[1]} values each; the network takes {size}"
        )
    return inputs


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


def labelled(
    x: npt.ArrayLike | Events, y: npt.ArrayLike | None, size: int
) -> tuple[Any, npt.NDArray[np.uint8]]:
    """Samples and their labels; events bring their own."""
    if isinstance(x, Events):
        if y is not None:
            raise InvalidValue("events bring their own labels; expected no others")
        return x._core, x.labels
    if y is None:
        raise InvalidValue("the samples have no labels; expected one for each")
    return as_inputs(x, size), as_labels(y)


def unlabelled(x: npt.ArrayLike | Events, size: int) -> tuple[Any, npt.NDArray[np.uint8]]:
    """The same where labels do not matter."""
    if isinstance(x, Events):
        return labelled(x, None, size)
    inputs = as_inputs(x, size)
    return inputs, np.zeros(len(inputs), np.uint8)
