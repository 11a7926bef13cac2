"""Labelled data sets."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

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
    mean: Sequence[float] = (),
    std: Sequence[float] = (),
    seed: int = 1,
) -> DataSplit:
    """Loads a data set with its standard division; `list("data")` tells which there are.

    `folder` is searched in place of $RANVIER_DATA, the cache and the system's folders.
    `train_samples` and `test_samples` keep that many, chosen by `seed` in proportion to the
    classes; 0 keeps all. Values become (x - mean) / std, one number for all channels or one for
    each. Of a set of events the inputs are numbers of events by address; `load_events` keeps their
    times.
    """
    options = _options(folder, train_samples, test_samples)
    train, test = _core.load_data(
        name, options, count(seed, "the seed"), [float(x) for x in mean], [float(x) for x in std]
    )
    return DataSplit(Data(*train), Data(*test))


class Events:
    """Labelled samples of events, read when they are needed; see load_events.

    Goes in place of arrays to Trainer.fit and to the methods of a Sequential with the encoding
    "events". `events[i]` is (times in ms, addresses) of one sample.
    """

    def __init__(self, core: Any) -> None:
        self._core = core

    def __len__(self) -> int:
        return len(self._core)

    def __getitem__(self, i: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]:
        return self._core.events(i + len(self) if i < 0 else i)

    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        return self._core.labels()

    @property
    def shape(self) -> tuple[int, ...]:
        """Of the addresses of a sample: (2, 34, 34) is polarities, rows, columns."""
        return self._core.shape()

    @property
    def classes(self) -> int:
        return self._core.classes()

    def __repr__(self) -> str:
        sizes = " x ".join(map(str, self.shape))
        return f"<ranvier.Events {len(self)} samples of {sizes} addresses, {self.classes} classes>"


class EventSplit(NamedTuple):
    train: Events
    test: Events


def load_events(
    name: str,
    *,
    folder: str | os.PathLike[str] = "",
    train_samples: int = 0,
    test_samples: int = 0,
    cochlea: Mapping[str, Any] | None = None,
    threads: int = 1,
    seed: int = 1,
) -> EventSplit:
    """As load_data, for a set whose samples are events.

    `cochlea` holds parameters of the model that hears recorded sound, see `cochleagram`.
    """
    options = _options(folder, train_samples, test_samples)
    seeded = count(seed, "the seed")
    parts = _core.load_events(
        name, options, dict(cochlea or {}), seeded, count(threads, "the number of threads")
    )
    return EventSplit(*map(Events, parts))


class Cochleagram(NamedTuple):
    """What a model of the inner ear makes of a sound."""

    frequencies: npt.NDArray[np.float64]  #: Hz, centre of each channel
    activity: npt.NDArray[np.float32]  #: [channels][samples] of the hair cells
    spikes: tuple[npt.NDArray[np.float64], npt.NDArray[np.uint32]]  #: times in ms, channels
    rate: float  #: Hz, of the samples


def cochleagram(sound: npt.ArrayLike, rate: float, **parameters: Any) -> Cochleagram:
    """Hears a sound, sampled at `rate` Hz.

    Keywords: channels, lowest, highest, level, compression, cutoff, gain, tau_m, t_ref.
    """
    samples = np.ascontiguousarray(sound, dtype=np.float32).ravel()
    frequencies, activity, times, channels = _core.hear(samples, float(rate), parameters)
    return Cochleagram(frequencies, activity, (times, channels), float(rate))


def read_sound(path: str | os.PathLike[str]) -> tuple[npt.NDArray[np.float32], float]:
    """Samples and rate in Hz of a sound file; several channels are averaged."""
    return _core.read_sound(os.fspath(path))


def _options(
    folder: str | os.PathLike[str], train_samples: int, test_samples: int
) -> dict[str, Any]:
    return {
        "folder": os.fspath(folder),
        "train_samples": count(train_samples, "train_samples"),
        "test_samples": count(test_samples, "test_samples"),
    }


def fetch_data(
    name: str, *, destination: str | os.PathLike[str] = "", mirror: str = ""
) -> list[Path]:
    """Downloads what is not there yet, verified, to the cache or `destination`."""
    return [Path(path) for path in _core.fetch_data(name, os.fspath(destination), mirror)]
