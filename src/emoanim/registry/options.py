"""What options a backend takes: from its constructor and from what its docstring says of them."""

from __future__ import annotations

import inspect
from typing import Any, NamedTuple, get_args

from emoanim import registry
from emoanim.registry.backend_info import BackendInfo
from emoanim.registry.constructors import annotation_name, bounds_in, hints_of, sayings_of

__all__ = ["BackendOption", "options_of"]


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
    said = sayings_of(cls)
    hints = hints_of(cls)
    listed = []
    for name in registry.parameters(cls) or ():
        given = parameters[name]
        words = said.get(name, "")
        kind = hints.get(name, given.annotation)
        numeric = {int, float} & {kind, *get_args(kind)}
        listed.append(
            BackendOption(
                name,
                annotation_name(kind),
                "" if given.default is inspect.Parameter.empty else _shown(given.default),
                bounds_in(words) if numeric or not hints.get(name) else "",
                words,
            )
        )
    return tuple(listed)


def _shown(default: Any) -> str:
    text = repr(default)
    return text if len(text) <= 40 else f"{text[:37]}..."
