"""The square that EAT sees of a face, and putting it back."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.keypoint_renderer.landmarks import landmarks68
from emoanim.errors import SettingsError
from emoanim.extras import require
from emoanim.faces.crop import Square, eye_levelled_square
from emoanim.parsing import read_array

__all__ = [
    "SIZE",
    "paste_square",
    "read_template",
    "square_for",
    "square_like",
    "square_of_face",
]

Image = NDArray[np.uint8]

SIZE = 256
"""Side of the picture that the networks see."""
_TEMPLATE = 47  # jaw, brows, nose and eyes; the lips move

_SCALE = 1.7
_SHIFT = -0.06
_FADE = 0.15


def read_template(path: Path) -> NDArray[np.float64]:
    """Return the points (47, 2) to which faces are aligned, in pixels of a 256x256 picture.

    Raises:
        SettingsError: no such file, or 47 or 68 points are not what it holds.
    """
    if not path.is_file():
        raise SettingsError(f"template {path} given; there is no such file.")
    try:
        template = read_array(path)
    except (OSError, ValueError) as error:
        raise SettingsError(f"template {path} given; it is no array ({error}).") from error
    if template.ndim != 2 or template.shape[0] not in (_TEMPLATE, 68) or template.shape[1] != 2:
        raise SettingsError(f"template of shape {template.shape} given; expected (47 or 68, 2).")
    return np.asarray(template[:_TEMPLATE], dtype=np.float64)


def square_for(points: NDArray[np.float32], template: NDArray[np.float64] | None) -> Square:
    """Return the square of a face: like a template's if there is one, else our own.

    Args:
        points: (468, 3) mesh.
        template: see ``read_template``.
    """
    if template is None:
        return square_of_face(points)
    return square_like(landmarks68(points)[:_TEMPLATE], template, SIZE)


def square_of_face(points: NDArray[np.float32]) -> Square:
    """Return an eye-levelled square with room for hair and chin.

    Args:
        points: (468, 3) mesh.
    """
    return eye_levelled_square(points, _SCALE, _SHIFT)


def square_like(landmarks: NDArray[np.float64], template: NDArray[np.float64], size: int) -> Square:
    """Return the square of an image that a template's picture shows (least squares, no mirror).

    Args:
        landmarks: (n, 2) pixels of the image.
        template: (n, 2) pixels of a picture of ``size`` pixels.
        size: of that picture.
    """
    a, b = template - template.mean(0), landmarks - landmarks.mean(0)
    power = float((a * a).sum())
    c = float((a * b).sum()) / power
    s = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()) / power
    turn = np.array([[c, -s], [s, c]])
    centre = turn @ (np.full(2, size / 2) - template.mean(0)) + landmarks.mean(0)
    return Square(float(centre[0]), float(centre[1]), size * math.hypot(c, s), math.atan2(s, c))


def paste_square(picture: Image, part: Image, square: Square) -> Image:
    """Return the picture with a square part put back; it fades out towards the square's border.

    Args:
        picture: uint8 (h, w, 3).
        part: uint8 (s, s, 3), what was made of the square.
        square: where it came from.
    """
    cv2 = require("cv2", "eat")
    height, width = picture.shape[:2]
    size = len(part)
    scale = square.side / size
    c, s = math.cos(square.angle) * scale, math.sin(square.angle) * scale
    # Pixel centres lie at whole numbers for OpenCV and at halves in the square's coordinates.
    half = size / 2 - 0.5
    x, y = square.x - 0.5, square.y - 0.5
    matrix = np.array([[c, -s, x - c * half + s * half], [s, c, y - s * half - c * half]])
    distance = np.minimum(np.arange(size), np.arange(size)[::-1]) / (_FADE * size)
    ramp = np.clip(distance, 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)
    weight = np.outer(ramp, ramp).astype(np.float32)
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    moved = cv2.warpAffine(
        part, matrix, (width, height), flags=way, borderMode=cv2.BORDER_REPLICATE
    )
    share = cv2.warpAffine(weight, matrix, (width, height), flags=cv2.INTER_LINEAR)[..., None]
    mixed = picture + (moved.astype(np.float32) - picture) * share
    return np.asarray(np.rint(mixed), dtype=np.uint8)
