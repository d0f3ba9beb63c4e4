"""Vocal effort, breath and roughness, applied to the network's spectrum before the vocoder."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.hibari.network import RATE, Spectra
from emoanim.sound.colour import effort_shape, formant_source, fundamental_shape, smooth
from emoanim.sound.emotional_cues import Cues

__all__ = ["coloured", "rough_pitch"]

_NEPER = np.log(10.0) / 20.0
_UNVOICED_SHARE = 0.35
# A creaky voice at its fullest: semitones down, irregularity; under 40 Hz the vocoder is silent.
_CREAK_DROP, _CREAK_JITTER, _SLOWEST = 8.0, 0.08, 45.0
_OWN_LOWEST = 160.0
# Where formants that rise would take the fundamental's level from under the network's lowest pitch,
# the voice would lose it and be heard an octave higher: up to here the spectrum stays then.
_STILL = 220.0
# 180 to 260 Hz in bins of 20 Hz.
_LOW_BAND = slice(9, 14)


def coloured(
    spectra: Spectra,
    f0: NDArray[np.float64],
    cues: Cues,
    colour: NDArray[np.float64],
    rng: np.random.Generator,
) -> Spectra:
    """Return the spectra with the cues' formants, effort, fundamental, breath and shimmer."""
    spectra = _opened(spectra, cues, f0)
    if len(colour):
        # After the formants have moved: most of it is the microphone's, which stays where it is.
        added = (_NEPER * colour[:, None]).astype(np.float32)
        spectra = spectra._replace(
            harmonic=spectra.harmonic + added,
            noise=spectra.noise + added,
            free=spectra.free + added,
        )
    voicing = smooth((f0 > 0).astype(np.float64), 5)
    frequency = np.linspace(0.0, RATE / 2.0, len(spectra.harmonic))
    shape = effort_shape(frequency)
    share = _UNVOICED_SHARE + (1.0 - _UNVOICED_SHARE) * voicing
    gain = cues.effort * _NEPER * np.outer(shape, share)
    gain += cues.fundamental * _NEPER * fundamental_shape(frequency, f0).T
    if cues.rough:
        gain += 30.0 * cues.rough * _NEPER * rng.standard_normal(len(f0)) * voicing
    gain = gain.astype(np.float32)
    harmonic = _with_fundamental(spectra.harmonic, f0) + gain
    noise, free = spectra.noise + gain, spectra.free + gain
    if cues.breath:
        airy = np.clip((frequency - 1000.0) / 2000.0, 0.0, 1.0)
        level = (-26.0 + 12.0 * cues.breath) * _NEPER - 3.0 * (1.0 - airy)
        envelope = smooth(harmonic, 15)
        wind = envelope + level[:, None] + np.log(np.maximum(voicing, 1e-3))
        noise = np.logaddexp(noise, wind).astype(np.float32)
        harmonic = harmonic - (4.0 * cues.breath * _NEPER * airy[:, None]).astype(np.float32)
    return spectra._replace(harmonic=harmonic, noise=noise, free=free)


def _opened(spectra: Spectra, cues: Cues, f0: NDArray[np.float64]) -> Spectra:
    """Return the spectra with their formants moved; the free phase, which wraps, stays."""
    if cues.f1 == 1.0 and cues.f2 == 1.0:
        return spectra
    last = len(spectra.harmonic) - 1
    frequency = np.linspace(0.0, RATE / 2.0, last + 1)
    source = formant_source(frequency, cues.f1, cues.f2, _still(f0, cues.f1))
    position = source * last / (RATE / 2.0)
    low = np.minimum(position.astype(np.int64), last - 1)
    part = (position - low).astype(np.float32)[:, None]

    def taken(levels: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(levels[low] * (1.0 - part) + levels[low + 1] * part, np.float32)

    harmonic, phase, noise, free = map(taken, spectra[:4])
    return Spectra(harmonic, phase, noise, free, spectra.free_phase)


def _still(f0: NDArray[np.float64], f1: float) -> float:
    """Return the frequency in Hz up to which a rising first formant moves nothing."""
    sung = f0[f0 > 0]
    if f1 <= 1.0 or not len(sung):
        return 0.0
    source = float(np.median(sung)) / f1
    return _STILL * float(np.clip((1.15 * _OWN_LOWEST - source) / (0.15 * _OWN_LOWEST), 0.0, 1.0))


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
    out[low] += (smooth(share, 5) * lacking).astype(np.float32)
    return out


def rough_pitch(
    f0: NDArray[np.float64],
    creak: NDArray[np.float64],
    cues: Cues,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return the pitch of the pulses: with jitter, lower and irregular where it creaks."""
    wander = rng.standard_normal(len(f0))
    pitch = f0 * (1.0 + cues.rough * wander)
    pitch *= 2.0 ** (-_CREAK_DROP * creak / 12.0) * (1.0 + _CREAK_JITTER * creak * wander)
    return np.where(f0 > 0, np.maximum(pitch, _SLOWEST), 0.0).astype(np.float32)
