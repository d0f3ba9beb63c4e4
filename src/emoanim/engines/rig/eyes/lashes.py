"""A closed lid: skin without the lashes that lay over it, and one soft line of them at its edge.

Pixels of an open eye's lashes can't be moved with the lid: drawn together they become a black wire,
and those at the outer corner, where the lid hardly moves, stay standing like spikes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.curves import Slit
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require

__all__ = ["BAND", "Lashes", "lashes_of"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

BAND = 0.36
"""The upper lashes lie over the skin this far above the lid edge, cm."""
_BEGUN, _DONE = 0.15, 0.6
"""Shares of closing between which the lashes turn from the skin to the edge."""
_LINE, _FRINGE = 0.028, 0.09
"""Widths of the line at the edge, and of the lashes that hang below it, cm."""
_DARK, _FAINT = 0.8, 0.3
"""How much of the lashes' colour they have."""
_THICK, _SOFT = 0.3, 0.05
"""Dark things narrower than this are no skin; how much the skin is smoothed, cm."""
_LID, _BELOW = (0.36, 0.9), (0.5, 0.9)
"""How far above the upper and below the lower edge the skin is looked at, cm."""
_AS_LIGHT, _MOST_LIT, _EVEN = 0.92, 1.3, 0.55
"""A closed lid has so much of the light on the skin below the eye, at most so much more than what
is above an open eye, and evenly by that share: that lies in the shade of the brow and its fold."""
_OUTSIDE = 1.5
"""Half eyes' widths from the middle to where the outer corner's lashes end."""


@dataclass(frozen=True, eq=False)
class Lashes:
    """The upper lashes of one eye.

    Attributes:
        colour: of the darkest of them, float32 (3,) RGB.
        outer: on which side the outer corner lies, -1 or 1 along the slit.
        near: the picture around the eye, uint8 (h, w, 3).
        origin: its left and top in the picture, float32 (2,) pixels.
        scale: pixels per cm.
        lid: colour of the closed lid, float32 (3,) RGB.
    """

    colour: Array
    outer: float
    near: Image
    origin: Array
    scale: float
    lid: Array

    @cached_property
    def skin(self) -> Image:
        """What is around the eye without thin dark things: only eyes that close need it."""
        cv2 = require("cv2", "rig")
        width = 2 * round(0.5 * _THICK * self.scale) + 1
        disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (width, width))
        closed = cv2.morphologyEx(self.near, cv2.MORPH_CLOSE, disc)
        return np.asarray(cv2.GaussianBlur(closed, (0, 0), _SOFT * self.scale), np.uint8)

    def turned(self, closed: float) -> float:
        """Return the share, 0 to 1, by which they have left the skin of a closing lid."""
        t = min(max((closed - _BEGUN) / (_DONE - _BEGUN), 0.0), 1.0)
        return t * t * (3.0 - 2.0 * t)

    def bare(self, source: Array) -> Array:
        """Return skin without lashes, float32 (h, w, 3), from places (h, w, 2) in the picture."""
        cv2 = require("cv2", "rig")
        seen = cv2.remap(
            self.skin, source - self.origin, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return np.asarray(seen, np.float32)

    def band(self, u: Array) -> Array:
        """Return how far above the resting edge skin begins, pixels: lashes fan out at the side."""
        fan = np.clip((u * self.outer - 0.3) / 0.5, 0, 1)
        return np.asarray(BAND * self.scale * (1 + 0.7 * fan), np.float32)

    def bared(self, u: Array, height: Array) -> Array:
        """Return where the skin above the edge is to be bare, 0 to 1.

        Args:
            u: along the slit, the corners at -1 and 1.
            height: above the lid edge, pixels.
        """
        outside = u * self.outer
        wide = np.clip((_OUTSIDE - outside) / 0.3, 0, 1) * np.clip((outside + 1.05) / 0.15, 0, 1)
        # Beyond the corner there is no edge to hide where the bare skin begins.
        low = np.clip(height / (0.05 * self.scale), 0, 1)
        ends = np.clip((np.abs(u) - 0.9) / 0.15, 0, 1)
        return np.asarray(wide * (1 - ends * (1 - low)), np.float32)

    def evened(self, skin: Array, u: Array, height: Array, reach: Array, share: float) -> Array:
        """Return the skin of a lid out of the shade that it lay in when the eye was open.

        Args:
            skin: (h, w, 3) as it was then.
            u: along the slit.
            height: above the lid edge, pixels.
            reach: height at which the skin is the brow's, pixels.
            share: of the way, 0 to 1.
        """
        near = smooth_step(1.6 * (1 - height / reach)) * smooth_step((1.1 - np.abs(u)) / 0.4)
        near = near * (_EVEN * share)
        return np.asarray(skin + near[..., None] * (self.lid - skin), np.float32)

    def line(self, u: Array, below: Array) -> Array:
        """Return how much of their colour they add, 0 to 1.

        Args:
            u: along the slit.
            below: below the middle of the line, pixels.
        """
        soft = max(_LINE * self.scale, 0.6)
        edge = _DARK * np.exp(-0.5 * (below / np.float32(soft)) ** 2)
        hanging = np.clip(1 - np.clip(below, 0, None) / np.float32(_FRINGE * self.scale), 0, 1)
        fringe = _FAINT * hanging * (below > -soft)
        # Longest on the outer side; none at the corners.
        length = np.clip(0.55 + 0.45 * u * self.outer, 0.1, 1.0)
        taper = np.clip((1.02 - np.abs(u)) / 0.12, 0, 1)
        return np.asarray(np.maximum(edge, fringe * length) * taper * length**0.5, np.float32)


def lashes_of(image: Image, lids: Slit, scale: float, outer: float) -> Lashes:
    """Return the lashes of a portrait's open eye.

    Args:
        image: uint8 (h, w, 3) RGB.
        lids: edges of its lids.
        scale: pixels per cm.
        outer: -1 where the outer corner is the left one in the picture, else 1.
    """
    u = np.linspace(-0.8, 0.8, 33, dtype=np.float32)
    row = _seen(image, lids, u, lids.at(lids.upper, u), np.linspace(0.04, -0.12, 9) * scale)
    dark = row[np.argsort(row.mean(axis=1))[: len(row) // 5]]
    lid, below = (
        np.median(_seen(image, lids, u, lids.at(edge, u), np.linspace(*between, 9) * way), axis=0)
        for edge, between, way in (
            (lids.upper, _LID, -scale),
            (lids.lower, _BELOW, scale),
        )
    )
    lid *= np.clip(_AS_LIGHT * below.mean() / max(float(lid.mean()), 1.0), 1.0, _MOST_LIT)
    reach = 1.6 * lids.half + 2.0 * scale
    left, top = (max(int(c - reach), 0) for c in lids.centre)
    right, bottom = (int(c + reach) + 1 for c in lids.centre)
    near, origin = image[top:bottom, left:right], np.array((left, top), np.float32)
    return Lashes(dark.mean(axis=0), outer, near, origin, scale, lid.astype(np.float32))


def _seen(image: Image, lids: Slit, u: Array, edge: Array, below: NDArray[np.floating]) -> Array:
    """Return the colours, float32 (n, 3), so many pixels below an edge along the slit."""
    cv2 = require("cv2", "rig")
    v = edge[None] + below[:, None].astype(np.float32)
    at = lids.centre + u[None, :, None] * lids.half * lids.along + v[..., None] * lids.down
    seen = cv2.remap(
        image, at.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen.reshape(-1, 3), np.float32)
