"""Light and lids on a frame of the film whose skin has moved."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.atlas import looked_up, weighted
from emoanim.engines.film.placement import Placement
from emoanim.engines.rig.eyes.lids import Eye, LidMotion
from emoanim.engines.rig.geometry.warp import enlarged_values
from emoanim.engines.rig.skin.shading import bounded
from emoanim.extras import require

__all__ = ["shade", "slide"]

Array = NDArray[np.float32]

HELD = 0.5
"""Share of a fold that is taken away with the unit that made it: its pixels are not all fold."""


def shade(
    image: Image,
    at: Placement,
    total: Array,
    back: Array,
    box: tuple[int, int, int, int],
    relief_of: Array,
    colour: Array,
) -> None:
    """Darken and lighten the moved skin in place.

    Args:
        image: uint8, the pixels of ``box``.
        at: where the face lies.
        total: weights of ``FIELDS``.
        back: (rows, columns, 2) from where the content of the nodes came, pixels.
        box: left, top, right, bottom in pixels.
        relief_of: of the person (see ``emoanim.engines.film.atlas.relief``).
        colour: (3,) exponents of a shadow's ratio for R, G, B.
    """
    cv2 = require("cv2", "rig")
    share = np.where(total > 0, total, HELD * total).astype(np.float32)
    ratio = looked_up(weighted(share, relief_of), at.place) * at.shaded
    index = at.grid.index(at.grid.nodes() + back)
    ratio = cv2.remap(
        ratio, index, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
    )
    gain = np.exp(bounded(ratio)[..., None] * colour)
    cv2.multiply(image, enlarged_values(gain, at.grid, *box), dst=image, dtype=cv2.CV_8U)


def slide(
    image: Image,
    made: Image,
    source: Array,
    box: tuple[int, int, int, int],
    lids: list[tuple[Eye, LidMotion]],
    scale: float,
) -> None:
    """Slide the lids over the eyeballs in place.

    Args:
        image: the frame.
        made: uint8, the pixels of ``box``.
        source: (h, w, 2) from where they come, pixels.
        box: left, top, right, bottom in pixels.
        lids: of both eyes and how they move (see ``emoanim.engines.film.lids``).
        scale: pixels per cm.
    """
    margin = int(0.8 * scale)
    for eye, motion in lids:
        if motion.still:
            continue
        left, top, right, bottom = eye.box
        window = np.s_[
            max(top - margin - box[1], 0) : max(bottom + margin - box[1], 0),
            max(left - margin - box[0], 0) : max(right + margin - box[0], 0),
        ]
        if source[window].size == 0:
            continue
        moved, share = eye.slid(image, source[window], motion)
        made[window] = made[window] * (1 - share) + moved * share + 0.5
