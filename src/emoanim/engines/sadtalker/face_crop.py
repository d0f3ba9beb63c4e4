"""Cutting the face out of a picture and aligning it for the coefficients."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require

__all__ = ["ALIGNED", "Aligned", "CropBox", "align", "crop_box", "five_points"]

Image = NDArray[np.uint8]
Points = NDArray[np.float64]

ALIGNED = 224
_OUTPUT = 512  # the size that decides how far a large picture is shrunken first
_RESCALE = 102.0
_STANDARD = np.array(
    [
        [-0.31148657, 0.29036078, 0.13377953],
        [0.30979887, 0.28972036, 0.13179526],
        [0.0032534988, -0.046179324, 0.55244243],
        [-0.25216928, -0.38133916, 0.22405732],
        [0.2484662, -0.38128236, 0.22235769],
    ],
    dtype=np.float32,
)
"""Right eye, left eye, nose tip, right and left mouth corner of the mean face, y upwards."""


class CropBox(NamedTuple):
    """Where the face is cut out.

    Attributes:
        size: width and height that the picture is first resized to.
        crop: left, top, right, bottom in it, whole pixels: the face with a wide border.
        quad: left, top, right, bottom inside the crop: the face.
    """

    size: tuple[int, int]
    crop: tuple[int, int, int, int]
    quad: tuple[float, float, float, float]


class Aligned(NamedTuple):
    """An aligned face.

    Attributes:
        image: uint8 (224, 224, 3).
        parameters: float64 (5,): width, height, scale, and the place of the face's centre.
        landmarks: float64 (68, 2) in the aligned image, y upwards.
    """

    image: Image
    parameters: NDArray[np.float64]
    landmarks: Points


def crop_box(landmarks: Points, width: int, height: int) -> CropBox:
    """Return the upright box around a face, as it was cut for the training pictures.

    Args:
        landmarks: (68, 2) pixels, y downwards.
        width: of the picture.
        height: of the picture.
    """
    right, left = landmarks[36:42].mean(0), landmarks[42:48].mean(0)
    eyes = (right + left) / 2
    across = left - right
    down = (landmarks[48] + landmarks[54]) / 2 - eyes
    x = across - down[::-1] * (-1, 1)
    x = x / np.hypot(*x) * max(2 * np.hypot(*across), 1.8 * np.hypot(*down))
    y = x[::-1] * (-1, 1)
    centre = eyes + 0.1 * down
    quad = np.stack((centre - x - y, centre - x + y, centre + x + y, centre + x - y))
    side = 2 * float(np.hypot(*x))
    size = (width, height)
    shrink = math.floor(side / _OUTPUT * 0.5)
    if shrink > 1:
        size = (round(width / shrink), round(height / shrink))
        quad, side = quad / shrink, side / shrink
    border = max(round(0.1 * side), 3)
    low, high = quad.min(0), quad.max(0)
    crop = (
        max(math.floor(low[0]) - border, 0),
        max(math.floor(low[1]) - border, 0),
        min(math.ceil(high[0]) + border, size[0]),
        min(math.ceil(high[1]) + border, size[1]),
    )
    inside = (crop[2] - crop[0], crop[3] - crop[1])
    if inside[0] < size[0] or inside[1] < size[1]:
        quad = quad - crop[:2]
    else:
        inside = size
    q = quad + 0.5
    # The lower bound is held below the width, not the height: so were the training pictures cut.
    box = (
        float(max(min(q[0, 0], q[1, 0]), 0.0)),
        float(max(min(q[0, 1], q[3, 1]), 0.0)),
        float(min(max(q[2, 0], q[3, 0]), inside[0])),
        float(min(max(q[2, 1], q[1, 1]), inside[0])),
    )
    return CropBox(size, crop, box)


def five_points(landmarks: Points, height: int) -> Points:
    """Return eyes (by their corners), nose tip and mouth corners, (5, 2), y upwards."""
    up = np.array(landmarks, dtype=np.float64)
    up[:, 1] = height - 1 - up[:, 1]
    return np.stack((up[[36, 39]].mean(0), up[[42, 45]].mean(0), up[30], up[48], up[54]))


def align(image: Image, landmarks: Points) -> Aligned:
    """Scale and shift a face onto the mean face.

    Args:
        image: uint8 (h, w, 3) RGB.
        landmarks: (68, 2) pixels, y downwards.
    """
    pil = require("PIL.Image", "sadtalker")
    height, width = image.shape[:2]
    points = five_points(landmarks, height)
    standard: Points = np.column_stack((_STANDARD, np.ones(5))).astype(np.float64)
    solution = np.asarray(np.linalg.pinv(standard) @ points)
    size = np.linalg.norm(solution[:3], axis=0).mean()
    scale = _RESCALE / size
    tx, ty = solution[3]
    w, h = int(width * scale), int(height * scale)
    half = ALIGNED / 2
    left = int(w / 2 - half + (tx - width / 2) * scale)
    upper = int(h / 2 - half + (height / 2 - ty) * scale)
    picture = pil.fromarray(image).resize((w, h), resample=pil.Resampling.BICUBIC)
    picture = picture.crop((left, upper, left + ALIGNED, upper + ALIGNED))
    up = np.column_stack((landmarks[:, 0], height - 1 - landmarks[:, 1]))
    placed = (up - (tx - width / 2, ty - height / 2)) * scale - (w / 2 - half, h / 2 - half)
    parameters = np.array([width, height, scale, tx, ty])
    return Aligned(np.asarray(picture, dtype=np.uint8), parameters, placed)
