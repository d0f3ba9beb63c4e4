"""An avatar's sentences as sound, with what its face is to do."""

from __future__ import annotations

import math
import threading
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from emoanim.avatar.frames import RATE
from emoanim.avatar.prepared import Prepared
from emoanim.avatar.sentences import Sentence
from emoanim.clips import Audio, Phone, Speech
from emoanim.emotions import Emotion, EmotionPrompt, Timeline, read_prompt
from emoanim.errors import EmotionError
from emoanim.protocols import LiveFace, Voice
from emoanim.registry.checks import checked
from emoanim.sound.signals import resample

__all__ = ["Speaker", "Spoken"]

_PAUSE, _WITHIN = 0.28, 0.06
"""Seconds of silence before a sentence, and before what goes on with one."""
_IDLE = 8.0
"""Seconds of idle motion that are planned at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """A sentence that waits to be drawn.

    Attributes:
        sentence: what is said; None while nothing is.
        speech: its sound at ``RATE``.
        prompt: the emotion of the face.
        plan: of its motion; the face's own.
    """

    sentence: Sentence | None
    speech: Speech
    prompt: EmotionPrompt
    plan: Any

    def after(self, samples: int) -> Speech:
        """Return what is left of the speech after some of its samples."""
        seconds = samples / RATE
        phones = tuple(
            Phone(p.symbol, max(p.start - seconds, 0.0), p.end - seconds)
            for p in self.speech.phones
            if p.end > seconds
        )
        rest = Audio(self.speech.audio.samples[samples:], RATE)
        return replace(self.speech, audio=rest, phones=phones)


class Speaker:
    """Speaks sentences and plans the face's motion.

    Args:
        prepared: the stills and settings.
        voice: asked by one thread at a time, unless it is a service that was made by its name:
            a reply that nobody waits for any more must not hold up the next sentence.
        face: its stills in the order of ``prepared``.
    """

    def __init__(self, prepared: Prepared, voice: Voice, face: LiveFace) -> None:
        self.prepared = prepared
        self.voice = voice
        self.at_work = threading.Lock()
        self._face = face
        self.planning = threading.Lock()
        self._service = prepared.named.get("voice", False) and not prepared.offline

    def speak(self, sentence: Sentence, *, first: bool) -> Speech:
        """Return a sentence's speech at ``RATE``, with a pause before it unless it is the first.

        Raises:
            EmotionError: the avatar has no still in its emotion.
            BackendError: the voice cannot do its part.
        """
        self.still(sentence.prompt)
        alone: AbstractContextManager[Any] = nullcontext() if self._service else self.at_work
        with alone:
            given = self.voice.speak(sentence.text, sentence.prompt, self.prepared.reference)
            speech = checked("voice", self.voice, given)
            audio = resample(speech.audio, RATE)
        pause = 0.0 if first else _PAUSE if sentence.begins else _WITHIN
        samples = np.pad(audio.samples, (round(pause * RATE), 0))
        phones = tuple(Phone(p.symbol, p.start + pause, p.end + pause) for p in speech.phones)
        if phones and pause:
            phones = (Phone("SIL", 0.0, phones[0].start), *phones)
        return replace(speech, audio=Audio(samples, RATE), phones=phones)

    def plan(self, sentence: Sentence | None, speech: Speech, prompt: EmotionPrompt) -> Spoken:
        """Work out how the face says a speech."""
        with self.planning:
            return Spoken(
                sentence, speech, prompt, self._face.plan(self.still(prompt), speech, prompt)
            )

    def silence(self, prompt: EmotionPrompt) -> Spoken:
        """Return a while in which the person waits."""
        silence = Speech(Audio(np.zeros(round(_IDLE * RATE), np.float32), RATE), "")
        return self.plan(None, silence, prompt)

    def check(self, emotion: str | Emotion | EmotionPrompt | Timeline) -> EmotionPrompt | Timeline:
        """Read what a text is to be said in, and see that there is a still for all of it.

        Raises:
            EmotionError: no such emotion, none that was prepared, or a timeline in seconds.
        """
        asked = read_prompt(emotion)
        if isinstance(asked, Timeline):
            asked.check_for_text()
        for prompt in asked.prompts if isinstance(asked, Timeline) else (asked,):
            self.still(prompt)
        return asked

    def still(self, prompt: EmotionPrompt) -> int:
        """Return the number of the still in an emotion, or in the same blend, nearest in strength.

        Raises:
            EmotionError: there is none.
        """
        wanted = _strengths(prompt)
        near = [
            (math.dist(list(wanted.values()), [known[emotion] for emotion in wanted]), number)
            for number, known in enumerate(_strengths(p) for p, _ in self.prepared.stills)
            if known.keys() == wanted.keys()
        ]
        if not near:
            names = ", ".join(
                dict.fromkeys(" and ".join(_strengths(p)) for p, _ in self.prepared.stills)
            )
            what = "blend" if prompt.others else "emotion"
            raise EmotionError(
                f"the {what} {' and '.join(wanted)!r} given; this avatar was prepared for: "
                f"{names}. Take one of them, or prepare it with emotions=[...]."
            )
        return min(near)[1]

    def first(self) -> EmotionPrompt:
        """Return the emotion to begin with: neutral, if it is there."""
        calm = (p for p, _ in self.prepared.stills if p.emotion == Emotion.NEUTRAL)
        return next(calm, self.prepared.stills[0][0])


def _strengths(prompt: EmotionPrompt) -> dict[str, float]:
    return {str(part.emotion): part.intensity for part in prompt.parts}
