"""Head motion: how much there is, and whether it goes with the sound."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.measured import Measured, mean_of

__all__ = [
    "beat_alignment",
    "head_motion_diversity",
    "hopenet_angles",
    "motion_beats",
    "sound_onsets",
]

Average = Literal["audio", "motion"]
Features = Literal["embedding", "angles_deg"]

_BIN_DEGREES = 3.0
_FIRST_DEGREES = -99.0
# Sigmas at which the smoothing kernel ends.
_TRUNCATE = 4.0


def hopenet_angles(logits: ArrayLike) -> NDArray[np.float64]:
    """Turn Hopenet's bin logits into degrees: sum(softmax * index) * 3 - 99 over 66 bins.

    Args:
        logits: (..., bins), for instance (t, 3, 66) for yaw, pitch and roll.

    Returns:
        Degrees, (...).

    >>> hopenet_angles([[0.0, 0.0, 0.0]]).tolist()
    [-96.0]
    """
    x = as_array(logits, np.float64)
    if x.ndim < 1 or not x.shape[-1]:
        raise InputError(f"logits of shape {x.shape} given; expected (..., bins), 66 of them.")
    weights = np.exp(x - x.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.asarray(weights @ np.arange(x.shape[-1]) * _BIN_DEGREES + _FIRST_DEGREES)


def head_motion_diversity(
    videos: Sequence[ArrayLike], *, features: Features = "embedding", ddof: int = 0
) -> Measured:
    """Standard deviation of head-motion features over time (SadTalker's diversity), >= 0.

    Per video the deviation over frames in each dimension, averaged over dimensions, then over
    videos. SadTalker's paper names Hopenet and fixes neither what is taken from it nor the
    divisor, so both are part of the method; values of different extractors do not compare.

    Args:
        videos: features of each video, (t, d).
        features: what they are: "embedding", or "angles_deg" (see :func:`hopenet_angles`).
        ddof: 0 divides by t, 1 by t - 1.

    Returns:
        The mean over videos, which are in ``each``; a video with fewer than ``ddof`` + 1 frames
        (and at least 2) is undefined.

    >>> head_motion_diversity([[[0.0], [2.0]]], features="angles_deg").value
    1.0
    """
    if features not in ("embedding", "angles_deg"):
        raise InputError(f"features {features!r} given; expected 'embedding' or 'angles_deg'.")
    if ddof not in (0, 1):
        raise InputError(f"ddof {ddof} given; expected 0 or 1.")
    each = []
    for video in videos:
        x = as_array(video, np.float64)
        if x.ndim != 2:
            raise InputError(f"features of shape {x.shape} given; expected (t, d) per video.")
        each.append(
            float(x.std(axis=0, ddof=ddof).mean()) if min(x.shape) and len(x) > 1 else math.nan
        )
    method = f"head-motion diversity of {features}, ddof {ddof}, mean over dimensions and videos"
    return mean_of(np.array(each, dtype=np.float64), method, "no video has two frames")


def motion_beats(
    positions: ArrayLike, fps: float, *, smoothing_seconds: float = 0.2
) -> NDArray[np.float64]:
    """Times of the motion beats in seconds: strict local minima of the smoothed speed.

    The speed between frames is averaged over the joints and smoothed with a Gaussian (mirrored
    ends, cut at 4 sigma). The speed of index i lies between the frames i and i + 1 and counts at
    the time of frame i, as in Bailando's program.

    Args:
        positions: joints or landmarks (t, j, c), or angles such as yaw, pitch, roll (t, c).
        fps: frames per second.
        smoothing_seconds: sigma of the Gaussian, 0 for none; Bailando's preset of 5 frames is
            5 / fps.

    Returns:
        Seconds, (beats,), ascending.
    """
    x = as_array(positions, np.float64)
    if x.ndim == 2:
        x = x[:, None]
    if x.ndim != 3:
        raise InputError(f"positions of shape {x.shape} given; expected (t, joints, 3) or (t, 3).")
    if fps <= 0 or smoothing_seconds < 0:
        raise InputError(
            f"fps {fps} and smoothing {smoothing_seconds} s given; expected a positive rate and a "
            "time of at least 0."
        )
    speed = np.sqrt(np.square(np.diff(x, axis=0)).sum(axis=2)).mean(axis=1)
    if len(speed) < 3:
        return np.zeros(0)
    if smoothing_seconds:
        speed = _gaussian(speed, smoothing_seconds * fps)
    low = (speed[1:-1] < speed[:-2]) & (speed[1:-1] < speed[2:])
    return (np.flatnonzero(low) + 1) / fps


def _gaussian(series: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Smooth; beyond the ends the series is mirrored, with the end value repeated."""
    radius = int(_TRUNCATE * sigma + 0.5)
    weights = np.exp(-0.5 * (np.arange(-radius, radius + 1) / sigma) ** 2)
    weights /= weights.sum()
    return np.convolve(np.pad(series, radius, mode="symmetric"), weights, mode="valid")


def beat_alignment(
    motion: ArrayLike, audio: ArrayLike, *, sigma_seconds: float = 0.1, average: Average = "audio"
) -> Measured:
    """How near beats of motion and of sound lie, in [0, 1]; higher is nearer.

    Mean over beats b of one kind of exp(-d**2 / (2 sigma**2)), d the time from b to the nearest
    beat of the other kind. Bailando averages over the audio beats ("audio": does every beat of the
    sound get a motion?), AI Choreographer over the motion beats ("motion": does every motion sit on
    a beat?). They differ by a factor of two on the same data, so the direction is named.

    Args:
        motion: times in seconds, such as :func:`motion_beats`.
        audio: times in seconds: beats of music; onsets for speech, which has no regular beat.
        sigma_seconds: tolerance; the papers' preset of 3 frames is 3 / fps.
        average: "audio" or "motion".

    Returns:
        The mean, terms in ``each``. 0 without motion beats; undefined without audio beats.

    >>> round(beat_alignment([1.0, 2.1], [1.0, 2.0], sigma_seconds=0.1).value, 4)
    0.8033
    """
    m, a = as_array(motion, np.float64), as_array(audio, np.float64)
    if m.ndim != 1 or a.ndim != 1 or not (np.isfinite(m).all() and np.isfinite(a).all()):
        raise InputError(
            f"beats of shape {m.shape} and {a.shape} given; expected finite times in seconds, (k,)."
        )
    if sigma_seconds <= 0:
        raise InputError(f"sigma {sigma_seconds} s given; expected a positive time.")
    if average not in ("audio", "motion"):
        raise InputError(f"average {average!r} given; expected 'audio' or 'motion'.")
    method = f"beat alignment, mean over {average} beats, sigma {sigma_seconds:g} s"
    if not len(a):
        return Measured(math.nan, method, 0, reason="no audio beats")
    if not len(m):
        return Measured(0.0, method, 0, notes=("no motion beats",))
    over, others = (a, m) if average == "audio" else (m, a)
    nearest = np.abs(over[:, None] - others).min(axis=1)
    return mean_of(np.exp(-np.square(nearest) / (2 * sigma_seconds**2)), method, "")


def sound_onsets(
    samples: ArrayLike,
    rate: int,
    *,
    hop_seconds: float = 0.01,
    window_seconds: float = 0.032,
    least_gap_seconds: float = 0.05,
    threshold: float = 0.1,
) -> NDArray[np.float64]:
    """Times of onsets in seconds: peaks of the spectral flux.

    The flux is the summed rise of the log magnitude ``log(1 + 1000 |X|)`` from one window to the
    next, scaled to a maximum of 1. A peak is an onset if it is the largest within the gap and
    exceeds the mean of the half second around it by the threshold.

    Args:
        samples: mono (n,) in [-1, 1].
        rate: Hz.
        hop_seconds: step of the windows.
        window_seconds: length of the Hann windows.
        least_gap_seconds: onsets lie at least this far apart.
        threshold: in [0, 1]; higher gives fewer onsets.

    Returns:
        Seconds, (onsets,), ascending; empty for silence.
    """
    x = as_array(samples, np.float64)
    hop, window = round(hop_seconds * rate), round(window_seconds * rate)
    if x.ndim != 1 or hop < 1 or window < 2:
        raise InputError(
            f"samples of shape {x.shape} at {rate} Hz with a hop of {hop_seconds} s and windows of "
            f"{window_seconds} s given; expected mono (n,), hops of a sample and windows of two."
        )
    padded = np.pad(x, window // 2 + 1)
    starts = np.arange(0, max(len(x), 1), hop)
    frames = np.lib.stride_tricks.sliding_window_view(padded, window)[starts]
    loudness = np.log1p(1000.0 * np.abs(np.fft.rfft(frames * np.hanning(window))) / window)
    rise = np.maximum(np.diff(loudness, axis=0, prepend=0), 0.0).sum(axis=1)
    if not rise.any():
        return np.zeros(0)
    rise /= rise.max()
    gap = max(1, round(least_gap_seconds / hop_seconds))
    half = max(1, round(0.25 / hop_seconds))
    near = np.lib.stride_tricks.sliding_window_view(np.pad(rise, gap), 2 * gap + 1)
    around, counted = (
        # Not "same", which is as long as the kernel where the sound is shorter.
        np.convolve(values, np.ones(2 * half + 1))[half : half + len(rise)]
        for values in (rise, np.ones(len(rise)))
    )
    around /= counted
    # The first of equal peaks.
    peak = near.argmax(axis=1) == gap
    return np.flatnonzero(peak & (rise > around + threshold)) * hop / rate
