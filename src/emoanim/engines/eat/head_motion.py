"""The head of a driving video: its pose in every frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from emoanim.clips import Clip, Image
from emoanim.engines.eat.mel import FPS
from emoanim.engines.eat.square import SIZE, square_for
from emoanim.engines.eat.still import Networks, pixels_of
from emoanim.engines.keypoint_renderer.pose import HeadPose
from emoanim.errors import FaceError
from emoanim.faces import FaceFinder
from emoanim.faces.crop import Square, cut

__all__ = ["head_motion", "there_and_back"]

_AT_ONCE = 8


def head_motion(
    networks: Networks,
    clip: Clip,
    finder: FaceFinder,
    frames: int,
    template: NDArray[np.float64] | None = None,
) -> HeadPose:
    """Return the poses of a clip at 25 frames per second, n at least 1 and at most ``frames``.

    Every frame is cut by the square of the first face, so that what moves is the head.

    Args:
        networks: see ``still.load``.
        clip: a person.
        finder: of faces.
        frames: that are wanted.
        template: see ``square_for``.

    Raises:
        FaceError: no frame shows a face.
    """
    square: Square | None = None
    waiting: list[tuple[Image, int]] = []
    poses: list[HeadPose] = []
    count = 0
    for time, image in clip.frames(0.0, frames / FPS):
        if square is None:
            faces = finder.find(image)
            if not faces:
                continue
            square = square_for(faces[0].points, template)
        due = min(int(time * FPS + 0.5) + 1, frames) - count
        if due > 0:
            waiting.append((cut(image, square, SIZE), due))
            count += due
        if len(waiting) == _AT_ONCE:
            poses.append(_poses(networks, waiting))
            waiting = []
    if waiting:
        poses.append(_poses(networks, waiting))
    if not poses:
        raise FaceError(
            "the driving video shows no face; expected a person facing the camera. "
            "Give another video, or keep the head still."
        )
    return HeadPose(*(torch.cat(parts) for parts in zip(*poses, strict=True)))


def there_and_back(pose: HeadPose, frames: int) -> HeadPose:
    """Return poses for all frames; motion that is too short goes back and forth."""
    count = len(pose.yaw)
    indices = np.arange(frames) % max(2 * count - 2, 1)
    rows = torch.from_numpy(np.where(indices < count, indices, 2 * count - 2 - indices))
    return HeadPose(*(part[rows.to(part.device)] for part in pose))


def _poses(networks: Networks, waiting: Sequence[tuple[Image, int]]) -> HeadPose:
    """Read pictures; each stands for as many frames as its number says."""
    times = torch.tensor([due for _, due in waiting], device=networks.device)
    with torch.inference_mode():
        pose = networks.pose(pixels_of(networks, [image for image, _ in waiting]))
        return HeadPose(*(part.repeat_interleave(times, 0) for part in pose))
