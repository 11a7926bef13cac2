"""What is read from an open results.h5."""

from __future__ import annotations

from typing import Any

import numpy as np


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def texts(values: Any) -> list[str]:
    return [text(value) for value in np.asarray(values)]


def columns(group: Any, *names: str) -> list[Any]:
    return [np.asarray(group[name]) for name in names]
