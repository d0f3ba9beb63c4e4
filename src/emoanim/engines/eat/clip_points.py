"""Speech, an emotion and head motion to the renderer's key points, frame by frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from emoanim.engines.eat import key_points
from emoanim.engines.eat.head_pose import head_numbers, pose_images
from emoanim.engines.eat.mel import window_rows, windows
from emoanim.engines.eat.still import Faces, Networks, angles_of
from emoanim.engines.keypoint_renderer.pose import HeadPose

__all__ = ["clip_points"]

_AT_ONCE = 5

Array = NDArray[np.float32]


def clip_points(
    networks: Networks,
    face: Faces,
    motion: HeadPose,
    mel: Array,
    deep: Array,
    prompts: tuple[Tensor, Tensor],
) -> Tensor:
    """Return the key points of every frame, (t, 15, 3), centred on the source's over the clip.

    Few frames are in memory at a time; what stays is 45 numbers of each.

    Args:
        networks: see ``still.load``.
        face: the source, one.
        motion: head poses of the t frames.
        mel: (t or more, 80).
        deep: (about t, 16, 29).
        prompts: see ``still.prompts_of``.
    """
    prompt, deep_prompts = prompts
    count = len(motion.yaw)
    inside = min(len(mel), len(deep), count)
    silence = networks.mel.cpu().numpy(), networks.deep.cpu().numpy()
    offset: Tensor | None = None
    parts = []
    for first in range(0, count, _AT_ONCE):
        last = min(first + _AT_ONCE, count)
        rows = window_rows(first, last)
        angles = angles_of(HeadPose(*(part[first:last] for part in motion)))
        with torch.inference_mode():
            heard = windows(mel, rows, inside, silence[0]).transpose(0, 2, 1)[:, None]
            said = networks.transformer(
                _moved(networks, heard),
                _moved(networks, _drawn(motion, rows, inside)),
                _moved(networks, windows(deep, rows, inside, silence[1])),
                head_numbers(*angles),
                face.raw,
                prompt,
                deep_prompts,
            )
            if offset is None:  # the same for every frame
                offset = networks.deformation(said.face_feature_map, prompt, deep_prompts)
            exp = key_points.expression_of(
                said.pca_coeff, networks.basis, networks.mean, offset, face.canonical
            )
            parts.append(key_points.placed(face.canonical, *angles, exp))
    with torch.inference_mode():
        return key_points.shifted(torch.cat(parts), face.points)


def _drawn(motion: HeadPose, rows: NDArray[np.int64], inside: int) -> Array:
    """Return the windows' head poses as pictures; outside the clip the nearest stays."""
    indices = np.clip(rows, 0, inside - 1)
    low, high = int(indices.min()), int(indices.max()) + 1
    part = HeadPose(*(p[low:high] for p in motion))
    return pose_images(*angles_of(part))[indices - low]


def _moved(networks: Networks, values: NDArray[Any]) -> Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).to(networks.device)
