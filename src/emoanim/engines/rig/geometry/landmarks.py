"""Named places on the 468-point mesh: lips, lids, brows, the outline, and the mirror image.

Left is the image's left side, which is the person's right. Lists run from left to right.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from emoanim.faces import canonical_mesh

__all__ = [
    "BROWS",
    "INNER_LOWER",
    "INNER_UPPER",
    "LEFT_EYE",
    "OUTER_LOWER",
    "OUTER_UPPER",
    "RIGHT_EYE",
    "mirror",
]

OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)

LEFT_EYE = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133),
    (33, 7, 163, 144, 145, 153, 154, 155, 133),
)
"""Upper and lower lid edge from corner to corner."""
RIGHT_EYE = (
    (362, 398, 384, 385, 386, 387, 388, 466, 263),
    (362, 382, 381, 380, 374, 373, 390, 249, 263),
)
BROWS = ((46, 53, 52, 65, 55), (285, 295, 282, 283, 276))
"""Lower edge of each brow."""


@cache
def mirror() -> NDArray[np.intp]:
    """Return for every vertex the one on the other side of the face, shape (468,)."""
    points = canonical_mesh()[0]
    flipped = points * np.array((-1, 1, 1), np.float32)
    apart = ((points[:, None] - flipped[None]) ** 2).sum(-1)
    return np.asarray(apart.argmin(0), np.intp)
