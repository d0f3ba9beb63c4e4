"""Telling drawn and painted faces from photographs, by how their skin is textured.

Skin in a photograph has a little texture everywhere and soft shadows. A drawing has lines, shadows
with edges, and areas without any texture. Three measures of the skin between eyes, brows and
mouth tell most drawings; paintings that imitate a photograph, statues and dolls pass for one.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.faces.crop import cut, eye_levelled_square
from emoanim.faces.rings import EYES, OUTER_LIPS, OUTLINE, enclosed

__all__ = ["SURELY_DRAWN", "flat_share", "looks_drawn"]

Image = NDArray[np.uint8]
Points = NDArray[np.float32]

SURELY_DRAWN = 1.0
"""From there on a face is called drawn. Of 633 pictures of 113 photographed faces (as they are,
small, grey, blurred, smoothed, compressed) 1.1 % reach it, of 84 drawings 63 %."""

_SIDE = 160
"""Pixels a side of the square that is looked at; the face nearly fills it."""
_SCALE = 1.1
_FLAT = 0.15
"""Steps of L* per pixel below which nothing changes."""
_PLAIN = 0.35
"""Share of flat skin that no photograph comes near (they end at 0.29): lines on plain paper."""
_BAND, _SHARE, _PEAKS, _CONSTANT = 2.27, 1.04, -1.54, 0.976
"""Logistic regression of the three measures; photographs are below 0."""

_PARTS = (
    *((1.9, ring) for ring in EYES),
    (1.3, OUTER_LIPS),
    (1.7, (70, 63, 105, 66, 107, 55, 65, 52, 53, 46)),
    (1.7, (336, 296, 334, 293, 300, 276, 283, 282, 295, 285)),
)
"""Rings around eyes, lips and brows, and by how much each is widened."""


class _Skin(NamedTuple):
    band: float
    flat: float
    peaks: float


def looks_drawn(image: Image, points: Points) -> float:
    """Return how much a face looks drawn: log-odds, below 0 for most photographs.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    skin = _skin(image, points)
    odds = _CONSTANT + _BAND * skin.band + _SHARE * skin.flat + _PEAKS * skin.peaks
    return max(odds, SURELY_DRAWN) if skin.flat >= _PLAIN else odds


def flat_share(image: Image, points: Points) -> float:
    """Return the share of the skin in which no brightness changes, in [0, 1].

    Up to 0.2 in photographs, 0.29 when they are badly compressed; far more in drawings that are
    filled with plain colours.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    return _skin(image, points).flat


def _skin(image: Image, points: Points) -> _Skin:
    """Return what tells drawings.

    ``band``: logarithm of the deviation of L* between blurs of 2 and 4 pixels. ``flat``: the share
    without a gradient. ``peaks``: logarithm of the kurtosis between blurs of 1 and 2 pixels.
    """
    cv2 = require("cv2", "rig")
    face, at = _levelled(image, points)
    skin = _filled(at[list(OUTLINE)], 0.95)
    for grown, ring in _PARTS:
        skin &= ~_filled(at[list(ring)], grown)
    if not skin.any():
        return _Skin(math.log(0.02), 1.0, 0.0)
    light = cv2.cvtColor(face.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)[..., 0]
    fine, middle, coarse = (cv2.GaussianBlur(light, (0, 0), sigma) for sigma in (1.0, 2.0, 4.0))
    slope = np.hypot(cv2.Sobel(fine, cv2.CV_32F, 1, 0), cv2.Sobel(fine, cv2.CV_32F, 0, 1)) / 8.0
    texture = (fine - middle)[skin].astype(np.float64)
    kurtosis = (texture**4).mean() / ((texture**2).mean() ** 2 + 1e-9)
    return _Skin(
        band=math.log(float((middle - coarse)[skin].std()) + 0.02),
        flat=float((slope[skin] < _FLAT).mean()),
        peaks=math.log(float(kurtosis) + 1e-9),
    )


def _levelled(image: Image, points: Points) -> tuple[Image, NDArray[np.float64]]:
    """Return the face upright in a square, and where its points are in it, (468, 2) pixels."""
    square = eye_levelled_square(points, _SCALE, 0.0)
    c, s = math.cos(square.angle), math.sin(square.angle)
    level = np.array([[c, -s], [s, c]])
    moved = points[:, :2].astype(np.float64) - (square.x, square.y)
    return cut(image, square, _SIDE), moved @ level * (_SIDE / square.side) + _SIDE / 2


def _filled(ring: NDArray[np.float64], grown: float) -> NDArray[np.bool_]:
    middle = ring.mean(0)
    return enclosed((ring - middle) * grown + middle, (_SIDE, _SIDE))
