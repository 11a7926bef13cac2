"""The modules ranvier.models, ranvier.rules and so on: a function for each entry of a registry."""

from __future__ import annotations

import types
from typing import Any


def module(kind: str) -> types.ModuleType:
    """The module ranvier.<kind>. It asks the registries anew: what a plugin adds appears in it."""
    path = f"ranvier.{kind}"
    made = types.ModuleType(path, f"Factories, one per name in `ranvier.list('{kind}')`.")

    def find(name: str) -> Any:
        from . import catalogue

        if name == "__all__":
            return catalogue.names(kind)
        if name.startswith("__"):
            raise AttributeError(f"module '{path}' has no attribute '{name}'")
        return catalogue.find(kind, name)

    def names() -> list[str]:
        from . import catalogue

        return catalogue.names(kind)

    made.__getattr__ = find  # type: ignore[method-assign]
    made.__dir__ = names  # type: ignore[method-assign]
    return made
