"""From how one voice's spectrum moves to how another's does.

A long-term spectrum, or a gain for each kind of sound, brings the mean of every band to the
target's. Speakers and rooms differ in more: how far a band falls between two syllables, how far it
stands out in a vowel, how much of a dip reverberation fills. The levels that a band takes on are
brought to those that the target's takes on, quantile by quantile; which frames are loud stays the
source's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.mel_frames import BANDS, band_levels, framed, loud_levels, with_gains

__all__ = ["LevelMap", "level_map", "levelled_bands"]

_QUANTILES = np.linspace(3.0, 97.0, 25)
_LEAST_FRAMES = 300
_CLIP, _LOW, _LOW_CLIP = 15.0, 400.0, 4.0
# Under the lowest quantile a gain dies away over so many dB: pauses stay as quiet as they were.
_FADE = 20.0
_STEADY = np.hanning(5)[1:-1] / np.hanning(5).sum()

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class LevelMap:
    """A gain for each level of each band, straight between the levels.

    Attributes:
        levels: dB, rising, float (k, 32).
        gains: dB, float (k, 32).
    """

    levels: Floats
    gains: Floats


def level_map(target: Audio, source: Audio) -> LevelMap | None:
    """Return what brings the source's levels to the target's; None where one is too short.

    Before the whole is brought back to the source's power, gains are at most 15 dB either way, and
    below 400 Hz at most 4 dB are taken off.

    Args:
        target: some seconds of speech.
        source: some seconds of the voice to be changed, at about the same pitch and colour.
    """
    wanted, own = loud_levels(target), loud_levels(source)
    if min(len(wanted), len(own)) < _LEAST_FRAMES:
        return None
    levels = np.percentile(own, _QUANTILES, axis=0)
    gains = np.percentile(wanted, _QUANTILES, axis=0) - levels
    floor = np.where(BANDS < _LOW, -_LOW_CLIP, -_CLIP)
    gains = np.clip(gains - np.median(gains), floor, _CLIP)
    # As loud as before: the bands that a telephone lacks must not raise the others.
    gains += _power(own) - _power(own + _gains(own, levels, gains))
    return LevelMap(
        np.vstack([levels[:1] - _FADE, levels]), np.vstack([np.zeros((1, len(BANDS))), gains])
    )


def levelled_bands(
    samples: NDArray[np.float32], change: LevelMap, raised: Floats | float = 0.0
) -> NDArray[np.float32]:
    """Return samples at 24 kHz with the gain of each frame's levels, smooth over some 30 ms.

    Args:
        samples: of the voice.
        change: what brings it to the target.
        raised: dB by which an emotion has raised the bands, float (32,): that much of a level is no
            habit of the source's and stays.
    """
    spectra = framed(samples)
    levels = band_levels(spectra) - raised
    gains = np.stack(
        [
            np.interp(levels[:, k], change.levels[:, k], change.gains[:, k])
            for k in range(len(BANDS))
        ],
        axis=1,
    )
    half = len(_STEADY) // 2
    padded = np.pad(gains, ((half, half), (0, 0)), mode="edge")
    steady = np.lib.stride_tricks.sliding_window_view(padded, len(_STEADY), axis=0) @ _STEADY
    return with_gains(spectra, steady, len(samples))


def _gains(now: Floats, levels: Floats, gains: Floats) -> Floats:
    """Return the gain of every level, float (t, 32)."""
    bands = zip(now.T, levels.T, gains.T, strict=True)
    return np.stack([np.interp(*band) for band in bands], axis=1)


def _power(levels: Floats) -> float:
    """Return the mean power of all bands in dB."""
    return float(10.0 * np.log10((10.0 ** (levels / 10.0) @ np.gradient(BANDS)).mean()))
