"""What Ranvier raises: one family, each member also the built-in exception it refines."""

from __future__ import annotations

from collections.abc import Sequence


class Error(Exception):
    """Base of everything Ranvier raises on purpose, except an interruption."""


class InvalidValue(Error, ValueError):
    """A value of the right kind that cannot be used: out of bounds, wrong shape, not a number."""


class InvalidConfig(InvalidValue):
    """Everything that is wrong with a configuration file, all at once, in `problems`."""

    def __init__(self, message: str, problems: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.problems = list(problems)


class UnknownName(Error, ValueError, LookupError):
    """A name that nothing answers to: model, parameter, population, rule, data set."""


class Unsupported(Error, NotImplementedError):
    """A well-formed request that this model, runtime or build does not offer."""


class FileNotFound(Error, FileNotFoundError):
    """A file that is not there or cannot be opened for reading."""


class CorruptFile(Error, OSError):
    """A file that is there but does not hold what it should."""


class OutputError(Error, OSError):
    """A result that cannot be written: no permission, disk full."""


class Interrupted(KeyboardInterrupt):
    """The run was asked to stop; what was complete has been kept."""
