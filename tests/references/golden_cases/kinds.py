"""What it takes to replay a kind of case: how its network is made, run and judged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from golden_cases.cases import Case, Check, Tolerance

__all__ = ["FunctionKind", "NetworkKind", "Outputs"]

Outputs = Mapping[str, Any]
FunctionKind = Callable[[Case], Iterable[Check]]
"""Checks a case without a manifest."""


def _as_it_is(network: Any) -> Any:
    return network


@dataclass(frozen=True, slots=True)
class NetworkKind:
    """A network that a manifest fills.

    Attributes:
        make: builds the plain network for a case.
        run: feeds it the case's inputs and returns its outputs by their recorded names.
        tolerances: by output; "" is the one of all others.
        prepare: makes the plain network the one that users run.
        points: recorded points of the data flow that are the input of a module.
    """

    make: Callable[[Case], Any]
    run: Callable[[Any, Case], Outputs]
    tolerances: Mapping[str, Tolerance]
    prepare: Callable[[Any], Any] = _as_it_is
    points: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def tolerance(self, output: str) -> Tolerance:
        """Return the tolerance of an output."""
        return self.tolerances.get(output, self.tolerances[""])
