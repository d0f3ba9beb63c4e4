"""Where the face lies in one frame: a coarse grid that knows its place on the canonical face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.landmarks import OUTLINE
from emoanim.engines.rig.raster import rasterised
from emoanim.engines.rig.surface import Grid, continued, from_edges, unposed
from emoanim.engines.rig.turning import FLIP
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require
from emoanim.faces import HeadPose, canonical_mesh, fit_pose

__all__ = ["Placement", "placed"]

Array = NDArray[np.float32]

NODE = 0.2
"""Distance of the nodes, cm on the face."""
AROUND = (2.6, 3.0, 6.6)
"""How far skin that moves reaches beyond the mesh at the sides, the top and the bottom, cm."""
LEAST = 0.02
"""Shares of the skin's motion up to here are taken as none, so that it ends somewhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """The face in one frame; arrays are (rows, columns, ...), float32.

    Attributes:
        grid: the nodes.
        pose: of the head.
        place: (..., 3) place on the canonical face, cm, continued around it.
        skin: share of the skin's motion that a node takes part in, 1 on the face.
        shaded: share of the skin's folds and light; falls faster outside the face.
    """

    grid: Grid
    pose: HeadPose
    place: Array
    skin: Array
    shaded: Array

    def in_pixels(self, moved: Array) -> Array:
        """Return displacements on the canonical face, (..., 3) cm, as pixels (..., 2)."""
        turn = (self.pose.rotation * self.pose.scale).T.astype(np.float32) * FLIP[:, None]
        return np.ascontiguousarray((moved @ turn)[..., :2] * self.skin[..., None], np.float32)


def placed(points: Array, height: int, width: int) -> Placement:
    """Lay the grid over a face.

    Args:
        points: (468, 3) mesh, pixels.
        height: of the frame.
        width: of the frame.
    """
    cv2 = require("cv2", "rig")
    pose = fit_pose(points)
    grid = _grid(points, pose, height, width)
    nodes = grid.nodes()
    canonical, triangles = canonical_mesh()
    at = np.column_stack([grid.index(points[:, :2]), points[:, 2]]).astype(np.float32)
    position, depth = rasterised(at, triangles, canonical, grid.rows, grid.columns)
    seen = np.isfinite(depth)
    mask = np.where(seen, 0, 255).astype(np.uint8)
    outline = np.round(at[list(OUTLINE), :2] * 16).astype(np.int32)
    cv2.fillPoly(mask, [outline], 0, shift=4)
    outside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    outside *= np.float32(grid.step / pose.scale)

    depth = continued(np.where(seen, depth, 0).astype(np.float32), seen)
    depth = depth + np.float32(5.0 * pose.scale) * (1.0 - np.exp(-outside / 3.0))
    there = unposed(nodes, depth, pose)
    position = there + continued(np.where(seen[..., None], position - there, 0), seen)
    position = cv2.GaussianBlur(position, (0, 0), 1.0)

    below = smooth_step((-6.0 - position[..., 1]) / 3.5)
    skin = np.exp(-((outside / (1.2 + 2.0 * below)) ** 2))
    skin = np.clip((skin - LEAST) / (1 - LEAST), 0, 1)
    skin *= smooth_step(from_edges(nodes, height, width) / np.float32(pose.scale))
    shaded = skin * np.exp(-outside / 0.3)
    return Placement(
        grid, pose, position.astype(np.float32), skin.astype(np.float32), shaded.astype(np.float32)
    )


def _grid(points: Array, pose: HeadPose, height: int, width: int) -> Grid:
    side, above, under = (a * pose.scale for a in AROUND)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    left = float(int(min(max(float(low[0]) - side, 0.0), width - 2.0)))
    top = float(int(min(max(float(low[1]) - above, 0.0), height - 2.0)))
    right = max(min(float(high[0]) + side, width - 1.0), left + 1)
    bottom = max(min(float(high[1]) + under, height - 1.0), top + 1)
    step = max(NODE * pose.scale, 1.0)
    columns = int(np.ceil((right - left) / step)) + 1
    rows = int(np.ceil((bottom - top) / step)) + 1
    return Grid(left, top, step, columns, rows)
