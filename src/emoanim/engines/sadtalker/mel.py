"""The sound that SadTalker hears: a mel spectrogram and one window of it per video frame."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["FPS", "RATE", "mel_spectrogram", "window_rows", "windows"]

RATE = 16000
FPS = 25
_WINDOW = 800
_HOP = 200
_BANDS = 80
_LOWEST, _HIGHEST = 55.0, 7600.0
_ROWS = 16
_AT_ONCE = 1024


def mel_spectrogram(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mel spectrogram of mono sound at 16 kHz, cut to whole video frames.

    Pre-emphasis 0.97, magnitudes of 800 samples every 200 (periodic Hann, centred, zeros outside),
    80 bands from 55 to 7600 Hz, decibels from -100 to 0 mapped to -4..4.

    Args:
        samples: float32 (n,) in [-1, 1].

    Returns:
        float32 (1 + 16 n' / 5, 80), where n' = n // 640 is the number of video frames.
    """
    used = len(samples) // (RATE // FPS) * (RATE // FPS)
    count = 1 + used // _HOP
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)
    out = np.empty((count, _BANDS), dtype=np.float32)
    for begin in range(0, count, _AT_ONCE):
        end = min(begin + _AT_ONCE, count)
        sound = _emphasised(
            samples[:used], begin * _HOP - _WINDOW // 2, (end - 1) * _HOP + _WINDOW // 2
        )
        strips = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
        bands = np.abs(np.fft.rfft(strips * hann)) @ _filters().T
        decibels = 20 * np.log10(np.maximum(1e-5, bands)) - 20
        out[begin:end] = np.clip(8 * (decibels + 100) / 100 - 4, -4, 4)
    return out


def _emphasised(samples: NDArray[np.float32], first: int, last: int) -> NDArray[np.float64]:
    """Return samples ``first`` to ``last`` (excluded) after pre-emphasis; zeros outside."""
    begin, end = max(first, 0), min(last, len(samples))
    near = np.asarray(samples[max(begin - 1, 0) : end], dtype=np.float64)
    out = np.zeros(last - first)
    out[begin - first : end - first] = near[-(end - begin) :] if end > begin else 0
    out[max(begin, 1) - first : end - first] -= 0.97 * near[:-1]
    return out


def window_rows(frames: int, rows: int, first: int = 0) -> NDArray[np.int64]:
    """Return which of the spectrogram's rows belong to each video frame, (frames - first, 16).

    A window begins 2 frames before its own (truncated towards zero); outside the sound the first
    and last row are repeated.
    """
    starts = (80 * ((np.arange(first, frames) - 2) / FPS)).astype(np.int64)
    return np.asarray(np.clip(starts[:, None] + np.arange(_ROWS), 0, rows - 1))


def windows(spectrogram: NDArray[np.float32], first: int, last: int) -> NDArray[np.float32]:
    """Return the windows of frames ``first`` to ``last`` (excluded), (n, 1, 80, 16)."""
    rows = window_rows(last, len(spectrogram), first)
    return np.ascontiguousarray(spectrogram[rows].transpose(0, 2, 1)[:, None])


@lru_cache(maxsize=1)
def _filters() -> NDArray[np.float64]:
    """Triangles on Slaney's mel scale, each of unit area: (80, 401)."""
    edges = _hertz(np.linspace(_mel(_LOWEST), _mel(_HIGHEST), _BANDS + 2))
    bins = np.arange(_WINDOW // 2 + 1) * RATE / _WINDOW
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    heights = 2.0 / (edges[2:] - edges[:-2])
    return np.asarray(np.maximum(0, np.minimum(rising, falling)) * heights[:, None])


_LINEAR = 200.0 / 3  # Hz per mel below 1 kHz, where the scale turns logarithmic
_KNEE = 1000.0
_STEP = np.log(6.4) / 27


def _mel(hertz: float) -> float:
    if hertz < _KNEE:
        return hertz / _LINEAR
    return float(_KNEE / _LINEAR + np.log(hertz / _KNEE) / _STEP)


def _hertz(mels: NDArray[np.float64]) -> NDArray[np.float64]:
    knee = _KNEE / _LINEAR
    return np.where(mels < knee, mels * _LINEAR, _KNEE * np.exp(_STEP * (mels - knee)))
