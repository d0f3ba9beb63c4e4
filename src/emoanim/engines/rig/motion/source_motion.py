"""How the speaker's own head moves in a clip, fit to drive a still."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.clips import Clip
from emoanim.engines.rig.motion.envelopes import Curve, low_pass
from emoanim.faces import FaceFinder, FaceTracker, HeadPose, fit_pose

__all__ = ["SourcePose", "clean_poses", "track_head"]

# Largest standard deviation (degrees, cm) that is kept of the speaker's motion.
_SHARE = (3.0, 4.5, 2.2, 0.3, 0.25, 0.4)
_NECK = np.array([0.0, -9.5, -5.0]) * (1.0, -1.0, -1.0)
_CAMERA = 60.0
FRONTAL = 25.0
"""Heads turned further than that tell little about the face, degrees."""


@dataclass(frozen=True, slots=True, eq=False)
class SourcePose:
    """How the speaker's head moved in the original clip.

    Attributes:
        rate: poses per second.
        poses: float64 (n, 6) as in ``emoanim.engines.rig.motion.head_motion``, around 0; clean and
            smooth.
    """

    rate: float
    poses: Curve


def track_head(
    clip: Clip,
    finder: FaceFinder,
    *,
    rate: float = 6.0,
    seconds: float = 12.0,
    meshes: list[NDArray[np.float32]] | None = None,
) -> SourcePose | None:
    """Follow the person in the first ``seconds`` of a clip, ``rate`` times a second.

    Args:
        clip: of the person.
        finder: of faces.
        rate: looks a second.
        seconds: how much of the clip is looked at.
        meshes: takes the meshes of frontal frames, their lips put right.

    Returns:
        The motion, or None if the face is seen too little.
    """
    tracker = FaceTracker(finder, every=max(1, round(rate)))
    times: list[float] = []
    poses: list[tuple[float, ...]] = []
    size = 1.0
    for frame in clip.frames(0.0, min(seconds, clip.duration)):
        if frame.time < len(times) / rate:
            continue
        face = tracker.update(frame.image, frame.time)
        times.append(frame.time)
        if face is None:
            poses.append((np.nan,) * 6)
            continue
        pose = fit_pose(face.points)
        size = pose.scale if len(poses) == 0 else size
        if meshes is not None and pose.turn < FRONTAL:
            meshes.append(finder.with_lips(frame.image, face).points)
        poses.append(_degrees_of_freedom(pose, size))
    if not times:
        return None
    return clean_poses(times, poses)


def clean_poses(times: ArrayLike, poses: ArrayLike, rate: float = 25.0) -> SourcePose | None:
    """Clean tracked poses: even rate, outliers and slow drift out, amplitude damped.

    Args:
        times: (n,) seconds, increasing.
        poses: (n, 6) as in ``emoanim.engines.rig.motion.head_motion``; without a face a row of NaN.
        rate: of the result, Hz.

    Returns:
        The motion, or None if fewer than two seconds of it are known.
    """
    clock, raw = np.asarray(times, dtype=np.float64), np.asarray(poses, dtype=np.float64)
    known = np.isfinite(raw).all(axis=1)
    clock, raw = clock[known], raw[known]
    if len(clock) < 10 or clock[-1] - clock[0] < 2.0:
        return None
    middle = np.median(raw, axis=0)
    spread = 1.4826 * np.median(np.abs(raw - middle), axis=0)
    good = (np.abs(raw - middle) < 4.0 * spread + (4.0, 4.0, 4.0, 1.0, 1.0, 1.0)).all(axis=1)
    if good.sum() < 10:
        return None
    even = np.arange(clock[0], clock[-1], 1.0 / rate)
    curves = np.stack([np.interp(even, clock[good], c) for c in raw[good].T], axis=1)
    curves = low_pass(curves, 0.09 * rate)
    # Slow changes of posture are left out in part: the shoulders of the still follow only a little.
    curves -= 0.35 * low_pass(curves, 1.5 * rate)
    curves -= np.median(curves, axis=0)
    share = np.minimum(1.0, np.array(_SHARE) / (curves.std(axis=0) + 1e-9))
    return SourcePose(rate, np.asarray(curves * share))


def _degrees_of_freedom(pose: HeadPose, size: float) -> tuple[float, ...]:
    """Return angles, and where the neck is: turning the head moves the face but not the neck."""
    x, y, _ = pose.translation / pose.scale + pose.rotation @ _NECK
    return pose.pitch, pose.yaw, pose.roll, float(x), float(-y), _CAMERA * (1.0 - size / pose.scale)
