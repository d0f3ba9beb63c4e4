"""Tracks of coefficients: their windows, eyelids, smoothing and camera schedules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RADIUS",
    "blink_track",
    "camera_track",
    "smoothed",
    "source_window",
    "target_windows",
]

Array = NDArray[np.floating]

RADIUS = 13
_PULSE = (0.5, 0.9, 1.0, 0.9, 0.5)
_SMOOTH = 13
_ORDER = 2
_FEWEST = 20


def source_window(coefficients: Array) -> Array:
    """Repeat one frame's coefficients, (c,) to (c, 27)."""
    return np.repeat(np.asarray(coefficients)[:, None], 2 * RADIUS + 1, axis=1)


def target_windows(track: Array, first: int = 0, last: int | None = None) -> Array:
    """Return each frame with its 13 neighbours on both sides, the ends repeated.

    Args:
        track: (t, c).
        first: frame of the first window.
        last: frame after the last window; the track's end by default.

    Returns:
        (last - first, c, 27).
    """
    frames = np.arange(first, len(track) if last is None else last)
    rows = np.clip(frames[:, None] + np.arange(-RADIUS, RADIUS + 1), 0, len(track) - 1)
    return np.asarray(np.asarray(track)[rows].transpose(0, 2, 1))


def blink_track(
    count: int,
    choose: Callable[[Sequence[int]], int],
    pulse: Sequence[float] = _PULSE,
) -> NDArray[np.float64]:
    """Return the eyelids of so many frames, 0 open to 1 closed, (count,).

    Args:
        count: frames; 20 or fewer never blink.
        choose: takes the next pause out of a range of frames.
        pulse: one blink.
    """
    lids = np.zeros(count)
    if count <= _FEWEST:
        return lids
    pauses = range(min(10, count), min(count // 2, 70))
    frame = 0
    while pauses:
        pause = int(choose(pauses))
        if frame + pause + len(pulse) > count - 1:
            break
        lids[frame + pause : frame + pause + len(pulse)] = pulse
        frame += pause + len(pulse)
    return lids


def smoothed(track: Array) -> NDArray[np.float64]:
    """Smooth (t, c) along time: Savitzky-Golay, 13 frames, order 2, fitted at the ends.

    A shorter track takes the longest odd window that fits.
    """
    values = np.asarray(track, dtype=np.float64)
    window = _SMOOTH if len(values) >= _SMOOTH else 2 * ((len(values) - 1) // 2) + 1
    if window <= _ORDER:
        return values.copy()
    half = window // 2
    basis = np.vander(np.arange(-half, half + 1), _ORDER + 1, increasing=True)
    fit = basis @ np.linalg.pinv(basis)  # (window, window): window of samples to fitted values
    out = np.empty_like(values)
    strips = np.lib.stride_tricks.sliding_window_view(values, window, axis=0)
    out[half : len(values) - half] = strips @ fit[half]
    out[:half] = fit[:half] @ values[:window]
    out[len(values) - half :] = fit[half + 1 :] @ values[-window:]
    return out


def camera_track(stops: Sequence[float], count: int) -> NDArray[np.float64]:
    """Turn at constant speed from stop to stop, degrees: (count,)."""
    if len(stops) == 1 or count < 2:
        return np.full(count, float(stops[0]))
    legs = list(pairwise(stops))
    step = sum(abs(b - a) for a, b in legs) / (count - 1)
    if step == 0:
        return np.full(count, float(stops[0]))
    angles = np.concatenate([np.arange(a, b, step if b > a else -step) for a, b in legs])
    angles = angles[:count]
    last = angles[-1]
    return np.concatenate((angles, np.full(count - len(angles), last)))
