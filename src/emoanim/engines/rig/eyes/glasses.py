"""Glasses are stiff: where they are, the skin's motion must not bend them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.turning import in_picture
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require
from emoanim.faces import HeadPose

__all__ = ["stiffness", "wears_glasses"]

Array = NDArray[np.float32]

DENSITY = 24
"""Pixels per cm of the patch that is looked at."""
BRIDGE = ((-0.7, 4.2), (0.7, 4.2), (-0.7, 1.2))
"""Corners of that patch, canonical cm: the root of the nose, where only a bridge crosses."""
CONTRAST = 0.05
"""A bridge stands out by at least that share of the brightness; bare noses reach 0.04."""
FIRM = 0.85
"""Share of the motion that is held back."""


def wears_glasses(image: NDArray[np.uint8], pose: HeadPose) -> bool:
    """Return whether a thin line crosses the root of the nose.

    Args:
        image: uint8 (h, w, 3) RGB.
        pose: of the head.
    """
    cv2 = require("cv2", "rig")
    corners = in_picture(np.array([(*c, 5.5) for c in BRIDGE], np.float32), pose)[:, :2].copy()
    size = (round(1.4 * DENSITY), round(3.0 * DENSITY))
    turn = cv2.getAffineTransform(
        np.array([(0, 0), (size[0], 0), (0, size[1])], np.float32), corners
    )
    patch = cv2.warpAffine(
        cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), turn, size,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)  # fmt: skip
    profile = np.median(cv2.GaussianBlur(patch, (0, 0), 1.5), axis=1)
    away = round(0.35 * DENSITY)
    ridge = profile[away:-away] - (profile[: -2 * away] + profile[2 * away :]) / 2
    return bool(np.abs(ridge).max() > CONTRAST * max(float(patch.mean()), 8.0))


def stiffness(at: Array) -> Array:
    """Return the share of the skin's motion that glasses hold back, in [0, 1].

    Args:
        at: (n, 3) canonical cm.
    """
    inside = smooth_step((4.6 - at[:, 1]) / 1.2) * smooth_step((at[:, 1] + 0.9) / 1.3)
    return np.asarray(FIRM * inside * smooth_step((7.5 - np.abs(at[:, 0])) / 1.5), np.float32)
