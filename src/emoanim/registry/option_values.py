"""Whether the values of a backend's options are of the types that its constructor names."""

from __future__ import annotations

import inspect
import math
import os
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from emoanim.arguments import shown
from emoanim.errors import SettingsError
from emoanim.registry.constructors import annotation_name, bounds_in, hints_of, sayings_of

__all__ = ["checked_options"]

_PLAIN = (str, bytes, Real, list, tuple, Mapping, NoneType)
"""What settings files, ``--set`` and most mistakes are made of: never an object of a class that
a constructor asks for. Other objects may be anything's stand-in and are not judged."""
_WORDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    Path: "a path",
    NoneType: "None",
}
_MANY: Mapping[Any, str] = {int: "whole numbers", float: "numbers", str: "texts", Path: "paths"}


class _UnfitError(Exception):
    """The value is not of the type."""


def checked_options(cls: Any, options: Mapping[str, Any], whose: str) -> dict[str, Any]:
    """Return options as their constructor takes them, numpy's numbers as Python's.

    Args:
        cls: a backend's class; an option without an annotation is not judged.
        options: by name.
        whose: such as "the voice 'hibari'".

    Raises:
        SettingsError: a value of another type, or an option that is missing.
    """
    hints = hints_of(cls)
    values = {}
    for name, value in options.items():
        try:
            values[name] = _fitted(hints.get(name, Any), value)
        except _UnfitError:
            raise SettingsError(
                f"the option {name} of {whose} is given {shown(value)}; expected "
                f"{_expected(cls, name, hints[name])}."
            ) from None
    for name, parameter in _parameters(cls).items():
        named = parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        if named and parameter.default is parameter.empty and name not in values:
            expected = _expected(cls, name, hints.get(name, parameter.annotation))
            raise SettingsError(f"{whose} needs the option {name}; expected {expected}.")
    return values


def _parameters(cls: Any) -> Mapping[str, inspect.Parameter]:
    try:
        return inspect.signature(cls).parameters
    except (TypeError, ValueError):  # a class in C may say nothing of its arguments
        return {}


def _expected(cls: Any, name: str, annotation: Any) -> str:
    """Say what an option takes, with the bounds and the default that are known."""
    numeric = {int, float} & {annotation, *get_args(annotation)}
    bounds = bounds_in(sayings_of(cls).get(name, "")) if numeric else ""
    parameter = _parameters(cls).get(name)
    known = parameter is not None and parameter.default not in (parameter.empty, None, "", ())
    default = f" (default {parameter.default!r})" if known and parameter is not None else ""
    return f"{_worded(annotation)}{f', {bounds}' if bounds else ''}{default}"


def _worded(annotation: Any) -> str:
    kind, parts = get_origin(annotation), get_args(annotation)
    if kind in (Union, UnionType):
        *first, last = dict.fromkeys(_worded(part) for part in parts)
        return f"{', '.join(first)} or {last}" if first else last
    if kind is Literal:
        return " or ".join(repr(part) for part in parts)
    if kind is tuple and parts and parts[-1] is not Ellipsis:
        return f"a list of {len(parts)}: {', '.join(_worded(part) for part in parts)}"
    if isinstance(kind, type) and issubclass(kind, Mapping):
        return "a table"
    if isinstance(kind, type) and issubclass(kind, Sequence):
        return f"a list of {_MANY[parts[0]]}" if parts and parts[0] in _MANY else "a list"
    if kind is Callable or annotation is Callable:
        return "a function"
    name = annotation_name(kind or annotation)
    return str(_WORDS.get(annotation, f"an object of {name}" if name else "a value"))


def _fitted(annotation: Any, value: Any) -> Any:
    """Return the value, of the type that the annotation names.

    Raises:
        _UnfitError: it is of another.
    """
    kind, parts = get_origin(annotation), get_args(annotation)
    if kind in (Union, UnionType):
        return _fitted_to_one(parts, value)
    if kind is Literal:
        return value if value in parts else _unfit()
    if annotation in _NUMBERS:
        return _number(annotation, value)
    if annotation is NoneType:
        return None if value is None else _unfit()
    if annotation is str:
        return os.fspath(value) if isinstance(value, str | os.PathLike) else _unfit()
    if annotation is Path:
        return Path(value) if isinstance(value, str | os.PathLike) else _unfit()
    shape = kind or annotation
    if isinstance(shape, type) and issubclass(shape, Mapping):
        return value if isinstance(value, Mapping) else _unfit()
    if shape in (tuple, list, Sequence):
        return _listed(shape, parts, value)
    if shape is Callable:
        return value if callable(value) else _unfit()
    if isinstance(shape, type) and shape is not object and isinstance(value, _PLAIN):
        return value if _is_a(value, shape) else _unfit()
    return value


def _fitted_to_one(parts: Sequence[Any], value: Any) -> Any:
    exact = [part for part in parts if part is type(value)]
    for part in exact or parts:
        try:
            return _fitted(part, value)
        except _UnfitError:
            continue
    return _unfit()


_NUMBERS = (bool, int, float)


def _number(kind: type[Any], value: Any) -> bool | int | float:
    """Return a number as Python's own; numpy's count as what they are, 0 and 1 as a bool too."""
    is_bool = type(value).__name__ in ("bool", "bool_")
    if kind is bool and (is_bool or (isinstance(value, Integral) and value in (0, 1))):
        return bool(value)
    if kind is int and isinstance(value, Integral) and not is_bool:
        return int(value)
    if kind is float and isinstance(value, Real) and not is_bool and not math.isnan(value):
        return value if isinstance(value, int) else float(value)
    raise _UnfitError


def _listed(shape: Any, parts: Sequence[Any], value: Any) -> Any:
    if isinstance(value, str | bytes | Mapping) or not hasattr(value, "__len__"):
        return _unfit()
    try:
        items = list(value)
    except TypeError:
        return _unfit()
    kinds = list(parts) or [Any]
    if shape is tuple and kinds[-1] is not Ellipsis and parts:
        if len(items) != len(kinds):
            return _unfit()
    else:
        kinds = [kinds[0]] * len(items)
    fitted = [_fitted(kind, item) for kind, item in zip(kinds, items, strict=True)]
    return tuple(fitted) if shape is tuple or isinstance(value, tuple) else fitted


def _is_a(value: Any, kind: type[Any]) -> bool:
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol that cannot be asked
        return True


def _unfit() -> Any:
    raise _UnfitError
