"""How well a face shows: small measures that rank portraits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.faces.crop import eye_levelled_crop
from emoanim.faces.finder import Face
from emoanim.faces.lip_reader import LIPS
from emoanim.faces.pose import fit_pose
from emoanim.faces.rings import INNER_LIPS, OUTER_LIPS, enclosed

__all__ = [
    "eye_openness",
    "frontality",
    "lip_contrast",
    "mouth_openness",
    "mouth_seen",
    "portrait_quality",
    "sharpness",
    "skin_colour",
]

_EYES = ((33, 133, ((160, 144), (158, 153))), (362, 263, ((385, 380), (387, 373))))
"""Corners and two pairs of upper and lower lid points of each eye."""
_BARE = (168, 6, 8, 9, 193, 417, 189, 413, 107, 336)
"""Mesh points between the eyes and brows, which masks, beards and fringes leave free."""
_COVERED = (0.037, 0.060)
"""Distance of the two networks' lips, shares of the face's height: up to the first the mouth is
seen well, from the second on it is covered, or past belief."""


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


def mouth_seen(plain: Face, close: Face) -> float:
    """Return 1 for a mouth that is seen well, 0 for a covered one: a hand, a microphone, a mask.

    Two networks say where the lips are; where they are far apart neither sees them.

    Args:
        plain: a face as it was found.
        close: the same with its lips put right (``FaceFinder.with_lips``).
    """
    lips = [face.points[list(LIPS), :2] for face in (plain, close)]
    apart = float(np.sqrt(((lips[0] - lips[1]) ** 2).sum(1).mean())) / plain.height
    low, high = _COVERED
    return float(np.clip((high - apart) / (high - low), 0.0, 1.0))


def lip_contrast(image: NDArray[np.uint8], points: NDArray[np.float32]) -> float:
    """Return how much the lips' colour differs from the skin around them: CIELAB distance of means.

    From 3.5 on in 98 % of 73 faces in daylight, in the dark less; up to 3.5 where a mask is over
    them, whose folds and seams differ a little in colour.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels, lips put right (``FaceFinder.with_lips``).
    """
    cv2 = require("cv2", "rig")
    outer = points[list(OUTER_LIPS), :2]
    middle = outer.mean(0)
    low = np.floor(np.clip(middle + 2.0 * (outer - middle).min(0), 0, None)).astype(int)
    high = np.ceil(middle + 2.0 * (outer - middle).max(0)).astype(int)
    part = np.ascontiguousarray(image[low[1] : high[1], low[0] : high[0]])
    if 0 in part.shape:
        return 0.0

    def inside(ring: NDArray[np.float32], grown: float) -> NDArray[np.bool_]:
        return enclosed((ring - middle) * grown + middle - low, part.shape[:2])

    lips = inside(outer, 1.0) & ~inside(points[list(INNER_LIPS), :2], 1.0)
    skin = inside(outer, 1.55) & ~inside(outer, 1.2)
    if not lips.any() or not skin.any():
        return 0.0
    lab = cv2.cvtColor(part.astype(np.float32) / 255.0, cv2.COLOR_RGB2LAB)
    return float(np.linalg.norm(lab[lips].mean(0) - lab[skin].mean(0)))


def skin_colour(image: NDArray[np.uint8], points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the colour of the skin between the eyes, (3,) CIELAB.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.
    """
    cv2 = require("cv2", "rig")
    room = max(int(0.02 * float(np.ptp(points[:, 1]))), 1)
    height, width = image.shape[:2]
    seen = []
    for x, y in points[list(_BARE), :2].round().astype(int):
        x, y = min(max(int(x), 0), width - 1), min(max(int(y), 0), height - 1)
        patch = image[max(y - room, 0) : y + room + 1, max(x - room, 0) : x + room + 1]
        seen.append(np.median(patch.reshape(-1, 3), axis=0))
    colours = np.array(seen, np.float32)[None] / 255.0
    return np.asarray(np.median(cv2.cvtColor(colours, cv2.COLOR_RGB2LAB)[0], axis=0), np.float32)


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
