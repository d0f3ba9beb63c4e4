"""New speech where the old one was: as loud, at its rate and, if wanted, over its background."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emoanim.clips import Audio, Recording, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.sound.background import bed
from emoanim.sound.emotional_cues import cues_of
from emoanim.sound.loudness import as_loud_as
from emoanim.sound.signals import limited, resample

__all__ = ["at_level", "in_room", "over_background"]

# Under this rate a recording is a telephone's: speech keeps its own.
_LEAST_RATE = 16000


def in_room(
    speech: Speech,
    original: Recording,
    prompt: EmotionPrompt,
    *,
    background: bool = False,
    seed: int = 0,
) -> tuple[Speech, str]:
    """Return the speech at the original's loudness, rate and background, and a note or "".

    Loudness is the original's, more or less by what the emotion adds; a voice that has seen to
    that itself has ``level_db`` among its details, and its level stays. A recording said again
    (one with a ``time_map``) has its level and its background already.

    Args:
        speech: what was made.
        original: what it stands for.
        prompt: the emotion.
        background: lay it over the original's own background.
        seed: of the background's order.
    """
    speech = at_level(speech, original, prompt)
    return over_background(speech, original, seed) if background else (speech, "")


def at_level(speech: Speech, original: Recording, prompt: EmotionPrompt) -> Speech:
    """Return the speech at the original's loudness and rate (see ``in_room``)."""
    rate = original.rate if original.rate >= _LEAST_RATE else speech.audio.rate
    audio = speech.audio
    if not speech.time_map and "level_db" not in speech.details:
        audio = as_loud_as(audio, original, cues_of(prompt).level)
    audio = resample(audio, rate)
    return speech if audio is speech.audio else replace(speech, audio=audio)


def over_background(speech: Speech, original: Recording, seed: int = 0) -> tuple[Speech, str]:
    """Return the speech over the original's own background, and a note or "" (see ``in_room``)."""
    audio, rate, note = speech.audio, speech.audio.rate, ""
    if not speech.time_map:
        under = bed(original, audio.duration, seed)
        if under is None:
            note = (
                "the recording has no stretch of 0.3 s without speech, so the new speech has no "
                "background"
            )
        else:
            samples = resample(under, rate).samples[: len(audio.samples)]
            samples = np.pad(samples, (0, len(audio.samples) - len(samples)))
            audio = Audio(limited(audio.samples + samples, rate), rate)
    return (speech if audio is speech.audio else replace(speech, audio=audio)), note
