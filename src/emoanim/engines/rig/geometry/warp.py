"""Moving a picture by a smooth displacement of its grid: the inverse map and its sampling."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.surface import Grid
from emoanim.extras import require

__all__ = ["enlarged", "enlarged_values", "inverse"]

Array = NDArray[np.float32]

STEPS = (1.0, 1.0, 0.5, 1.0, 0.5, 1.0, 0.5, 1.0)
"""How far each fixed-point round goes: half steps converge where skin is stretched to more than
twice its length (a gradient above 1), whole ones fast everywhere else."""


def inverse(
    moved: Array, step: float, rows: slice = slice(None), columns: slice = slice(None)
) -> Array:
    """Return from where each node's content comes, when node content at p moves to p + moved(p).

    Solves p = q - moved(p) by fixed-point rounds.

    Args:
        moved: (rows, columns, 2) displacement in pixels.
        step: pixels between nodes.
        rows: of the nodes q that are wanted.
        columns: of them.

    Returns:
        float32 (rows, columns, 2) displacement from q to p in pixels, of the nodes wanted.
    """
    cv2 = require("cv2", "rig")
    height, width = moved.shape[:2]
    x = np.arange(width, dtype=np.float32)[columns]
    y = np.arange(height, dtype=np.float32)[rows]
    own = np.stack(np.meshgrid(x, y), -1)
    field = moved * np.float32(-1.0 / step)
    back = field[rows, columns]
    for share in STEPS:
        there = cv2.remap(
            field, own + back, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        back = there if share == 1.0 else back + np.float32(share) * (there - back)
    return np.asarray(back * np.float32(step), np.float32)


def enlarged(back: Array, grid: Grid, left: int, top: int, right: int, bottom: int) -> Array:
    """Return the absolute map for the pixels of a rectangle, float32 (h, w, 2).

    Args:
        back: displacement at all nodes of the grid, pixels.
        grid: the nodes.
        left: of the rectangle, pixels.
        top: of it.
        right: of it, not included.
        bottom: of it, not included.
    """
    displacement = enlarged_values(back, grid, left, top, right, bottom)
    displacement[..., 0] += np.arange(left, right, dtype=np.float32)
    displacement[..., 1] += np.arange(top, bottom, dtype=np.float32)[:, None]
    return displacement


def enlarged_values(
    values: Array, grid: Grid, left: int, top: int, right: int, bottom: int
) -> Array:
    """Return values at the nodes as values at the pixels of a rectangle, linearly between."""
    cv2 = require("cv2", "rig")
    scale = 1.0 / grid.step
    turn = np.array(
        [[scale, 0, (left - grid.left) * scale], [0, scale, (top - grid.top) * scale]], np.float64
    )
    values_there = cv2.warpAffine(
        values, turn, (right - left, bottom - top),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return np.asarray(values_there, np.float32)
