"""WORLD: a recording as F0, spectral envelope and aperiodicity, to be changed apart.

Morise, Yokomori & Ozawa 2016.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.extras import require
from emoanim.sound.colour import (
    effort_shape,
    formant_source,
    fundamental_shape,
    opening_shape,
    smooth,
)  # fmt: skip
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.fundamental import restored

__all__ = [
    "World", "analyse", "aperiodicity", "coloured", "envelope", "envelopes", "pitch", "swung",
    "synthesise",
]  # fmt: skip

PERIOD = 0.005
"""Seconds between two frames."""

_FLOOR, _CEILING = 60.0, 600.0
# Parts of a speaker's median between which pitch is looked for where there is no fundamental.
_BELOW, _OVER = 0.6, 1.9
_DB = 10.0 / np.log(10.0)
_UNVOICED_SHARE = 0.35
_QUIETEST, _LOUDEST = -15.0, 8.0
_BREATH_BELOW, _BREATH_ABOVE = 1000.0, 3000.0


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """A recording as WORLD sees it, one row every 5 ms.

    Attributes:
        f0: Hz, float64 (t,); 0 where unvoiced.
        spectrum: power spectral envelope, float64 (t, k), bins from 0 to half the rate.
        aperiodicity: share of noise, float64 (t, k), 0 to 1.
        rate: Hz of the recording.
    """

    f0: NDArray[np.float64]
    spectrum: NDArray[np.float64]
    aperiodicity: NDArray[np.float64]
    rate: int

    @property
    def frequency(self) -> NDArray[np.float64]:
        """Hz of the bins, (k,)."""
        return np.linspace(0.0, self.rate / 2.0, self.spectrum.shape[1])


def analyse(audio: Audio) -> World:
    """Return F0 (Harvest, 60 to 600 Hz), envelope (CheapTrick) and aperiodicity (D4C).

    Raises:
        MissingExtraError: pyworld is not installed.
    """
    return envelopes(audio, pitch(audio))


def pitch(audio: Audio, median: float | None = None) -> NDArray[np.float64]:
    """Return F0 in Hz every 5 ms by Harvest, 60 to 600 Hz, and StoneMask; 0 where unvoiced.

    Args:
        audio: the sound.
        median: the speaker's F0 in Hz, of a recording that does not hold its fundamental: F0 is
            how its harmonics beat, and lies within an octave of that.

    Raises:
        MissingExtraError: pyworld is not installed.
    """
    world = require("pyworld", "hibari")
    samples = audio.samples.astype(np.float64)
    floor, ceiling = _FLOOR, _CEILING
    if median is not None:
        samples = restored(samples, audio.rate)
        floor, ceiling = max(floor, _BELOW * median), min(ceiling, _OVER * median)
    f0, times = world.harvest(
        samples, audio.rate, f0_floor=floor, f0_ceil=ceiling, frame_period=1000.0 * PERIOD
    )
    return np.asarray(world.stonemask(samples, f0, times, audio.rate))


def envelopes(audio: Audio, f0: NDArray[np.float64]) -> World:
    """Return envelope (CheapTrick) and aperiodicity (D4C) at a known F0.

    Args:
        audio: the sound.
        f0: Hz every 5 ms from its start, (t,), 0 where unvoiced.

    Raises:
        MissingExtraError: pyworld is not installed.
    """
    return World(np.ascontiguousarray(f0), envelope(audio, f0), aperiodicity(audio, f0), audio.rate)


def envelope(audio: Audio, f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the power spectral envelope (CheapTrick) alone, (t, k); arguments as above."""
    return np.asarray(require("pyworld", "hibari").cheaptrick(*_tracked(audio, f0)))


def aperiodicity(audio: Audio, f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of noise (D4C) alone, (t, k); arguments as above.

    Needs sound up to 8 kHz: at a lower rate every frame counts as noise.
    """
    return np.asarray(require("pyworld", "hibari").d4c(*_tracked(audio, f0)))


def _tracked(
    audio: Audio, f0: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.floating], int]:
    """Return samples, pitch, its times and the rate, as WORLD takes them."""
    times = np.arange(len(f0)) * PERIOD
    return audio.samples.astype(np.float64), np.ascontiguousarray(f0), times, audio.rate


def synthesise(parts: World) -> Audio:
    """Return the sound of F0, envelope and aperiodicity."""
    world = require("pyworld", "hibari")
    samples = world.synthesize(
        np.ascontiguousarray(parts.f0),
        np.ascontiguousarray(parts.spectrum),
        np.ascontiguousarray(parts.aperiodicity),
        parts.rate,
        1000.0 * PERIOD,
    )
    return Audio(np.asarray(samples, np.float32), parts.rate)


def coloured(parts: World, cues: Cues) -> World:
    """Return the recording with the cues' formants, opening, effort, fundamental and breath.

    F0 is taken as it stands, so change it before: the fundamental is weakened or strengthened
    where it then lies. Unvoiced frames get a third of the effort and keep their formants.
    """
    frequency = parts.frequency
    voicing = smooth((parts.f0 > 0).astype(np.float64), 5)
    level = _DB * np.log(parts.spectrum + 1e-16)
    if cues.f1 != 1.0 or cues.f2 != 1.0:
        level += voicing[:, None] * (_taken(level, frequency, cues) - level)
    share = _UNVOICED_SHARE + (1.0 - _UNVOICED_SHARE) * voicing
    level += cues.effort * np.outer(share, effort_shape(frequency))
    level += cues.fundamental * fundamental_shape(frequency, parts.f0)
    level += cues.opening * np.outer(voicing, opening_shape(frequency))
    airy = np.clip((frequency - _BREATH_BELOW) / (_BREATH_ABOVE - _BREATH_BELOW), 0.0, 1.0)
    noise = 0.5 * cues.breath * voicing[:, None] * airy
    return World(
        parts.f0,
        np.exp(level / _DB),
        parts.aperiodicity + (1.0 - parts.aperiodicity) * noise,
        parts.rate,
    )


def swung(parts: World, swing: float) -> World:
    """Return the recording with its voiced frames' energy, in dB around its median, times swing."""
    voiced = parts.f0 > 0
    if swing == 1.0 or not voiced.any():
        return parts
    energy = _DB * np.log(parts.spectrum.sum(axis=1) + 1e-16)
    away = np.clip(energy - np.median(energy[voiced]), _QUIETEST, _LOUDEST)
    gain = smooth(np.where(voiced, away, 0.0) * (swing - 1.0), 15)
    return World(
        parts.f0, parts.spectrum * np.exp(gain / _DB)[:, None], parts.aperiodicity, parts.rate
    )


def _taken(
    level: NDArray[np.float64], frequency: NDArray[np.float64], cues: Cues
) -> NDArray[np.float64]:
    """Return the levels read at the formants' sources, by linear interpolation between bins."""
    position = formant_source(frequency, cues.f1, cues.f2) / frequency[-1] * (len(frequency) - 1)
    low = np.minimum(position.astype(np.int64), len(frequency) - 2)
    part = position - low
    return np.asarray(level[:, low] * (1.0 - part) + level[:, low + 1] * part)
