"""The long-term spectrum of a voice: what its colour and its microphone make of everything said."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import resample

__all__ = ["BANDS", "colour_between", "long_term_spectrum"]

_RATE = 16000
_WINDOW, _HOP = 1024, 512
_LOUD = 10**-2.5
_LEAST_FRAMES = 20
_CLIP = 12.0
_SMOOTH = 7
_LOW, _LOW_CLIP = 400.0, 4.0

BANDS: NDArray[np.float64] = 100.0 * 2.0 ** (np.arange(0, 38) / 6.0)
"""Middles of the bands in Hz: sixths of an octave from 100 Hz to 7.2 kHz."""


def long_term_spectrum(audio: Audio) -> NDArray[np.float64] | None:
    """Return the mean power of speech in dB in each third of an octave around ``BANDS``.

    Only the frames less than 25 dB under the loud ones count. None if they are too few.
    """
    sound = resample(audio, _RATE).samples
    if len(sound) < _WINDOW:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    energy = power[:, 4:].sum(axis=1)
    loud = energy > np.percentile(energy, 95) * _LOUD
    if loud.sum() < _LEAST_FRAMES or energy.max() < 1e-6:
        return None
    mean = power[loud].mean(axis=0)
    frequency = np.fft.rfftfreq(_WINDOW, 1.0 / _RATE)
    edges = BANDS[:, None] * 2.0 ** (np.array([-1.0, 1.0]) / 6.0)
    out = [mean[(frequency >= low - 8.0) & (frequency <= high + 8.0)].mean() for low, high in edges]
    return np.asarray(10.0 * np.log10(np.array(out) + 1e-12))


def colour_between(
    target: NDArray[np.float64],
    source: NDArray[np.float64],
    frequency: NDArray[np.float64],
    lowest: float = 150.0,
) -> NDArray[np.float64]:
    """Return the gain in dB at each frequency that brings one long-term spectrum to another's.

    At most 12 dB either way, 0 on the average; below 400 Hz at most 4 dB are taken off, because a
    fundamental that has nearly gone is heard as another pitch. From ``lowest`` down it keeps its
    value there.
    """
    # Over an octave: the microphone and the voice's colour, not the vowels that were said.
    kernel = np.hanning(_SMOOTH + 2)[1:-1]
    padded = np.pad(target - source, _SMOOTH // 2, mode="edge")
    gain = np.convolve(padded, kernel / kernel.sum(), "valid")
    inside = lowest <= BANDS
    gain = gain - gain[inside].mean()
    gain = np.clip(gain, np.where(BANDS < _LOW, -_LOW_CLIP, -_CLIP), _CLIP)
    return np.asarray(np.interp(np.log(np.maximum(frequency, lowest)), np.log(BANDS), gain))
