"""A picture made ready: the face's square, its coefficients, and where it goes back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.sadtalker.face_crop import align, crop_box
from emoanim.extras import require

__all__ = ["FacePicture", "coefficients_of", "cut_face"]

Image = NDArray[np.uint8]

_EXPRESSION = slice(80, 144)
_ANGLE = slice(224, 227)
_TRANSLATION = slice(254, 257)


@dataclass(frozen=True, slots=True, eq=False)
class FacePicture:
    """The part of a picture that is animated.

    Attributes:
        image: uint8 (size, size, 3), what is rendered.
        landmarks: (68, 2) in it.
        box: left, top, right, bottom of the part in the picture, whole pixels.
        size: width and height that a frame of the part alone has.
    """

    image: Image
    landmarks: NDArray[np.float64]
    box: tuple[int, int, int, int]
    size: tuple[int, int]


def cut_face(
    image: Image, landmarks: NDArray[np.float64], size: int, *, extended: bool, whole: bool = False
) -> FacePicture:
    """Cut the face out and resize it to a square.

    Args:
        image: uint8 (h, w, 3) RGB.
        landmarks: (68, 2) pixels.
        size: side of the square.
        extended: keep the crop's border.
        whole: take the whole picture instead.
    """
    cv2 = require("cv2", "sadtalker")
    height, width = image.shape[:2]
    shrunk = image
    left, top, right, bottom = 0, 0, width, height
    across = down = 1.0
    if not whole:
        crop = crop_box(landmarks, width, height)
        if crop.size != (width, height):
            shrunk = cv2.resize(image, crop.size, interpolation=cv2.INTER_LINEAR)
        across, down = width / crop.size[0], height / crop.size[1]
        left, top, right, bottom = crop.crop
        if not extended:
            q = [int(n) for n in crop.quad]
            left, top, right, bottom = left + q[0], top + q[1], left + q[2], top + q[3]
    bottom, right = min(bottom, shrunk.shape[0]), min(right, shrunk.shape[1])
    part = shrunk[top:bottom, left:right]
    square = cv2.resize(part, (size, size), interpolation=cv2.INTER_LINEAR)
    scale = np.array([size / (right - left), size / (bottom - top)])
    moved = (landmarks / (across, down) - (left, top)) * scale
    box = (round(left * across), round(top * down), round(right * across), round(bottom * down))
    frame = (size, int(size * (bottom - top) / (right - left)))
    return FacePicture(np.asarray(square, dtype=np.uint8), moved, box, frame)


def coefficients_of(regressor: Any, device: Any, face: FacePicture) -> NDArray[np.float64]:
    """Return the 73 numbers of a face: expression 64, angle 3, translation 3, alignment 3."""
    import torch

    aligned = align(face.image, face.landmarks)
    pixels = torch.from_numpy(aligned.image.copy()).to(device).permute(2, 0, 1)[None]
    with torch.inference_mode():
        coefficients = regressor(pixels.to(torch.float32) / 255)[0].cpu().numpy()
    parts = (
        coefficients[_EXPRESSION],
        coefficients[_ANGLE],
        coefficients[_TRANSLATION],
        aligned.parameters[2:],
    )
    return np.concatenate(parts).astype(np.float64)
