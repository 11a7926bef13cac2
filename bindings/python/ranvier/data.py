"""Labelled data sets."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .network import count


class Data(NamedTuple):
    inputs: npt.NDArray[np.float32]  #: [N][D], scaled to [0, 1]
    labels: npt.NDArray[np.uint8]  #: [N]
    shape: tuple[int, ...]  #: of one sample: (28, 28) is rows, columns
    classes: int

    @property
    def images(self) -> npt.NDArray[np.float32]:
        """The inputs as [N][rows][columns]; a view."""
        return self.inputs.reshape(-1, *self.shape)


class DataSplit(NamedTuple):
    train: Data
    test: Data


def load_data(
    name: str,
    *,
    folder: str | os.PathLike[str] = "",
    train_samples: int = 0,
    test_samples: int = 0,
    seed: int = 1,
) -> DataSplit:
    """Loads a data set with its standard division; `list("data")` tells which there are.

    `folder` is searched in place of $RANVIER_DATA, the cache and the system's folders.
    `train_samples` and `test_samples` keep that many, chosen by `seed` in proportion to the
    classes; 0 keeps all.
    """
    options = {
        "folder": os.fspath(folder),
        "train_samples": count(train_samples, "train_samples"),
        "test_samples": count(test_samples, "test_samples"),
    }
    train, test = _core.load_data(name, options, count(seed, "the seed"))
    return DataSplit(Data(*train), Data(*test))


def fetch_data(
    name: str, *, destination: str | os.PathLike[str] = "", mirror: str = ""
) -> list[Path]:
    """Downloads what is not there yet, verified, to the cache or `destination`."""
    return [Path(path) for path in _core.fetch_data(name, os.fspath(destination), mirror)]
