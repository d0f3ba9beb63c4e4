"""What callers give, looked at before any work: one wording for every argument of a wrong kind."""

from __future__ import annotations

import os
import reprlib
from collections.abc import Iterable, Mapping
from itertools import pairwise
from numbers import Real
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from emoanim.errors import InputError

__all__ = [
    "ascending",
    "callable_of",
    "named",
    "number_of",
    "object_of",
    "path_of",
    "plain",
    "several_of",
    "shown",
    "texts_of",
]

T = TypeVar("T")

_SHOWN = 80
"""Characters of a value that a message shows."""


def path_of(given: object, what: str, expected: str = "a path, such as 'out.mp4'") -> Path:
    """Return what was given as the name of a file or folder.

    Args:
        given: by the caller.
        what: it is, as "the output".
        expected: instead.

    Raises:
        InputError: it is no name.
    """
    name = os.fspath(given) if isinstance(given, os.PathLike) else given
    if isinstance(name, str):
        return Path(name)
    raise InputError(f"{named(given)} given as {what}; expected {expected}.")


def object_of(kind: type[T] | tuple[type[T], ...], given: object, what: str, expected: str) -> T:
    """Return what was given, if it is of a kind.

    Raises:
        InputError: it is not.
    """
    if not isinstance(given, kind):
        raise InputError(f"{named(given)} given as {what}; expected {expected}.")
    return given


def number_of(
    given: object,
    what: str,
    expected: str,
    *,
    least: float = -1e18,
    most: float = 1e18,
    whole: bool = False,
) -> Any:
    """Return a number as Python has it, an int or a float; numpy's are taken too.

    Args:
        given: by the caller.
        what: it is, as "fps".
        expected: instead.
        least: that it may be.
        most: that it may be.
        whole: it has no fraction.

    Raises:
        InputError: it is none, out of range or not whole.
    """
    good = isinstance(given, Real) and not isinstance(given, bool)
    value: Any = given
    if not good or not least <= value <= most or (whole and value != int(value)):
        raise InputError(f"{what} {named(given)} given; expected {expected}.")
    return int(value) if whole else float(value)


def several_of(given: object, what: str, expected: str) -> tuple[Any, ...]:
    """Return the items of what was given.

    Raises:
        InputError: a text, or nothing that has items.
    """
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{named(given)} given as {what}; expected {expected}.")
    return tuple(given)


def ascending(times: Any) -> list[float]:
    """Return seconds that do not go backwards.

    Raises:
        InputError: they do, or are no numbers.
    """
    expected = "seconds, ascending"
    found = [
        number_of(time, "a time", expected) for time in several_of(times, "the times", expected)
    ]
    if any(b < a for a, b in pairwise(found)):
        raise InputError("the times given go backwards; expected them ascending.")
    return found


def callable_of(given: T, what: str, expected: str) -> T:
    """Return what was given, if it can be called.

    Raises:
        InputError: it cannot.
    """
    if not callable(given):
        raise InputError(f"{named(given)} given as {what}; expected {expected}.")
    return given


def texts_of(given: object, what: str) -> dict[str, str]:
    """Return a table of texts.

    Raises:
        InputError: it is no table.
    """
    if not isinstance(given, Mapping):
        raise InputError(f"{named(given)} given as {what}; expected a table of texts.")
    return {str(name): str(text) for name, text in given.items()}


def plain(value: Any, depth: int = 4) -> Any:
    """Return numpy's scalars as Python's, in tables and lists too; far down they stay."""
    if isinstance(value, np.generic):
        return value.item()
    if depth and isinstance(value, dict):
        return {key: plain(inner, depth - 1) for key, inner in value.items()}
    if depth and type(value) in (list, tuple):
        return type(value)(plain(inner, depth - 1) for inner in value)
    return value


def named(given: object) -> str:
    """Return a value as a message names it: short, on one line."""
    if isinstance(given, np.ndarray):
        return f"an array of {given.dtype} {given.shape}"
    if given is None or isinstance(given, str | bytes | bool | int | float | np.generic):
        return reprlib.repr(given.item() if isinstance(given, np.generic) else given)
    kind = type(given).__name__
    return f"{'an' if kind[0] in 'AEIOUaeiou' else 'a'} {kind}"


def shown(value: object) -> str:
    """Return a value as a message about a setting shows it: with what it holds, cut to a line."""
    text = named(value) if type(value).__repr__ is object.__repr__ else repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
