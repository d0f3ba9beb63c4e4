"""The periods of a voice: where they lie, and the recording put together of them anew.

Pitch-synchronous overlap-add (Moulines & Charpentier 1990): every period that is heard is one of
the recording, so bursts, closures and the voice's own irregularities stay as they were spoken.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import resample, runs
from emoanim.sound.vocoder import PERIOD, aperiodicity

__all__ = ["likeness", "periods", "repitched", "tonal_frames"]

# What periods are found by: above it formants, below it the room's hum.
_LOW_PASS, _LOW_FADE, _HIGH_PASS, _HIGH_FADE = 1000.0, 400.0, 40.0, 30.0
# Hz at which voice is told from noise, under how many Hz, and above what share it is noise.
_JUDGED, _LOW, _NOISY = 16000, 500.0, 0.95
# How much alike two periods in a row of a voice are at least, and how far the second may be from
# the tracked length.
_SAME, _JITTER = 0.4, 1.0 / 12.0
# How far a period may be from the tracked length, and what a peak and nearness count beside
# the likeness with the period before.
_SEARCH, _PEAK, _NEAR = 0.2, 0.5, 2.0
_SURROUND = 0.1
# Distances to the neighbours, in periods, that are taken for a period; others are gaps.
_SHORT, _LONG = 0.6, 1.5
# Farther from the nearest period, in seconds, the recording is taken where it is wanted.
_FAR = 0.02


def tonal_frames(audio: Audio, f0: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return in which frames of a tracked pitch there is a voice, not only noise, bool (t,).

    A pitch is tracked across closures and bursts too, which must not be taken apart by periods.
    So two periods in a row have to be alike; and not all may be noise by D4C's aperiodicity under
    500 Hz, at 16 kHz, which is all that it looks at (it cannot judge a lower rate).
    """
    tonal = likeness(audio, f0) > _SAME
    if audio.rate >= _JUDGED:
        share = aperiodicity(resample(audio, _JUDGED), f0)
        low = np.linspace(0.0, _JUDGED / 2.0, share.shape[1]) < _LOW
        tonal &= share[:, low].mean(axis=1) < _NOISY
    # One frame alone among others is chance.
    around = np.convolve(tonal, np.ones(3), "same") >= 2.0
    return np.asarray((f0 > 0) & around)


def likeness(audio: Audio, f0: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much the periods before and after each frame are alike, 0 to 1, float (t,).

    That is their highest correlation within a twelfth of the period; 0 where unvoiced, and at the
    ends, where there is none before or after.

    Args:
        audio: the recording.
        f0: Hz every 5 ms, 0 where unvoiced, (t,).
    """
    alike = np.zeros(len(f0))
    samples = audio.samples.astype(np.float64)
    for frame in np.flatnonzero(f0 > 0):
        size = round(audio.rate / f0[frame])
        reach = max(1, round(_JITTER * size))
        middle = round(frame * PERIOD * audio.rate)
        first, last = middle - reach, middle + size + reach
        if middle < size or last > len(samples):
            continue
        before = samples[middle - size : middle]
        after = np.lib.stride_tricks.sliding_window_view(samples[first:last], size)
        power = np.sqrt((after**2).sum(axis=1) * (before @ before)) + 1e-12
        alike[frame] = max(0.0, float((after @ before / power).max()))
    return alike


def periods(samples: NDArray[np.floating], rate: int, f0: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the sample of every period's pulse, in order.

    Args:
        samples: the recording, (n,).
        rate: Hz.
        f0: Hz every 5 ms, 0 where unvoiced, (t,).
    """
    out = [np.zeros(0, np.int64)]
    around = round(_SURROUND * rate)
    for first, last in runs(f0 > 0):
        start = max(0, round(first * PERIOD * rate) - around)
        end = min(len(samples), round(last * PERIOD * rate) + around)
        inside = slice(round(first * PERIOD * rate) - start, round(last * PERIOD * rate) - start)
        low = _band(np.asarray(samples[start:end], np.float64), rate)
        if len(low[inside]) < 3 or not low.any():
            continue
        if (low[inside] ** 3).sum() < 0.0:
            low = -low  # pulses point upwards

        frames = np.arange(first, last)
        lengths = rate / np.interp(
            (start + np.arange(len(low))) / (rate * PERIOD), frames, f0[first:last]
        )
        peak = inside.start + int(np.argmax(low[inside]))
        found = {peak}
        for step in (-1, 1):
            found.update(_walk(low, lengths, peak, step, inside))
        out.append(start + np.array(sorted(found), np.int64))
    return np.concatenate(out)


def repitched(
    samples: NDArray[np.float64],
    rate: int,
    f0: NDArray[np.float64],
    pulses: NDArray[np.int64],
    old: NDArray[np.float64],
    hertz: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Return the voiced parts at other times and another pitch; silence between them.

    Where neither changes, the periods add up to the recording itself.

    Args:
        samples: the recording, (n,).
        rate: Hz.
        f0: Hz of the recording every 5 ms, 0 where unvoiced, (t,).
        pulses: its periods, in samples.
        old: second of the recording for every 5 ms of the new sound, (m,).
        hertz: new pitch for every 5 ms of the new sound, 0 where unvoiced, (m,).
        count: samples to return.
    """
    out = np.zeros(count)
    if not len(pulses):
        return out
    voiced = np.flatnonzero(f0 > 0)
    seconds = pulses / rate
    lengths = rate / np.interp(seconds / PERIOD, voiced, f0[voiced])
    gaps = np.diff(pulses, prepend=-rate, append=len(samples) + rate).astype(np.float64)
    lefts, rights = gaps[:-1], gaps[1:]
    for gap in (lefts, rights):
        wrong = (gap < _SHORT * lengths) | (gap > _LONG * lengths)
        gap[wrong] = lengths[wrong]
    time = np.arange(len(old)) * PERIOD
    for first, last in runs(hertz > 0):
        at, end = time[first], last * PERIOD
        begin = float(np.interp(at, time, old))
        offset = seconds[_nearest(seconds, begin)] - begin
        if abs(offset) < _FAR:
            at += offset
        frames = np.arange(first, last)
        while at < end:
            pitch = float(np.interp(at / PERIOD, frames, hertz[first:last]))
            wanted = float(np.interp(at, time, old))
            nearest = _nearest(seconds, wanted)
            pulse = int(pulses[nearest])
            if abs(seconds[nearest] - wanted) > _FAR:
                pulse = round(wanted * rate)
            grain, before = _grain(
                samples, pulse, max(2, round(lefts[nearest])), max(2, round(rights[nearest]))
            )
            # As many more or fewer as there are, so much less or more power each has.
            grain *= np.sqrt(rate / lengths[nearest] / pitch)
            start = round(at * rate) - before
            begin, stop = max(0, start), min(count, start + len(grain))
            if begin < stop:
                out[begin:stop] += grain[begin - start : stop - start]
            # The voice's own unsteadiness stays: a period that was long is long again.
            at += float(rights[nearest] / lengths[nearest]) / pitch
    return out


def _walk(
    low: NDArray[np.float64],
    lengths: NDArray[np.float64],
    start: int,
    step: int,
    inside: slice,
) -> list[int]:
    """Return pulse after pulse from ``start`` on, each where it is most like the one before."""
    found: list[int] = []
    at = start
    while True:
        length = float(lengths[at])
        size, reach = round(length), int(_SEARCH * length) + 1
        target = at + step * size
        half = size // 2
        first, last = target - reach, target + reach + 1
        if not inside.start - half <= target < inside.stop + half:
            return found
        if min(first, at) < half or max(last, at) + size > len(low):
            return found
        here = low[at - half : at - half + size]
        others = np.lib.stride_tricks.sliding_window_view(
            low[first - half : last - half + size - 1], size
        )
        power = np.sqrt((others**2).sum(axis=1) * (here @ here)) + 1e-12
        peaks = low[first:last] / (np.abs(here).max() + 1e-12)
        away = np.arange(first - target, last - target) / length
        score = others @ here / power + _PEAK * peaks - _NEAR * away**2
        at = first + int(np.argmax(score))
        found.append(at)


def _band(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Return the samples between about 50 and 1200 Hz."""
    frequency = np.fft.rfftfreq(len(samples), 1.0 / rate)
    rise = np.clip((frequency - _HIGH_PASS) / _HIGH_FADE, 0.0, 1.0)
    fall = np.clip((_LOW_PASS + _LOW_FADE - frequency) / _LOW_FADE, 0.0, 1.0)
    return np.fft.irfft(np.fft.rfft(samples) * rise * fall, len(samples))


def _nearest(seconds: NDArray[np.float64], wanted: float) -> int:
    index = int(np.searchsorted(seconds, wanted))
    if index == len(seconds):
        return index - 1
    if index and wanted - seconds[index - 1] < seconds[index] - wanted:
        return index - 1
    return index


def _grain(
    samples: NDArray[np.float64], pulse: int, left: int, right: int
) -> tuple[NDArray[np.float64], int]:
    """Return a pulse's surroundings, faded out to both sides, and how many samples are before."""
    rise = 0.5 - 0.5 * np.cos(np.pi * (np.arange(left) + 0.5) / left)
    fall = 0.5 + 0.5 * np.cos(np.pi * (np.arange(right) + 0.5) / right)
    start, end = pulse - left, pulse + right
    piece = samples[max(0, start) : max(0, end)]
    piece = np.pad(piece, (max(0, -start), max(0, end - max(0, start) - len(piece))))
    return piece[: left + right] * np.concatenate([rise, fall]), left
