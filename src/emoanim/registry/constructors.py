"""What a backend's constructor says of its options: their types and what its docstring says."""

from __future__ import annotations

import inspect
import re
from contextlib import suppress
from operator import attrgetter
from types import SimpleNamespace
from typing import Any, get_type_hints

__all__ = ["annotation_name", "bounds_in", "hints_of", "sayings_of"]

_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})(?: \([^)]*\))? to ({_NUMBER})(?!\.?\d)")
_LEAST = re.compile(rf"({_NUMBER}) or more")
_ENTRY = re.compile(r"^(\w+)(?: \([^)]*\))?: ", re.MULTILINE)


def sayings_of(cls: Any) -> dict[str, str]:
    """Return what the section Args of a Google docstring says of each argument."""
    _, _, rest = (inspect.getdoc(cls) or "").partition("Args:\n")
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    lines = inspect.cleandoc(section)
    starts = list(_ENTRY.finditer(lines))
    ends = [*(match.start() for match in starts[1:]), len(lines)][: len(starts)]
    return {
        match[1]: " ".join(lines[match.end() : end].split())
        for match, end in zip(starts, ends, strict=True)
    }


def bounds_in(words: str) -> str:
    """Return "0.5 to 2" or "1 or more" where a description names bounds, else ""."""
    if match := _RANGE.search(words):
        return f"{match[1]} to {match[2]}"
    if match := _LEAST.search(words):
        return f"{match[1]} or more"
    return ""


def hints_of(cls: Any) -> dict[str, Any]:
    """Return the types of a constructor's arguments, without those that cannot be resolved here.

    A name that is imported for type checkers only leaves the other arguments their types.
    """
    maker = attrgetter("__init__")(cls) if isinstance(cls, type) else cls
    names = getattr(maker, "__globals__", {})
    hints = {}
    for name, annotation in getattr(maker, "__annotations__", {}).items():
        with suppress(AttributeError, NameError, SyntaxError, TypeError):
            alone = SimpleNamespace(__annotations__={name: annotation})
            hints[name] = get_type_hints(alone, names)[name]
    return hints


def annotation_name(annotation: Any) -> str:
    """Return a type as code has it, "str | Path | None"; "" for none."""
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return re.sub(r"\b(?:typing|collections\.abc|pathlib)\.", "", str(annotation))
