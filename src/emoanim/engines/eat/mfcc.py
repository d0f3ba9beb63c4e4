"""The sound that DeepSpeech 0.1.0 hears: cepstra and their neighbours, normalised over a clip."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["CONTEXT", "RATE", "cepstra", "normalised_rows"]

RATE = 16000
CONTEXT = 9
_WINDOW = 400
_STEP = 160
_FFT = 512
_COUNT = 26
_LIFTER = 22
_AT_ONCE = 4096

Array = NDArray[np.float64]


def cepstra(samples: NDArray[np.int16]) -> Array:
    """Return 26 mel cepstra every 10 ms, (n, 26): the defaults of python_speech_features.

    Pre-emphasis 0.97, 25 ms without a taper, power of 512 points, 26 triangles between 0 and 8 kHz
    with their corners on whole bins, logarithm, DCT-II, lifter 22; the first is the log energy.

    Args:
        samples: int16 (n,) at 16 kHz, at least one.
    """
    x = np.asarray(samples, dtype=np.float64)
    x = np.append(x[:1], x[1:] - 0.97 * x[:-1])
    count = 1 + max(0, -(-(len(x) - _WINDOW) // _STEP))
    x = np.pad(x, (0, max(0, (count - 1) * _STEP + _WINDOW - len(x))))
    strips = np.lib.stride_tricks.sliding_window_view(x, _WINDOW)[::_STEP][:count]
    out = np.empty((count, _COUNT))
    for begin in range(0, count, _AT_ONCE):
        power = np.abs(np.fft.rfft(strips[begin : begin + _AT_ONCE], _FFT)) ** 2 / _FFT
        energy = power.sum(1)
        bands = power @ _triangles().T
        part = np.log(_positive(bands)) @ _cosines().T
        part[:, 0] = np.log(_positive(energy))
        out[begin : begin + len(part)] = part
    return out


def normalised_rows(samples: NDArray[np.int16]) -> Array:
    """Return what the network's windows of 19 rows slide over, (n + 18, 26), 50 rows per second.

    Every second row of the cepstra, nine rows of zeros at both ends. Mean and deviation are those
    of all windows together, so rows count as often as windows hold them.
    """
    rows = np.pad(cepstra(samples)[::2], ((CONTEXT, CONTEXT), (0, 0)))
    width = 2 * CONTEXT + 1
    count = len(rows) - width + 1
    indices = np.arange(len(rows))
    weight = np.minimum.reduce(
        [indices + 1, indices[::-1] + 1, np.full(len(rows), min(width, count))]
    )
    total = float(weight.sum() * _COUNT)
    mean = float((rows.sum(1) * weight).sum() / total)
    spread = float(np.sqrt((((rows - mean) ** 2).sum(1) * weight).sum() / total))
    return np.asarray((rows - mean) / spread)


def _positive(values: Array) -> Array:
    return np.where(values == 0, np.finfo(float).eps, values)


@lru_cache(maxsize=1)
def _triangles() -> Array:
    mels = np.linspace(0, 2595 * np.log10(1 + RATE / 2 / 700), _COUNT + 2)
    corners = np.floor((_FFT + 1) * 700 * (10 ** (mels / 2595) - 1) / RATE)
    bins = np.arange(_FFT // 2 + 1)
    low, middle, high = (corners[k : k + _COUNT, None] for k in range(3))
    rising = np.where((bins >= low) & (bins < middle), (bins - low) / (middle - low), 0)
    falling = np.where((bins >= middle) & (bins < high), (high - bins) / (high - middle), 0)
    return np.asarray(rising + falling)


@lru_cache(maxsize=1)
def _cosines() -> Array:
    """Orthonormal DCT-II times the lifter, (26, 26)."""
    k, n = np.arange(_COUNT)[:, None], np.arange(_COUNT)[None, :]
    basis = np.cos(np.pi * k * (2 * n + 1) / (2 * _COUNT)) * np.sqrt(2 / _COUNT)
    basis[0] /= np.sqrt(2)
    return np.asarray(basis * (1 + _LIFTER / 2 * np.sin(np.pi * k / _LIFTER)))
