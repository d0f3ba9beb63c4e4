"""The small pictures of a study: the face of a frame, as figure 2 shows it."""

from __future__ import annotations

from typing import Any

import numpy as np

from emoanim.clips import Image

__all__ = ["face_picture"]

_SIDE = 112
_ROOM = 1.9
"""Side of the picture over the longer side of the face: hair and chin are in it."""


def face_picture(image: Image, finder: Any) -> Image:
    """Return the largest face with its head in a square, at most 223 pixels wide.

    Args:
        image: a frame, uint8 (h, w, 3).
        finder: of faces (``emoanim.faces.FaceFinder``); without one, or without a face, the whole
            frame is shown.
    """
    faces = [] if finder is None else finder.find(image)
    if not faces:
        return _reduced(image)
    points = np.asarray(faces[0].points, np.float64)[:, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    height, width = image.shape[:2]
    side = int(min(round(_ROOM * float((high - low).max())), height, width))
    # The mesh ends at the hairline, so the head reaches further up than down.
    x, y = (low + high) / 2 - (0.0, 0.08 * side)
    left = int(np.clip(round(x - side / 2), 0, width - side))
    top = int(np.clip(round(y - side / 2), 0, height - side))
    return _reduced(image[top : top + side, left : left + side])


def _reduced(image: Image) -> Image:
    step = max(1, max(image.shape[:2]) // _SIDE)
    h, w = image.shape[0] // step, image.shape[1] // step
    blocks = image[: h * step, : w * step].reshape(h, step, w, step, 3)
    return np.asarray(blocks.mean(axis=(1, 3)).round(), np.uint8)
