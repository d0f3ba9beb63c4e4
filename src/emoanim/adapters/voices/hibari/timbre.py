"""Vocal effort, breath and roughness, applied to the network's spectrum before the vocoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.adapters.voices.hibari.network import RATE, Spectra
from emoanim.adapters.voices.hibari.styles import Style

__all__ = ["coloured", "rough_pitch"]

_NEPER = np.log(10.0) / 20.0
_UNVOICED_SHARE = 0.35


def coloured(
    spectra: Spectra, f0: NDArray[np.float64], style: Style, rng: np.random.Generator
) -> Spectra:
    """Return the spectra with the style's effort, breath and shimmer."""
    voicing = _smooth((f0 > 0).astype(np.float64), 5)
    frequency = np.linspace(0.0, RATE / 2.0, len(spectra.harmonic))
    shape = effort_shape(frequency)
    share = _UNVOICED_SHARE + (1.0 - _UNVOICED_SHARE) * voicing
    gain = style.effort * _NEPER * np.outer(shape, share)
    if style.rough:
        gain += 30.0 * style.rough * _NEPER * rng.standard_normal(len(f0)) * voicing
    gain = gain.astype(np.float32)
    harmonic, noise, free = spectra.harmonic + gain, spectra.noise + gain, spectra.free + gain
    if style.breath:
        airy = np.clip((frequency - 1200.0) / 2500.0, 0.0, 1.0)
        level = (-30.0 + 12.0 * style.breath) * _NEPER - 3.0 * (1.0 - airy)
        envelope = _smooth(harmonic, 15)
        wind = envelope + level[:, None] + np.log(np.maximum(voicing, 1e-3))
        noise = np.logaddexp(noise, wind).astype(np.float32)
        harmonic = harmonic - (4.0 * style.breath * _NEPER * airy[:, None]).astype(np.float32)
    return spectra._replace(harmonic=harmonic, noise=noise, free=free)


def effort_shape(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain of one dB of effort at each frequency in Hz.

    Nothing below 350 Hz, all from 1.4 to 5 kHz, half at 10 kHz: a raised-cosine step on the
    logarithm of frequency.
    """
    octaves = np.log2(np.maximum(frequency, 1.0) / 350.0) / 2.0
    rise = 0.5 - 0.5 * np.cos(np.pi * np.clip(octaves, 0.0, 1.0))
    fall = np.clip(np.log2(np.maximum(frequency, 1.0) / 5000.0), 0.0, 1.0)
    return np.asarray(rise * (1.0 - 0.5 * fall))


def rough_pitch(
    f0: NDArray[np.float64], style: Style, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the pitch of the pulses: with jitter, and with creak where a phrase ends low."""
    jitter = 1.0 + style.rough * rng.standard_normal(len(f0))
    return (f0 * jitter).astype(np.float32)


def _smooth(values: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """Return the moving mean along the first axis, ends repeated; ``width`` is odd."""
    half = width // 2
    pad = [(half + 1, half)] + [(0, 0)] * (values.ndim - 1)
    sums = np.cumsum(np.pad(values, pad, mode="edge"), axis=0, dtype=np.float64)
    return np.asarray((sums[width:] - sums[:-width]) / width)
