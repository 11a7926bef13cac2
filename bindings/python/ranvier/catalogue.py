"""What there is to choose from: one factory per entry of every registry, with its signature."""

from __future__ import annotations

import builtins
import functools
import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import _core
from .errors import UnknownName

_types = {
    "real number": "float",
    "whole number": "int",
    "true or false": "bool",
    "text": "str",
    "choice": "str",
}


@dataclass(frozen=True)
class Choice:
    """Something chosen by name, with the parameters that differ from its defaults."""

    kind: str
    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"ranvier.{self.kind}.{self.name}({values})"


class Description:
    """What is known of one entry; printing it gives the page that `ranvier describe` shows."""

    def __init__(self, kind: str, entry: Mapping[str, Any]) -> None:
        self.kind = kind
        self.name: str = entry["name"]
        self.summary: str = entry.get("summary", "")
        self.equations: str = entry.get("equations", "")
        self.source: str = entry.get("source", "")
        #: name, unit, type, default, expected, choices and doc of each
        self.parameters: builtins.list[dict[str, Any]] = entry.get("parameters", [])
        #: (name, unit, doc) of each
        self.state: builtins.list[tuple[str, str, str]] = entry.get("state", [])
        self.ports: builtins.list[tuple[str, str, str]] = entry.get("ports", [])
        self.runtimes: builtins.list[str] = entry.get("runtimes", [])
        self.entry = dict(entry)

    def __repr__(self) -> str:
        return f"{self.name} ({self.kind})\n\n{self.text()}"

    def text(self) -> str:
        parts = [self.summary[:1].upper() + self.summary[1:] + "."]
        if self.equations:
            lines = (line.strip() for line in self.equations.split(";"))
            parts.append("\n".join("    " + line for line in lines))
        if self.parameters:
            lines = [_parameter_lines(parameter) for parameter in self.parameters]
            parts.append("Parameters\n----------\n" + "\n".join(lines))
        parts += [
            title + "\n" + "-" * len(title) + "\n" + "\n".join(_variable_line(*row) for row in rows)
            for title, rows in (("State", self.state), ("Ports", self.ports))
            if rows
        ]
        if self.runtimes:
            parts.append("Runtimes: " + ", ".join(self.runtimes) + ".")
        if self.source:
            parts.append(f"Source: {self.source}.")
        return "\n\n".join(parts)


def _with_unit(text: str, unit: str) -> str:
    return f"{text} {unit}" if unit else text


def _parameter_lines(parameter: Mapping[str, Any]) -> str:
    default = _with_unit(repr(parameter["default"]), parameter["unit"])
    head = f"{parameter['name']} : {_types[parameter['type']]}, default {default}"
    return f"{head}\n    {parameter['doc']} ({parameter['expected']})"


def _variable_line(name: str, unit: str, doc: str) -> str:
    head = f"{name} ({unit})" if unit else name
    return f"{head} : {doc}" if doc else head


def _catalogue() -> dict[str, dict[str, dict[str, Any]]]:
    return {**_core.catalogue(), "data": _core.data_catalogue()}


def names(kind: str) -> builtins.list[str]:
    return builtins.list(_entries(kind))


def _entries(kind: str) -> dict[str, dict[str, Any]]:
    if kind == "data":
        return _core.data_catalogue()
    kinds = _core.catalogue()
    if kind not in kinds:
        raise UnknownName(f"unknown kind '{kind}'{_core.suggestion(kind, builtins.list(kinds))}")
    return kinds[kind]


def list(kind: str | None = None) -> builtins.list[str]:
    """Names of a kind ("models", "rules", "devices", ...); without one, the kinds."""
    return sorted([*_core.catalogue(), "data"]) if kind is None else names(kind)


def describe(name: str, kind: str | None = None) -> Description:
    """What `name` is: summary, equations, parameters with units and bounds, source.

    `kind` is needed only where several kinds have an entry of that name.
    """
    kinds = _catalogue() if kind is None else {kind: _entries(kind)}
    found = [Description(k, entries[name]) for k, entries in kinds.items() if name in entries]
    if not found:
        known = sorted({entry for entries in kinds.values() for entry in entries})
        raise UnknownName(f"nothing is called '{name}'{_core.suggestion(name, known)}")
    if len(found) > 1:
        which = ", ".join(f"kind='{description.kind}'" for description in found)
        raise UnknownName(f"'{name}' names several things; expected one of {which} besides")
    return found[0]


def load_plugin(path: str | os.PathLike[str]) -> None:
    """Loads a shared library of models, rules or data sets; they are then found by name."""
    _core.load_plugin(os.fspath(path))


def check(kind: str, name: str, parameters: Mapping[str, Any]) -> None:
    """Raises UnknownName or InvalidValue where a parameter does not fit; arrays pass unchecked."""
    _core.check_parameters(kind, name, dict(parameters))


def _signature(entry: Mapping[str, Any]) -> inspect.Signature:
    return inspect.Signature(
        [
            inspect.Parameter(
                parameter["name"],
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=parameter["default"],
                annotation=_types[parameter["type"]],
            )
            for parameter in entry.get("parameters", [])
        ],
        return_annotation=Choice,
    )


def _factory(kind: str, entry: Mapping[str, Any]) -> Callable[..., Choice]:
    name = entry["name"]
    order = [parameter["name"] for parameter in entry.get("parameters", [])]

    def make(*values: Any, **parameters: Any) -> Choice:
        if len(values) > len(order):
            raise TypeError(f"{name}() takes {len(order)} values; {len(values)} were given")
        for place, value in zip(order, values):
            if place in parameters:
                raise TypeError(f"{name}() was given '{place}' twice")
            parameters[place] = value
        check(kind, name, parameters)
        return Choice(kind, name, parameters)

    make.__name__ = make.__qualname__ = name
    make.__module__ = f"ranvier.{kind}"
    make.__doc__ = Description(kind, entry).text()
    make.__signature__ = _signature(entry)  # type: ignore[attr-defined]
    return make


@functools.cache
def _made(kind: str, name: str) -> Callable[..., Choice]:
    return _factory(kind, _entries(kind)[name])


def find(kind: str, name: str) -> Callable[..., Choice]:
    """The factory ranvier.<kind>.<name>."""
    known = names(kind)
    if name not in known:
        near = _core.suggestion(name, known)
        raise AttributeError(f"module 'ranvier.{kind}' has no '{name}'{near}")
    return _made(kind, name)


def short_name(name: str, kinds: Iterable[str]) -> Callable[..., Choice]:
    """The factory that ranvier.<name> stands for."""
    for kind in kinds:
        if name in names(kind):
            return find(kind, name)
    raise AttributeError(f"module 'ranvier' has no attribute '{name}'")


def chosen(kind: str, value: str | Choice) -> tuple[str, dict[str, Any]]:
    """(name, parameters) of a name or of what a factory made."""
    if isinstance(value, str):
        return value, {}
    if isinstance(value, Choice) and value.kind == kind:
        return value.name, dict(value.parameters)
    raise TypeError(f"{value!r} is not one of ranvier.{kind}; expected a name or one of these")
