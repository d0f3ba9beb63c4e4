"""A few mixtures of an expression's upper and lower face, for a judge to choose among."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["STRONGEST", "mixtures"]

UPPER = frozenset(["1", "2", "4", "5", "6", "7", "9", "43"])
"""Units of brows, lids, cheeks and nose."""
_SHARES = ((1.0, 1.0), (1.2, 0.9), (0.9, 1.2), (1.2, 1.2), (0.75, 1.2), (1.2, 0.7))
"""Factors on the upper and the lower face; the first is the expression as it is."""
STRONGEST = 2.0
"""No unit gets more unless it had more: beyond it a face is a caricature."""


def mixtures(units: Mapping[str, float]) -> list[dict[str, float]]:
    """Return weights by unit, the given ones first.

    Args:
        units: of the whole expression.
    """
    return [
        {name: _scaled(name, weight, upper, lower) for name, weight in units.items()}
        for upper, lower in _SHARES
    ]


def _scaled(name: str, weight: float, upper: float, lower: float) -> float:
    factor = upper if name.rstrip("LR") in UPPER else lower
    return min(weight * factor, max(weight, STRONGEST))
