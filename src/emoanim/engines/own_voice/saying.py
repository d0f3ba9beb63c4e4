"""A recording said again: from its sound, its words and cues to new sound and the map of time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Word
from emoanim.engines.own_voice.filtering import filtered, moved
from emoanim.engines.own_voice.room import bed
from emoanim.engines.own_voice.take import Take
from emoanim.engines.own_voice.tempo import Tempo
from emoanim.engines.own_voice.voicing import Voicing, between
from emoanim.sound.colour import smooth
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.signals import limited
from emoanim.sound.vocoder import PERIOD, synthesise

__all__ = ["Said", "say_again"]

_PEAK, _LIMITING = -1.0, 4.0
# New frames that are made at once, and by how many they may be fewer to end in a pause.
_BLOCK, _SLACK = 2000, 800
_EDGE = 8


@dataclass(frozen=True, slots=True, eq=False)
class Said:
    """What came of it.

    Attributes:
        audio: the sound, at the recording's rate.
        phones: the recording's sounds at their new times, gapless.
        time_map: (new second, old second), both rising from 0 to the ends, straight between.
        breaks: pauses that were put in.
    """

    audio: Audio
    phones: tuple[Phone, ...]
    time_map: tuple[tuple[float, float], ...]
    breaks: int


def say_again(
    take: Take,
    phones: Sequence[Phone],
    words: Sequence[Word],
    cues: Cues,
    *,
    longest: float | None = 0.15,
    seed: int = 0,
) -> Said:
    """Say a recording again.

    What is voiced is made anew by WORLD; what is not, stays the recording, moved in time; the
    room's noise and breaths go along at their level.

    Args:
        take: the recording.
        phones: its sounds with times, gapless.
        words: its words with times; without them no vowel is stressed and no phrase broken.
        cues: how to say it, against how it was said; those that change nothing give the
            recording itself.
        longest: by which part of its length the whole may become longer or shorter; None for any.
        seed: of tremor, roughness and the room.

    Raises:
        MissingExtraError: pyworld is not installed.
    """
    audio = take.audio
    if cues == Cues():
        end = audio.duration
        return Said(audio, tuple(phones), ((0.0, 0.0), (end, end)), 0)
    rng = np.random.default_rng(seed)
    tempo = Tempo.of(take.level, phones, words, cues, longest)
    count = round(tempo.duration * audio.rate)
    time = np.arange(int(tempo.duration / PERIOD) + 2) * PERIOD
    old = tempo.old(time)
    position = np.clip(old / PERIOD, 0.0, len(take.f0) - 1.0)
    samples = audio.samples.astype(np.float64)
    # WORLD speaks what is voiced, and what sounds low and is neither faint nor a hiss.
    speaks = between(((take.f0 > 0) | ~take.hissing).astype(np.float64), position) > 0.5
    quiet = between(take.quiet.astype(np.float64), position) > 0.5
    torn = quiet & (np.abs(np.gradient(old, PERIOD) - 1.0) > 0.03)
    room = bed(samples, audio.rate, take.noise, take.quiet, count, rng)
    rest = moved(samples, audio.rate, old, speaks, count)
    voicing = Voicing.of(take, tempo.spoken, cues)
    voice, tinted = np.zeros(count), np.zeros(count)
    for first, last in _blocks(speaks):
        start, end = (min(count, round(k * PERIOD * audio.rate)) for k in (first, last))
        wide = slice(max(0, first - _EDGE), min(len(position), last + _EDGE))
        before = start - min(count, round(wide.start * PERIOD * audio.rate))
        frames, gain = voicing.frames(position[wide], rng)
        if speaks[wide].any():
            spoken = synthesise(frames).samples[before:][: end - start]
            voice[start : start + len(spoken)] = spoken
        begin, stop = start - before, min(count, round(wide.stop * PERIOD * audio.rate))
        gained = filtered(rest[begin:stop], gain, audio.rate)
        tinted[start:end] = gained[before:][: end - start]
    seconds = np.arange(count) / audio.rate

    def share(frames: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(seconds, time, frames)

    out = _mixed(tinted, room, share(smooth(torn.astype(np.float64), 7)))
    out = _mixed(out, voice, share(smooth(speaks.astype(np.float64), 3)))
    out = _mixed(out, room, share(tempo.hush(time)))
    loudest = 10.0 ** ((_PEAK + _LIMITING) / 20.0)
    out *= min(1.0, loudest / max(float(np.abs(out).max(initial=0.0)), 1e-9))
    new = Audio(limited(out, audio.rate, _PEAK), audio.rate)
    return Said(new, tempo.moved(phones), tempo.knots(), len(tempo.breaks))


def _blocks(speaks: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield ranges of frames that end, where that can be, while WORLD is silent."""
    first = 0
    while first < len(speaks):
        last = min(len(speaks), first + _BLOCK)
        if last < len(speaks):
            silent = np.flatnonzero(~speaks[last - _SLACK : last])
            if len(silent):
                last = last - _SLACK + int(silent[len(silent) // 2])
        yield first, last
        first = last


def _mixed(
    first: NDArray[np.float64], second: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return both with equal power: all of the first where the share is 0."""
    return np.sqrt(1.0 - share) * first + np.sqrt(share) * second
