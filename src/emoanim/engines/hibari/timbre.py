"""Vocal effort, breath and roughness, applied to the network's spectrum before the vocoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.hibari.network import RATE, Spectra
from emoanim.engines.hibari.styles import Style

__all__ = ["coloured", "rough_pitch"]

_NEPER = np.log(10.0) / 20.0
_UNVOICED_SHARE = 0.35
# A creaky voice at its fullest: semitones down, irregularity; under 40 Hz the vocoder is silent.
_CREAK_DROP, _CREAK_JITTER, _SLOWEST = 8.0, 0.08, 45.0
_OWN_LOWEST = 160.0
# 180 to 260 Hz in bins of 20 Hz.
_LOW_BAND = slice(9, 14)


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
    harmonic = _with_fundamental(spectra.harmonic, f0) + gain
    noise, free = spectra.noise + gain, spectra.free + gain
    if style.breath:
        airy = np.clip((frequency - 1000.0) / 2000.0, 0.0, 1.0)
        level = (-26.0 + 12.0 * style.breath) * _NEPER - 3.0 * (1.0 - airy)
        envelope = _smooth(harmonic, 15)
        wind = envelope + level[:, None] + np.log(np.maximum(voicing, 1e-3))
        noise = np.logaddexp(noise, wind).astype(np.float32)
        harmonic = harmonic - (4.0 * style.breath * _NEPER * airy[:, None]).astype(np.float32)
    return spectra._replace(harmonic=harmonic, noise=noise, free=free)


def _with_fundamental(
    harmonic: NDArray[np.float32], f0: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return the harmonic level with a fundamental for pitches lower than the voice's own.

    The network never heard energy under some 160 Hz and leaves it out: a low pitch would lack its
    first harmonic. There it gets the level around 220 Hz less 3 dB, all of it from 110 Hz down.
    """
    share = np.where(f0 > 0, np.clip((_OWN_LOWEST - f0) / 50.0, 0.0, 1.0), 0.0)
    if not share.any():
        return harmonic
    out = harmonic.copy()
    level = harmonic[_LOW_BAND].mean(axis=0) - 3.0 * _NEPER
    low = slice(2, _LOW_BAND.start)
    lacking = np.maximum(level - harmonic[low], 0.0)
    out[low] += (_smooth(share, 5) * lacking).astype(np.float32)
    return out


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
    f0: NDArray[np.float64],
    creak: NDArray[np.float64],
    style: Style,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return the pitch of the pulses: with jitter, lower and irregular where it creaks."""
    wander = rng.standard_normal(len(f0))
    pitch = f0 * (1.0 + style.rough * wander)
    pitch *= 2.0 ** (-_CREAK_DROP * creak / 12.0) * (1.0 + _CREAK_JITTER * creak * wander)
    return np.where(f0 > 0, np.maximum(pitch, _SLOWEST), 0.0).astype(np.float32)


def _smooth(values: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """Return the moving mean along the first axis, ends repeated; ``width`` is odd."""
    half = width // 2
    pad = [(half + 1, half)] + [(0, 0)] * (values.ndim - 1)
    sums = np.cumsum(np.pad(values, pad, mode="edge"), axis=0, dtype=np.float64)
    return np.asarray((sums[width:] - sums[:-width]) / width)
