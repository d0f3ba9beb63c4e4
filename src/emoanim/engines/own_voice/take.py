"""A recording as it is worked on: light facts of every frame at hand, spectra when asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.engines.own_voice.melody import median_pitch
from emoanim.engines.own_voice.room import noise_of, quiet_frames
from emoanim.sound.vocoder import PERIOD, World, envelopes, pitch

__all__ = ["Take"]

# Seconds in one piece, and what it sees of its neighbours; both are whole samples at any rate.
_PIECE, _MARGIN = 10.0, 0.4
_HALF_FRAME = 0.01
_LEAST = 0.05
_SAMPLED = 1500
_LOW, _HIGH = 400.0, 2000.0


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A recording, one frame every 5 ms.

    Attributes:
        audio: the recording.
        f0: Hz, float (t,), 0 where unvoiced.
        median: of F0 in Hz; None where hardly anything is voiced.
        level: dB of full scale, float (t,).
        quiet: bool (t,), nobody speaks.
        hissing: bool (t,), faint, or with more power above 2 kHz than a vowel has.
        noise: power of the room's noise in the units of WORLD's spectrum, (k,).
        sampled: places of some voiced frames, (s,).
        spectra: their spectra, (s, k).
    """

    audio: Audio
    f0: NDArray[np.float64]
    median: float | None
    level: NDArray[np.float64]
    quiet: NDArray[np.bool_]
    hissing: NDArray[np.bool_]
    noise: NDArray[np.float64]
    sampled: NDArray[np.int64]
    spectra: NDArray[np.float64]

    @classmethod
    def of(cls, audio: Audio) -> Take:
        """Read a recording.

        Raises:
            MissingExtraError: pyworld is not installed.
        """
        level = _levels(audio)
        count = len(level)
        f0 = np.zeros(count)
        tilt = np.zeros(count)
        contours: list[NDArray[np.float64]] = []
        indices: list[int] = []
        faint: list[NDArray[np.float64]] = []
        floor = np.percentile(level, 5) + 6.0
        every = max(1, count // _SAMPLED)
        for first, last in _pieces(count):
            contour, parts = _read(audio, first, last, None)
            low = parts.frequency < 500.0
            tonal = (contour > 0) & (parts.aperiodicity[:, low].mean(axis=1) < 0.95)
            f0[first:last] = np.where(tonal, contour, 0.0)
            tilt[first:last] = _tilt(parts)
            chosen = [k for k in range(last - first) if tonal[k] and (first + k) % every == 0]
            contours.append(parts.spectrum[chosen])
            indices += [first + k for k in chosen]
            still = (f0[first:last] == 0) & (level[first:last] < floor)
            faint.append(parts.spectrum[still][:: max(1, int(still.sum()) // 400)])
        quiet = quiet_frames(level, f0)
        hissing = (level < np.percentile(level, 95) - 30.0) | (tilt > -10.0)
        noise = noise_of(np.concatenate(faint), bool(quiet.any()))
        sampled = np.array(indices, np.int64)
        median = median_pitch(f0, level)
        return cls(
            audio, f0, median, level, quiet, hissing, noise, sampled, np.concatenate(contours)
        )

    def part(self, start: float, end: float) -> Take:
        """Return a part of it; the speaker's median and the room are those of the whole.

        Args:
            start: seconds, a multiple of 20 ms, so that frames stay where they are.
            end: seconds, likewise.
        """
        first = round(start / PERIOD)
        begin = round(first * PERIOD * self.audio.rate)
        samples = self.audio.samples[begin : round(end * self.audio.rate)]
        audio = Audio(samples, self.audio.rate)
        inside = slice(first, first + int(audio.duration / PERIOD) + 1)
        count = len(self.f0[inside])
        near = (self.sampled >= first) & (self.sampled < first + count)
        return Take(
            audio,
            self.f0[inside],
            self.median,
            self.level[inside],
            self.quiet[inside],
            self.hissing[inside],
            self.noise,
            self.sampled[near] - first,
            self.spectra[near],
        )

    def frames(self, first: int, last: int) -> World:
        """Return the spectra of the frames from ``first`` to before ``last``."""
        return _read(self.audio, first, last, self.f0)[1]


def _pieces(count: int) -> list[tuple[int, int]]:
    size = round(_PIECE / PERIOD)
    return [(first, min(count, first + size)) for first in range(0, count, size)]


def _read(
    audio: Audio, first: int, last: int, f0: NDArray[np.float64] | None
) -> tuple[NDArray[np.float64], World]:
    """Analyse the frames from ``first`` to before ``last``, with what lies around them."""
    unit = 40  # frames in 0.2 s, a whole number of samples at every usual rate
    margin = round(_MARGIN / PERIOD)
    start = max(0, first - margin) // unit * unit
    begin = round(start * PERIOD * audio.rate)
    end = round((last + margin) * PERIOD * audio.rate)
    piece = Audio(audio.samples[begin:end], audio.rate)
    known = None if f0 is None else f0[start : start + int(piece.duration / PERIOD) + 1]
    contour = pitch(piece) if known is None else known
    parts = envelopes(piece, contour)
    inside = slice(first - start, last - start)
    return contour[inside], World(
        parts.f0[inside], parts.spectrum[inside], parts.aperiodicity[inside], parts.rate
    )


def _tilt(parts: World) -> NDArray[np.float64]:
    """Return the power above 2 kHz against that below 400 Hz, dB per frame."""
    frequency = parts.frequency
    low = parts.spectrum[:, (frequency > 0) & (frequency < _LOW)].mean(axis=1)
    high = parts.spectrum[:, frequency > _HIGH].mean(axis=1)
    return np.asarray(10.0 * np.log10((high + 1e-20) / (low + 1e-20)))


def _levels(audio: Audio) -> NDArray[np.float64]:
    """Return the power in 20 ms around each frame, dB."""
    count = int(audio.duration / PERIOD) + 1
    sums = np.concatenate([[0.0], np.cumsum(audio.samples.astype(np.float64) ** 2)])
    middle = np.round(np.arange(count) * PERIOD * audio.rate).astype(np.int64)
    half = int(_HALF_FRAME * audio.rate)
    first, last = (np.clip(middle + away, 0, len(audio.samples)) for away in (-half, half))
    power = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return np.asarray(10.0 * np.log10(np.maximum(power, 0.0) + 1e-12))
