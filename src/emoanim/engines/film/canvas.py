"""A frame of the film with an expression laid on it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.atlas import joined, looked_up, relief, weighted
from emoanim.engines.film.lids import lids_of
from emoanim.engines.film.person import Person
from emoanim.engines.film.placement import Placement, placed
from emoanim.engines.rig.eyes import Eye, LidMotion
from emoanim.engines.rig.shading import bounded
from emoanim.engines.rig.units import in_fields
from emoanim.engines.rig.warp import enlarged, enlarged_values, inverse
from emoanim.extras import require

__all__ = ["NOTHING", "Canvas", "shade", "slide"]

Array = NDArray[np.float32]

HELD = 0.5
"""Share of a fold that is taken away with the unit that made it: its pixels are not all fold."""
NOTHING = 1e-4


class Canvas:
    """Lays action units on any frame of one person's film.

    What the units do is laid out once (see ``emoanim.engines.film.atlas``); a frame only says where
    on the screen the face lies. Lips keep their distance, so that they go on saying what they say.
    Rendering changes nothing in it: threads can share one.

    Args:
        person: whose film it is.
    """

    def __init__(self, person: Person) -> None:
        self._person = person
        self._moves = joined(person.glasses)
        self._relief = relief(person.towards, person.folds)

    def render(
        self, image: Image, points: Array, irises: Array | None, weights: Mapping[str, float]
    ) -> Image:
        """Return a frame with the expression added to what the face does.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh with its lids put right, pixels.
            irises: (2, 5, 2) pixels.
            weights: by action unit; negative ones take away.

        Returns:
            uint8 (h, w, 3); the frame itself if there is nothing to do.
        """
        cv2 = require("cv2", "rig")
        total = in_fields(weights)
        height, width = image.shape[:2]
        at = placed(points, height, width)
        lids = lids_of(
            image, points, irises, at.pose.scale, self._person.open, self._person.balls, weights
        )
        if np.abs(total).max() < NOTHING and not lids:
            return image
        back = inverse(
            at.in_pixels(looked_up(weighted(total, self._moves), at.place)), at.grid.step
        )
        box = at.grid.box(height, width)
        source = enlarged(back, at.grid, *box)
        warped = cv2.remap(image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        slide(image, warped, source, box, lids, at.pose.scale)
        shade(warped, at, total, back, box, self._relief, self._person.colour)
        result = image.copy()
        result[box[1] : box[3], box[0] : box[2]] = warped
        return result


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
