"""What options a backend takes: from its constructor and from what its docstring says of them."""

from __future__ import annotations

import inspect
import re
from typing import Any, NamedTuple, get_type_hints

from emoanim import registry
from emoanim.registry.backend_info import BackendInfo

__all__ = ["BackendOption", "options_of"]

_NUMBER = r"-?\d+(?:\.\d+)?"
_RANGE = re.compile(rf"({_NUMBER})(?: \([^)]*\))? to ({_NUMBER})(?!\.?\d)")
_LEAST = re.compile(rf"({_NUMBER}) or more")
_ENTRY = re.compile(r"^(\w+)(?: \([^)]*\))?: ", re.MULTILINE)


class BackendOption(NamedTuple):
    """One option of a backend.

    Attributes:
        name: as in ``--set role.name=value``.
        kind: its type, as the code has it.
        default: its value if it is left out, as Python shows it; "" if it must be given.
        bounds: "0.5 to 2", "1 or more"; "" where its description names none.
        description: what its docstring says.
    """

    name: str
    kind: str
    default: str
    bounds: str
    description: str


def options_of(about: BackendInfo) -> tuple[BackendOption, ...]:
    """Return the options of a backend, in order; none if its constructor cannot be asked.

    Raises:
        MissingExtraError: it cannot be imported without its packages.
    """
    cls = registry.load(about)
    try:
        parameters = inspect.signature(cls).parameters
    except (TypeError, ValueError):
        return ()
    said = _said(inspect.getdoc(cls) or "")
    hints = _hints(cls)
    listed = []
    for name in registry.parameters(cls) or ():
        given = parameters[name]
        words = said.get(name, "")
        listed.append(
            BackendOption(
                name,
                _kind(hints.get(name, given.annotation)),
                "" if given.default is inspect.Parameter.empty else _shown(given.default),
                _bounds(words),
                words,
            )
        )
    return tuple(listed)


def _said(doc: str) -> dict[str, str]:
    """Return what the section Args of a Google docstring says of each argument."""
    _, _, rest = doc.partition("Args:\n")
    section = re.split(r"^\S", rest, maxsplit=1, flags=re.MULTILINE)[0]
    lines = inspect.cleandoc(section)
    starts = list(_ENTRY.finditer(lines))
    ends = [*(match.start() for match in starts[1:]), len(lines)][: len(starts)]
    return {
        match[1]: " ".join(lines[match.end() : end].split())
        for match, end in zip(starts, ends, strict=True)
    }


def _bounds(words: str) -> str:
    if match := _RANGE.search(words):
        return f"{match[1]} to {match[2]}"
    if match := _LEAST.search(words):
        return f"{match[1]} or more"
    return ""


def _hints(cls: Any) -> dict[str, Any]:
    try:
        return get_type_hints(cls.__init__)
    except (AttributeError, NameError, TypeError):  # types that are imported for checking only
        return {}


def _kind(annotation: Any) -> str:
    if annotation is inspect.Parameter.empty:
        return ""
    if isinstance(annotation, str):
        return annotation
    if isinstance(annotation, type) and not hasattr(annotation, "__args__"):
        return annotation.__name__
    return re.sub(r"\b(?:typing|collections\.abc|pathlib)\.", "", str(annotation))


def _shown(default: Any) -> str:
    text = repr(default)
    return text if len(text) <= 40 else f"{text[:37]}..."
