"""Networks: populations, projections and stimuli, before time exists."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _core
from .catalogue import Choice, chosen
from .errors import InvalidValue, UnknownName

#: A number, an array of numbers, or a distribution such as ranvier.normal(20.0, 2.0).
Source = float | npt.ArrayLike | Choice


@dataclass(frozen=True)
class Population:
    """N neurons of one model; wherever a population is named, this may stand for its name."""

    name: str
    model: str
    size: int

    def __len__(self) -> int:
        return self.size


def name_of(population: str | Population) -> str:
    return population.name if isinstance(population, Population) else population


def count(value: Any, what: str) -> int:
    """A whole number that is not negative; raises InvalidValue, naming `what`."""
    try:
        number = operator.index(value)
    except TypeError:
        raise InvalidValue(f"{what} is {value!r}; expected a whole number") from None
    if number < 0:
        raise InvalidValue(f"{what} is {number}; expected at least 0")
    return number


def _source(value: Source, what: str) -> Any:
    if isinstance(value, Choice):
        return chosen("distributions", value)
    try:
        values = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidValue(
            f"{what} is {value!r}; expected a number, an array or a distribution"
        ) from None
    return float(values) if values.ndim == 0 else np.ascontiguousarray(values)


def _rule(rule: Any, what: str) -> tuple[Any, Any]:
    """(name, parameters), or arrays of sources and targets."""
    if isinstance(rule, (str, Choice)):
        return chosen("rules", rule)
    try:
        sources, targets = (np.asarray(neurons) for neurons in rule)
    except (TypeError, ValueError):
        raise InvalidValue(
            f"{what} is {rule!r}; expected a name, one of ranvier.rules, or a pair of arrays"
        ) from None
    for neurons in (sources, targets):
        if neurons.ndim != 1 or (neurons.size and neurons.dtype.kind not in "iu"):
            raise InvalidValue(f"{what} lists no neurons; expected arrays of whole numbers")
        if neurons.size and not 0 <= neurons.min() <= neurons.max() < 2**32:
            raise InvalidValue(f"{what} lists neuron {neurons.min()}; expected at least 0")
    return sources.astype(np.uint32), targets.astype(np.uint32)


class Network:
    """Descriptions only: synapses are drawn when a Simulation is made, as they depend on its seed.

    Everything is checked where it is added; UnknownName and InvalidValue name the offender.
    """

    def __init__(self) -> None:
        self._core = _core.Network()

    @classmethod
    def _of(cls, core: _core.Network) -> Network:
        network = cls.__new__(cls)
        network._core = core
        return network

    def population(
        self,
        name: str,
        model: str | Choice,
        size: int,
        *,
        initial: Mapping[str, Source] | None = None,
        **parameters: Any,
    ) -> Population:
        """Adds `size` neurons of a model.

        Keywords are the model's parameters: a number for all neurons, or an array with one value
        per neuron. `initial` gives state variables that do not start at rest.
        """
        model_name, values = chosen("models", model)
        start = {
            variable: _source(value, f"initial {variable} of population '{name}'")
            for variable, value in (initial or {}).items()
        }
        neurons = count(size, f"the size of population '{name}'")
        self._core.add_population(name, model_name, neurons, {**values, **parameters}, start)
        return Population(name, model_name, neurons)

    def connect(
        self,
        source: str | Population,
        target: str | Population,
        rule: str | Choice | tuple[npt.ArrayLike, npt.ArrayLike] = "all_to_all",
        *,
        weight: Source = 1.0,
        delay: Source = 1.0,
        port: str | None = None,
        autapses: bool = True,
        multapses: bool = True,
        plasticity: str | Choice | None = None,
        name: str | None = None,
    ) -> str:
        """Adds a projection and returns its name, "source->target" unless given.

        `rule` is a name, a choice such as ranvier.fixed_indegree(100), or a pair of arrays that
        list source and target of every synapse; weights and delays may then be arrays as well.
        `weight` is in the unit of the target's port, `delay` in ms. Without a `port`, negative
        weights go to `inhibitory` where the model has it, all others to its first port.
        `plasticity`, such as ranvier.plasticity.stdp_pair(w_max=10.0), changes the weights as the
        network runs; Simulation.weights reads them.
        """
        label = name or f"{name_of(source)}->{name_of(target)}"
        return self._core.add_projection(
            name or "",
            name_of(source),
            name_of(target),
            _rule(rule, f"the rule of projection '{label}'"),
            _source(weight, f"the weight of projection '{label}'"),
            _source(delay, f"the delay of projection '{label}'"),
            port or "",
            autapses,
            multapses,
            None if plasticity is None else chosen("plasticity", plasticity),
        )

    def stimulate(
        self,
        target: str | Population,
        device: str | Choice,
        *,
        name: str | None = None,
        port: str | None = None,
        spike_times: Sequence[float] | Sequence[npt.ArrayLike] | npt.ArrayLike | None = None,
        **parameters: Any,
    ) -> str:
        """Adds a stimulus device to every neuron of `target` and returns its name.

        Keywords are the device's parameters. `spike_times`, in ms, is for devices that replay
        spikes: one list per neuron of the target, or one list that all of them receive.
        """
        model, values = chosen("devices", device)
        if name is None:
            name = f"{model}->{name_of(target)}"
            taken = {stimulus["name"] for stimulus in self.stimuli}
            k = 2
            while name in taken:
                name = f"{model}->{name_of(target)}#{k}"
                k += 1
        self._core.add_stimulus(
            name, model, name_of(target), port or "", {**values, **parameters}, spike_times
        )
        return name

    @property
    def populations(self) -> dict[str, Population]:
        return {row[0]: Population(*row[:3]) for row in self._core.populations()}

    def parameters(self, population: str | Population) -> dict[str, Any]:
        """Parameters of a population that differ from the model's defaults."""
        rows = {row[0]: row[3] for row in self._core.populations()}
        if name_of(population) not in rows:
            near = _core.suggestion(name_of(population), list(rows))
            raise UnknownName(f"unknown population '{name_of(population)}'{near}")
        return rows[name_of(population)]

    @property
    def projections(self) -> list[dict[str, str]]:
        keys = ("name", "source", "target", "port")
        return [dict(zip(keys, row)) for row in self._core.projections()]

    @property
    def stimuli(self) -> list[dict[str, Any]]:
        keys = ("name", "device", "target", "port", "parameters")
        return [dict(zip(keys, row)) for row in self._core.stimuli()]

    @property
    def neurons(self) -> int:
        return self._core.neurons()

    def __repr__(self) -> str:
        populations = ", ".join(
            f"{population.name}: {population.size} {population.model}"
            for population in self.populations.values()
        )
        return f"<ranvier.Network {populations}; {len(self.projections)} projections>"


def circuit(choice: str | Choice, **parameters: Any) -> Network:
    """A published network by name, to simulate as it is or to add to.

    `circuit("potjans_diesmann", scale=0.1, indegree_scale=0.1)`; `ranvier.list("circuits")` tells
    which there are, `ranvier.describe(name)` their parameters.
    """
    name, values = chosen("circuits", choice)
    return Network._of(_core.circuit(name, {**values, **parameters}))
