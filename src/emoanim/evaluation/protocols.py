"""Two further roles, for evaluation only: the emotion of words and of a voice.

The emotion of a face is ``emoanim.protocols.FrameEmotionClassifier``. All three answer with
``EmotionScores``; each knows its own emotions, and a target that is none of them is not evaluable.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from emoanim.clips import Audio, EmotionScores

__all__ = ["SpeechEmotionClassifier", "TextEmotionClassifier"]


@runtime_checkable
class TextEmotionClassifier(Protocol):
    """Texts to probabilities of the emotions (paper, table 1: XLM-EMO)."""

    labels: tuple[str, ...]

    def classify(self, texts: Sequence[str]) -> EmotionScores:
        """Return one row per text, NaN for a text without words."""


@runtime_checkable
class SpeechEmotionClassifier(Protocol):
    """Sounds to probabilities of the emotions (paper, table 2: wav2vec 2.0 on IEMOCAP)."""

    labels: tuple[str, ...]

    def classify(self, sounds: Sequence[Audio]) -> EmotionScores:
        """Return one row per sound, NaN for one that is too short or silent."""
