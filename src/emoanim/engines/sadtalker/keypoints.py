"""Key points of a frame from what the mapping network says."""

from __future__ import annotations

import torch
from torch import Tensor

from emoanim.engines.keypoint_renderer.geometry import (
    degrees,
    move_keypoints,
    radians,
    rotation_matrix,
)
from emoanim.engines.sadtalker.mapping import Mapped

__all__ = ["driven_keypoints", "head_rotation"]


def head_rotation(
    mapped: Mapped,
    *,
    yaw: Tensor | None = None,
    pitch: Tensor | None = None,
    roll: Tensor | None = None,
) -> Tensor:
    """Return rotation matrices (b, 3, 3); an angle given, (b,) degrees, replaces its own."""
    logits = (mapped.yaw, mapped.pitch, mapped.roll)
    given = (yaw, pitch, roll)
    angles = [degrees(own) if g is None else g for own, g in zip(logits, given, strict=True)]
    return rotation_matrix(*map(radians, angles))


def driven_keypoints(
    canonical: Tensor,
    mapped: Mapped,
    *,
    yaw: Tensor | None = None,
    pitch: Tensor | None = None,
    roll: Tensor | None = None,
) -> Tensor:
    """Return the key points of b frames (b, 15, 3); of the translation only the height counts.

    Args:
        canonical: (1 or b, 15, 3).
        mapped: of b frames.
        yaw: (b,) degrees instead of the network's.
        pitch: the same.
        roll: the same.
    """
    rotation = head_rotation(mapped, yaw=yaw, pitch=pitch, roll=roll)
    height = mapped.t * torch.tensor([0.0, 1.0, 0.0], device=mapped.t.device, dtype=mapped.t.dtype)
    return move_keypoints(canonical, rotation, height, mapped.exp)
