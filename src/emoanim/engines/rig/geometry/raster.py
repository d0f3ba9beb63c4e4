"""A mesh drawn on a grid, all triangles at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["rasterised"]

Array = NDArray[np.float32]

FLAT = 1e-9
"""Triangles of a smaller area are seen from their edge."""
EDGE = -1e-4
"""Least barycentric share of a corner; a little below 0, so that no node lies between triangles."""


def rasterised(
    points: Array, triangles: NDArray[np.int32], values: Array, rows: int, columns: int
) -> tuple[Array, Array]:
    """Interpolate values of a mesh's points over a grid; where it is folded, the nearest counts.

    Args:
        points: (n, 3) column, row (fractions of nodes) and depth of each point.
        triangles: (m, 3) indices of points.
        values: (n, k) of the points.
        rows: of the grid.
        columns: of it.

    Returns:
        The values, float32 (rows, columns, k), 0 where there is no triangle; the depths, float32
        (rows, columns), infinite there.
    """
    a, b, c = (points[triangles[:, k], :2] for k in range(3))
    ab, ac = b - a, c - a
    area = ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]
    low = np.maximum(np.ceil(np.minimum(np.minimum(a, b), c)), 0).astype(np.int64)
    high = np.floor(np.maximum(np.maximum(a, b), c)).astype(np.int64)
    size = np.minimum(high, (columns - 1, rows - 1)) - low + 1

    # One row per node of each triangle's bounding box.
    use = np.flatnonzero((np.abs(area) > FLAT) & (size > 0).all(1))
    counts = size[use, 0] * size[use, 1]
    owner = np.repeat(use, counts)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)
    down, along = np.divmod(number, size[owner, 0])
    x, y = low[owner, 0] + along, low[owner, 1] + down
    px, py = x - a[owner, 0], y - a[owner, 1]
    v = (px * ac[owner, 1] - ac[owner, 0] * py) / area[owner]
    w = (ab[owner, 0] * py - px * ab[owner, 1]) / area[owner]
    share = np.stack([1.0 - v - w, v, w], 1).astype(np.float32)
    inside = share.min(1) >= EDGE
    share, corners = share[inside], triangles[owner[inside]]
    node = y[inside] * columns + x[inside]

    near = (points[corners, 2] * share).sum(1)
    order = np.argsort(-near, kind="stable")  # the nearest is written last and stays
    chosen = np.full(rows * columns, -1, np.int64)
    chosen[node[order]] = order
    hit = np.flatnonzero(chosen >= 0)
    best = chosen[hit]
    raster = np.zeros((rows * columns, values.shape[1]), np.float32)
    raster[hit] = (values[corners[best]] * share[best][..., None]).sum(1)
    depth = np.full(rows * columns, np.inf, np.float32)
    depth[hit] = near[best]
    return raster.reshape(rows, columns, -1), depth.reshape(rows, columns)
