"""Sound as frames of mel bands, and back after each band of each frame has had a gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import resample

__all__ = [
    "BANDS", "HOP", "LEAD", "RATE", "band_levels", "banded", "count_of", "framed", "loud_levels",
    "with_gains",
]  # fmt: skip

RATE = 24000
HOP = 256
"""Samples from one frame to the next."""
_WINDOW = 1024
LEAD = _WINDOW // 2
"""Samples by which the middle of the first frame lies before the sound."""
_COUNT, _LOWEST, _HIGHEST = 32, 100.0, 7600.0
_LOUD = 25.0

Floats = NDArray[np.float64]


def _edges() -> Floats:
    low, high = (1127.0 * np.log1p(f / 700.0) for f in (_LOWEST, _HIGHEST))
    mel = np.linspace(low, high, _COUNT + 2)
    return np.asarray(700.0 * np.expm1(mel / 1127.0))


def _filters() -> Floats:
    """Return triangular bands, equally wide in mel, float (bins, bands); each sums to 1."""
    frequency = np.fft.rfftfreq(_WINDOW, 1.0 / RATE)[:, None]
    low, middle, high = _EDGES[:-2], _EDGES[1:-1], _EDGES[2:]
    rising, falling = (frequency - low) / (middle - low), (high - frequency) / (high - middle)
    out = np.maximum(np.minimum(rising, falling), 0.0)
    return np.asarray(out / out.sum(axis=0))


_EDGES = _edges()
_FILTERS = _filters()
BANDS: Floats = _EDGES[1:-1]
"""Middles of the bands in Hz."""
_TAPER = np.sqrt(np.hanning(_WINDOW + 1)[:-1])


def framed(samples: NDArray[np.float32]) -> NDArray[np.complex128]:
    """Return the spectra of samples at 24 kHz, complex (t, 513), one every 256 samples."""
    padded = np.pad(samples.astype(np.float64), (_WINDOW, _WINDOW + HOP))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP]
    return np.asarray(np.fft.rfft(frames * _TAPER, axis=1))


def count_of(samples: int) -> int:
    """Return how many frames ``framed`` gives for so many samples."""
    return (samples + _WINDOW + HOP) // HOP + 1


def banded(power: Floats) -> Floats:
    """Return the level of every band in dB, float (t, 32), of power at 0 to 12 kHz, (t, k)."""
    frequency = np.linspace(0.0, RATE / 2.0, power.shape[1])
    bins = np.fft.rfftfreq(_WINDOW, 1.0 / RATE)
    weights = np.stack([np.interp(frequency, bins, band) for band in _FILTERS.T], axis=1)
    return np.asarray(10.0 * np.log10(power @ (weights / weights.sum(axis=0)) + 1e-12))


def band_levels(spectra: NDArray[np.complex128]) -> Floats:
    """Return the level of every band in dB, float (t, 32)."""
    return np.asarray(10.0 * np.log10(np.abs(spectra) ** 2 @ _FILTERS + 1e-10))


def loud_levels(audio: Audio) -> Floats:
    """Return the levels of the frames less than 25 dB under the loud ones, float (n, 32)."""
    levels = band_levels(framed(resample(audio, RATE).samples))
    highest = levels.max(axis=1)
    return np.asarray(levels[highest > max(float(np.percentile(highest, 95)) - _LOUD, -60.0)])


def with_gains(spectra: NDArray[np.complex128], gains: Floats, count: int) -> NDArray[np.float32]:
    """Return ``count`` samples at 24 kHz, each frame with its gains in dB, float (t, 32)."""
    frequency = np.fft.rfftfreq(_WINDOW, 1.0 / RATE)
    band = np.clip(np.searchsorted(BANDS, frequency) - 1, 0, len(BANDS) - 2)
    part = np.clip((frequency - BANDS[band]) / np.diff(BANDS)[band], 0.0, 1.0)
    decibels = gains[:, band] * (1.0 - part) + gains[:, band + 1] * part
    frames = np.fft.irfft(spectra * 10.0 ** (decibels / 20.0), _WINDOW, axis=1) * _TAPER
    out = np.zeros((len(frames) + _WINDOW // HOP - 1) * HOP)
    for step in range(_WINDOW // HOP):
        piece = frames[:, step * HOP : (step + 1) * HOP].ravel()
        out[step * HOP : step * HOP + len(piece)] += piece
    # Squared tapers a quarter of a window apart sum to 2.
    return np.asarray(out[_WINDOW : _WINDOW + count] / 2.0, np.float32)
