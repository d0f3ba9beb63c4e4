"""A value together with what it was computed from, and why it is undefined if it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

__all__ = ["Measured", "mean_of"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Measured:
    """Result of a metric.

    Attributes:
        value: the metric; NaN with a ``reason`` if undefined.
        method: the variant, named in full; two values of different methods do not compare.
        n: how many frames, features or beats the value rests on.
        each: the parts it was averaged from, such as one value per frame; NaN where undefined.
        reason: why ``value`` is NaN, None otherwise.
        notes: what to keep in mind.
    """

    value: float
    method: str
    n: int
    each: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    reason: str | None = None
    notes: tuple[str, ...] = ()

    def __float__(self) -> float:
        return self.value

    def __repr__(self) -> str:
        """Show all but the parts, which may be thousands."""
        said = [f"{self.value:.6g}", repr(self.method), f"n={self.n}"]
        if self.reason is not None:
            said.append(f"reason={self.reason!r}")
        if self.notes:
            said.append(f"notes={self.notes!r}")
        return f"Measured({', '.join(said)})"


def mean_of(
    each: NDArray[np.float64], method: str, why_not: str, notes: tuple[str, ...] = ()
) -> Measured:
    """Average the defined parts; NaN with the reason ``why_not`` if there is none."""
    defined = each[~np.isnan(each)]
    if not len(defined):
        return Measured(math.nan, method, 0, each, why_not, notes)
    return Measured(float(defined.mean()), method, len(defined), each, None, notes)
