from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.geometry.raster import rasterised


def slow(points, triangles, values, rows, columns):
    found = np.zeros((rows, columns, values.shape[1]))
    depth = np.full((rows, columns), np.inf)
    for corners in triangles:
        a, b, c = points[corners, :2]
        area = np.linalg.det(np.stack([b - a, c - a]))
        if abs(area) < 1e-9:
            continue
        for y in range(rows):
            for x in range(columns):
                v = np.linalg.det(np.stack([np.array((x, y)) - a, c - a])) / area
                w = np.linalg.det(np.stack([b - a, np.array((x, y)) - a])) / area
                share = np.array((1 - v - w, v, w))
                near = share @ points[corners, 2]
                if share.min() >= -1e-4 and near < depth[y, x]:
                    depth[y, x], found[y, x] = near, share @ values[corners]
    return found, depth


def test_it_is_what_node_by_node_gives() -> None:
    rng = np.random.default_rng(2)
    points = rng.uniform(-2, 14, (30, 3)).astype(np.float32)
    triangles = rng.integers(0, 30, (25, 3)).astype(np.int32)
    values = rng.normal(size=(30, 2)).astype(np.float32)
    found, depth = rasterised(points, triangles, values, 12, 10)
    expected, nearest = slow(points.astype(float), triangles, values, 12, 10)
    assert np.isfinite(depth).sum() > 60
    assert (np.isfinite(depth) == np.isfinite(nearest)).all()
    seen = np.isfinite(depth)
    assert depth[seen] == pytest.approx(nearest[seen], abs=1e-3)
    assert found[seen] == pytest.approx(expected[seen], abs=1e-3)


def test_a_mesh_outside_the_grid_leaves_it_empty() -> None:
    points = np.array([(-9, -9, 0), (-5, -9, 0), (-7, -5, 0)], np.float32)
    found, depth = rasterised(points, np.array([[0, 1, 2]], np.int32), points, 4, 4)
    assert not np.isfinite(depth).any()
    assert not found.any()
