"""A hand, a cup or a microphone before a mouth that was seen before.

The mesh draws lips on whatever is there, and its two networks often agree on them. But the colours
around the mouth are then no longer those that this person has in the rest of the film.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.extras import require

__all__ = ["UsualMouth", "mouth_colours", "usual_mouth"]

Array = NDArray[np.float32]

AREAS = (
    (0, 13), (14, 17), (164, 164), (200, 200), (212, 57), (432, 287), (202, 202), (422, 422),
)  # fmt: skip
"""Pairs of mesh points with an area between them: both lips, above and below them, beside the
corners, and beside the chin."""
LIPS = 2
"""So many of them are lips."""
FACE = (195, 50, 280, 101, 330, 151)
"""Mesh points whose middle is the colour that the light gives the face: nose, cheeks, forehead."""
HALF = 0.016
"""Half the side of an area, shares of the face's height."""
SHADOW = 0.4
"""Share of a difference in lightness that counts: heads turn in the light, hues stay."""
SPREADS = 3.0
"""Deviations that the film has anyway which do not count."""
CLEAN = 1.0
"""A film without noise may get some light."""
OTHER = (3.0, 7.0)
"""Distance in CIELAB from the usual colour from which on an area may be covered, and from which on
it is."""
SEVERAL = 4
"""As many areas have to be covered: a shadow or the tongue changes fewer."""
FEWEST = 12
"""Frames that are needed to know what is usual."""


def mouth_colours(image: Image, points: Array) -> Array:
    """Return the colours of areas around the mouth over that of the face, (len(AREAS), 3) CIELAB.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    cv2 = require("cv2", "rig")
    pairs = np.array([*AREAS, *((k, k) for k in FACE)])
    middles = points[pairs, :2].mean(1)
    half = max(HALF * float(np.ptp(points[:, 1])), 0.5)
    height, width = image.shape[:2]
    low = np.clip(np.floor(middles - half), 0, (width - 1, height - 1)).astype(int)
    high = np.maximum(np.clip(np.ceil(middles + half), 0, (width, height)).astype(int), low + 1)
    means = [
        image[top:bottom, left:right].mean((0, 1))
        for (left, top), (right, bottom) in zip(low.tolist(), high.tolist(), strict=True)
    ]
    colours = np.array(means, np.float32)[None] / np.float32(255)
    lab = cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)[0]
    relative = lab[: len(AREAS)] - np.median(lab[len(AREAS) :], axis=0)
    return np.asarray(relative * np.array((SHADOW, 1, 1), np.float32), np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class UsualMouth:
    """The colours around a person's mouth through a film.

    Attributes:
        colours: (len(AREAS), 3) of ``mouth_colours``, their middle.
        spread: (len(AREAS),) usual distance from it.
    """

    colours: Array
    spread: Array

    def seen(self, colours: Array) -> float:
        """Return 1 for a mouth as usual, 0 for one with something before it.

        Args:
            colours: of ``mouth_colours``.
        """
        apart = np.linalg.norm(colours - self.colours, axis=1) - SPREADS * self.spread
        low, high = OTHER
        other = (float(np.sort(apart)[-SEVERAL]) - low) / (high - low)
        return 1.0 - min(max(other, 0.0), 1.0)


def usual_mouth(colours: Sequence[Array]) -> UsualMouth | None:
    """Return what is usual over frames; None if they are too few to tell.

    Args:
        colours: of ``mouth_colours``.
    """
    if len(colours) < FEWEST:
        return None
    each = np.stack(colours)
    # Where nothing is before them, skin is like the face's and lips are redder.
    strange = np.linalg.norm(each[:, LIPS:, 1:], axis=2).mean(1) - each[:, :LIPS, 1].mean(1)
    likely = each[np.argsort(strange, kind="stable")[: max(len(each) // 2, FEWEST // 2)]]
    middle = np.median(likely, axis=0)
    spread = np.median(np.linalg.norm(likely - middle, axis=2), axis=0)
    return UsualMouth(middle.astype(np.float32), np.maximum(spread, CLEAN).astype(np.float32))
