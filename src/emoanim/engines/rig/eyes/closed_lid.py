"""The skin of a closed lid, which an open eye does not show.

What can be seen of a lid while the eye is open is a strip in the shade of the brow, under lashes:
drawn out over the eye it is a streaked, dark patch, and the brow comes down with it. So a closed
lid is painted where it will lie: the colours of the skin around the eye, continued over it, with
the grain of the skin below it and the fold above it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.curves import Slit
from emoanim.engines.rig.geometry.landmarks import BROWS
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require
from emoanim.faces import enclosed

__all__ = ["BAND", "ClosedLid", "closed_lid"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

BAND = 0.36
"""The upper lashes lie over the skin this far above the lid edge, cm."""
_UNDER, _ROOM = 0.22, 0.30
"""The lower lashes reach so far below the edge; so much skin stays unpainted under the brow, cm."""
_OUTER, _INNER = (1.05, 1.5), (0.95, 1.25)
"""Half eyes' widths from the middle at which the painted skin begins to end and has ended, on the
side of the temple, where the lashes fan out, and of the nose."""
_SOFT = 0.45
"""Width of the border between painted and seen skin, cm."""
_BROW, _AROUND = 0.12, 0.15
"""So far around the brow, and around what is painted, a colour is not taken for the skin's, cm."""
_DARK, _FULL, _LEAST = 0.6, 1.0, 0.04
"""What is as dark, over the skin below the eye, counts least, and what is so light, fully."""
_GRAIN, _MOST_GRAIN, _BELOW = 0.06, 8.0, 0.35
"""Grain is what is narrower than this, cm, and no stronger, of 255; it is that of the skin below
the eye, mirrored at a line so far below the edge, cm."""
_ROUND, _FOLD, _FOLD_AT, _FOLD_WIDTH = 0.05, 0.04, 0.24, 0.07
"""How much lighter the middle of the ball is, how much darker the fold above it; its height above
the resting edge and its width, cm."""


@dataclass(frozen=True, slots=True, eq=False)
class ClosedLid:
    """One lid as it is when the eye is closed.

    Attributes:
        painted: float32 (h, w, 4): RGB, and in the last channel how much of it is seen, 0 to 1.
        origin: left and top of it in the portrait, pixels.
    """

    painted: Array
    origin: Array

    def at(self, source: Array) -> tuple[Array, Array]:
        """Return colours (h, w, 3) and how much they count (h, w, 1) at places (h, w, 2)."""
        cv2 = require("cv2", "rig")
        seen = cv2.remap(
            self.painted, source - self.origin, None, cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
        )  # fmt: skip
        return np.asarray(seen[..., :3], np.float32), np.asarray(seen[..., 3:], np.float32)


def closed_lid(
    image: Image, points: Array, side: int, lids: Slit, scale: float, above: float
) -> ClosedLid:
    """Paint the lid of an open eye.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
        side: 0 for the image's left eye, 1 for its right one.
        lids: edges of its lids.
        scale: pixels per cm.
        above: distance from the upper edge to the brow, pixels.
    """
    reach = 1.6 * lids.half + 2.0 * scale
    left, top = (max(int(c - reach), 0) for c in lids.centre)
    right, bottom = (int(c + reach) + 1 for c in lids.centre)
    near = image[top:bottom, left:right].astype(np.float32)
    origin = np.array((left, top), np.float32)
    rows, columns = np.mgrid[: near.shape[0], : near.shape[1]].astype(np.float32)
    u, v = lids.local(np.stack([columns, rows], -1) + origin)
    upper, lower = lids.at(lids.upper, u), lids.at(lids.lower, u)
    outwards = u if side else -u

    begun, ended = (np.where(outwards > 0, a, b) for a, b in zip(_OUTER, _INNER, strict=True))
    across = 1.0 - smooth_step((np.abs(outwards) - begun) / (ended - begun))
    fan = 1.0 + 0.5 * smooth_step((outwards - 0.3) / 0.6)
    band = min(BAND * scale, max(above - _ROOM * scale, 0.15 * scale)) * fan * across
    soft = _SOFT * scale
    inside = (v > upper - band) & (v < lower + _UNDER * scale) & (across > 0)
    share = smooth_step((v - upper + band + 0.8 * soft) / soft) * across
    share *= smooth_step((lower + _UNDER * scale - v) / (0.8 * _UNDER * scale))

    brow = points[list(BROWS[side]), :2]
    hair = _brow(near, brow - origin, _BROW * scale)
    lit = _lit(near, (np.abs(u) < 0.9) & (np.abs(v - lower - 0.7 * scale) < 0.25 * scale))
    share *= 1.0 - _smoothed(hair, 0.1 * scale)
    unknown = np.maximum(_grown(inside.astype(np.uint8), _AROUND * scale), hair)
    skin = _continued(near, np.asarray(lit * (1.0 - unknown), np.float32))
    skin += _grain(near, lids, u, 2 * (lower + _BELOW * scale) - v, origin, scale)

    middle = (0.35 * upper + 0.65 * lower - v) / np.maximum(0.5 * (lower - upper) + band, 1.0)
    ball = np.clip(1 - u * u, 0, 1) * np.clip(1 - middle**2, 0, 1)
    fold = (v - upper + _FOLD_AT * scale) / (_FOLD_WIDTH * scale)
    fold = np.exp(-0.5 * fold**2) * smooth_step((1.0 - np.abs(u)) / 0.35)
    light = 1.0 + _ROUND * ball - _FOLD * fold
    painted = np.concatenate([skin * light[..., None], share[..., None]], -1)
    return ClosedLid(painted.astype(np.float32), origin)


def _lit(near: Array, below: NDArray[np.bool_]) -> Array:
    """Return how much a colour counts: little if it is a lash's, a line's or a deep shadow's."""
    light = near.mean(-1)
    usual = float(np.median(light[below])) if below.any() else float(light.max())
    share = light / max(usual, 1.0)
    return np.asarray(
        _LEAST + (1 - _LEAST) * smooth_step((share - _DARK) / (_FULL - _DARK)), np.float32
    )


def _brow(near: Array, ring: Array, around: float) -> Array:
    """Return 1 on and around the brow, 0 elsewhere."""
    cv2 = require("cv2", "rig")
    hull = cv2.convexHull(ring.astype(np.float32))[:, 0]
    drawn = enclosed(hull, (near.shape[0], near.shape[1])).astype(np.uint8)
    return _grown(drawn, around)


def _grown(mask: Image, around: float) -> Array:
    cv2 = require("cv2", "rig")
    size = 2 * max(round(around), 1) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    return np.asarray(cv2.dilate(mask, disc), np.float32)


def _continued(colours: Array, known: Array) -> Array:
    """Return colours (h, w, 3), those that are not known filled smoothly from all sides."""
    cv2 = require("cv2", "rig")
    if min(known.shape) < 4:
        mean = (colours * known[..., None]).sum((0, 1)) / max(float(known.sum()), 1e-3)
        return np.asarray(np.broadcast_to(mean, colours.shape), np.float32)
    total, count = (cv2.pyrDown(x) for x in (colours * known[..., None], known))
    coarse = _continued(total / np.maximum(count, 1e-4)[..., None], np.minimum(4 * count, 1.0))
    size = colours.shape[1], colours.shape[0]
    filled = cv2.pyrUp(coarse, dstsize=size) if _doubles(coarse, size) else cv2.resize(coarse, size)
    return np.asarray(filled + known[..., None] * (colours - filled), np.float32)


def _doubles(coarse: Array, size: tuple[int, int]) -> bool:
    return all(
        abs(full - 2 * half) == full % 2
        for full, half in zip(size, coarse.shape[1::-1], strict=True)
    )


def _smoothed(values: Array, spread: float) -> Array:
    cv2 = require("cv2", "rig")
    return np.asarray(cv2.GaussianBlur(values, (0, 0), max(spread, 0.5)), np.float32)


def _grain(near: Array, lids: Slit, u: Array, v: Array, origin: Array, scale: float) -> Array:
    """Return the grain of the skin at places of the slit's frame."""
    cv2 = require("cv2", "rig")
    fine = near - _smoothed(near, _GRAIN * scale)
    fine = np.clip(fine, -_MOST_GRAIN, _MOST_GRAIN)
    at = lids.centre + u[..., None] * lids.half * lids.along + v[..., None] * lids.down - origin
    seen = cv2.remap(
        fine, at.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101
    )
    return np.asarray(seen, np.float32)
