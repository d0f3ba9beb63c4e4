"""Putting a rendered face back into its picture."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require

__all__ = ["paste"]

Image = NDArray[np.uint8]

_FADE = 0.12
"""Share of the shorter side over which the face fades into the picture."""


def paste(picture: Image, face: Image, box: tuple[int, int, int, int]) -> Image:
    """Return the picture with a face in its box.

    Towards the box's border the face fades out along a smooth ramp that ends with no step and no
    kink, so no seam shows; where the border is the picture's own nothing is faded. The picture's
    pixels outside the box are kept as they are.

    Args:
        picture: uint8 (h, w, 3).
        face: uint8, any size; it is resized to the box.
        box: left, top, right, bottom, inside the picture.
    """
    cv2 = require("cv2", "sadtalker")
    left, top, right, bottom = box
    height, width = picture.shape[:2]
    open_sides = (left > 0, top > 0, right < width, bottom < height)
    weight = _weight(right - left, bottom - top, open_sides)
    way = cv2.INTER_CUBIC if right - left > face.shape[1] else cv2.INTER_AREA
    resized = cv2.resize(face, (right - left, bottom - top), interpolation=way)
    out = picture.copy()
    under = out[top:bottom, left:right].astype(np.float32)
    mixed = under + (resized.astype(np.float32) - under) * weight
    out[top:bottom, left:right] = np.rint(mixed).astype(np.uint8)
    return out


@lru_cache(maxsize=4)
def _weight(
    width: int, height: int, open_sides: tuple[bool, bool, bool, bool]
) -> NDArray[np.float32]:
    reach = max(1.0, _FADE * min(width, height))
    rows = _ramp(height, reach, open_sides[1], open_sides[3])
    columns = _ramp(width, reach, open_sides[0], open_sides[2])
    return (rows[:, None] * columns[None, :])[..., None].astype(np.float32)


def _ramp(length: int, reach: float, starts: bool, ends: bool) -> NDArray[np.float64]:
    """A track that rises from 0 to 1 at its open ends, with zero slope at both ends of the rise."""
    positions = np.arange(length)
    near = np.full(length, np.inf)
    if starts:
        near = np.minimum(near, positions)
    if ends:
        near = np.minimum(near, length - 1 - positions)
    share = np.clip(near / reach, 0, 1)
    return share * share * (3 - 2 * share)
