"""A recording said again: from its sound, its words and cues to new sound and the map of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Word
from emoanim.engines.own_voice.filtering import filtered, moved
from emoanim.engines.own_voice.periods import repitched
from emoanim.engines.own_voice.room import bed, unpadded
from emoanim.engines.own_voice.take import Take
from emoanim.engines.own_voice.tempo import Tempo
from emoanim.engines.own_voice.voicing import Voicing, between
from emoanim.sound.colour import smooth
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.signals import limited
from emoanim.sound.vocoder import PERIOD

__all__ = ["Said", "say_again"]

_PEAK, _LIMITING = -1.0, 4.0
# New frames that are coloured at once, and those around them that a window reaches.
_BLOCK, _EDGE = 2000, 16
# How much the recording and its periods at another pitch are alike where one fades into the other.
_ALIKE = 0.5


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

    What is voiced is put together anew of the recording's own periods; what is not, is moved in
    time. Then all of it is coloured; the room's noise and breaths go along at their level.

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
    quiet = between(take.quiet.astype(np.float64), position) > 0.5
    torn = quiet & (np.abs(np.gradient(old, PERIOD) - 1.0) > 0.03)
    seconds = np.arange(count) / audio.rate

    def share(frames: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.interp(seconds, time, frames)

    voicing = Voicing.of(take, tempo.spoken, cues)
    f0 = voicing.pitch(position, rng)
    voiced = f0 > 0
    rest = moved(samples, audio.rate, old, voiced, count)
    voice = repitched(samples, audio.rate, take.f0, take.pulses, old, f0, count)
    sound = _mixed(rest, voice, share(smooth(voiced.astype(np.float64), 3)), _ALIKE)
    out = np.zeros(count)
    for first in range(0, len(position), _BLOCK):
        last = min(len(position), first + _BLOCK)
        wide = slice(max(0, first - _EDGE), min(len(position), last + _EDGE))
        begin, start, end, stop = (
            min(count, round(k * PERIOD * audio.rate)) for k in (wide.start, first, last, wide.stop)
        )
        gain, breath = voicing.colour(position[wide], f0[wide])
        piece = filtered(sound[begin:stop], gain, audio.rate)
        if breath is not None:
            piece += filtered(rng.standard_normal(stop - begin), breath, audio.rate)
        out[start:end] = piece[start - begin :][: end - start]
    calm = take.quiet & unpadded(take.level)
    room = bed(samples, audio.rate, take.noise, calm, position, count, rng)
    out = _mixed(out, room, share(smooth(torn.astype(np.float64), 7)))
    out = _mixed(out, room, share(tempo.hush(time)))
    loudest = 10.0 ** ((_PEAK + _LIMITING) / 20.0)
    out *= min(1.0, loudest / max(float(np.abs(out).max(initial=0.0)), 1e-9))
    new = Audio(limited(out, audio.rate, _PEAK), audio.rate)
    return Said(new, tempo.moved(phones), tempo.knots(), len(tempo.breaks))


def _mixed(
    first: NDArray[np.float64],
    second: NDArray[np.float64],
    share: NDArray[np.float64],
    alike: float = 0.0,
) -> NDArray[np.float64]:
    """Return both with equal power: all of the first where the share is 0.

    ``alike`` is their correlation, 0 to 1.
    """
    power = share**2 + (1.0 - share) ** 2 + 2.0 * alike * share * (1.0 - share)
    return np.asarray(((1.0 - share) * first + share * second) / np.sqrt(power))
