"""Where upper teeth end that a picture of a mouth shows, on the layers of its inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require

__all__ = ["DENSITY", "SPAN", "bite", "teeth_edge"]

Array = NDArray[np.float32]

DENSITY = 32
"""Pixels per cm of the layers."""
SPAN = (-3.2, 3.2, -2.0, 4.0)
"""Left, right, top and bottom of the layers in cm from the middle of the mouth line, y down."""
LEAST_CONTRAST = 25.0
"""Teeth are brighter than what is behind them by at least that many grey levels."""
LEAST_BELOW = 0.15
"""Height of what shows below the upper teeth, cm; less is no interior."""
LONGER = 0.06
"""How far upper teeth reach below where a lip hides them, cm: painted ones end there too."""
JUTTING = 0.05
"""How far a tooth may reach below the arc of the others' biting edges, cm."""
BENT = 0.035
"""How much higher they end towards the sides, cm for a cm squared."""


def teeth_edge(seen: Array, mask: Array) -> tuple[Array, Array, Array, float]:
    """Find the upper teeth's biting edge.

    Returns:
        Its row for every column, float (columns,); the share in [0, 1] with which something other
        than upper teeth is seen below it, and with which dark is seen beside the last tooth; the
        teeth's mean height over the mouth's width, cm.
    """
    cv2 = require("cv2", "rig")
    light = cv2.GaussianBlur(seen.mean(2), (0, 0), 1.0)
    inside = mask > 0.5
    low, high = np.percentile(light[inside], (10, 90))
    columns = np.nonzero(inside.sum(0) >= 3)[0]
    edges, below, heights, ends = [], [], [], []
    for c in columns:
        rows = np.nonzero(inside[:, c])[0]
        bright = light[rows, c] > (low + high) / 2
        first = int(np.argmax(bright)) if bright.any() else len(rows)
        if first > 0.45 * len(rows) or high - low < LEAST_CONTRAST:
            first = last = 0  # no tooth under the upper lip here
        else:
            dark = ~bright[first:]
            last = first + (int(np.argmax(dark)) if dark.any() else len(dark))
            # A few dark rows are the lower lip's edge, which the teeth touch.
            last = len(rows) if len(rows) - last < LEAST_BELOW * DENSITY else last
        edges.append(float(rows[0] + last))
        below.append(1.0 if last < len(rows) else 0.0)
        heights.append((last - first) / DENSITY)
        ends.append(float(rows[-1] + 1))
    # The dark between the last tooth and the corner of the mouth stays with the skull, and so does
    # a tooth in the shade between bright ones.
    toothed = np.nonzero(np.array(heights) > 0)[0]
    order = np.arange(len(columns))
    aside = (order < toothed[0]) | (order > toothed[-1]) if len(toothed) else order < 0
    parted = _median(np.where(aside, 0.0, below), DENSITY)
    lowest = np.where(parted > 0.5, edges, ends)
    arc = _arc(columns, np.array(edges), (np.array(below) > 0.5) & ~aside)
    # Where the lower lip touches a few teeth, its edge is none of theirs.
    jutting = lowest > arc
    lowest, parted = np.where(jutting, arc, lowest), np.where(jutting, 1.0, parted)
    width = DENSITY // 4
    kernel = np.hanning(2 * width + 1)
    everywhere = np.arange(seen.shape[1])
    smooth = [
        np.convolve(
            np.pad(np.interp(everywhere, columns, v), width, mode="edge"),
            kernel / kernel.sum(),
            "valid",
        ).astype(np.float32)
        for v in (lowest, parted, aside.astype(np.float32))
    ]
    return smooth[0], smooth[1], smooth[2], float(np.mean(heights))


def _arc(
    columns: NDArray[np.intp], edges: NDArray[np.float64], free: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return the lowest row that a tooth of the row may reach in each column.

    The biting edges that are free of the lower lip lie on an arc; between them it goes on. Outside
    of them, or where too few are free, there is no bound.
    """
    bound = np.full(len(columns), np.inf)
    if free.sum() < DENSITY / 2:
        return bound
    first, last = columns[free][[0, -1]]
    between = (columns >= first) & (columns <= last)
    if not (between & ~free).any():
        return bound
    x = (columns - (first + last) / 2.0) / DENSITY
    weights = np.ones(int(free.sum()))
    for _ in range(3):
        curve = np.polynomial.Polynomial.fit(x[free], edges[free], 2, w=weights)
        weights = 1.0 / np.maximum(np.abs(edges[free] - curve(x[free])), 1.0)
    bound[between] = curve(x[between]) + JUTTING * DENSITY
    return bound


def bite(edge: Array, ring: Array) -> Array:
    """Return the row in every column where upper teeth end that a lip hides, float (columns,)."""
    x = SPAN[0] + np.arange(len(edge)) / DENSITY
    middle, half = (ring[0, 0] + ring[10, 0]) / 2, abs(ring[10, 0] - ring[0, 0]) / 2
    front = float(np.median(edge[np.abs(x - middle) < half / 3]))
    bent = front - BENT * (x - middle) ** 2 * DENSITY
    return np.asarray(np.maximum(edge, bent) + LONGER * DENSITY, np.float32)


def _median(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    """Return the running median of a row over ``width`` values, its ends repeated."""
    padded = np.pad(values, width // 2, mode="edge")
    view = np.lib.stride_tricks.sliding_window_view(padded, 2 * (width // 2) + 1)
    return np.asarray(np.median(view, axis=1), np.float64)
