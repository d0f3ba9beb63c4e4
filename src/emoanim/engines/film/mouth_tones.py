"""How light, dark and soft a film is around the mouth, so that what is put there goes with it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.reel import Reel
from emoanim.engines.rig.geometry.landmarks import (
    INNER_LOWER,
    INNER_UPPER,
    OUTER_LOWER,
    OUTER_UPPER,
)
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.engines.rig.mouth.teeth_edge import SPAN
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require
from emoanim.faces import INNER_LIPS, enclosed, mouth_openness

__all__ = ["lip_light", "softness_of", "toned"]

Array = NDArray[np.float32]

PARTED = (0.08, 0.25)
"""Lips of a frame that are so far apart show no teeth at their edge, and certainly do, cm."""
STEP = 30.0
"""Least height of an edge that tells how soft a film is, grey levels."""
AROUND = 0.5
"""Within that distance an edge has its height, cm; wider blur is understated."""
SHARPEST = 15.0
"""Percentile of the edges' softness that is the film's: others lie out of focus or are no steps."""
SOFTEST = 0.3
"""A film is not softer than that, cm; else it is out of focus at the eyes only."""
ENAMEL = 1.25
"""How bright teeth are over the brightest that small pictures show between lips: half is lip."""
FLESH = 0.4
"""Share of the dark's colour in painted lower teeth and tongue: they lie in it."""
FLOOR = (0.7, 1.6)
"""Lower teeth and tongue are seen whole up to there from the middle, and not at all beyond, cm."""


def lip_light(image: Image, points: Array, scale: float) -> float | None:
    """Return how bright the lips are, grey levels; None if they are closed.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.
        scale: pixels per cm.
    """
    gap = float(np.linalg.norm(points[13, :2] - points[14, :2])) / scale
    if gap < PARTED[0]:
        return None
    middles = [
        (points[list(outer[2:-2]), :2] + points[list(inner[2:-2]), :2]) / 2
        for outer, inner in ((OUTER_UPPER, INNER_UPPER), (OUTER_LOWER, INNER_LOWER))
    ]
    at = np.clip(np.concatenate(middles).round().astype(int), 0, np.array(image.shape[1::-1]) - 1)
    light = float(np.percentile(image[at[:, 1], at[:, 0]].mean(1), 70))
    share = float(smooth_step(np.array((gap - PARTED[0]) / (PARTED[1] - PARTED[0]))))
    return light + (1.0 - share) * (255.0 - light)


def softness_of(image: Image, points: Array, scale: float) -> float:
    """Return the standard deviation of the blur of a face's edges, cm.

    A step of height h that is blurred by s has a slope of h / (s sqrt(2 pi)).

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.
        scale: pixels per cm.
    """
    cv2 = require("cv2", "rig")
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    left, top = np.maximum(low, 0).astype(int)
    right, bottom = np.minimum(high + 1, image.shape[1::-1]).astype(int)
    if right - left < 16 or bottom - top < 16:
        return 0.0
    grey = image[top:bottom, left:right].astype(np.float32).mean(2)
    slope = np.hypot(cv2.Scharr(grey, cv2.CV_32F, 1, 0), cv2.Scharr(grey, cv2.CV_32F, 0, 1)) / 32
    size = 2 * max(round(AROUND * scale), 3) + 1
    around = np.ones((size, size), np.uint8)
    height = cv2.dilate(grey, around) - cv2.erode(grey, around)
    steepest = cv2.dilate(slope, around)
    edges = height > STEP
    if edges.sum() < 30:
        return 0.0
    blur = height[edges] / (steepest[edges] * np.sqrt(2 * np.pi))
    return min(float(np.percentile(blur, SHARPEST)) / scale, SOFTEST)


def toned(mouth: MouthInterior, reel: Reel, looks: int = 10) -> MouthInterior:
    """Return an interior that is no darker and no whiter than what the film shows between lips.

    Args:
        mouth: the interior.
        reel: the film.
        looks: how many of its frames with the widest mouths are looked at.
    """
    gaps = np.array([0.0 if s.points is None else mouth_openness(s.points) for s in reel.frames])
    chosen = [int(i) for i in np.argsort(-gaps, kind="stable")[:looks] if gaps[i] > 0.02]
    dark, bright = [], []
    for index in chosen:
        seen = reel[index]
        assert seen.points is not None
        inside = enclosed(seen.points[list(INNER_LIPS), :2], seen.image.shape[:2])
        pixels = seen.image[inside].astype(np.float32)
        if len(pixels) < 12:
            continue
        light = pixels.mean(1)
        dark.append(pixels[light <= np.percentile(light, 15)].mean(0))
        bright.append(pixels[light >= np.percentile(light, 85)].mean(0))
    mouth = replace(mouth, floor=_in_the_middle(mouth.floor))
    if len(dark) < 3:
        return mouth
    darkest = np.percentile(np.array(dark), 25, axis=0).astype(np.float32)
    cavity = np.maximum(mouth.cavity, 0.85 * darkest)
    if mouth.shown:
        return replace(mouth, cavity=cavity)
    brightest = np.percentile(np.array(bright), 75, axis=0).astype(np.float32)
    solid = mouth.teeth[mouth.teeth[..., 3] > 0.8][:, :3]
    ratio = np.clip(ENAMEL * brightest / np.maximum(np.percentile(solid, 80, axis=0), 1), 0.55, 1.0)
    teeth, floor = mouth.teeth.copy(), mouth.floor.copy()
    teeth[..., :3] *= ratio
    floor[..., :3] *= ratio
    floor[..., :3] += FLESH * (cavity - floor[..., :3])
    return replace(mouth, teeth=teeth, floor=floor, cavity=cavity)


def _in_the_middle(floor: Array) -> Array:
    """Return lower teeth and tongue that go over into the dark at the sides, as they bend away."""
    side = np.abs(np.linspace(SPAN[0], SPAN[1], floor.shape[1], dtype=np.float32))
    middle = floor.copy()
    middle[..., 3] *= 1.0 - smooth_step((side - FLOOR[0]) / (FLOOR[1] - FLOOR[0]))
    return middle
