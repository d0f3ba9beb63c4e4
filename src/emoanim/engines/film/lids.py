"""The lids of one frame: the emotion is laid on what the person's own lids do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.rig.eyes.eyeball import Eyeball
from emoanim.engines.rig.eyes.lids import HIGHEST_KNOWN, Eye, LidMotion, eye_of, lid_motion, slits
from emoanim.engines.rig.geometry.landmarks import LEFT_EYE, RIGHT_EYE

__all__ = ["lid_gaps", "lids_of"]

Array = NDArray[np.float32]

LEFT_OPEN = 0.62
"""Share of the person's own lid distance that stays whatever the emotion narrows."""
BLINKING, AWAKE = 0.35, 0.75
"""Share of the usual lid distance at which the emotion lets the lids go, and from which on it has
them fully: a blink is the person's own."""


def lid_gaps(points: Array, scale: float) -> tuple[float, float]:
    """Return the distance of the lids over the middle of both eyes, cm.

    Args:
        points: (468, 3) mesh with its lids put right, pixels.
        scale: pixels per cm.
    """
    gaps = []
    for upper, lower in (LEFT_EYE, RIGHT_EYE):
        apart = points[list(lower[3:6]), :2] - points[list(upper[3:6]), :2]
        gaps.append(float(np.linalg.norm(apart, axis=1).mean()) / scale)
    return gaps[0], gaps[1]


def lids_of(
    image: Image,
    points: Array,
    irises: Array | None,
    scale: float,
    usual: float,
    balls: tuple[Eyeball, Eyeball] | None,
    weights: Mapping[str, float],
) -> list[tuple[Eye, LidMotion]]:
    """Return the eyes of a frame with how their lids shall move.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.
        irises: (2, 5, 2) pixels.
        scale: pixels per cm.
        usual: lid distance of the person's open eyes, cm.
        balls: what is known of the eyeballs over the clip.
        weights: action units, what is taken of the person's own expression included.
    """
    asked = lid_motion(weights, {}, highest=HIGHEST_KNOWN)
    if asked.still:
        return []
    lids = []
    gaps = lid_gaps(points, scale)
    for side, slit in enumerate(slits(points)):
        ball = None
        if balls is not None and irises is not None:
            known = balls[side]
            ball = replace(
                known,
                centre=irises[side, 0].astype(np.float32),
                radius=known.radius * scale,
                band=known.band * scale,
                scale=scale,
            )
        eye = eye_of(image.shape[:2], points, side, slit, scale, ball)
        awake = (gaps[side] / max(usual, 1e-3) - BLINKING) / (AWAKE - BLINKING)
        lids.append((eye, _bounded(asked, gaps[side], min(max(awake, 0.0), 1.0))))
    return lids


def _bounded(asked: LidMotion, gap: float, awake: float) -> LidMotion:
    narrowed = max(-asked.upper, 0.0) + max(asked.lower, 0.0)
    most = (1 - LEFT_OPEN) * gap
    less = min(1.0, most / narrowed) if narrowed > 0 else 1.0
    upper = asked.upper * (awake if asked.upper > 0 else awake * less)
    lower = asked.lower * awake * (less if asked.lower > 0 else 1.0)
    return LidMotion(upper, lower, asked.closed * awake)
