"""Arithmetic on samples: resampling, level, fades. Needs numpy only."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio

__all__ = ["evened", "fade", "level", "levelled", "limited", "resample", "runs"]

_ZERO_CROSSINGS = 24
_ROLLOFF = 0.945
_BETA = 9.0
_SILENCE = -120.0
_BLOCK = 2**16


def runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return first and last + 1 of every stretch of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags, [0]]).astype(np.int8)))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def resample(audio: Audio, rate: int) -> Audio:
    """Return the same sound at another rate.

    A Kaiser-windowed sinc of 24 zero crossings per side, evaluated per polyphase branch; the
    passband ends at 0.945 of the lower Nyquist frequency. The length is
    ``ceil(n * rate / audio.rate)`` samples.

    Raises:
        ValueError: ``rate`` is not positive.
    """
    if rate <= 0:
        raise ValueError(f"rate {rate} Hz given; expected a positive number.")
    if rate == audio.rate:
        return audio
    common = math.gcd(rate, audio.rate)
    up, down = rate // common, audio.rate // common
    count = -(-len(audio.samples) * up // down)
    if count == 0:
        return Audio(np.zeros(0, np.float32), rate)
    # Times in input samples; the kernel widens when the rate falls.
    scale = min(1.0, up / down) * _ROLLOFF
    half = math.ceil(_ZERO_CROSSINGS / scale)
    padded = np.pad(audio.samples, (half, half + down))
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    out = np.empty(count, np.float32)
    taps = np.arange(-half, half + 1)
    for phase in range(min(up, count)):
        start, offset = divmod(phase * down, up)
        away = taps - offset / up
        kernel = scale * np.sinc(scale * away)
        kernel *= np.i0(_BETA * np.sqrt(np.maximum(0.0, 1.0 - (away / half) ** 2))) / np.i0(_BETA)
        kernel /= kernel.sum()
        branch = out[phase::up]
        # The branch's k-th output is centred on input sample start + k * down.
        branch[:] = windows[start::down][: len(branch)] @ kernel.astype(np.float32)
    return Audio(out, rate)


def level(samples: NDArray[np.float32], rate: int) -> float:
    """Return the RMS level of the parts that sound, in dB relative to full scale.

    Blocks of 50 ms more than 30 dB under the loudest are pauses and left out. Silence, or no
    samples at all, gives -120.
    """
    block = max(1, rate // 20)
    if len(samples) == 0:
        return _SILENCE
    padded = np.pad(samples, (0, -len(samples) % block)).reshape(-1, block)
    power = np.einsum("ij,ij->i", padded, padded, dtype=np.float64) / block
    loudest = power.max()
    if loudest < 1e-12:
        return _SILENCE
    return float(10.0 * np.log10(power[power > loudest * 1e-3].mean()))


def levelled(
    samples: NDArray[np.float32], rate: int, target: float = -20.0, peak: float = -1.0
) -> NDArray[np.float32]:
    """Bring the level to ``target`` dBFS; peaks over ``peak`` dBFS are turned down around them."""
    now = level(samples, rate)
    if now <= _SILENCE:
        return samples
    return limited(samples * np.float32(10.0 ** ((target - now) / 20.0)), rate, peak)


def limited(samples: NDArray[np.floating], rate: int, peak: float = -1.0) -> NDArray[np.float32]:
    """Turn peaks over ``peak`` dBFS down around them.

    The limiter is a gain curve, smooth over 10 ms, that never leaves a sample above ``peak``;
    it does not clip.
    """
    loud = np.asarray(samples, np.float32)
    ceiling = 10.0 ** (peak / 20.0)
    if np.abs(loud).max(initial=0.0) <= ceiling:
        return loud
    reach = max(1, rate // 200)
    out = np.empty(len(loud), np.float32)
    # In blocks, so that a long sound needs no copies of itself; each sees its neighbourhood.
    for start in range(0, len(loud), _BLOCK):
        first, last = max(0, start - 2 * reach), min(len(loud), start + _BLOCK + 2 * reach)
        gain = _limiting(loud[first:last], ceiling, reach)[start - first :][:_BLOCK]
        block = loud[start : start + _BLOCK]
        out[start : start + _BLOCK] = np.clip(block * gain, -ceiling, ceiling)
    return out


def _limiting(samples: NDArray[np.float32], ceiling: float, reach: int) -> NDArray[np.float64]:
    """Return the gain that keeps samples under the ceiling.

    Minimum over the neighbourhood, then its mean over the same width: smooth and never above.
    """
    need = np.minimum(1.0, ceiling / np.maximum(np.abs(samples), 1e-9))
    width = 2 * reach + 1
    lowest = np.lib.stride_tricks.sliding_window_view(
        np.pad(need, 2 * reach, constant_values=1.0), width
    ).min(axis=1)
    sums = np.cumsum(np.concatenate([[0.0], lowest]))
    return np.asarray((sums[width:] - sums[:-width]) / width)


def evened(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Turn down the syllables that stand out from all others.

    What is louder than the upper quartile of what sounds by more than 2 dB, over some 40 ms, keeps
    three tenths of that; nothing else changes.
    """
    hop = max(1, rate // 200)
    count = -(-len(samples) // hop)
    if count < 9:
        return samples
    power = np.pad(samples.astype(np.float64), (0, count * hop - len(samples))) ** 2
    blocks = np.convolve(power.reshape(count, hop).mean(axis=1), np.full(7, 1.0 / 7.0), "same")
    level = 10.0 * np.log10(blocks + 1e-12)
    sounding = level > level.max() - 30.0
    over = np.maximum(level - np.percentile(level[sounding], 75.0) - 2.0, 0.0)
    gain = np.convolve(over * -0.7, np.hanning(9)[1:-1] / 4.0, "same")
    curve = np.interp(np.arange(len(samples)), (np.arange(count) + 0.5) * hop, gain)
    return np.asarray(samples * 10.0 ** (curve / 20.0), np.float32)


def fade(samples: NDArray[np.float32], rate: int, seconds: float = 0.01) -> NDArray[np.float32]:
    """Return the samples with raised-cosine ends, so that neither start nor end clicks."""
    count = min(int(rate * seconds), len(samples) // 2)
    if count == 0:
        return samples
    ramp = 0.5 - 0.5 * np.cos(np.pi * (np.arange(count) + 0.5) / count)
    out = samples.copy()
    out[:count] *= ramp.astype(np.float32)
    out[-count:] *= ramp[::-1].astype(np.float32)
    return out
