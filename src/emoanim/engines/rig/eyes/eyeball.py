"""What a raised lid uncovers: the top of the iris and the white above it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.curves import Slit
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require

__all__ = ["Eyeball", "eyeball"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

SHADED = (0.15, 0.30)
"""Below the lid's edge the ball is mixed with lashes, paint and their shadow: at least that far;
where it is as far as the second, nothing is known of the ball, cm."""
CONTRAST = 1.18
"""The white is brighter than the iris by that factor; else it is not seen well enough (a dark
glass, a tiny picture)."""
WET = 0.13
"""Over the lower lid's edge lies the bright line of tears, which nothing is mirrored from, cm."""
DULL = 1.25
"""The mirrored iris is brighter than the iris that is seen by no more."""
LEAST = 6
"""Pixels of white that are needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Eyeball:
    """The iris and the white of one eye.

    Attributes:
        centre: (2,) of the iris, pixels.
        radius: of the iris, pixels.
        white: (3,) RGB.
        band: pixels below the upper lid's edge that are darkened by lashes.
        scale: pixels per cm.
    """

    centre: Array
    radius: float
    white: Array
    band: float
    scale: float

    def uncovered(
        self, image: Image, seen: Array, slit: Slit, at: Array, rest: Array, edge: Array
    ) -> Array:
        """Return the ball's colours with what the risen lid uncovers, float32 (h, w, 3).

        The iris is mirrored from its lower half, which lids hide less.

        Args:
            image: the portrait.
            seen: (h, w, 3) the ball's colours as the portrait has them.
            slit: of the lids.
            at: (h, w, 2) places in the portrait, pixels.
            rest: (h, w) v of the upper lid's edge in the portrait there.
            edge: (h, w) v to which it rises.
        """
        cv2 = require("cv2", "rig")
        u, v = slit.local(at)
        away = at - self.centre
        deep = away @ slit.down
        below = np.minimum(v - 2 * deep, slit.at(slit.lower, u) - np.float32(WET * self.scale))
        mirrored = at + (below - v)[..., None] * slit.down
        iris = cv2.remap(image, mirrored, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        soft = max(0.10 * self.radius, 0.8)
        inside = smooth_step((self.radius - np.linalg.norm(away, axis=-1)) / (2 * soft) + 0.5)
        visible = (inside > 0.9) & (v > rest + 1.0)
        if visible.any():  # neither a light's reflection nor the lid's rim is mirrored
            iris = np.minimum(iris, DULL * np.median(seen[visible], axis=0) + 4.0)
        colour = iris * inside[..., None] + self.white * (1 - inside[..., None])
        # The lid still throws its shadow, and the ball turns away from the light.
        colour *= (0.93 - 0.42 * np.exp(-np.clip(v - edge, 0, None) / (0.14 * self.scale)))[
            ..., None
        ]
        band = np.float32(self.band)
        share = smooth_step((rest + band - v) / band) * smooth_step(
            (rest - edge) / (0.12 * self.scale)
        )
        return np.asarray(seen + share[..., None] * (colour - seen), np.float32)


def eyeball(image: Image, rim: Array, slit: Slit, scale: float) -> Eyeball | None:
    """Return the ball behind a pair of lids; None if lashes or a glass hide what it looks like.

    Args:
        image: uint8 (h, w, 3) RGB.
        rim: (5, 2) pixels, centre and rim of the iris (see ``emoanim.faces.Face.irises``).
        slit: of the lids.
        scale: pixels per cm.
    """
    centre = np.asarray(rim[0], np.float32)
    radius = float(np.linalg.norm(rim[1:] - centre, axis=1).mean())
    reach = slit.half + 1
    height, width = image.shape[:2]
    left, top = (max(int(c - reach), 0) for c in slit.centre)
    right, bottom = int(slit.centre[0] + reach) + 1, int(slit.centre[1] + reach) + 1
    x, y = np.arange(left, min(right, width)), np.arange(top, min(bottom, height))
    if not len(x) or not len(y) or radius < 1.0:
        return None
    at = np.stack(np.meshgrid(x, y), -1).astype(np.float32)
    pixels = image[top : top + len(y), left : left + len(x)].astype(np.float32)
    u, v = slit.local(at)
    margin = 0.06 * scale
    open_ = (np.abs(u) < 0.85) & (v > slit.at(slit.upper, u) + margin)
    open_ &= v < slit.at(slit.lower, u) - margin
    apart = np.linalg.norm(at - centre, axis=-1)
    white, iris = pixels[open_ & (apart > 1.15 * radius)], pixels[open_ & (apart < 0.9 * radius)]
    if len(white) < LEAST or not len(iris):
        return None
    light = white.mean(1)
    bright = np.median(white[light >= np.percentile(light, 50)], axis=0)
    if bright.mean() < CONTRAST * iris.mean():
        return None
    deep = (v - slit.at(slit.upper, u)) / scale
    aside = (np.abs(u) < 0.8) & (apart > 1.15 * radius) & (v < slit.at(slit.lower, u))
    lowest, highest = SHADED
    band = highest
    for depth in np.arange(highest, 0.0, -0.04):
        ring = pixels[aside & (np.abs(deep - depth) < 0.03)]
        if len(ring) and np.median(ring.mean(1)) < 0.7 * bright.mean():
            break
        band = max(depth + 0.02, lowest)
    if band == highest:
        return None
    return Eyeball(centre, radius, bright.astype(np.float32), band * scale, scale)
