"""Frame classifiers fed from one pass: the face that was followed once serves them all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, runtime_checkable

import numpy as np

from emoanim.clips import EmotionScores, Frame, Image
from emoanim.faces import Face
from emoanim.protocols import FrameEmotionClassifier, Labelled

__all__ = ["FaceClassifier", "ScoreCollector"]

BATCH = 8
"""Frames that are held for a classifier."""


@runtime_checkable
class FaceClassifier(Protocol):
    """An ability of a frame classifier: take faces that were found already."""

    def classify_faces(self, seen: Sequence[tuple[Image, Face | None]]) -> EmotionScores:
        """Return one row per frame, NaN where its face is None; frames are uint8 (h, w, 3)."""


class ScoreCollector:
    """Collects the scores of one classifier.

    Args:
        name: of the classifier.
        classifier: any; one with ``classify_faces`` is told the faces, any other looks for
            itself.
        every: of the frames that it is given, score every n-th.
        weights: names and hashes of its weights.
        licence: what is known of it.

    Attributes:
        labels: of the classifier, if it says so before it is asked.
        classifier: the classifier itself.
    """

    def __init__(
        self,
        name: str,
        classifier: FrameEmotionClassifier,
        *,
        every: int = 1,
        weights: Mapping[str, str] | None = None,
        licence: str = "unknown",
    ) -> None:
        self.name = name
        self.weights = dict(weights or {})
        self.licence = licence
        self.labels = tuple(classifier.labels) if isinstance(classifier, Labelled) else ()
        self._every = every
        self.classifier = classifier
        self._held: list[tuple[Frame, Face | None]] = []
        self._parts: list[EmotionScores] = []
        self._times: list[float] = []

    def add(self, number: int, frame: Frame, face: Face | None) -> None:
        """Take the next frame with its number and its face."""
        if number % self._every:
            return
        self._held.append((frame, face))
        if len(self._held) == BATCH:
            self._flush()

    def scores(self) -> EmotionScores:
        """Return the scores of the frames since the last call, with their times."""
        if self._held:
            self._flush()
        joined = EmotionScores.joined(self._parts)
        times, self._times, self._parts = self._times, [], []
        return replace(joined, times=np.asarray(times, np.float64), classifier=self.name)

    def _flush(self) -> None:
        if isinstance(self.classifier, FaceClassifier):
            seen = [(frame.image, face) for frame, face in self._held]
            part = self.classifier.classify_faces(seen)
        else:
            part = self.classifier.classify([frame.image for frame, _ in self._held])
        self._parts.append(part)
        self._times += [frame.time for frame, _ in self._held]
        self._held = []
