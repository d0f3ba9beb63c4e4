"""How well a face shows: small measures that rank portraits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.faces.crop import eye_levelled_crop
from emoanim.faces.pose import fit_pose

__all__ = ["eye_openness", "frontality", "mouth_openness", "portrait_quality", "sharpness"]

_EYES = ((33, 133, ((160, 144), (158, 153))), (362, 263, ((385, 380), (387, 373))))
"""Corners and two pairs of upper and lower lid points of each eye."""


def frontality(points: NDArray[np.float32]) -> float:
    """Return 1 for a face that looks straight into the camera, 0 from 60 degrees on.

    Args:
        points: (468, 3) pixels.
    """
    return max(1.0 - fit_pose(points).turn / 60.0, 0.0)


def eye_openness(points: NDArray[np.float32]) -> float:
    """Return the lid distance over the eye's width, of the eye that is less open.

    About 0.3 for an open eye, below 0.15 for a closed one (Soukupova and Cech 2016), if the lids
    were put right (``FaceFinder.with_eyes``); the bare mesh stays above 0.2 in a blink.

    Args:
        points: (468, 3) pixels.
    """
    return min(
        sum(_distance(points, a, b) for a, b in pairs)
        / len(pairs)
        / max(_distance(points, outer, inner), 1e-6)
        for outer, inner, pairs in _EYES
    )


def mouth_openness(points: NDArray[np.float32]) -> float:
    """Return the gap between the inner lips over the distance of the outer eye corners.

    0 for closed lips, about 0.1 in speech, 0.4 for a yawn.

    Args:
        points: (468, 3) pixels.
    """
    return _distance(points, 13, 14) / max(_distance(points, 33, 263), 1e-6)


def sharpness(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Return the energy of the Laplacian over the variance of the face at 192 px.

    Free of brightness and contrast; higher is sharper. Compare it among frames of one clip.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.
    """
    cv2 = require("cv2", "rig")
    grey = cv2.cvtColor(eye_levelled_crop(image, points, 192, 1.0, 0.0), cv2.COLOR_RGB2GRAY)
    edges = cv2.Laplacian(grey, cv2.CV_32F)
    return float(np.mean(edges**2) / (np.var(grey.astype(np.float32)) + 1.0))


def portrait_quality(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Return how well a frame suits animation, in [0, 1].

    A product: frontal (1 up to 10 degrees, falling to 0 at 60), eyes open, mouth not wide open,
    sharp (half of it counts), and not smaller than about 130 pixels.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    frontal = min(frontality(points) / 0.83, 1.0)
    eyes = min(max((eye_openness(points) - 0.08) / 0.14, 0.0), 1.0)
    mouth = 1.0 - 0.8 * min(max((mouth_openness(points) - 0.03) / 0.30, 0.0), 1.0)
    sharp = 0.5 + 0.5 * min(sharpness(image, points) / 0.05, 1.0)
    size = min(float(np.ptp(points[:, 1])) / 130.0, 1.0)
    return float(frontal * eyes * mouth * sharp * size)


def _distance(points: NDArray[np.float32], a: int, b: int) -> float:
    return float(np.linalg.norm(points[a] - points[b]))
