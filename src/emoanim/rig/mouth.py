"""What is behind the lips: upper teeth that stay with the skull, lower teeth and tongue that move
with the jaw, and the dark between them; borrowed from a picture of the person or painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.faces import HeadPose, fit_pose
from emoanim.registry import require
from emoanim.rig.landmarks import INNER_LOWER, INNER_UPPER, LEFT_EYE, RIGHT_EYE
from emoanim.rig.units import smooth_step

__all__ = ["MouthInterior", "mouth_plane"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

DENSITY = 32
"""Pixels per cm of the layers."""
SPAN = (-3.2, 3.2, -2.0, 4.0)
"""Left, right, top and bottom of the layers in cm from the middle of the mouth line, y down."""
DEPTH = 4.3
"""Canonical depth of the front teeth, cm."""
WIDTHS = (0.92, 0.72, 0.80, 0.72, 0.66)
"""Of the upper teeth from the middle outwards, cm on the canonical face."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthInterior:
    """Layers of a mouth, seen from the front with the jaw closed.

    Attributes:
        teeth: float32 (h, w, 4) RGB and opacity in [0, 255] and [0, 1]; stays with the skull.
        floor: the same for lower teeth and tongue; moves with the jaw.
        cavity: (3,) RGB of the dark.
    """

    teeth: Array
    floor: Array
    cavity: Array

    def seen(self, place: Array, drop: float) -> Array:
        """Return colours at places on the mouth's plane.

        Args:
            place: (h, w, 2) cm from the middle of the mouth line, x right, y down, in the skull.
            drop: how far the lower teeth are below their place, cm.

        Returns:
            float32 (h, w, 3) RGB.
        """
        teeth = _looked_up(self.teeth, place)
        floor = _looked_up(self.floor, place - np.float32((0, drop)))
        deep = np.clip(0.55 + 0.45 * np.exp(-max(drop, 0.0) / 1.5), 0, 1)
        mixed = self.cavity * (1 - floor[..., 3:]) + floor[..., :3] * floor[..., 3:] * deep
        return np.asarray(
            mixed * (1 - teeth[..., 3:]) + teeth[..., :3] * teeth[..., 3:], np.float32
        )

    @classmethod
    def painted(cls, image: Image, points: Array) -> MouthInterior:
        """Paint an interior in the light and the colours of a portrait."""
        bright, tint = _tone(image, points)
        x, y = _axes()
        cavity = np.float32((0.16, 0.09, 0.085)) * bright
        cavity = cavity.mean() + (cavity - cavity.mean()) * tint
        teeth = _painted_row(x, y, bright, tint, edge=0.10, height=1.05, widths=WIDTHS)
        floor = _painted_floor(x, y, bright, tint)
        return cls(teeth, floor, cavity.astype(np.float32))


def mouth_plane(points: Array, pose: HeadPose) -> Array:
    """Return the affine map (2, 3) from pixels to the mouth's plane, cm from its middle, y down."""
    columns = pose.rotation[:2, :2] * pose.scale
    offset = pose.translation[:2] - pose.scale * pose.rotation[:2, 2] * DEPTH
    back = np.linalg.inv(columns)
    inner = np.concatenate([points[list(INNER_UPPER), :2], points[list(INNER_LOWER), :2]])
    upper = ((points[list(INNER_UPPER[3:8]), :2] - offset) @ back.T).mean(0)
    corners = ((points[[INNER_UPPER[0], INNER_UPPER[-1]], :2] - offset) @ back.T).mean(0)
    middle = (((inner - offset) @ back.T).mean(0) + upper + corners) / 3
    return np.column_stack([back, -back @ offset - middle]).astype(np.float32)


def _axes() -> tuple[Array, Array]:
    left, right, top, bottom = SPAN
    x = np.arange(left, right, 1 / DENSITY, dtype=np.float32)
    y = np.arange(top, bottom, 1 / DENSITY, dtype=np.float32)
    grid = np.meshgrid(x, y)
    return grid[0], grid[1]


def _looked_up(layer: Array, place: Array) -> Array:
    cv2 = require("cv2", "rig")
    at = (place - np.float32((SPAN[0], SPAN[2]))) * np.float32(DENSITY)
    found = cv2.remap(
        layer, at.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(found, np.float32)


def _tone(image: Image, points: Array) -> tuple[float, float]:
    """Return how bright a white thing is in this light, and how colourful the portrait is."""
    cv2 = require("cv2", "rig")
    mask = np.zeros(image.shape[:2], np.uint8)
    for upper, lower in (LEFT_EYE, RIGHT_EYE):
        ring = points[list(upper + lower[::-1]), :2].round().astype(np.int32)
        cv2.fillPoly(mask, [ring], 1)
    whites = image[mask > 0].astype(np.float32).mean(1)
    white = float(np.percentile(whites, 85)) if len(whites) > 8 else 0.0
    xy = points[[50, 280, 205, 425, 5, 151], :2].round().astype(int)
    xy = np.clip(xy, 0, np.array(image.shape[1::-1]) - 1)
    skin = image[xy[:, 1], xy[:, 0]].astype(np.float32)
    lit = float(np.percentile(skin.mean(1), 75))
    colour = float(np.clip(np.ptp(skin.mean(0)) / max(lit, 1.0) / 0.25, 0, 1))
    return float(np.clip(max(0.92 * lit, 0.95 * white), 50, 225)), colour


def _painted_row(
    x: Array, y: Array, bright: float, tint: float, edge: float, height: float,
    widths: tuple[float, ...],
) -> Array:  # fmt: skip
    """Paint a row of upper teeth whose biting edge is at ``edge``, and the gum above it."""
    side = np.abs(x)
    borders = np.concatenate([[0.0], np.cumsum(widths)]).astype(np.float32)
    which = np.clip(np.searchsorted(borders, side, side="right") - 1, 0, len(widths) - 1)
    centre = (borders[which] + borders[which + 1]) / 2
    half = (borders[which + 1] - borders[which]) / 2
    across = np.clip(np.abs(side - centre) / half, 0, 1)
    rise = 0.030 * side**2 + np.where(which == 1, 0.05, 0.0)  # the edge follows the lower lip
    bottom = edge - rise + 0.05 * across**4 * -1.0
    gum = edge - height + 0.10 * across**3 + 0.02 * side
    tooth = smooth_step((bottom - y) / 0.07)
    light = (1.0 - 0.065 * side**2) * (0.86 + 0.14 * smooth_step((y - gum) / 0.8))
    light *= 1.0 - 0.10 * across**2 - 0.16 * np.exp(-0.5 * ((1 - across) * half / 0.035) ** 2)
    light = np.clip(light, 0.25, 1.0)
    enamel = bright * light[..., None] * (1 + tint * np.float32((0.0, -0.035, -0.12)))
    pink = bright * 0.62 * (1 + tint * np.float32((0.12, -0.30, -0.26)))
    pink = pink * np.clip(1.0 - 0.06 * side**2, 0.3, 1)[..., None]
    share = smooth_step((gum - y) / 0.12)[..., None]
    colour = enamel * (1 - share) + pink * share
    end = float(borders[-1])
    opaque = tooth * smooth_step((end + 0.1 - side) / 0.35)
    return np.concatenate([colour, opaque[..., None]], -1).astype(np.float32)


def _painted_floor(x: Array, y: Array, bright: float, tint: float) -> Array:
    """Paint lower teeth, dim, and the tongue behind them."""
    side = np.abs(x)
    top = -0.02 + 0.05 * side**2  # the row bends away from the camera
    tooth = smooth_step((y - top) / 0.10)
    across = np.abs(((side / 0.56) % 1.0) - 0.5) * 2
    light = 0.62 * np.clip(1.0 - 0.085 * side**2, 0.2, 1) * (1 - 0.18 * across**6)
    enamel = bright * light[..., None] * (1 + tint * np.float32((0.0, -0.05, -0.16)))
    row = tooth * smooth_step((2.5 - side) / 0.5)
    bump = 1.0 - (x / 1.9) ** 2 - np.clip((0.15 - y) / 0.62, 0, None) ** 2
    tongue = smooth_step(bump / 0.5)
    pink = 0.42 * np.clip(0.55 + 0.6 * np.clip(bump, 0, 1) - 0.10 * np.exp(-(x**2) / 0.02), 0, 1.1)
    flesh = bright * pink[..., None] * (1 + tint * np.float32((0.28, -0.22, -0.20)))
    colour = flesh * (1 - row[..., None]) + enamel * row[..., None]
    opaque = np.maximum(row, 0.85 * tongue)
    return np.concatenate([colour, opaque[..., None]], -1).astype(np.float32)
