"""The fundamental of voices in recordings that do not hold it: telephones, old microphones.

What such a channel passes, some 300 to 3400 Hz, still beats at the voice's pitch, because its
harmonics lie that far apart. Without the fundamental, trackers take the lowest harmonic that is
left for it: men and women alike are read at 340 to 380 Hz.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import resample

__all__ = ["holds_fundamental", "restored"]

_RATE = 8000
_WINDOW, _HOP = 512, 256
# Of speech in recordings that are whole, the part under 250 Hz lies 16 dB at most under the part
# from 300 to 1000 Hz; with 19 to 22 dB, a filter of 36 dB an octave at 300 Hz, trackers go wrong.
_LOW, _ABOVE = (60.0, 250.0), (300.0, 1000.0)
_LEAST = -18.0
_LOUD = 10**-2.5
_LONGEST = 20.0
# Steepness of the edges, Hz: what beats lies between the first two, its beat under the third.
_FADE = 40.0
_BEATING, _BEAT = (280.0, 3400.0), (40.0, 1000.0)


def holds_fundamental(audio: Audio) -> bool:
    """Return whether the loud parts of a recording hold anything where fundamentals lie.

    Only the first 20 s count.
    """
    heard = Audio(audio.samples[: int(_LONGEST * audio.rate)], audio.rate)
    sound = resample(heard, _RATE).samples
    if len(sound) < _WINDOW:
        return True
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP] * np.hanning(_WINDOW)
    power = np.abs(np.fft.rfft(frames, axis=1)) ** 2
    frequency = np.fft.rfftfreq(_WINDOW, 1.0 / _RATE)

    def band(edges: tuple[float, float]) -> NDArray[np.float64]:
        inside = (frequency >= edges[0]) & (frequency < edges[1])
        return np.asarray(power[:, inside].sum(axis=1), np.float64)

    above = band(_ABOVE)
    loud = above >= np.percentile(above, 95) * _LOUD
    total = float(above[loud].sum())
    return total <= 0.0 or float(band(_LOW)[loud].sum()) > total * 10.0 ** (_LEAST / 10.0)


def restored(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Return what a pitch tracker can follow: how the sound's magnitude beats, (n,).

    Args:
        samples: a recording without its fundamental, (n,).
        rate: Hz.
    """
    return _between(np.abs(_between(samples, rate, _BEATING)), rate, _BEAT)


def _between(
    samples: NDArray[np.float64], rate: int, edges: tuple[float, float]
) -> NDArray[np.float64]:
    frequency = np.fft.rfftfreq(len(samples), 1.0 / rate)
    low, high = edges
    gain = np.clip((frequency - low) / _FADE + 0.5, 0.0, 1.0)
    gain *= np.clip((high - frequency) / _FADE + 0.5, 0.0, 1.0)
    return np.asarray(np.fft.irfft(np.fft.rfft(samples) * gain, len(samples)))
