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
# Pieces of a room that pass for one another, in dB, and the power under which all are alike.
_AS_LOUD, _FAINTEST = 5.0, 1e-10
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
    places: NDArray[np.float64],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return ``count`` samples of the room alone.

    Pieces of 0.1 s of the recording's own quiet, blended over 20 ms: at random of those that are
    as loud as the quiet nearest to where the sound comes from (a cut recording has several rooms,
    or none in places); where there are too few, noise of its spectrum.

    Args:
        samples: the recording, (n,).
        rate: Hz.
        noise: the room's power, (k,).
        quiet: frames of the recording that hold the room alone, (t,).
        places: frame of the recording that is heard at every 5 ms, with fractions, (m,).
        count: samples to return.
        rng: chooses.
    """
    run = round(_RUN / PERIOD)
    hop = int(0.02 * rate)
    size = 5 * hop
    first = np.flatnonzero(
        np.lib.stride_tricks.sliding_window_view(np.pad(quiet, (0, run)), run).all(axis=1)
    )
    starts = (first * PERIOD * rate).astype(np.int64)
    first, starts = (each[starts + size <= len(samples)] for each in (first, starts))
    if len(starts) < _LEAST_RUNS:
        white = rng.standard_normal(count)
        frames = int(count / (PERIOD * rate)) + 2
        gain = 10.0 * np.log10(np.maximum(noise, 1e-16))
        return filtered(white, np.broadcast_to(gain, (frames, len(gain))), rate)
    level = _faintest_fifths(samples, starts, size)
    rise = np.sin(0.5 * np.pi * (np.arange(hop) + 0.5) / hop)
    window = np.concatenate([rise, np.ones(size - 2 * hop), rise[::-1]])
    out = np.zeros(count + 2 * size)
    for at in range(0, count + hop, size - hop):
        middle = at - hop + size // 2
        place = places[min(round(middle / (PERIOD * rate)), len(places) - 1)]
        nearest = int(np.abs(first - place).argmin())
        start = rng.choice(starts[np.abs(level - level[nearest]) <= _AS_LOUD])
        out[at : at + size] += samples[start : start + size] * window
    return out[hop : hop + count]


def _faintest_fifths(
    samples: NDArray[np.float64], starts: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """Return the level in dB of the faintest fifth of each piece, so that holes in one count."""
    sums = np.concatenate([[0.0], np.cumsum(samples**2)])
    edges = starts[:, None] + np.linspace(0, size, 6).astype(np.int64)
    power = np.diff(sums[edges], axis=1).min(axis=1) / (size / 5)
    return np.asarray(10.0 * np.log10(np.maximum(power, 0.0) + _FAINTEST))
