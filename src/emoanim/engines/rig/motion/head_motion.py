"""Head motion in six degrees of freedom, from prosody, posture and the speaker's own motion.

Angles are those of ``emoanim.faces.HeadPose``: pitch up, yaw to the right of the image, roll
clockwise on the screen, in degrees; then x to the right, y up and z towards the camera, in cm.
All are relative to the still.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.motion.envelopes import (
    Curve,
    low_pass,
    pulse,
    smoothstep,
    soft_limit,
    wander,
)
from emoanim.engines.rig.motion.manner import Manner
from emoanim.engines.rig.motion.prosody import Prosody
from emoanim.engines.rig.motion.source_motion import SourcePose

__all__ = ["LIMITS", "SPEED_LIMITS", "head_motion"]

LIMITS = (7.5, 10.5, 5.5, 0.7, 0.6, 0.8)
"""Largest pitch, yaw, roll (degrees) and shift (cm) that the warp of one still takes well."""

SPEED_LIMITS = (40.0, 45.0, 26.0, 4.5, 4.5, 4.5)
"""Degrees and cm per second."""

# Standard deviation (degrees, cm) and bandwidth (Hz) of motion without a source to learn from.
_SWAY = ((2.5, 0.45), (4.2, 0.35), (1.9, 0.3), (0.16, 0.3), (0.12, 0.35), (0.2, 0.25))
_STILLNESS = 0.35
_LEFT = 0.35
"""Share of chance in the motion of a speaker who moves enough."""
LEAST = (3.2, 4.3, 2.5)
"""Standard deviation of pitch, yaw and roll (degrees) in speech, at least: of people it is 2 to 6,
and the mesh of a warped still shows about .8 of the pitch and .6 of the yaw that were asked for."""
MOST_GAIN = 3.0
"""Chance that held the head still is enlarged by no more."""
ROUNDS = 3
SHORT, LONG = 1.0, 3.5
"""A speech this short says little about how lively it is; from the second on it does, seconds."""


def head_motion(
    prosody: Prosody,
    times: NDArray[np.float64],
    manner: Manner,
    rng: np.random.Generator,
    *,
    source: SourcePose | None = None,
    activity: Curve | None = None,
    amount: float = 1.0,
) -> Curve:
    """Return float64 (t, 6) head poses at evenly spaced ``times``, smooth and within the limits.

    Args:
        prosody: gives the accents that are nodded.
        times: of the frames, seconds.
        manner: posture and energy.
        rng: where chance comes from.
        source: the speaker's own motion, reflected at its ends if it is too short.
        activity: (t,) 1 while speaking; the head is calmer, not frozen, at 0.
        amount: factor on all motion; 0 holds the posture.
    """
    count = len(times)
    fps = 1.0 / (times[1] - times[0]) if count > 1 else 25.0
    speaking = np.ones(count) if activity is None else low_pass(activity, 0.35 * fps)
    sway = np.stack([s * wander(count, fps, f, rng) for s, f in _SWAY], axis=1)
    if source is not None:
        start = float(rng.uniform(0.0, len(source.poses) / source.rate))
        # Who holds the head still before the camera is livelier here: one still must not look it.
        lacking = 1.0 - source.poses.std(axis=0) / [s for s, _ in _SWAY]
        sway = np.clip(lacking, _LEFT, 1.0) * sway + _reflected(source, times + start)
    sway *= (manner.energy * (_STILLNESS + (1.0 - _STILLNESS) * speaking))[:, None]
    moved = amount * (sway + _gestures(prosody, times, manner.energy, rng))
    settle = 0.85 + 0.15 * smoothstep(times / 0.5)
    posture = settle[:, None] * np.array(manner.posture)

    def limited(motion: Curve) -> Curve:
        return _slowed(soft_limit(motion + posture, LIMITS), fps)

    activity_share = _STILLNESS + (1.0 - _STILLNESS) * float(speaking.mean())
    least = amount * activity_share * np.array(LEAST)
    for _ in range(ROUNDS):  # the limits take part of what is added
        moved[:, :3] *= _gain(limited(moved)[:, :3], least, count / fps)
    return limited(moved)


def _gain(angles: Curve, least: Curve, seconds: float) -> Curve:
    """Return the factors that bring a head's angles to the least that people move, (3,)."""
    known = float(smoothstep((seconds - SHORT) / (LONG - SHORT)))
    lacking = np.clip(least / np.maximum(angles.std(axis=0), 1e-9), 1.0, MOST_GAIN)
    return np.asarray(1.0 + known * (lacking - 1.0))


def _gestures(
    prosody: Prosody, times: NDArray[np.float64], energy: float, rng: np.random.Generator
) -> Curve:
    """Nods on accents, now and then a lift, a turn or a tilt instead."""
    poses = np.zeros((len(times), 6))
    for accent in prosody.accents:
        kind, side = rng.random(), 1.0 if rng.random() < 0.5 else -1.0
        size = energy * (0.5 + accent.strength) * float(rng.uniform(0.7, 1.15))
        bump = size * pulse(times, accent.time + 0.03, 0.24, 0.42)
        poses[:, 4] -= 0.06 * bump
        if kind < 0.62:
            poses[:, 0] -= 2.4 * bump
        elif kind < 0.78:
            poses[:, 0] += 1.6 * bump
        elif kind < 0.9:
            poses[:, 1] += 2.4 * side * bump
            poses[:, 0] -= 0.9 * bump
        else:
            poses[:, 2] += 1.7 * side * bump
            poses[:, 0] -= 1.1 * bump
    return poses


def _reflected(source: SourcePose, times: NDArray[np.float64]) -> Curve:
    """Play the motion forwards and backwards without end: no jump where it is repeated."""
    last = len(source.poses) - 1
    phase = np.mod(times * source.rate, 2.0 * last)
    index = np.where(phase > last, 2.0 * last - phase, phase)
    grid = np.arange(last + 1)
    return np.stack([np.interp(index, grid, c) for c in source.poses.T], axis=1)


def _slowed(poses: Curve, fps: float) -> Curve:
    """Smooth until no speed limit is passed."""
    sigma = 0.05 * fps
    smooth = low_pass(poses, sigma)
    while (
        len(poses) > 1 and (np.abs(np.diff(smooth, axis=0)).max(axis=0) * fps > SPEED_LIMITS).any()
    ):
        sigma *= 1.4
        smooth = low_pass(poses, sigma)
    return smooth
