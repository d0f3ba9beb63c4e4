"""Coordinates, rotations and key points, as both renderers count them.

The last axis of a point or grid is x (along the width), y (height), z (depth), each from -1 to 1
with both ends included.
"""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = [
    "PI",
    "axis_rotations",
    "degrees",
    "expected_bin",
    "gaussians",
    "grid",
    "move_keypoints",
    "radians",
    "rotation_matrix",
]

PI = 3.14
"""The networks were trained with this value."""
_VARIANCE = 0.01


def grid(depth: int, height: int, width: int, like: Tensor) -> Tensor:
    """Return the coordinates of a volume's cells, (depth, height, width, 3)."""

    def line(count: int) -> Tensor:
        steps = torch.arange(count, device=like.device, dtype=like.dtype)
        return 2 * (steps / (count - 1)) - 1

    z, y, x = torch.meshgrid(line(depth), line(height), line(width), indexing="ij")
    return torch.stack((x, y, z), -1)


def gaussians(points: Tensor, cells: Tensor) -> Tensor:
    """Return exp(-|cell - point|^2 / 2 / 0.01): (b, k, 3) and (d, h, w, 3) give (b, k, d, h, w)."""
    away = cells - points[:, :, None, None, None, :]
    return torch.exp(-0.5 * (away**2).sum(-1) / _VARIANCE)


def expected_bin(logits: Tensor) -> Tensor:
    """Return the expected index of 66 bins, (b, 66) to (b,)."""
    bins = torch.arange(logits.shape[-1], device=logits.device, dtype=logits.dtype)
    return (torch.softmax(logits, -1) * bins).sum(-1)


def degrees(logits: Tensor) -> Tensor:
    """Return the angle of 66 bins of 3 degrees each, from -99: (b, 66) to (b,)."""
    return expected_bin(logits) * 3 - 99


def radians(angle: Tensor) -> Tensor:
    """Turn degrees into radians with the networks' own value of pi."""
    return angle / 180 * PI


def rotation_matrix(yaw: Tensor, pitch: Tensor, roll: Tensor) -> Tensor:
    """Return Rx(pitch) Ry(yaw) Rz(roll) of angles in radians: (b,) each to (b, 3, 3)."""
    rx, ry, rz = axis_rotations(yaw, pitch, roll)
    return rx @ ry @ rz


def axis_rotations(yaw: Tensor, pitch: Tensor, roll: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return Rx(pitch), Ry(yaw) and Rz(roll), right-handed, (b, 3, 3) each."""
    one, nil = torch.ones_like(yaw), torch.zeros_like(yaw)

    def matrix(*entries: Tensor) -> Tensor:
        return torch.stack(entries, -1).reshape(-1, 3, 3)

    c, s = torch.cos(pitch), torch.sin(pitch)
    rx = matrix(one, nil, nil, nil, c, -s, nil, s, c)
    c, s = torch.cos(yaw), torch.sin(yaw)
    ry = matrix(c, nil, s, nil, one, nil, -s, nil, c)
    c, s = torch.cos(roll), torch.sin(roll)
    rz = matrix(c, -s, nil, s, c, nil, nil, nil, one)
    return rx, ry, rz


def move_keypoints(
    canonical: Tensor, rotation: Tensor, translation: Tensor, expression: Tensor
) -> Tensor:
    """Return rotation * canonical + translation + expression.

    Args:
        canonical: (b or 1, k, 3).
        rotation: (b, 3, 3).
        translation: (b, 3).
        expression: (b, 3 k), three numbers per point.

    Returns:
        (b, k, 3).
    """
    turned = canonical @ rotation.mT  # points are rows
    return turned + translation[:, None, :] + expression.reshape(len(rotation), -1, 3)
