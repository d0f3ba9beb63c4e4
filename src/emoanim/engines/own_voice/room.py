"""The room of a recording: its noise's spectrum, and as much of it as is wanted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.own_voice.filtering import filtered
from emoanim.sound.vocoder import PERIOD

__all__ = ["bed", "faintest", "noise_of", "quiet_frames", "unpadded"]

_RUN = 0.1
_LEAST_RUNS = 10
# The mean of a noise's log power lies 2.5 dB under its mean power; WORLD's smoothing halves that.
_LOG_MEAN = 1.3
_NOTHING = 1e-20
# dB of full scale under which a recording has not begun, or is over; and the frames beside that
# whose windows reach into it.
_PADDING, _REACH = -90.0, 2


def unpadded(level: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bool (t,): the recording itself, without digital silence before and after it.

    Files are padded when they are cut or converted; a room sounds otherwise. Of digital silence
    alone everything is the recording.
    """
    sounding = np.flatnonzero(level > _PADDING)
    inside = np.ones(len(level), bool)
    if len(sounding) and sounding[0] > 0:
        inside[: sounding[0] + _REACH] = False
    if len(sounding) and sounding[-1] < len(level) - 1:
        inside[max(0, sounding[-1] + 1 - _REACH) :] = False
    return inside if inside.any() else ~inside


def faintest(level: NDArray[np.float64]) -> float:
    """Return the level in dB that the recording hardly falls under."""
    return float(np.percentile(level[unpadded(level)], 5))


def quiet_frames(level: NDArray[np.float64], f0: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bool (t,): nobody speaks; unvoiced, near the lowest levels and far under the loud ones."""
    high = np.percentile(level[unpadded(level)], 95)
    return np.asarray((f0 == 0) & (level < min(faintest(level) + 6.0, high - 20.0)))


def noise_of(spectra: NDArray[np.float64], heard: bool) -> NDArray[np.float64]:
    """Return the power of the room's noise, (k,), in the units of WORLD's spectrum.

    Args:
        spectra: of the faintest unvoiced frames, (t, k).
        heard: they are far enough under the speech to be the room; else half of their lowest
            values is taken, which at worst leaves some noise in the speech.
    """
    if not len(spectra):
        return np.full(spectra.shape[1], _NOTHING)
    if not heard:
        return np.asarray(0.5 * np.percentile(spectra, 5, axis=0))
    return np.asarray(_LOG_MEAN * np.exp(np.log(spectra + _NOTHING).mean(axis=0)))


def bed(
    samples: NDArray[np.float64],
    rate: int,
    noise: NDArray[np.float64],
    quiet: NDArray[np.bool_],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return ``count`` samples of the room alone.

    Pieces of 0.1 s of the recording's own quiet in random order, blended over 20 ms; where there
    are too few, noise of its spectrum.
    """
    run = round(_RUN / PERIOD)
    starts = np.flatnonzero(
        np.lib.stride_tricks.sliding_window_view(np.pad(quiet, (0, run)), run).all(axis=1)
    )
    hop = int(0.02 * rate)
    size = 5 * hop
    if len(starts) < _LEAST_RUNS or len(samples) < size:
        white = rng.standard_normal(count)
        frames = int(count / (PERIOD * rate)) + 2
        gain = 10.0 * np.log10(np.maximum(noise, 1e-16))
        return filtered(white, np.broadcast_to(gain, (frames, len(gain))), rate)
    rise = np.sin(0.5 * np.pi * (np.arange(hop) + 0.5) / hop)
    window = np.concatenate([rise, np.ones(size - 2 * hop), rise[::-1]])
    out = np.zeros(count + 2 * size)
    for at in range(0, count + hop, size - hop):
        start = int(rng.choice(starts) * PERIOD * rate)
        start = min(start, len(samples) - size)
        out[at : at + size] += samples[start : start + size] * window
    return out[hop : hop + count]
