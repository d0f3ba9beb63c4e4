"""The frame in which a person is seen: the picture, or a smaller one inside it.

A webcam in a corner of a screen recording, or two people side by side, have straight borders that
no head may bend.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Box", "inset"]

Image = NDArray[np.uint8]
Box = tuple[float, float, float, float]

BESIDE = 0.2
"""No border is nearer to the face's mesh, in sizes of the face."""
ALONG = 0.3
"""How far beyond the face a border goes on at both ends, in sizes of the face."""
STEP = 10
"""Grey levels, in the channel that shows most, between one side of a border and the other."""
GRAIN = 3.0
"""A border stands out of the grain: it is so many times the picture's median step."""
UNBROKEN = 0.93
"""Share of a border's length on which they differ by that."""


def inset(image: Image, points: NDArray[np.floating]) -> Box:
    """Return left, top, right and bottom of the frame that a face is seen in, pixels.

    Borders are looked for where no hair is expected, and are exactly upright or level.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    height, width = image.shape[:2]
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    left, right = _between(image, low, high, width - 1)
    top, bottom = _between(image.swapaxes(0, 1), low[::-1], high[::-1], height - 1)
    return left, top, right, bottom


def _between(
    image: Image, low: NDArray[np.floating], high: NDArray[np.floating], last: int
) -> tuple[float, float]:
    """Return the nearest upright borders left and right of a face, or the picture's edges."""
    size = float((high - low).max())
    rows = slice(max(int(low[1] - ALONG * size), 0), max(int(high[1] + ALONG * size), 1))
    part = image[rows].astype(np.int16)
    steps = np.abs(np.diff(part, axis=1)).max(2) if part.size else np.zeros((1, last))
    # A border that is scaled or compressed is two pixels wide.
    steps = np.maximum(steps[:, :-1], steps[:, 1:])
    least = max(STEP, GRAIN * float(np.median(steps))) if steps.size else STEP
    border = np.flatnonzero((steps >= least).mean(0) >= UNBROKEN) + 1
    before = border[border < low[0] - BESIDE * size]
    after = border[border > high[0] + BESIDE * size]
    return float(before.max() + 1 if len(before) else 0), float(
        after.min() - 1 if len(after) else last
    )
