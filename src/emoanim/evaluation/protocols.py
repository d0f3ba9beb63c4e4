"""Roles for evaluation only: the emotion of words and of a voice, features, further measures.

The emotion of a face is ``emoanim.protocols.FrameEmotionClassifier``. All three answer with
``EmotionScores``; each knows its own emotions, and a target that is none of them is not evaluable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from numpy.typing import ArrayLike

from emoanim.clips import Audio, EmotionScores, Frames

__all__ = [
    "PairMeasure",
    "PictureFeatures",
    "SpeechEmotionClassifier",
    "TextEmotionClassifier",
]


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


@runtime_checkable
class PictureFeatures(Protocol):
    """Pictures to features for a Frechet distance (paper, table 3: Inception's, for FID).

    Attributes:
        name: model, layer and resizing, said in full.
    """

    name: str

    def features(self, batch: Frames) -> ArrayLike:
        """Return features (n, d) of RGB pictures, uint8 (n, h, w, 3)."""


@runtime_checkable
class PairMeasure(Protocol):
    """Whatever else somebody measures in a generated clip against its original."""

    def measure(self, original: Path, generated: Path) -> Mapping[str, float]:
        """Return numbers by name; NaN where one is not defined."""
