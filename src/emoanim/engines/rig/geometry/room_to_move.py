"""How far a head may move before the background is seen to bend with it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.faces import OUTLINE, enclosed, fit_pose

__all__ = ["room_to_move"]

Array = NDArray[np.float32]

NEAR, FAR = 5.5, 11.0
"""What lies that far from the face is background that bends, cm."""
STEEP = 24.0
"""Change of brightness over 0.3 cm that is an edge, grey levels."""
FREE, CROWDED = 0.02, 0.20
"""Share of edges up to which the head moves freely, and from which on it moves least."""
LEAST = 0.8


def room_to_move(image: NDArray[np.uint8], points: NDArray[np.floating]) -> float:
    """Return the factor on head motion that a picture takes, in [0.8, 1].

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    cv2 = require("cv2", "rig")
    per_pixel = 0.1 * fit_pose(np.asarray(points, np.float32)).scale  # 0.1 cm in pixels
    small = 1.0 / max(per_pixel, 1.0)
    grey = cv2.resize(
        cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), None, fx=small, fy=small,
        interpolation=cv2.INTER_AREA,
    )  # fmt: skip
    outline = np.asarray(points)[list(OUTLINE), :2] * small
    mask = np.where(enclosed(outline, grey.shape), 0, 255).astype(np.uint8)
    centimetre = 10.0 * per_pixel * small
    away = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / centimetre
    soft = cv2.GaussianBlur(grey.astype(np.float32), (0, 0), 1.5)
    steep = np.hypot(cv2.Sobel(soft, cv2.CV_32F, 1, 0), cv2.Sobel(soft, cv2.CV_32F, 0, 1)) / 8 * 3
    chin = round(float(outline[:, 1].max()))
    ring = (away > NEAR) & (away < FAR)
    ring[chin:] = False
    if not ring.any():
        return LEAST
    edges = float((steep[ring] > STEEP).mean())
    crowded = min(max((edges - FREE) / (CROWDED - FREE), 0.0), 1.0)
    return 1.0 - (1.0 - LEAST) * crowded
