"""A portrait without the marks of an expression that the warp has taken away.

A smile presses folds into the cheeks and thins the lips, so that their colour fades towards the
corners; drawn brows furrow the skin between them, raised ones the forehead. All of that is in the
pixels, not in the geometry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.surface import Surface
from emoanim.engines.rig.geometry.warp import enlarged_values
from emoanim.engines.rig.skin.folds import FROWN, RAISED, Lines, beside_fold, near_lines
from emoanim.engines.rig.units import FIELDS, smooth_step
from emoanim.extras import require
from emoanim.faces import EYES, INNER_LIPS, OUTER_LIPS, enclosed

__all__ = ["Calm"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

REACH = 5.5
"""Half the width and height of what is looked at, around the mouth, cm."""
BROW_REACH = (6.5, 6.0, 2.5)
"""The same around the brows: sideways, upwards and downwards, cm."""
FILLED = 0.95
"""Share of a fold's darkness that is filled."""
BESIDE = 0.6
"""Share of that which is taken off the bright rim beside it."""
EVENED = 0.25
"""Share of the lips' differences in colour that is taken away."""
HAIR = (0.3, 0.55)
"""What is darker than the skin around it by more, as a logarithm, is hair: furrows are filled up
to the first, and nothing from the second on."""
FROM, FULL = 0.7, 1.7
"""Weight of the smile taken away at which this begins and is complete."""
BROW_FROM, BROW_FULL = 0.1, 0.5
"""The same for brows, whose motion the mesh shows a part of only."""

_SMILE = [FIELDS.index("12L"), FIELDS.index("12R")]
_FROWN = [FIELDS.index("4")]
_RAISED = [FIELDS.index("1"), FIELDS.index("2L"), FIELDS.index("2R")]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """A part of the portrait without marks.

    Attributes:
        left, top: of the part in the portrait, pixels.
        part: uint8 (h, w, 3) RGB.
        units: of which the one most taken away tells how much of it is seen.
        begin, full: that weight, taken away, at which it begins to be seen and is complete.
    """

    left: int
    top: int
    part: Image
    units: Sequence[int]
    begin: float
    full: float

    def share(self, weights: Array) -> float:
        """Return how much of it is seen for weights of ``FIELDS``, 0 to 1."""
        taken = -float(weights[self.units].min())
        return min(max((taken - self.begin) / (self.full - self.begin), 0.0), 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Calm:
    """What the skin looks like without an expression's marks.

    Attributes:
        patches: one for each expression whose marks were looked for.
    """

    patches: tuple[Patch, ...]

    @classmethod
    def of(cls, image: Image, points: Array, surface: Surface, taken: Array) -> Calm:
        """Fill the folds of what is taken away.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh, pixels.
            surface: of the face.
            taken: weights of ``FIELDS`` that are added to what is asked for, negative.
        """
        taken = np.minimum(taken, 0.0)
        patches = []
        if -taken[_SMILE].min() > FROM:
            patches += _without_smile(image, points, surface)
        for units, lines in ((_FROWN, FROWN), (_RAISED, RAISED)):
            if -taken[units].min() > BROW_FROM:
                patches.append(_without_furrows(image, points, surface, units, lines))
        return cls(tuple(patches))

    def over(self, image: Image, weights: Array) -> Image:
        """Return the portrait with the marks fading.

        Args:
            image: the portrait.
            weights: of ``FIELDS``, negative for what is taken away.
        """
        shares = [patch.share(weights) for patch in self.patches]
        if not any(shares):
            return image
        cv2 = require("cv2", "rig")
        result = image.copy()
        for patch, share in zip(self.patches, shares, strict=True):
            height, width = patch.part.shape[:2]
            rows = slice(patch.top, patch.top + height)
            window = result[rows, patch.left : patch.left + width]
            before = image[rows, patch.left : patch.left + width]
            # Where two patches meet, each adds its own change.
            change = cv2.subtract(patch.part, before, dtype=cv2.CV_16S)
            window[...] = cv2.scaleAdd(change, share, window.astype(np.int16)).clip(0, 255)
        return result


def _without_smile(image: Image, points: Array, surface: Surface) -> list[Patch]:
    """Fill the folds beside nose and mouth, and even the lips' colour, of either side."""
    scale = float(surface.pose.scale)
    box = _box(image, points[[13, 14], :2].mean(0), scale, (REACH, REACH, REACH))
    left, top, right, bottom = box
    part = image[top:bottom, left:right]

    outer, inner = (_drawn(ring, points, box) for ring in (OUTER_LIPS, INNER_LIPS))
    bare = 1.0 - np.clip(3.0 * _soft(outer, 0.15 * scale), 0, 1)
    near = enlarged_values(beside_fold(surface.place), surface.grid, *box)
    inside = enlarged_values(np.exp(-surface.outside / 0.3), surface.grid, *box)
    light = np.log(part.astype(np.float32) + 8.0)
    wide = _around(light, bare * inside, 0.7 * scale)
    off = wide - _soft(light, 0.04 * scale)
    off = np.where(off > 0, np.minimum(off, 1.0), BESIDE * np.maximum(off, -0.3))
    lightened = np.exp(light + FILLED * (near * bare * inside)[..., None] * off) - 8.0

    lips = _soft(np.clip(outer - inner, 0, 1), 0.05 * scale)[..., None]
    red = (outer - inner) > 0.5
    if red.sum() > 20:
        usual = np.percentile(lightened[red], 45, axis=0)
        lightened += EVENED * lips * (usual - _soft(lightened, 0.12 * scale))
    right_half = enlarged_values(
        smooth_step(surface.place[..., 0] / 1.2 + 0.5), surface.grid, *box
    )[..., None]
    change = lightened - part
    halves = (part + (1.0 - right_half) * change, part + right_half * change)
    return [
        Patch(left, top, _as_pixels(half), [unit], FROM, FULL)
        for half, unit in zip(halves, _SMILE, strict=True)
    ]


def _without_furrows(
    image: Image, points: Array, surface: Surface, units: Sequence[int], lines: Lines
) -> Patch:
    """Fill the furrows that brows make; brows, lids and hair stay as they are."""
    scale = float(surface.pose.scale)
    left, top, right, bottom = box = _box(image, points[9, :2], scale, BROW_REACH)
    part = image[top:bottom, left:right]
    light = np.log(part.astype(np.float32) + 8.0)
    brows = np.maximum.reduce([_drawn(row, points, box) for row in (*_BROWS, *EYES)])
    bare = 1.0 - np.clip(2.5 * _soft(brows, 0.12 * scale), 0, 1)
    inside = enlarged_values(np.exp(-surface.outside / 0.3), surface.grid, *box)
    grey = light.mean(-1)
    known = bare * inside
    if known.sum() < 20:
        return Patch(left, top, part, units, BROW_FROM, BROW_FULL)
    darker = _around(grey[..., None], known, 1.2 * scale)[..., 0] - _soft(grey, 0.02 * scale)
    low, high = HAIR
    hairless = 1.0 - smooth_step((darker - low) / (high - low))
    hairless *= 1.0 - np.clip(3.0 * _soft(1.0 - hairless, 0.12 * scale), 0, 1)
    near = enlarged_values(near_lines(surface.place, lines), surface.grid, *box)
    off = _around(light, known * hairless, 0.45 * scale) - _soft(light, 0.03 * scale)
    off = np.where(off > 0, np.minimum(off, low), BESIDE * np.maximum(off, -0.2))
    lightened = np.exp(light + FILLED * (near * known * hairless)[..., None] * off) - 8.0
    return Patch(left, top, _as_pixels(lightened), units, BROW_FROM, BROW_FULL)


_BROWS = (
    (46, 53, 52, 65, 55, 107, 66, 105, 63, 70),
    (285, 295, 282, 283, 276, 300, 293, 334, 296, 336),
)


def _box(
    image: Image, middle: Array, scale: float, reach: tuple[float, float, float]
) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom around a place, within the picture."""
    height, width = image.shape[:2]
    x, y = np.clip(middle, 0, np.array((width, height)) - 1)
    across, up, down = (scale * r for r in reach)
    return (
        max(int(x - across), 0),
        max(int(y - up), 0),
        min(int(x + across) + 1, width),
        min(int(y + down) + 1, height),
    )


def _drawn(ring: Sequence[int], points: Array, box: tuple[int, int, int, int]) -> Array:
    """Return 1 within a ring of vertices, 0 outside it."""
    left, top, right, bottom = box
    ring_here = points[list(ring), :2] - (left, top)
    return enclosed(ring_here, (bottom - top, right - left)).astype(np.float32)


def _soft(values: Array, spread: float) -> Array:
    cv2 = require("cv2", "rig")
    return np.asarray(cv2.GaussianBlur(values, (0, 0), max(spread, 0.3)), np.float32)


def _around(light: Array, known: Array, spread: float) -> Array:
    """Return what is usual around every pixel, (h, w, k), from those that count."""
    known = (known + 1e-3)[..., None]
    total, count = (_soft(v, spread) for v in (light * known, known[..., 0]))
    return np.asarray(total.reshape(light.shape) / count[..., None], np.float32)


def _as_pixels(values: Array) -> Image:
    return np.asarray(np.clip(values + 0.5, 0, 255), np.uint8)
