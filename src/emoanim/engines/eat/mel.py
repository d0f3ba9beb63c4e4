"""The sound that EAT hears: a mel spectrogram at the video's rate, and windows of 11 frames."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.eat.keypoint_transformer import WINDOW

__all__ = ["FPS", "RATE", "mel_spectrogram", "window_rows", "windows"]

RATE = 16000
FPS = 25
_HOP = 640
_FFT = 2048
_BANDS = 80
_AT_ONCE = 4096


def mel_spectrogram(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mel spectrogram of mono sound at 16 kHz, one row per video frame.

    Power of 2048 points under a periodic Hann window of 640 every 640, centred, the sound mirrored
    at its ends; 80 triangles on the HTK scale from 0 to 8000 Hz; (ln(1e-5 + m) + 4) / 4.

    Args:
        samples: float32 (n,) in [-1, 1], more than 1024.

    Returns:
        float32 (1 + n // 640, 80).
    """
    x = np.pad(np.asarray(samples, dtype=np.float64), _FFT // 2, mode="reflect")
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_HOP) / _HOP)
    # What the window leaves of 2048 samples are the 640 in their middle.
    middle = x[(_FFT - _HOP) // 2 :]
    count = 1 + len(samples) // _HOP
    strips = np.lib.stride_tricks.sliding_window_view(middle, _HOP)[::_HOP][:count]
    out = np.empty((count, _BANDS), dtype=np.float32)
    for begin in range(0, count, _AT_ONCE):
        part = strips[begin : begin + _AT_ONCE] * hann
        bands = np.abs(np.fft.rfft(part, _FFT)) ** 2 @ _triangles().T
        out[begin : begin + len(part)] = (np.log(1e-5 + bands) + 4) / 4
    return out


def window_rows(first: int, last: int) -> NDArray[np.int64]:
    """Return which frames the windows of frames ``first`` to ``last`` (excluded) hold, (n, 11)."""
    reach = WINDOW // 2
    return np.arange(first, last)[:, None] + np.arange(-reach, reach + 1)


def windows(
    values: NDArray[np.float32], rows: NDArray[np.int64], inside: int, pad: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return the values of windows, ``pad`` for frames that lie outside the clip.

    Args:
        values: (t, ...).
        rows: (n, 11), see ``window_rows``.
        inside: number of frames of the clip, at most t.
        pad: (...), that of silence.

    Returns:
        (n, 11, ...).
    """
    padded = values[np.clip(rows, 0, inside - 1)]
    padded[(rows < 0) | (rows >= inside)] = pad
    return np.ascontiguousarray(padded, dtype=np.float32)


@lru_cache(maxsize=1)
def _triangles() -> NDArray[np.float64]:
    """Triangles of height 1 on the HTK mel scale: (80, 1025)."""
    mels = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), _BANDS + 2)
    corners = 700 * (10 ** (mels / 2595) - 1)
    bins = np.linspace(0, RATE / 2, _FFT // 2 + 1)
    rising = (bins - corners[:-2, None]) / np.diff(corners)[:-1, None]
    falling = (corners[2:, None] - bins) / np.diff(corners)[1:, None]
    return np.asarray(np.maximum(0, np.minimum(rising, falling)))
