"""The head in the picture as a coarse grid: which place of the face each node shows, and how deep.

The mesh gives both inside the face; around it they are continued smoothly, so that hair, ears, neck
and background take part in a motion as far as they should and no further.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.inset import Box
from emoanim.engines.rig.geometry.raster import rasterised
from emoanim.engines.rig.geometry.turning import FLIP
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require
from emoanim.faces import OUTLINE, HeadPose, canonical_mesh, fit_pose

__all__ = ["FaceMap", "Grid", "SkinGrid", "Surface", "continued", "face_map", "head_surface"]

Array = NDArray[np.float32]

NODE = 0.2
"""Distance of the nodes, cm on the face."""
AROUND = (9.0, 9.0, 11.0)
"""How far the grid reaches beyond the face at the sides, the top and the bottom, cm."""
SHOULDERS = 0.12
"""Share of the head's motion that the shoulders take."""
LEAST = 0.02
"""Shares of the skin's motion up to here are taken as none, so that it ends somewhere."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Nodes over a part of a picture.

    Attributes:
        left, top: the first node, pixels.
        step: pixels between nodes.
        columns, rows: how many.
    """

    left: float
    top: float
    step: float
    columns: int
    rows: int

    def nodes(self) -> Array:
        """Return the nodes' places in the picture, float32 (rows, columns, 2)."""
        x = self.left + self.step * np.arange(self.columns, dtype=np.float32)
        y = self.top + self.step * np.arange(self.rows, dtype=np.float32)
        return np.stack(np.meshgrid(x, y), -1).astype(np.float32)

    def part(self, rows: slice, columns: slice) -> Grid:
        """Return the nodes of some rows and columns (both slices have a start and a stop)."""
        return Grid(
            self.left + columns.start * self.step,
            self.top + rows.start * self.step,
            self.step,
            columns.stop - columns.start,
            rows.stop - rows.start,
        )

    def box(self, height: int, width: int) -> tuple[int, int, int, int]:
        """Return left, top, right, bottom of the pixels between the nodes, inside a picture."""
        right = self.left + self.step * (self.columns - 1)
        bottom = self.top + self.step * (self.rows - 1)
        left, top = math.ceil(self.left), math.ceil(self.top)
        return left, top, min(int(right) + 1, width), min(int(bottom) + 1, height)

    def index(self, points: Array) -> Array:
        """Return pixels as fractional columns and rows."""
        return np.asarray(
            (points - np.array((self.left, self.top), np.float32)) / self.step, np.float32
        )


@dataclass(frozen=True, slots=True, eq=False)
class SkinGrid:
    """Where the skin lies in a picture; arrays are (rows, columns, ...), float32.

    Attributes:
        grid: the nodes.
        pose: of the head.
        place: (..., 3) place on the canonical face, cm, continued around it.
        skin: share of the skin's motion that a node takes part in, 1 on the face.
    """

    grid: Grid
    pose: HeadPose
    place: Array
    skin: Array


@dataclass(frozen=True, slots=True, eq=False)
class DeepGrid(SkinGrid):
    """Where a face lies in depth, and how far the rest is from it.

    Attributes:
        depth: pixels, away from the camera.
        outside: distance from the face in the picture, cm; 0 on it.
    """

    depth: Array
    outside: Array


@dataclass(frozen=True, slots=True, eq=False)
class FaceMap(DeepGrid):
    """The face, and how near the picture ends.

    Attributes:
        edge: distance from the nearest edge of the picture, or of the frame in it, cm.
    """

    edge: Array


@dataclass(frozen=True, slots=True, eq=False)
class Surface(DeepGrid):
    """The whole head, with what it takes along.

    Attributes:
        head: share of the head's motion, 1 on the head, 0 on the background and the shoulders.
    """

    head: Array

    def part(self, rows: slice, columns: slice) -> Surface:
        """Return what some rows and columns of the grid show."""
        arrays = (self.place, self.skin, self.depth, self.outside, self.head)
        cut = (np.ascontiguousarray(a[rows, columns]) for a in arrays)
        return Surface(self.grid.part(rows, columns), self.pose, *cut)

    def where_skin_moves(self) -> tuple[slice, slice]:
        """Return the rows and columns around all nodes whose skin can move."""
        rows, columns = np.nonzero(self.skin > 0)
        return (
            slice(max(int(rows.min()) - 1, 0), min(int(rows.max()) + 2, len(self.skin))),
            slice(max(int(columns.min()) - 1, 0), min(int(columns.max()) + 2, self.skin.shape[1])),
        )


def face_map(
    points: Array,
    around: tuple[float, float, float],
    height: int,
    width: int,
    frame: Box | None = None,
) -> FaceMap:
    """Lay a grid over a face and what is around it.

    Args:
        points: (468, 3) mesh, pixels.
        around: how far it reaches beyond the mesh at the sides, the top and the bottom, cm.
        height: of the picture.
        width: of the picture.
        frame: left, top, right and bottom of what may move, pixels; the picture by default.
    """
    cv2 = require("cv2", "rig")
    pose = fit_pose(points)
    grid = _grid(points, pose, around, height, width)
    nodes = grid.nodes()
    canonical, triangles = canonical_mesh()
    at = np.column_stack([grid.index(points[:, :2]), points[:, 2]]).astype(np.float32)
    position, depth = rasterised(at, triangles, canonical, grid.rows, grid.columns)
    seen = np.isfinite(depth)
    depth = np.where(seen, depth, 0).astype(np.float32)
    outside = _distance_outside(points, seen, grid) * np.float32(grid.step / pose.scale)

    # Around the face: a head whose depth falls off towards its outline, then what the pose says is
    # there, plus the difference between this face and the canonical one at the face's edge.
    depth = continued(depth, seen)
    depth = depth + np.float32(5.0 * pose.scale) * (1.0 - np.exp(-outside / 3.0))
    there = _unposed(nodes, depth, pose)
    position = there + continued(np.where(seen[..., None], position - there, 0), seen)
    position = cv2.GaussianBlur(position, (0, 0), 1.0)

    below = smooth_step((-6.0 - position[..., 1]) / 3.5)
    skin = np.exp(-((outside / (1.2 + 2.0 * below)) ** 2))
    skin = np.clip((skin - LEAST) / (1 - LEAST), 0, 1)
    edge = _from_edges(nodes, frame or (0, 0, width - 1, height - 1)) / np.float32(pose.scale)
    skin *= smooth_step(edge / 1.0)
    as_float = (a.astype(np.float32) for a in (position, skin, depth, outside, edge))
    return FaceMap(grid, pose, *as_float)


def head_surface(points: Array, height: int, width: int, frame: Box | None = None) -> Surface:
    """Lay a grid over the head.

    Args:
        points: (468, 3) mesh, pixels.
        height: of the picture.
        width: of the picture.
        frame: left, top, right and bottom of what may move, pixels; the picture by default.
    """
    cv2 = require("cv2", "rig")
    face = face_map(points, AROUND, height, width, frame)
    depth = cv2.GaussianBlur(face.depth, (0, 0), 1.0)
    outside, position = face.outside, face.place
    head = 1.0 - smooth_step((outside - 2.5) / 7.5)
    on_neck = 1.0 - smooth_step((-10.5 - position[..., 1]) / 7.0)
    # The shoulders follow a little; what is beside and above them is background.
    body = smooth_step((-8.0 - position[..., 1]) / 4.0) * (1.0 - smooth_step((outside - 8.0) / 5.0))
    head = np.maximum(head * on_neck, SHOULDERS * body)
    head *= smooth_step(face.edge / 2.5)
    return Surface(
        face.grid, face.pose, position, face.skin, depth, outside, head.astype(np.float32)
    )


def _grid(
    points: Array, pose: HeadPose, around: tuple[float, float, float], height: int, width: int
) -> Grid:
    side, above, under = (a * pose.scale for a in around)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    left = float(int(min(max(float(low[0]) - side, 0.0), width - 2.0)))
    top = float(int(min(max(float(low[1]) - above, 0.0), height - 2.0)))
    right = max(min(float(high[0]) + side, width - 1.0), left + 1)
    bottom = max(min(float(high[1]) + under, height - 1.0), top + 1)
    step = max(NODE * pose.scale, 1.0)
    columns = int(np.ceil((right - left) / step)) + 1
    rows = int(np.ceil((bottom - top) / step)) + 1
    return Grid(left, top, step, columns, rows)


def _distance_outside(points: Array, seen: NDArray[np.bool_], grid: Grid) -> Array:
    """Return the distance from the face's silhouette in nodes, 0 inside.

    A turned head's nose and brow may stand out of the outline, so what is seen of the mesh counts.
    """
    cv2 = require("cv2", "rig")
    mask = np.where(seen, 0, 255).astype(np.uint8)
    outline = np.round(grid.index(points[list(OUTLINE), :2]) * 16).astype(np.int32)
    cv2.fillPoly(mask, [outline], 0, shift=4)
    distance = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    # Its last bit depends on where the mask lies in memory; the squares are whole numbers.
    return np.asarray(np.sqrt(np.rint(distance * distance)), np.float32)


def continued(values: Array, known: NDArray[np.bool_]) -> Array:
    """Fill unknown nodes smoothly from known ones, coarse to fine."""
    cv2 = require("cv2", "rig")
    rows, columns = known.shape
    if known.all():
        return values
    weight = known.astype(np.float32)
    flat = values.reshape(rows, columns, -1) * weight[..., None]
    if min(rows, columns) <= 2 or not known.any():
        mean = flat.sum((0, 1)) / max(float(weight.sum()), 1.0)
        return np.where(
            known.reshape(rows, columns, *[1] * (values.ndim - 2)),
            values,
            mean.reshape(values.shape[2:]),
        )
    half = ((columns + 1) // 2, (rows + 1) // 2)
    small_weight = cv2.resize(weight, half, interpolation=cv2.INTER_AREA)
    small = cv2.resize(flat, half, interpolation=cv2.INTER_AREA).reshape(half[1], half[0], -1)
    small = small / np.maximum(small_weight, 1e-6)[..., None]
    filled = continued(small.astype(np.float32), small_weight > 1e-3)
    large = cv2.resize(filled, (columns, rows), interpolation=cv2.INTER_LINEAR)
    large = cv2.GaussianBlur(large, (0, 0), 1.5).reshape(values.shape)
    shape = (rows, columns) + (1,) * (values.ndim - 2)
    return np.asarray(np.where(known.reshape(shape), values, large), np.float32)


def _unposed(nodes: Array, depth: Array, pose: HeadPose) -> Array:
    """Return the canonical place (cm, y up) of pixels at a depth."""
    there = np.concatenate([nodes, depth[..., None]], -1) - pose.translation.astype(np.float32)
    turned = there @ (pose.rotation.astype(np.float32) / np.float32(pose.scale))
    return np.asarray(turned * FLIP, np.float32)


def _from_edges(nodes: Array, frame: Box) -> Array:
    """Return the distance to the nearest edge of a frame, pixels; 0 outside it."""
    left, top, right, bottom = frame
    x, y = nodes[..., 0], nodes[..., 1]
    nearest = np.minimum(np.minimum(x - left, right - x), np.minimum(y - top, bottom - y))
    return np.asarray(np.clip(nearest, 0, None), np.float32)
