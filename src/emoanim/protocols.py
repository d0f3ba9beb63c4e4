"""The six roles, one verb each.

Whatever has the verb is a backend; nothing needs to be inherited.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self, runtime_checkable

from emoanim.clips import (
    Animation,
    Audio,
    Clip,
    EmotionScores,
    Frames,
    Image,
    Portrait,
    Rewrite,
    Speech,
    Transcript,
)
from emoanim.emotions import EmotionPrompt

__all__ = [
    "Animator",
    "FaceEmoter",
    "FrameEmotionClassifier",
    "Preparing",
    "RewritesWithRecord",
    "Seedable",
    "TextEmoter",
    "Transcriber",
    "Voice",
]


@runtime_checkable
class Transcriber(Protocol):
    """Speech to text (paper 3.1: Whisper)."""

    def transcribe(self, audio: Audio) -> Transcript:
        """Return the words.

        Raises:
            NoSpeechError: the audio holds none.
        """


@runtime_checkable
class TextEmoter(Protocol):
    """Text to emotional text (paper 3.1: GPT-4 on I = [T, P])."""

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the same content in the target emotion: plain words that a voice can read out."""


@runtime_checkable
class RewritesWithRecord(Protocol):
    """A text emoter that can also tell what it did."""

    def rewrite_with_record(self, transcript: Transcript, prompt: EmotionPrompt) -> Rewrite:
        """Return the text of ``rewrite`` with notes for the user and a record for the run."""


@runtime_checkable
class Voice(Protocol):
    """Text to emotional speech in the target's voice (paper 3.1: ElevenLabs)."""

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Return the speech.

        Args:
            text: what to say.
            prompt: in which emotion, how strongly.
            reference: the original speaker's voice. The pipeline gives a ``Recording``, which
                holds what was said in it and when; any other caller may give a plain ``Audio``.
        """


@runtime_checkable
class FaceEmoter(Protocol):
    """Frames to emotional portraits of the same person (paper 3.2: EAT)."""

    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return one portrait per frame, in order; frames are uint8 (n, h, w, 3) RGB.

        Raises:
            FaceError: a frame without a usable face.
        """


@runtime_checkable
class Animator(Protocol):
    """Portrait and speech to a talking face (paper 3.2: SadTalker)."""

    def animate(
        self,
        portrait: Portrait,
        speech: Speech,
        prompt: EmotionPrompt,
        source: Clip | None = None,
    ) -> Animation:
        """Return frames that cover the speech; ``source`` is the original clip."""


@runtime_checkable
class FrameEmotionClassifier(Protocol):
    """Frames to probabilities of the emotions (paper 4.5: EmoFAN)."""

    def classify(self, frames: Sequence[Image] | Frames) -> EmotionScores:
        """Return one row per frame, NaN where no face is found; frames are uint8 (t, h, w, 3)."""


@runtime_checkable
class Preparing(Protocol):
    """An ability of an animator: learn from the source while the speech is still being made."""

    def prepare(self, portrait: Portrait, source: Clip) -> None:
        """Learn what ``animate`` of this portrait and source will need; called before it."""


@runtime_checkable
class Seedable(Protocol):
    """An ability beyond a role's verb: the same backend with another seed, its models shared."""

    def seeded(self, seed: int) -> Self:
        """Return a backend that does what one made with this seed does; nothing is loaded anew."""
