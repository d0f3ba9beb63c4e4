"""EAT's two descriptions of a head pose: 45 numbers, and a drawn box."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from emoanim.engines.keypoint_renderer.geometry import (
    PI,
    axis_rotations,
    expected_bin,
    radians,
    rotation_matrix,
)
from emoanim.extras import require

__all__ = ["head_numbers", "pose_images"]

_FOCAL = 233.333
_CENTRE = 128.0
_SIDE = 256
_REAR, _FRONT, _DEPTH = 75.0, 100.0, 100.0


def head_numbers(yaw: Tensor, pitch: Tensor, roll: Tensor, translation: Tensor) -> Tensor:
    """Return the 45 numbers of a pose, (n, 45).

    Angles are the expected bin (0 to 65), taken for degrees: so was the network trained. They are
    given as such, as radians, as the matrices about y, x and z and their product, then the
    translation.

    Args:
        yaw: (n, 66) logits.
        pitch: the same.
        roll: the same.
        translation: (n, 3).
    """
    bins = [expected_bin(logits) for logits in (yaw, pitch, roll)]
    turned = [b * PI / 180 for b in bins]
    rx, ry, rz = axis_rotations(*turned)
    product = rotation_matrix(*turned)
    matrices = [m.flatten(1) for m in (ry, rx, rz, product)]
    angles = torch.stack((*bins, *turned), 1)
    return torch.cat((angles, *matrices, translation), 1)


def pose_images(
    yaw: Tensor, pitch: Tensor, roll: Tensor, translation: Tensor
) -> NDArray[np.float32]:
    """Draw a truncated pyramid that stands for the head, (n, 1, 64, 64), 0 to 255.

    Args: as for ``head_numbers``.
    """
    cv2 = require("cv2", "eat")
    angles = [radians(expected_bin(logits)) for logits in (yaw, pitch, roll)]
    rotations = rotation_matrix(*angles).cpu().numpy().astype(np.float64)
    shifts = translation.cpu().numpy().astype(np.float64)
    pictures = np.zeros((len(shifts), _SIDE, _SIDE), dtype=np.float32)
    for picture, rotation, shift in zip(pictures, rotations, shifts, strict=True):
        _draw(cv2, picture, rotation, shift)
    line = torch.exp(-((torch.arange(13, dtype=torch.float64) - 6) ** 2) / (2 * 1.5**2))
    kernel = torch.outer(line, line)
    kernel = (kernel / kernel.sum()).to(torch.float32)[None, None]
    small = functional.conv2d(torch.from_numpy(pictures)[:, None], kernel, stride=4, padding=6)
    return np.asarray(small.numpy(), dtype=np.float32)


def _draw(
    cv2: Any,
    picture: NDArray[np.float32],
    rotation: NDArray[np.float64],
    shift: NDArray[np.float64],
) -> None:
    corners = np.array([(-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1)], dtype=np.float64)
    rear = np.column_stack((corners * _REAR, np.zeros(5)))
    front = np.column_stack((corners * _FRONT, np.full(5, _DEPTH)))
    placed = np.concatenate((rear, front)) @ rotation.T + shift
    depth = np.where(placed[:, 2] == 0, 1.0, placed[:, 2])
    seen = np.trunc(placed[:, :2] / depth[:, None] * _FOCAL + _CENTRE).astype(np.int32)
    cv2.polylines(picture, [seen], True, 255, 2)
    for a, b in ((1, 6), (2, 7), (3, 8)):
        cv2.line(picture, tuple(map(int, seen[a])), tuple(map(int, seen[b])), 255, 2)
