"""A speaker's pitch and formants, from a few seconds of speech."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.extras import require
from emoanim.sound.fundamental import holds_fundamental, restored
from emoanim.sound.signals import resample

__all__ = ["Speaker", "describe", "formant_scale"]

_RATE = 10000
_ORDER = 10
_LONGEST = 20.0
_FRAME, _HOP = 0.03, 0.01
_FLOOR, _CEILING = 65.0, 500.0
_LEAST_VOICED = 0.4
_LEAST_FORMANTS = 40

# Vocal-tract length goes with pitch across speakers: men's formants lie at 0.85 of women's where
# their pitch lies at 0.6 (Peterson & Barney 1952). What is measured counts twice as much.
_PITCH_POWER = 0.3
_MEASURED_SHARE = 2.0 / 3.0
_LIMITS = (0.75, 1.15)


@dataclass(frozen=True, slots=True)
class Speaker:
    """What was measured.

    Attributes:
        f0: median pitch in Hz.
        spread: interquartile range of pitch in semitones.
        voiced: seconds of voiced speech that were found.
        formants: typical F1 to F4 in Hz, F1 to F3 in a telephone's band, which ends before F4;
            None if too few frames show them.
    """

    f0: float
    spread: float
    voiced: float
    formants: tuple[float, ...] | None


def describe(audio: Audio) -> Speaker | None:
    """Measure a speaker; None if there is too little voiced speech (under 0.4 s).

    Pitch is WORLD's DIO, refined by StoneMask, in the frames less than 25 dB under the loud ones,
    of a recording without its fundamental (a telephone's) by how its harmonics beat;
    formants are the poles of linear prediction of order 10 at 10 kHz. Only the first 20 s count.
    """
    world = require("pyworld", "hibari")
    heard = Audio(audio.samples[: int(_LONGEST * audio.rate)], audio.rate)
    sound = resample(heard, _RATE).samples.astype(np.float64)
    if len(sound) < _RATE * _LEAST_VOICED or np.abs(sound).max() < 1e-4:
        return None
    whole = holds_fundamental(heard)
    tracked = sound if whole else restored(sound, _RATE)
    coarse, times = world.dio(
        tracked, _RATE, _FLOOR, _CEILING, frame_period=1000.0 * _HOP, allowed_range=0.2
    )
    f0 = world.stonemask(tracked, coarse, times, _RATE)
    frames = _framed(sound, times)
    power = np.sum(frames**2, axis=1)
    good = (f0 > 0) & (power > np.percentile(power, 95) * 10**-2.5)
    voiced = float(good.sum() * _HOP)
    if voiced < _LEAST_VOICED:
        return None
    semitones = 12.0 * np.log2(f0[good] / 100.0)
    # Octave errors stand far off; the median of what lies near is the speaker's.
    near = semitones[np.abs(semitones - np.median(semitones)) < 9.0]
    low, middle, high = np.percentile(near, [25, 50, 75])
    f0_median = float(100.0 * 2.0 ** (middle / 12.0))
    formants = _formants(frames[good])
    if formants and not whole:
        formants = formants[:3]  # the fourth is the edge of the band
    return Speaker(f0_median, float(high - low), voiced, formants)


def formant_scale(target: Speaker, source: Speaker) -> float:
    """Return the factor that brings the source's formants to the target's, 0.75 to 1.15.

    The geometric mean of the ratios of F2, F3 and F4, as far as both have them (F1 goes with
    vocal effort more than with the speaker), drawn by a third towards what the ratio of the
    pitches lets expect.
    """
    expected = _PITCH_POWER * math.log(target.f0 / source.f0)
    scale = expected
    if target.formants and source.formants:
        both = list(zip(target.formants, source.formants, strict=False))
        ratios = np.log([there / here for there, here in both[1:]])
        scale += _MEASURED_SHARE * (float(ratios.mean()) - expected)
    return float(np.clip(math.exp(scale), *_LIMITS))


def _framed(sound: NDArray[np.float64], times: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return windowed frames of the pre-emphasised sound around the times."""
    sharp = np.append(sound[:1], sound[1:] - 0.97 * sound[:-1])
    count = round(_FRAME * _RATE)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(sharp, count // 2), count)
    indices = np.minimum(np.round(times * _RATE).astype(np.int64), len(windows) - 1)
    return np.asarray(windows[indices] * np.hanning(count))


def _formants(frames: NDArray[np.float64]) -> tuple[float, ...] | None:
    poles = _poles(_predictor(frames))
    frequency = np.angle(poles) * _RATE / (2.0 * np.pi)
    width = -np.log(np.maximum(np.abs(poles), 1e-9)) * _RATE / np.pi
    fit = (frequency > 200.0) & (frequency < _RATE / 2.0 - 150.0) & (width < 600.0)
    ordered = np.sort(np.where(fit, frequency, np.inf), axis=1)[:, :4]
    ordered = ordered[np.isfinite(ordered).all(axis=1)]
    if len(ordered) < _LEAST_FORMANTS:
        return None
    # The mean of the middle half: steadier than the median where few vowels were spoken.
    middle = np.sort(np.log(ordered), axis=0)[len(ordered) // 4 : -(len(ordered) // 4)]
    f1, f2, f3, f4 = np.exp(middle.mean(axis=0)).tolist()
    return f1, f2, f3, f4


def _predictor(frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return linear-prediction coefficients (n, order + 1) by Levinson's recursion."""
    power = np.abs(np.fft.rfft(frames, 2 * frames.shape[1], axis=1)) ** 2
    lags = np.fft.irfft(power, axis=1)[:, : _ORDER + 1]
    lags[:, 0] = lags[:, 0] * 1.0001 + 1e-12
    out = np.zeros((len(frames), _ORDER + 1))
    out[:, 0] = 1.0
    error = lags[:, 0].copy()
    for k in range(1, _ORDER + 1):
        reflection = -np.einsum("ij,ij->i", out[:, :k], lags[:, k:0:-1]) / error
        out[:, 1 : k + 1] += reflection[:, None] * out[:, :k][:, ::-1]
        error *= 1.0 - reflection**2
    return out


def _poles(predictor: NDArray[np.float64]) -> NDArray[np.complex128]:
    companion = np.zeros((len(predictor), _ORDER, _ORDER))
    companion[:, 0] = -predictor[:, 1:]
    companion[:, np.arange(1, _ORDER), np.arange(_ORDER - 1)] = 1.0
    return np.asarray(np.linalg.eigvals(companion), np.complex128)
