"""Training: epochs of surrogate-gradient descent that can be stopped, saved and resumed."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .catalogue import Choice, chosen
from .data import Events
from .errors import CorruptFile
from .learning import Sequential
from .network import count
from .samples import labelled


class Epoch(NamedTuple):
    """One epoch of training; the validation figures are NaN where there was no validation."""

    epoch: int  #: 1 is the first
    learning_rate: float  #: at its last batch
    loss: float
    penalty: float  #: of the firing rates
    accuracy: float
    validation_loss: float
    validation_accuracy: float
    seconds: float


def training_description(
    epochs: int,
    batch_size: int,
    chunk_size: int,
    clip_norm: float,
    patience: int,
    optimiser: str | Choice,
    schedule: str | Choice,
    seed: int,
    rate_regularisation: Mapping[str, Any],
) -> dict[str, Any]:
    """How to train, as the core takes it."""
    return {
        "parameters": {
            "epochs": epochs,
            "batch_size": batch_size,
            "chunk_size": chunk_size,
            "clip_norm": float(clip_norm),
            "patience": patience,
        },
        "optimiser": chosen("optimisers", optimiser),
        "schedule": chosen("schedules", schedule),
        "rate_regularisation": dict(rate_regularisation),
        "seed": count(seed, "the seed"),
    }


class Trainer:
    """Trains a network in place; the weights do not depend on the number of threads.

    Parameters
    ----------
    chunk_size
        Samples that one thread works on at a time; part of the result. 0: half a batch, at most 64.
    clip_norm
        A longer gradient is shortened to this length; 0 leaves it.
    patience
        Epochs without a smaller validation loss after which training ends with the best weights; 0
        trains them all.
    optimiser, schedule
        A name, or a choice such as ranvier.optimisers.adam(learning_rate=1e-3).
    rate_regularisation
        Penalty on firing rates outside bounds: strength, lower, upper, per_neuron.
    seed
        Of the order of samples and of encodings that draw random numbers.
    """

    def __init__(
        self,
        network: Sequential,
        *,
        epochs: int = 10,
        batch_size: int = 128,
        chunk_size: int = 0,
        clip_norm: float = 0.0,
        patience: int = 0,
        optimiser: str | Choice = "adam",
        schedule: str | Choice = "cosine",
        rate_regularisation: Mapping[str, Any] | None = None,
        threads: int = 1,
        seed: int = 1,
    ) -> None:
        self.network = network
        self.threads = threads
        self._description = training_description(
            epochs,
            batch_size,
            chunk_size,
            clip_norm,
            patience,
            optimiser,
            schedule,
            seed,
            rate_regularisation or {},
        )
        self._state = _core.TrainingState()

    def fit(
        self,
        x: npt.ArrayLike | Events,
        y: npt.ArrayLike | None = None,
        *,
        validation: tuple[npt.ArrayLike, npt.ArrayLike] | Events | None = None,
        epochs: int | None = None,
        on_epoch: Callable[[Epoch], object] | None = None,
    ) -> list[Epoch]:
        """Trains until `epochs` are complete and returns the history.

        Goes on from where the trainer stands: after Ctrl-C, which raises KeyboardInterrupt, a
        second call comes to the same weights as an unbroken run. `on_epoch` is called after each
        epoch.
        """
        if epochs is not None:
            self._description["parameters"]["epochs"] = epochs
        samples = labelled(x, y, self.network.inputs)
        held_out: tuple[Any, npt.NDArray[np.uint8]] = (
            np.zeros((0, self.network.inputs), np.float32),
            np.zeros(0, np.uint8),
        )
        if isinstance(validation, Events):
            held_out = labelled(validation, None, self.network.inputs)
        elif validation is not None:
            held_out = labelled(*validation, self.network.inputs)
        callback = None if on_epoch is None else lambda record: on_epoch(Epoch(*record))
        _core.train(
            self.network._core,
            self._state,
            *samples,
            *held_out,
            self._description,
            count(self.threads, "the number of threads"),
            callback,
        )
        return self.history

    @property
    def history(self) -> list[Epoch]:
        return [Epoch(*record) for record in self._state.history()]

    @property
    def epoch(self) -> int:
        """Complete epochs."""
        return self._state.epoch

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes network, optimiser and progress, for `resume` to go on from bit for bit."""
        history = np.array([tuple(record) for record in self.history], float).reshape(-1, 8)
        archive = self.network._archive()
        archive |= {f"training/{n}": value for n, value in self._state.arrays().items()}
        archive["training/history"] = history.ravel()
        archive["trainer"] = json.dumps({**self._description, "threads": self.threads})
        _core.write_archive(os.fspath(path), archive)

    @classmethod
    def resume(cls, path: str | os.PathLike[str]) -> Trainer:
        archive = _core.read_archive(os.fspath(path))
        if "trainer" not in archive:
            raise CorruptFile(f"{os.fspath(path)} holds no state of a training run")
        description = json.loads(archive["trainer"])
        trainer = cls(
            Sequential._from(archive, os.fspath(path)), threads=description.pop("threads")
        )
        trainer._description = description
        prefix = "training/"
        arrays = {
            name.removeprefix(prefix): value
            for name, value in archive.items()
            if name.startswith(prefix)
        }
        history = archive["training/history"].reshape(-1, 8).tolist()
        trainer._state = _core.TrainingState(arrays, history, trainer.network._core)
        return trainer
