"""Closed rings of mesh points, around face, eyes and lips, and the pixels that a ring encloses."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.faces.lip_reader import LIPS

__all__ = ["EYES", "INNER_LIPS", "OUTER_LIPS", "OUTLINE", "enclosed"]

OUTER_LIPS = (*LIPS[:11], *LIPS[19:10:-1])
INNER_LIPS = (*LIPS[20:31], *LIPS[39:30:-1])
"""Around the mouth's opening."""
EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
)
"""Around the lids' opening: the eye on the picture's left, then the other."""
OUTLINE = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""The edge of the mesh, clockwise on the screen from the top."""


def enclosed(ring: NDArray[np.floating], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Return which pixels a closed line encloses, its own among them, (h, w).

    Args:
        ring: its corners (n, 2), pixels; they are rounded.
        shape: height and width of the picture.
    """
    cv2 = require("cv2", "rig")
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(ring).astype(np.int32)], 1)
    return mask.astype(bool)
