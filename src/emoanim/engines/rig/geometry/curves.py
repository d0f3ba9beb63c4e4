"""A slit between two edges (a mouth, an eye) in a frame of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Slit", "slit"]

Array = NDArray[np.float32]

SAMPLES = 129
REACH = 1.6
"""Edges are known for u in [-REACH, REACH]; the corners are at -1 and 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Slit:
    """Two edges from corner to corner.

    Attributes:
        centre: (2,) middle of the corners, pixels.
        along, down: (2,) unit vectors from the left corner to the right one, and across it.
        half: half the distance of the corners, pixels.
        upper, lower: (SAMPLES,) the edges' v over u, pixels below the line of the corners.
    """

    centre: Array
    along: Array
    down: Array
    half: float
    upper: Array
    lower: Array

    def local(self, points: Array) -> tuple[Array, Array]:
        """Return u (1 at the right corner) and v (pixels downwards) of points (..., 2)."""
        apart = points - self.centre
        u, v = (apart @ self.along) / np.float32(self.half), apart @ self.down
        return np.asarray(u, np.float32), np.asarray(v, np.float32)

    def at(self, curve: Array, u: Array) -> Array:
        """Return a curve's value at u, linearly between its samples."""
        position = np.clip((u + REACH) * ((SAMPLES - 1) / (2 * REACH)), 0, SAMPLES - 1.001)
        low = position.astype(np.int32)
        share = position - low
        return np.asarray(curve[low] * (1 - share) + curve[low + 1] * share, np.float32)


def samples() -> Array:
    """Return the u of a curve's samples."""
    return np.linspace(-REACH, REACH, SAMPLES, dtype=np.float32)


def slit(points: Array, upper: Sequence[int], lower: Sequence[int]) -> Slit:
    """Describe the slit between two rows of mesh points that share both corners.

    Args:
        points: (468, >=2) pixels.
        upper: vertices of the upper edge from the left corner to the right one.
        lower: of the lower edge.
    """
    a, b = points[upper[0], :2], points[upper[-1], :2]
    half = max(float(np.linalg.norm(b - a)) / 2, 1e-3)
    along = ((b - a) / (2 * half)).astype(np.float32)
    down = np.array([-along[1], along[0]], np.float32)
    bare = Slit(((a + b) / 2).astype(np.float32), along, down, half, along, along)
    edges = []
    for row in (upper, lower):
        u, v = bare.local(points[list(row), :2].astype(np.float32))
        edges.append(_smooth(np.maximum.accumulate(u), v))
    top, bottom = edges
    middle = (top + bottom) / 2
    crossed = top > bottom
    top, bottom = np.where(crossed, middle, top), np.where(crossed, middle, bottom)
    return Slit(bare.centre, along, down, half, top.astype(np.float32), bottom.astype(np.float32))


def _smooth(u: Array, v: Array) -> Array:
    """Return v over the samples: through the points, rounded, straight beyond the corners."""
    at = samples()
    height = np.interp(at, u, v)
    kernel = np.hanning(11)
    kernel /= kernel.sum()
    padded = np.pad(height, 5, mode="edge")
    rounded = np.convolve(padded, kernel, "valid")
    # Rounding must not open the corners, where both edges meet.
    firm = np.clip((1.0 - np.abs(at)) / 0.2, 0.0, 1.0)
    return np.asarray(firm * rounded + (1 - firm) * height, np.float32)
