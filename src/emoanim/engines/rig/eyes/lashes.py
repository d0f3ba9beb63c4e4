"""A closed lid: skin without the lashes that lay over it, and one soft line of them at its edge.

Pixels of an open eye's lashes can't be moved with the lid: drawn together they become a black wire,
and those at the outer corner, where the lid hardly moves, stay standing like spikes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.eyes.closed_lid import ClosedLid
from emoanim.engines.rig.geometry.curves import Slit
from emoanim.extras import require

__all__ = ["Lashes", "lashes_of"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

_BEGUN, _DONE = 0.15, 0.6
"""Shares of closing between which the lashes turn from the skin to the edge."""
_LINE, _FRINGE = 0.028, 0.09
"""Widths of the line at the edge, and of the lashes that hang below it, cm."""
_DARK, _FAINT = 0.8, 0.3
"""How much of the lashes' colour they have."""


@dataclass(frozen=True, eq=False)
class Lashes:
    """The upper lashes of one eye.

    Attributes:
        colour: of the darkest of them, float32 (3,) RGB.
        outer: on which side the outer corner lies, -1 or 1 along the slit.
        scale: pixels per cm.
        painting: paints the lid without them.
    """

    colour: Array
    outer: float
    scale: float
    painting: Callable[[], ClosedLid]

    @cached_property
    def lid(self) -> ClosedLid:
        """The lid without lashes: only eyes that close need it."""
        return self.painting()

    def turned(self, closed: float) -> float:
        """Return the share, 0 to 1, by which they have left the skin of a closing lid."""
        t = min(max((closed - _BEGUN) / (_DONE - _BEGUN), 0.0), 1.0)
        return t * t * (3.0 - 2.0 * t)

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


def lashes_of(
    image: Image, lids: Slit, scale: float, outer: float, painting: Callable[[], ClosedLid]
) -> Lashes:
    """Return the lashes of a portrait's open eye.

    Args:
        image: uint8 (h, w, 3) RGB.
        lids: edges of its lids.
        scale: pixels per cm.
        outer: -1 where the outer corner is the left one in the picture, else 1.
        painting: paints the lid without them.
    """
    u = np.linspace(-0.8, 0.8, 33, dtype=np.float32)
    row = _seen(image, lids, u, lids.at(lids.upper, u), np.linspace(0.04, -0.12, 9) * scale)
    dark = row[np.argsort(row.mean(axis=1))[: len(row) // 5]]
    return Lashes(dark.mean(axis=0), outer, scale, painting)


def _seen(image: Image, lids: Slit, u: Array, edge: Array, below: NDArray[np.floating]) -> Array:
    """Return the colours, float32 (n, 3), so many pixels below an edge along the slit."""
    cv2 = require("cv2", "rig")
    v = edge[None] + below[:, None].astype(np.float32)
    at = lids.centre + u[None, :, None] * lids.half * lids.along + v[..., None] * lids.down
    seen = cv2.remap(
        image, at.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(seen.reshape(-1, 3), np.float32)
