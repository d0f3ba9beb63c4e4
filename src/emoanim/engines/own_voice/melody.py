"""The new pitch: the recording's own contour, moved, widened or narrowed, with other endings."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.own_voice.spoken import Spoken
from emoanim.sound.colour import smooth
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.vocoder import PERIOD

__all__ = ["bridged", "contour", "median_pitch", "trembling"]

_OCTAVE = 12.0
_FINAL = 0.45
_PHRASE = 2.5
_TREMOR_HZ = 5.5
_LOWEST, _HIGHEST = 50.0, 700.0


def median_pitch(f0: NDArray[np.float64], level: NDArray[np.float64]) -> float | None:
    """Return the median F0 in Hz of the loud voiced frames, octave errors left out; None if few."""
    good = (f0 > 0) & (level > np.percentile(level, 95) - 25.0)
    if good.sum() < 10:
        return None
    semitones = 12.0 * np.log2(f0[good] / 100.0)
    near = semitones[np.abs(semitones - np.median(semitones)) < 9.0]
    return float(100.0 * 2.0 ** (np.median(near) / 12.0))


def bridged(f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Hz for every frame, straight between the voiced ones; at least one is voiced."""
    voiced = np.flatnonzero(f0 > 0)
    return np.asarray(np.interp(np.arange(len(f0)), voiced, f0[voiced]))


def contour(
    f0: NDArray[np.float64], median: float, spoken: Spoken, cues: Cues
) -> NDArray[np.float64]:
    """Return semitones above the median for every frame of the recording, float (t,).

    Unvoiced frames are bridged. What widens stays within an octave of the median: octave errors
    and squeaks don't fly away.

    Args:
        f0: Hz, (t,), 0 where unvoiced.
        median: Hz.
        spoken: the recording's stress and phrase ends.
        cues: how to say it.
    """
    voiced = np.flatnonzero(f0 > 0)
    own = 12.0 * np.log2(bridged(f0) / median)
    wide = own * cues.spread
    if cues.spread > 1.0:
        wide = own + _OCTAVE * np.tanh((wide - own) / _OCTAVE)
    ending = np.clip(1.0 - spoken.ends / _FINAL, 0.0, 1.0) ** 1.5
    falling = np.clip(1.0 - spoken.ends / _PHRASE, 0.0, 1.0) - 0.5
    added = smooth(cues.accent * spoken.stress + cues.final * ending + cues.slope * falling, 15)
    added -= added[voiced].mean()
    return np.asarray(wide + added + cues.pitch)


def trembling(
    semitones: NDArray[np.float64],
    voiced: NDArray[np.bool_],
    median: float,
    cues: Cues,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return Hz per new frame, 0 where unvoiced, with the cues' tremor and roughness."""
    time = np.arange(len(semitones)) * PERIOD
    wander = np.cumsum(rng.standard_normal(len(time))) * 0.05
    moved = semitones + cues.tremor * np.sin(2.0 * np.pi * _TREMOR_HZ * time + wander)
    hertz = median * 2.0 ** (moved / 12.0) * (1.0 + cues.rough * rng.standard_normal(len(time)))
    return np.where(voiced, np.clip(hertz, _LOWEST, _HIGHEST), 0.0)
