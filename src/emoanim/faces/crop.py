"""Cutting a rotated square out of an image, and the eye-levelled crop that classifiers see."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require

__all__ = ["Square", "cut", "eye_levelled_crop", "eye_levelled_square"]

Image = NDArray[np.uint8]

LEFT_CORNERS, RIGHT_CORNERS = (33, 133), (362, 263)
"""Mesh points: corners of the eye on the picture's left, and of the other one."""


@dataclass(frozen=True, slots=True)
class Square:
    """A square in an image, in pixels.

    Attributes:
        x: centre, to the right.
        y: centre, downwards.
        side: length of a side.
        angle: radians, clockwise on the screen: the direction of the square's upper side.
    """

    x: float
    y: float
    side: float
    angle: float = 0.0

    def to_image(self, points: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map points of the square, (n, 2) in [0, 1], to pixels of the image."""
        c, s = math.cos(self.angle) * self.side, math.sin(self.angle) * self.side
        turn = np.array([[c, s], [-s, c]], np.float32)
        centre = np.array([self.x, self.y], np.float32)
        return np.asarray((points - np.float32(0.5)) @ turn + centre, np.float32)


def cut(image: Image, square: Square, size: int) -> Image:
    """Resample a square of an image to (size, size, 3), bilinear, the border replicated.

    A square more than twice as large as its result is reduced by area averaging first, so that
    fine texture does not alias.
    """
    cv2 = require("cv2", "rig")
    x, y, side = square.x, square.y, square.side
    reduction = int(side / size)
    if reduction >= 2:
        image, x, y = _reduced(image, square, reduction)
        side /= reduction
    c = math.cos(square.angle) * size / side
    s = math.sin(square.angle) * size / side
    half = size / 2
    # Pixel centres lie at whole numbers for OpenCV and at halves in our continuous coordinates.
    x, y, half = x - 0.5, y - 0.5, half - 0.5
    matrix = np.array([[c, s, half - c * x - s * y], [-s, c, half + s * x - c * y]])
    return np.asarray(
        cv2.warpAffine(
            image, matrix, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        ),
        np.uint8,
    )


def eye_levelled_square(
    points: NDArray[np.float32], scale: float = 1.15, shift: float = -0.02
) -> Square:
    """Return the square around a face whose upper side runs parallel to the eye line.

    The points are turned about their mean until the line between the eye centres is level; the
    square's side is ``scale`` times the longer side of their bounding box, and its centre is
    moved by ``shift`` sides along the face (negative is up).

    Args:
        points: (468, 2) or (468, 3) pixels.
        scale: side over the longer side of the face.
        shift: in sides, downwards.
    """
    flat = np.asarray(points, np.float64)[:, :2]
    across = flat[list(RIGHT_CORNERS)].mean(0) - flat[list(LEFT_CORNERS)].mean(0)
    angle = math.atan2(across[1], across[0])
    c, s = math.cos(angle), math.sin(angle)
    level = np.array([[c, -s], [s, c]])  # row vectors: turns by -angle
    middle = flat.mean(0)
    turned = (flat - middle) @ level
    low, high = turned.min(0), turned.max(0)
    side = scale * float((high - low).max())
    centre = (low + high) / 2 + (0.0, shift * side)
    x, y = centre @ level.T + middle
    return Square(float(x), float(y), max(side, 1.0), angle)


def eye_levelled_crop(
    image: Image,
    points: NDArray[np.float32],
    size: int,
    scale: float = 1.15,
    shift: float = -0.02,
) -> Image:
    """Return the face upright in a square, uint8 (size, size, 3).

    See ``eye_levelled_square`` for the geometry.
    """
    return cut(image, eye_levelled_square(points, scale, shift), size)


def _reduced(image: Image, square: Square, factor: int) -> tuple[Image, float, float]:
    """Return the part of the image around the square at 1/factor, and the centre in it."""
    cv2 = require("cv2", "rig")
    reach = square.side * (abs(math.cos(square.angle)) + abs(math.sin(square.angle))) / 2 + factor
    height, width = image.shape[:2]
    x0 = min(max(math.floor(square.x - reach), 0), width - 1)
    y0 = min(max(math.floor(square.y - reach), 0), height - 1)
    x1 = max(min(math.ceil(square.x + reach), width), x0 + 1)
    y1 = max(min(math.ceil(square.y + reach), height), y0 + 1)
    part = image[y0:y1, x0:x1]
    columns, rows = max((x1 - x0) // factor, 1), max((y1 - y0) // factor, 1)
    part = part[: rows * factor, : columns * factor]
    small = cv2.resize(part, (columns, rows), interpolation=cv2.INTER_AREA)
    return small, (square.x - x0) / factor, (square.y - y0) / factor
