"""Simulations: a network plus a runtime, a seed and state."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from . import _core
from .errors import InvalidValue, UnknownName
from .network import Network, Population, count, name_of


class Spikes(NamedTuple):
    """Spikes in order of (time, neuron)."""

    times: npt.NDArray[np.float64]  #: ms
    ids: npt.NDArray[np.uint32]  #: neuron within its population


class Recording(NamedTuple):
    """A state variable over time."""

    times: npt.NDArray[np.float64]  #: ms
    values: npt.NDArray[np.float64]  #: [time][neuron]


class Synapses(NamedTuple):
    """The synapses of a projection in order of (source, target, delay)."""

    sources: npt.NDArray[np.uint32]  #: neuron within its population
    targets: npt.NDArray[np.uint32]
    weights: npt.NDArray[np.float64]
    delays: npt.NDArray[np.float64]  #: ms


class Counters(NamedTuple):
    """Totals since time zero."""

    spikes: int
    synaptic_events: int
    touches: int  #: neuron updates


Wanted = str | Sequence[str] | Mapping[str, Any]


def _recorder(population: str, wanted: Wanted, interval: float) -> tuple[Any, ...]:
    settings: Mapping[str, Any]
    settings = wanted if isinstance(wanted, Mapping) else {"variables": wanted}
    known = ["variables", "neurons", "interval"]
    for key in settings:
        if key not in known:
            near = _core.suggestion(key, known)
            raise UnknownName(f"the recorder of '{population}' has the unknown key '{key}'{near}")
    variables = settings.get("variables", ())
    return (
        population,
        [variables] if isinstance(variables, str) else list(variables),
        [int(i) for i in settings.get("neurons", ())],
        float(settings.get("interval", interval)),
    )


class _Bar:
    """A progress bar on the terminal; nothing where stderr is a file."""

    def __init__(self, start: float, duration: float) -> None:
        self.start, self.duration = start, duration
        self.shown = sys.stderr.isatty()

    def __call__(self, now: float) -> None:
        if self.shown:
            share = (now - self.start) / self.duration
            bar = "#" * round(30 * share)
            print(f"\r[{bar:<30}] {now:.0f} ms", end="", file=sys.stderr, flush=True)

    def close(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


class Simulation:
    """Draws all synapses and puts every neuron at rest; `run` then advances time.

    Parameters
    ----------
    runtime
        "clock": fixed steps; "event": a state moves only when an event touches it.
    resolution
        Step of `clock` in ms; grid of `event` where `on_grid`.
    on_grid
        `event` only: spikes fall on the grid, as in `clock`; otherwise time is continuous.
    threads
        Of the `clock` runtime. Results do not depend on it.
    precision
        Of states and sums: "single", "double" or "automatic": single in `clock`, double in `event`,
        which has no other.
    record
        State variables to record: {"exc": ["V_m"]}, or, for some neurons only or another interval,
        {"exc": {"variables": ["V_m"], "neurons": [0, 1], "interval": 1.0}}.
    interval
        Between two samples of a recording, in ms; by default the resolution.
    spikes_of
        Populations whose spikes are kept; by default all.

    The network may be changed or simulated anew afterwards; this simulation keeps its own copy.
    """

    def __init__(
        self,
        network: Network,
        runtime: str = "clock",
        *,
        resolution: float = 0.1,
        on_grid: bool = False,
        threads: int = 1,
        seed: int = 1,
        precision: str = "automatic",
        record: Mapping[str, Wanted] | None = None,
        interval: float | None = None,
        spikes_of: Sequence[str | Population] | None = None,
    ) -> None:
        recorders = [
            _recorder(name_of(population), wanted, resolution if interval is None else interval)
            for population, wanted in (record or {}).items()
        ]
        self._recorders = {
            recorder[0]: (index, recorder[1]) for index, recorder in enumerate(recorders)
        }
        self._core = _core.Simulation(
            network._core,
            runtime,
            float(resolution),
            on_grid,
            count(threads, "the number of threads"),
            count(seed, "the seed"),
            precision,
            recorders,
            None if spikes_of is None else [name_of(population) for population in spikes_of],
        )

    def run(self, duration: float, progress: bool | Callable[[float], object] = False) -> None:
        """Advances by `duration` ms.

        `progress` is called now and then with the time reached in ms; True shows a bar. Ctrl-C
        raises KeyboardInterrupt after a whole step or event: the simulation can then be looked at
        and run on.
        """
        if progress is not True:
            self._core.run(float(duration), progress or None)
            return
        bar = _Bar(self.now, duration)
        try:
            self._core.run(float(duration), bar)
        finally:
            bar.close()

    def reset(self) -> None:
        """Back to time zero and rest, with nothing recorded."""
        self._core.reset()

    @property
    def now(self) -> float:
        """Time in ms."""
        return self._core.now()

    def spikes(self, population: str | Population) -> Spikes:
        return Spikes(*self._core.spikes(name_of(population)))

    def spike_count(self, population: str | Population) -> int:
        return self._core.spike_count(name_of(population))

    def trace(self, population: str | Population, variable: str) -> Recording:
        """What `record` asked for: times [T] and values [T][neuron]."""
        name = name_of(population)
        if name not in self._recorders:
            near = _core.suggestion(name, list(self._recorders)) if self._recorders else ""
            raise UnknownName(f"nothing is recorded from population '{name}'{near}")
        index, variables = self._recorders[name]
        if variable not in variables:
            near = _core.suggestion(variable, variables)
            raise UnknownName(f"'{variable}' of population '{name}' is not recorded{near}")
        times, columns = self._core.recording(index)
        return Recording(times, columns[variables.index(variable)])

    def state(self, population: str | Population, variable: str) -> npt.NDArray[np.float64]:
        """A state variable of every neuron now."""
        return self._core.state(name_of(population), variable)

    def set_state(self, population: str | Population, variable: str, values: npt.ArrayLike) -> None:
        """Sets a state variable; a single number holds for every neuron."""
        name = name_of(population)
        array = np.asarray(values, dtype=np.float64)
        if array.ndim > 1:
            raise InvalidValue(
                f"{variable} of population '{name}' has {array.ndim} dimensions; expected one"
            )
        if array.ndim == 0:
            array = np.full(dict(self._core.populations()).get(name, 0), float(array))
        self._core.set_state(name, variable, array)

    def synapses_of(self, projection: str) -> Synapses:
        """Every synapse of a projection with its present weight; asking changes nothing.

        Plastic weights have everything in them that has reached the synapse. The order depends on
        network and seed alone.
        """
        return Synapses(*self._core.weights(projection))

    def weights(self, projection: str) -> npt.NDArray[np.float64]:
        """The present weights of a projection, in the order of `synapses_of`."""
        return self.synapses_of(projection).weights

    def set_weights(self, projection: str, values: npt.ArrayLike) -> None:
        """Sets the weights of a plastic projection from now on, in the order of `synapses_of`.

        A single number holds for every synapse. Weights of a static projection cannot be set.
        """
        array = np.asarray(values, dtype=np.float64)
        if array.ndim > 1:
            raise InvalidValue(
                f"weights of projection '{projection}' have {array.ndim} dimensions; expected one"
            )
        if array.ndim == 0:
            array = np.full(len(self._core.weights(projection)[0]), float(array))
        self._core.set_weights(projection, array)

    def set_parameter(self, population: str | Population, **parameters: Any) -> None:
        """Changes parameters from now on: a number for all neurons, or an array."""
        for parameter, value in parameters.items():
            self._core.set_parameter(name_of(population), parameter, value)

    def set_spike_times(
        self, device: str, spike_times: Sequence[npt.ArrayLike] | npt.ArrayLike
    ) -> None:
        """Replaces what a device replays (see Network.stimulate) and goes back to time zero."""
        self._core.set_spike_times(device, spike_times)

    def rate(self, population: str | Population) -> float:
        """Mean firing rate since time zero in Hz per neuron."""
        return self.rates[name_of(population)]

    @property
    def rates(self) -> dict[str, float]:
        """Mean firing rate of every population since time zero, in Hz per neuron."""
        seconds = self.now / 1000.0
        return {
            name: self._core.spike_count(name) / (size * seconds) if seconds > 0.0 else 0.0
            for name, size in self._core.populations()
        }

    @property
    def counters(self) -> Counters:
        return Counters(*self._core.counters())

    @property
    def synapses(self) -> int:
        return self._core.synapses()

    @property
    def bytes_per_synapse(self) -> float:
        return self._core.synapse_bytes() / max(1, self.synapses)

    @property
    def digest(self) -> str:
        """Hash of all spikes so far: equal runs, equal digest."""
        return self._core.digest()

    @property
    def build_seconds(self) -> float:
        return self._core.build_seconds()

    @property
    def run_seconds(self) -> float:
        return self._core.run_seconds()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the whole state to a checkpoint file, whole or not at all."""
        self._core.save(os.fspath(path))

    def load(self, path: str | os.PathLike[str]) -> None:
        """Restores a checkpoint of the same network, seed and resolution; threads may differ."""
        self._core.load(os.fspath(path))

    def __repr__(self) -> str:
        return f"<ranvier.Simulation at {self.now:g} ms, {self.counters.spikes} spikes>"
