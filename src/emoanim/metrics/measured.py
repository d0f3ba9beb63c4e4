"""A value together with what it was computed from, and why it is undefined if it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Measured", "frame_pairs", "mean_of"]


@dataclass(frozen=True, slots=True, eq=False)
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


def mean_of(
    each: NDArray[np.float64], method: str, why_not: str, notes: tuple[str, ...] = ()
) -> Measured:
    """Average the defined parts; NaN with the reason ``why_not`` if there is none."""
    defined = each[~np.isnan(each)]
    if not len(defined):
        return Measured(math.nan, method, 0, each, why_not, notes)
    return Measured(float(defined.mean()), method, len(defined), each, None, notes)


def frame_pairs(reference: ArrayLike, generated: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Check two clips that are compared frame by frame: (t, h, w, 3) or (t, h, w), same shape.

    Raises:
        ValueError: shapes that differ or are no clips; nothing is cut to the shorter one.
    """
    x, y = np.asarray(reference), np.asarray(generated)
    if x.shape != y.shape or x.ndim not in (3, 4) or (x.ndim == 4 and x.shape[3] != 3):
        raise ValueError(
            f"frames of shape {x.shape} and {y.shape} given; expected both (t, h, w, 3) or both "
            "(t, h, w), aligned frame by frame. Cut or resample them first."
        )
    return x, y
