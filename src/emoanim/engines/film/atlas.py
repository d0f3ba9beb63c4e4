"""What action units do to a face, laid out once on the plane of the canonical face.

A film needs the units' fields anew in every frame, at other places. Here they are sampled over the
canonical plane; a frame then looks them up, which takes a hundredth of the time.
"""

from __future__ import annotations

from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expressions.anchors import anchor_fields
from emoanim.engines.rig.eyes.glasses import stiffness
from emoanim.engines.rig.geometry.raster import rasterised
from emoanim.engines.rig.geometry.surface import continued
from emoanim.engines.rig.skin.folds import shadows
from emoanim.engines.rig.skin.shading import LIT
from emoanim.engines.rig.units import FIELDS, fields, smooth_step
from emoanim.extras import require
from emoanim.faces import canonical_mesh

__all__ = ["STEP", "anchored", "looked_up", "parted", "plane", "relief", "weighted"]

Array = NDArray[np.float32]

STEP = 0.2
"""Distance of the samples, cm."""
SPAN = (-9.5, 9.5, -13.0, 11.0)
"""Left, right, lowest and highest of the plane, canonical cm; what lies beyond is like its edge."""
PERSONS = 4
"""So many persons' glasses are remembered."""
UPPER_LIP, LOWER_LIP = (-3.4, -4.0), (-4.54, -5.3)
"""Heights of both lips on the canonical face, cm: on the red of each, what moves the upper lip
gives way by half to what moves the lower one. What is between the lips moves as a whole, so that
the gap stays as it is."""


@cache
def plane() -> Array:
    """Return the samples' places on the canonical face, (rows, columns, 3) cm, lowest row first."""
    left, right, low, high = SPAN
    x = np.arange(left, right + STEP / 2, STEP, dtype=np.float32)
    y = np.arange(low, high + STEP / 2, STEP, dtype=np.float32)
    points, triangles = canonical_mesh()
    at = np.column_stack(
        [(points[:, 0] - left) / STEP, (points[:, 1] - low) / STEP, -points[:, 2]]
    ).astype(np.float32)
    depth, nearest = rasterised(at, triangles, points[:, 2:], len(y), len(x))
    z = continued(depth[..., 0], np.isfinite(nearest))
    return np.stack([*np.meshgrid(x, y), z], -1).astype(np.float32)


@cache
def _outwards() -> Array:
    """Return how far every unit at weight 1 moves the skin towards the camera, lips together, cm.

    float32 (len(FIELDS), rows, columns).
    """
    flat = plane().reshape(-1, 3)
    upper, lower = fields(flat)
    lips = [smooth_step((top - flat[:, 1]) / (top - end)) for top, end in (UPPER_LIP, LOWER_LIP)]
    low = np.mean(lips, axis=0)
    moved = upper[..., 2] * (1 - low) + lower[..., 2] * low
    return np.asarray(moved.reshape(len(FIELDS), *plane().shape[:2]), np.float32)


@lru_cache(maxsize=PERSONS)
def anchored(rim: float | None = None) -> Array:
    """Return the share of each anchor's way that the skin takes, float32 (ANCHORS, samples).

    Args:
        rim: height up to which glasses hold back what would bend them, cm; None without glasses.
    """
    flat = plane().reshape(-1, 3)
    shares = anchor_fields(flat)
    return np.asarray(shares if rim is None else shares * (1 - stiffness(flat, rim)), np.float32)


@cache
def _shadows() -> Array:
    return shadows(plane()).reshape(len(FIELDS), -1)


def relief(towards: tuple[float, float], strength: float) -> Array:
    """Return the logarithm of the brightness ratio that every unit causes at weight 1.

    Args:
        towards: where the light comes from (see ``emoanim.engines.rig.skin.shading.light``), for
            a face that looks into the camera.
        strength: of the folds.

    Returns:
        float32 (len(FIELDS), samples).
    """
    cv2 = require("cv2", "rig")
    shape = plane().shape[:2]
    heights = np.empty((len(FIELDS), *shape), np.float32)
    for k, name in enumerate(FIELDS):
        heights[k] = _shadows()[k].reshape(shape) * strength
        if name != "26":
            soft = cv2.GaussianBlur(_outwards()[k], (0, 0), 0.45 / STEP)
            slope_y, slope_x = np.gradient(soft, STEP)
            lambert = towards[1] * slope_y - towards[0] * slope_x
            heights[k] += np.where(lambert > 0, LIT, 1.0) * lambert
        heights[k] = cv2.GaussianBlur(heights[k], (0, 0), 0.1 / STEP)
    return heights.reshape(len(FIELDS), -1)


def weighted(weights: Array, fields_of: Array) -> Array:
    """Return a weighted sum of the rows of fields.

    Without BLAS, whose own threads would get into the way of those that render.

    Args:
        weights: (k,).
        fields_of: (k, n).
    """
    return np.asarray(np.einsum("k,kn->n", weights, fields_of, optimize=False), np.float32)


def looked_up(samples: Array, position: Array) -> Array:
    """Return values at places on the canonical face.

    Args:
        samples: values of the samples, any number for each, flat.
        position: (h, w, 2 or more) canonical cm.

    Returns:
        float32 (h, w, ...).
    """
    cv2 = require("cv2", "rig")
    at = (position[..., :2] - np.array((SPAN[0], SPAN[2]), np.float32)) * np.float32(1 / STEP)
    rows, columns = plane().shape[:2]
    each = samples.size // (rows * columns)
    layer = samples.reshape((rows, columns) if each == 1 else (rows, columns, each))
    sampled = cv2.remap(
        layer, np.ascontiguousarray(at), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled, np.float32)


@lru_cache(maxsize=PERSONS)
def parted(rim: float | None = None) -> tuple[Array, Array]:
    """Return how far every unit at weight 1 moves the skin above and below the mouth line.

    Args:
        rim: height up to which glasses hold back what would bend them, cm; None without glasses.

    Returns:
        Two float32 (len(FIELDS), 3 * samples), cm.
    """
    flat = plane().reshape(-1, 3)
    upper, lower = fields(flat)
    if rim is not None:
        free = 1 - stiffness(flat, rim)[:, None]
        upper, lower = upper * free, lower * free
    first, second = (f.reshape(len(FIELDS), -1).astype(np.float32) for f in (upper, lower))
    return first, second
