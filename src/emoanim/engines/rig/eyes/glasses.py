"""Glasses are stiff: where they are, the skin's motion must not bend them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.turning import in_picture
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require
from emoanim.faces import HeadPose

__all__ = ["stiffness", "upper_rim", "wears_glasses"]

Array = NDArray[np.float32]

DENSITY = 24
"""Pixels per cm of the patch that is looked at."""
PATCH = (-4.4, 4.4, 0.9, 5.6)
"""Left, right, bottom and top of that patch, canonical cm: eyes, brows and the root of the nose."""
BRIDGE = (-0.8, 0.8, 2.0, 4.2)
SIDES = ((-2.0, -0.7, 1.2, 2.8), (0.7, 2.0, 1.2, 2.8))
"""Where a bridge crosses the nose, and where rims or pads go down beside it, canonical cm."""
RIMS = ((-4.2, -1.8, 3.0, 5.3), (1.8, 4.2, 3.0, 5.3))
"""Where the upper halves of rims are looked for, canonical cm."""
THICKNESS, THICK = 0.22, 0.28
"""A line differs from what is so far away on both sides, and a heavy rim, cm."""
CLEAR = 0.5
"""No line counts as more, logarithm of brightness: one sharp edge is no line all along."""
CROSSED, BESIDE = 0.09, 0.07
"""A bridge differs by more in the mean, and so do lines on both sides. Of 86 faces without glasses
3 reach the first (drawn brows, a laugh, a nose before a dark background) and one of these the
second; of 8 with glasses the faintest have 0.13 and 0.09."""
HEAVY, HEAVY_BESIDE = 0.4, 0.2
"""So much has a rim that is no brow and no lid, and beside the nose, on both sides."""
USUAL_RIM = 3.4
"""Height up to which the skin is held back at least, canonical cm: few rims are seen above it."""
FIRM = 0.85
"""Share of the motion that is held back."""


def wears_glasses(image: NDArray[np.uint8], pose: HeadPose) -> bool:
    """Return whether a line crosses the root of the nose, and lines go down on both sides of it.

    A fold between drawn brows crosses it as well, so one line is not enough.

    Args:
        image: uint8 (h, w, 3) RGB.
        pose: of the head.
    """
    patch = _patch(image, pose)
    crossing = max(_along(_within(lines, BRIDGE)) for lines in _lines(patch, 0))
    return crossing > CROSSED and _beside(patch) > BESIDE


def upper_rim(image: NDArray[np.uint8], pose: HeadPose) -> float:
    """Return up to which height glasses reach, canonical cm.

    Thin rims can't be told from lids and brows, and bend least visibly: they count as usual ones.

    Args:
        image: uint8 (h, w, 3) RGB, of somebody who wears glasses.
        pose: of the head.
    """
    patch = _patch(image, pose)
    if _beside(patch) < HEAVY_BESIDE:
        return USUAL_RIM
    dark = _lines(patch, 0, THICK)[0]
    heights = []
    for box in RIMS:
        lines = _within(dark, box)
        if _along(lines) < HEAVY:
            return USUAL_RIM
        heights.append(box[3] - _row(lines) / DENSITY)
    return max(USUAL_RIM, float(np.mean(heights)))


def _beside(patch: Array) -> float:
    """Return how clear the fainter of the lines is that go down beside the nose."""
    upright = _lines(patch, 1)
    return min(max(_along(_within(lines, side).T) for lines in upright) for side in SIDES)


def _patch(image: NDArray[np.uint8], pose: HeadPose) -> Array:
    """Return the logarithm of brightness around the root of the nose, as seen from the front."""
    cv2 = require("cv2", "rig")
    left, right, bottom, top = PATCH
    x, y = np.meshgrid(np.arange(left, right, 1 / DENSITY), np.arange(top, bottom, -1 / DENSITY))
    bulging = 5.4 - 0.09 * x * x
    at = in_picture(np.stack([x, y, bulging], -1).reshape(-1, 3).astype(np.float32), pose)
    places = np.ascontiguousarray(at[:, :2], np.float32).reshape(*x.shape, 2)
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    seen = cv2.remap(grey, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(np.log(seen.astype(np.float32) + 12), (0, 0), 1.5))


def _lines(patch: Array, axis: int, thickness: float = THICKNESS) -> tuple[Array, Array]:
    """Return how much every pixel is darker, and lighter, than both sides along an axis."""
    away = round(thickness * DENSITY)
    one, other = np.roll(patch, away, axis), np.roll(patch, -away, axis)
    dark, light = np.minimum(one, other) - patch, patch - np.maximum(one, other)
    return np.clip(dark, 0, CLEAR), np.clip(light, 0, CLEAR)


def _within(patch: Array, box: tuple[float, float, float, float]) -> Array:
    left, right, bottom, top = box
    rows = (round((PATCH[3] - y) * DENSITY) for y in (top, bottom))
    columns = (round((x - PATCH[0]) * DENSITY) for x in (left, right))
    return patch[slice(*rows), slice(*columns)]


def _along(lines: Array) -> float:
    """Return the mean along the clearest way from the left to the right that is nowhere steep."""
    return float(_totals(lines).max() / lines.shape[1])


def _totals(lines: Array) -> Array:
    """Return the sum along the clearest way to each row of the last column."""
    total = lines[:, 0]
    for column in lines.T[1:]:
        padded = np.pad(total, 1, constant_values=-np.inf)
        total = np.maximum(np.maximum(padded[:-2], padded[1:-1]), padded[2:]) + column
    return total


def _row(lines: Array) -> float:
    """Return where the clearest way passes the middle, in rows from the top."""
    middle = lines.shape[1] // 2
    return float(np.argmax(_totals(lines[:, : middle + 1]) + _totals(lines[:, : middle - 1 : -1])))


def stiffness(at: Array, rim: float = USUAL_RIM) -> Array:
    """Return the share of the skin's motion that glasses hold back, in [0, 1].

    Args:
        at: (n, 3) canonical cm.
        rim: height that they reach, canonical cm.
    """
    inside = smooth_step((rim + 1.2 - at[:, 1]) / 1.2) * smooth_step((at[:, 1] + 0.9) / 1.3)
    return np.asarray(FIRM * inside * smooth_step((7.5 - np.abs(at[:, 0])) / 1.5), np.float32)
