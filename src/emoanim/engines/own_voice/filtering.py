"""Sound moved in time and coloured without a vocoder: what is not voiced stays a recording."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.sound.vocoder import PERIOD

__all__ = ["filtered", "moved"]

# How far the sound may stray from the new time before it jumps, in seconds.
_STRAY = 0.008


def moved(
    samples: NDArray[np.float64],
    rate: int,
    old: NDArray[np.float64],
    free: NDArray[np.bool_],
    count: int,
) -> NDArray[np.float64]:
    """Return the recording at other times, as noise takes it: in one piece, with few jumps.

    Grains of 10 ms overlap by half. Their distance to the old time is held until it is 8 ms off,
    so that for long stretches they are the recording itself, sample by sample; grains that all
    come from slightly other places would comb the noise.

    Args:
        samples: the recording, (n,).
        rate: Hz.
        old: second of the recording for every 5 ms of the new sound, (t,).
        free: frames that will not be heard, where a jump costs nothing, (t,).
        count: samples to return.
    """
    time = np.arange(len(old)) * PERIOD
    lag = old - time
    delay = lag.copy()
    for frame in range(1, len(lag)):
        if not free[frame] and abs(lag[frame] - delay[frame - 1]) <= _STRAY:
            delay[frame] = delay[frame - 1]
    hop = round(PERIOD * rate)
    window = 0.5 - 0.5 * np.cos(np.pi * (np.arange(2 * hop) + 0.5) / hop)
    padded = np.pad(samples, 2 * hop)
    sources = np.round((time + delay) * rate).astype(np.int64) + hop
    sources = np.clip(sources, 0, len(padded) - 2 * hop)
    indices = np.round(time * rate).astype(np.int64)
    out = np.zeros(indices[-1] + count + 4 * hop)
    weight = np.zeros(len(out))  # 1 but for rates at which 5 ms are no whole samples
    for source, target in zip(sources, indices, strict=True):
        out[target : target + 2 * hop] += padded[source : source + 2 * hop] * window
        weight[target : target + 2 * hop] += window
    return (out / np.maximum(weight, 0.5))[hop : hop + count]


def filtered(
    samples: NDArray[np.float64], gain: NDArray[np.floating], rate: int
) -> NDArray[np.float64]:
    """Return the samples with a gain in dB per 5 ms and frequency, (t, k), k bins up to rate / 2.

    Windows of 40 ms, a quarter apart.
    """
    hop = 2 * round(PERIOD * rate)
    size = 4 * hop
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * (np.arange(size) + 0.5) / size)
    padded = np.pad(samples, (size, 2 * size))
    starts = np.arange(0, len(samples) + size, hop)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[starts] * window
    middles = np.clip(np.round((starts - size / 2) / (PERIOD * rate)), 0, len(gain) - 1)
    bins = np.linspace(0.0, gain.shape[1] - 1.0, size // 2 + 1)
    low = np.minimum(bins.astype(np.int64), gain.shape[1] - 2)
    rows = gain[middles.astype(np.int64)]
    shape = rows[:, low] + (rows[:, low + 1] - rows[:, low]) * (bins - low)
    blocks = np.fft.irfft(np.fft.rfft(frames, axis=1) * 10.0 ** (shape / 20.0), size, axis=1)
    blocks *= window
    out = np.zeros(len(padded))
    for start, piece in zip(starts, blocks, strict=True):
        out[start : start + size] += piece
    # Four windows squared, a quarter apart, add up to 1.5.
    return out[size : size + len(samples)] / 1.5
