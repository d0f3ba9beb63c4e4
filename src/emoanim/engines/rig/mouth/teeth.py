"""Painted teeth, gums and tongue in the light and the colours of a portrait."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.units import smooth_step
from emoanim.faces import EYES, INNER_LIPS, OUTER_LIPS, enclosed

__all__ = ["line_colour", "painted_floor", "painted_teeth", "tone"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

LINE_LIGHT = 0.42
"""What is left of the lips' light on the line between them."""
EDGE = 0.30
"""The upper teeth's edge below the mouth line of closed lips, cm."""
WIDTHS = (0.92, 0.72, 0.80, 0.72, 0.66)
"""Of the upper teeth from the middle outwards, cm on the canonical face."""


def tone(image: Image, points: Array) -> tuple[float, Array, Array]:
    """Return how bright teeth are in this light, and the colours of skin and teeth over their mean.

    The whites of the eyes and the skin tell both.
    """
    left, right = (enclosed(points[list(ring), :2], image.shape[:2]) for ring in EYES)
    ball = image[left | right].astype(np.float32)
    light = ball.mean(1)
    brightest = ball[light >= np.percentile(light, 80)] if len(ball) > 8 else ball[:0]
    xy = points[[50, 280, 205, 425, 5, 151], :2].round().astype(int)
    xy = np.clip(xy, 0, np.array(image.shape[1::-1]) - 1)
    skin = np.float32(image[xy[:, 1], xy[:, 0]])
    lit = float(np.percentile(skin.mean(1), 75))
    hue = np.median(skin, 0) / max(float(np.median(skin, 0).mean()), 1.0)
    white, sclera = np.ones(3, np.float32), 0.0
    if len(brightest):
        sclera = float(brightest.mean())
        middle = np.median(brightest, 0)
        white = (middle / max(float(middle.mean()), 1.0)).astype(np.float32)
    # Enamel is a little yellow, in coloured pictures.
    yellow = np.array((0.02, 0.02, -0.05), np.float32) * np.clip(np.ptp(hue) / 0.3, 0, 1)
    enamel = 1 + 0.3 * (white - 1) + 0.3 * (hue - 1) + yellow
    bright = float(np.clip(max(1.12 * lit, 1.05 * sclera), 50, 240))
    return bright, hue.astype(np.float32), (enamel / enamel.mean()).astype(np.float32)


def line_colour(image: Image, points: Array) -> Array:
    """Return the colour of the line between lips that hardly part, float32 (3,) RGB."""
    outer, inner = (
        enclosed(points[list(ring), :2], image.shape[:2]) for ring in (OUTER_LIPS, INNER_LIPS)
    )
    lips = image[outer & ~inner]
    if not len(lips):
        lips = image[tuple(points[[0, 17], 1::-1].round().astype(int).T)]
    return np.asarray(LINE_LIGHT * np.median(lips, 0), np.float32)


def painted_teeth(x: Array, y: Array, bright: float, hue: Array, white: Array) -> Array:
    """Paint the upper teeth and the gum above them; x and y in cm from the lip line at rest."""
    side = np.abs(x)
    borders = np.concatenate([[0.0], np.cumsum(WIDTHS)]).astype(np.float32)
    which = np.clip(np.searchsorted(borders, side, side="right") - 1, 0, len(WIDTHS) - 1)
    centre = (borders[which] + borders[which + 1]) / 2
    half = (borders[which + 1] - borders[which]) / 2
    across = np.clip(np.abs(side - centre) / half, 0, 1)
    rise = 0.030 * side**2 + np.where(which == 1, 0.03, 0.0)  # the edge follows the lower lip
    bottom = EDGE - rise - 0.03 * across**4
    gum = EDGE - 1.15 + 0.10 * across**3 + 0.02 * side
    tooth = smooth_step((bottom - y) / 0.08)
    light = (1.0 - 0.055 * side**2) * (0.90 + 0.10 * smooth_step((y - gum) / 0.8))
    light *= 1.0 - 0.05 * across**2 - 0.10 * np.exp(-0.5 * ((1 - across) * half / 0.035) ** 2)
    light = np.clip(light, 0.25, 1.0)
    enamel = bright * light[..., None] * white
    pink = bright * 0.62 * (1 + 0.9 * (hue - 1))
    pink = pink * np.clip(1.0 - 0.06 * side**2, 0.3, 1)[..., None]
    share = smooth_step((gum - y) / 0.12)[..., None]
    colour = enamel * (1 - share) + pink * share
    opaque = tooth * smooth_step((float(borders[-1]) + 0.1 - side) / 0.35)
    return np.concatenate([colour, opaque[..., None]], -1).astype(np.float32)


def painted_floor(x: Array, y: Array, bright: float, hue: Array, white: Array) -> Array:
    """Paint lower teeth, dim, and the tongue behind them."""
    side = np.abs(x)
    top = -0.02 + 0.05 * side**2  # the row bends away from the camera
    tooth = smooth_step((y - top) / 0.10)
    across = np.abs(((side / 0.56) % 1.0) - 0.5) * 2
    light = 0.62 * np.clip(1.0 - 0.085 * side**2, 0.2, 1) * (1 - 0.18 * across**6)
    enamel = bright * light[..., None] * white * (1 + 0.2 * (hue - 1))
    row = tooth * smooth_step((2.5 - side) / 0.5)
    bump = 1.0 - (x / 1.9) ** 2 - np.clip((0.15 - y) / 0.62, 0, None) ** 2
    tongue = smooth_step(bump / 0.5)
    pink = 0.42 * np.clip(0.55 + 0.6 * np.clip(bump, 0, 1) - 0.10 * np.exp(-(x**2) / 0.02), 0, 1.1)
    flesh = bright * pink[..., None] * (1 + 1.1 * (hue - 1))
    colour = flesh * (1 - row[..., None]) + enamel * row[..., None]
    opaque = np.maximum(row, 0.85 * tongue)
    return np.concatenate([colour, opaque[..., None]], -1).astype(np.float32)
