"""A speaker's pitch and mean spectral envelope, from a few seconds of speech (WORLD)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.registry import require
from emoanim.sound import resample

__all__ = ["Speaker", "describe", "formant_scale"]

_RATE = 16000
_LONGEST = 20.0
_FLOOR, _CEILING = 65.0, 500.0
_LEAST_VOICED = 0.4

# Vocal-tract length follows pitch across speakers: formants of men lie 0.85 times those of women
# where pitch lies at 0.6 times (Peterson & Barney 1952).
_PITCH_POWER = 0.3
_PRIOR_SD = 0.06
_SCALES = np.arange(0.75, 1.1501, 0.01)


@dataclass(frozen=True, slots=True, eq=False)
class Speaker:
    """What was measured.

    Attributes:
        f0: median pitch in Hz.
        spread: interquartile range of pitch in semitones.
        voiced: seconds of voiced speech that were found.
        envelope: mean log spectral envelope of the voiced frames, float (513,), 0 to 8 kHz.
    """

    f0: float
    spread: float
    voiced: float
    envelope: NDArray[np.float64]


def describe(audio: Audio) -> Speaker | None:
    """Measure a speaker; None if there is too little voiced speech (under 0.4 s).

    The loudest 20 s are enough: frames that are 30 dB under the loud ones are left out.
    """
    world = require("pyworld", "hibari")
    sound = resample(audio, _RATE).samples[: int(_LONGEST * _RATE)].astype(np.float64)
    if len(sound) < _RATE * _LEAST_VOICED or np.abs(sound).max() < 1e-4:
        return None
    f0, times = world.harvest(sound, _RATE, _FLOOR, _CEILING, 10.0)
    block = np.array([np.sum(sound[max(0, i - 400) : i + 400] ** 2) for i in _places(times)])
    good = (f0 > 0) & (block > np.percentile(block, 95) * 1e-3)
    if good.sum() * 0.01 < _LEAST_VOICED:
        return None
    semitones = 12.0 * np.log2(f0[good] / 100.0)
    middle = np.median(semitones)
    # Octave errors stand far off; the median of what lies near is the speaker's.
    near = np.abs(semitones - middle) < 9.0
    chosen = np.flatnonzero(good)[near]
    low, middle, high = np.percentile(semitones[near], [25, 50, 75])
    envelope = world.cheaptrick(sound, f0[chosen], times[chosen], _RATE)
    return Speaker(
        100.0 * 2.0 ** (middle / 12.0),
        float(high - low),
        float(good.sum() * 0.01),
        np.asarray(np.log(envelope + 1e-16).mean(axis=0)),
    )


def formant_scale(target: Speaker, source: Speaker) -> float:
    """Return the factor that brings the source's formants to the target's, 0.75 to 1.15.

    The mean envelopes, on an axis of log frequency and without their tilt, are shifted against
    each other; what fits best is weighed against what the pitch ratio lets expect.
    """
    prior = (target.f0 / source.f0) ** _PITCH_POWER
    frequency = np.geomspace(250.0, 4500.0, 160)
    goal = _detail(target.envelope, frequency)
    costs = np.empty(len(_SCALES))
    for i, scale in enumerate(_SCALES):
        costs[i] = np.mean((goal - _detail(source.envelope, frequency / scale)) ** 2)
    # A difference of 1 dB rms in the fit counts as much as one standard deviation of the prior.
    costs = costs / (np.log(10) / 10) ** 2 + (np.log(_SCALES / prior) / _PRIOR_SD) ** 2
    return float(_SCALES[int(np.argmin(costs))])


def _detail(envelope: NDArray[np.float64], frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log envelope at these frequencies without its straight line."""
    axis = np.linspace(0.0, _RATE / 2.0, len(envelope))
    values = np.interp(frequency, axis, envelope)
    place = np.linspace(-1.0, 1.0, len(values))
    values = values - values.mean()
    return np.asarray(values - place * (place @ values) / (place @ place))


def _places(times: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.round(times * _RATE), np.int64)
