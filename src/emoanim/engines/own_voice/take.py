"""A recording as it is worked on: light facts of every frame at hand, spectra when asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.engines.own_voice.melody import median_pitch
from emoanim.engines.own_voice.periods import periods, tonal_frames
from emoanim.engines.own_voice.room import faintest, noise_of, quiet_frames, unpadded
from emoanim.sound.fundamental import holds_fundamental
from emoanim.sound.signals import runs
from emoanim.sound.speaker import describe
from emoanim.sound.vocoder import PERIOD, envelope, pitch

__all__ = ["Take"]

# Seconds in one piece, and what it sees of its neighbours; both are whole samples at any rate.
_PIECE, _MARGIN = 10.0, 0.4
_HALF_FRAME = 0.01
_LEAST = 0.05
_SAMPLED = 1500
# A pitch so many dB under the loudest voice within so many seconds is the tracker's, or a closure's
# hum: neither is worth a burst that is taken apart.
_FAINT, _NEAR = 30.0, 0.5
# A voice that sounds for fewer frames is a hiss or a burst that happened to repeat itself.
_SHORTEST = 6


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """A recording, one frame every 5 ms.

    Attributes:
        audio: the recording.
        f0: Hz, float (t,), 0 where unvoiced.
        median: of F0 in Hz; None where hardly anything is voiced.
        level: dB of full scale, float (t,).
        quiet: bool (t,), nobody speaks.
        pulses: sample of every period of the voice, in order.
        noise: power of the room's noise in the units of WORLD's spectrum, (k,).
        sampled: places of some voiced frames, (s,).
        spectra: their spectra, (s, k).
        goes_on: whether a voice sounds across the start, and across the end, of what is a part.
    """

    audio: Audio
    f0: NDArray[np.float64]
    median: float | None
    level: NDArray[np.float64]
    quiet: NDArray[np.bool_]
    pulses: NDArray[np.int64]
    noise: NDArray[np.float64]
    sampled: NDArray[np.int64]
    spectra: NDArray[np.float64]
    goes_on: tuple[bool, bool] = (False, False)

    @classmethod
    def of(cls, audio: Audio) -> Take:
        """Read a recording.

        Raises:
            MissingExtraError: pyworld is not installed.
        """
        level = _levels(audio)
        count = len(level)
        f0 = np.zeros(count)
        spectra: list[NDArray[np.float64]] = []
        indices: list[int] = []
        faint: list[NDArray[np.float64]] = []
        floor = faintest(level) + 6.0
        recorded = unpadded(level)
        speaker = None if holds_fundamental(audio) else describe(audio)
        around = speaker.f0 if speaker else None
        every = max(1, count // _SAMPLED)
        for first, last in _pieces(count):
            piece, start = _around(audio, first, last)
            contour = pitch(piece, around)
            inside = slice(first - start, last - start)
            spectrum = envelope(piece, contour)[inside]
            tonal = tonal_frames(piece, contour)[inside]
            f0[first:last] = np.where(tonal, contour[inside], 0.0)
            chosen = [k for k in range(last - first) if tonal[k] and (first + k) % every == 0]
            spectra.append(spectrum[chosen])
            indices += [first + k for k in chosen]
            still = (f0[first:last] == 0) & (level[first:last] < floor) & recorded[first:last]
            faint.append(spectrum[still][:: max(1, int(still.sum()) // 400)])
        f0[level < _loudest_near(np.where(f0 > 0, level, -np.inf)) - _FAINT] = 0.0
        for first, last in runs(f0 > 0):
            if last - first < _SHORTEST:
                f0[first:last] = 0.0
        quiet = quiet_frames(level, f0)
        pulses = periods(audio.samples, audio.rate, f0)
        noise = noise_of(np.concatenate(faint), bool(quiet[recorded].any()))
        sampled = np.array(indices, np.int64)
        median = median_pitch(f0, level)
        return cls(audio, f0, median, level, quiet, pulses, noise, sampled, np.concatenate(spectra))

    @property
    def voiced_share(self) -> float:
        """The part of the time, where it is not quiet, in which the voice has a pitch, 0 to 1."""
        sounding = int((~self.quiet).sum())
        return float((self.f0 > 0).sum()) / sounding if sounding else 0.0

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
            self.pulses[(self.pulses >= begin) & (self.pulses < begin + len(samples))] - begin,
            self.noise,
            self.sampled[near] - first,
            self.spectra[near],
            (self._sounds_across(first), self._sounds_across(first + count - 1)),
        )

    def _sounds_across(self, frame: int) -> bool:
        around = self.f0[max(0, frame - 1) : frame + 2]
        return 0 < frame < len(self.f0) - 1 and bool((around > 0).all())

    def spectrum(self, first: int, last: int) -> NDArray[np.float64]:
        """Return the spectra of the frames from ``first`` to before ``last``, (last - first, k)."""
        piece, start = _around(self.audio, first, last)
        known = self.f0[start : start + int(piece.duration / PERIOD) + 1]
        return envelope(piece, known)[first - start : last - start]


def _pieces(count: int) -> list[tuple[int, int]]:
    size = round(_PIECE / PERIOD)
    return [(first, min(count, first + size)) for first in range(0, count, size)]


def _around(audio: Audio, first: int, last: int) -> tuple[Audio, int]:
    """Return the sound of some frames with what lies around them, and its first frame."""
    unit = 40  # frames in 0.2 s, a whole number of samples at every usual rate
    margin = round(_MARGIN / PERIOD)
    start = max(0, first - margin) // unit * unit
    begin = round(start * PERIOD * audio.rate)
    end = round((last + margin) * PERIOD * audio.rate)
    return Audio(audio.samples[begin:end], audio.rate), start


def _loudest_near(level: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the highest level around each frame, (t,)."""
    reach = round(_NEAR / PERIOD)
    padded = np.pad(level, reach, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=1))


def _levels(audio: Audio) -> NDArray[np.float64]:
    """Return the power in 20 ms around each frame, dB."""
    count = int(audio.duration / PERIOD) + 1
    sums = np.concatenate([[0.0], np.cumsum(audio.samples.astype(np.float64) ** 2)])
    middle = np.round(np.arange(count) * PERIOD * audio.rate).astype(np.int64)
    half = int(_HALF_FRAME * audio.rate)
    first, last = (np.clip(middle + away, 0, len(audio.samples)) for away in (-half, half))
    power = (sums[last] - sums[first]) / np.maximum(last - first, 1)
    return np.asarray(10.0 * np.log10(np.maximum(power, 0.0) + 1e-12))
