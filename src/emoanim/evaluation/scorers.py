"""Frame classifiers fed from one pass: the face that was followed once serves them all."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim import registry
from emoanim.clips import EmotionScores, Frame
from emoanim.faces import Face
from emoanim.protocols import FrameEmotionClassifier
from emoanim.weights import known

__all__ = ["Scorer", "make_scorer"]

Image = NDArray[np.uint8]

BATCH = 8
"""Frames that are held for a classifier."""


class KnownFaces:
    """Stands in for a face finder or tracker: it answers with the face that is known already."""

    def __init__(self) -> None:
        self._faces: dict[int, Face | None] = {}

    def know(self, images: list[Image], faces: list[Face | None]) -> None:
        """Replace what is known; the images are recognised by identity."""
        self._faces = {id(i): f for i, f in zip(images, faces, strict=True)}

    def find(self, image: Image, *, thorough: bool = True) -> list[Face]:
        """Answer as ``emoanim.faces.FaceFinder.find``."""
        face = self._faces[id(image)]
        return [] if face is None else [face]

    def update(self, image: Image, time: float | None = None) -> Face | None:
        """Answer as ``emoanim.faces.FaceTracker.update``."""
        return self._faces[id(image)]


class Scorer:
    """Collects the scores of one classifier.

    Args:
        name: of the classifier.
        classifier: any; one that takes known faces is told them, any other looks for itself.
        every: of the frames that it is given, score every n-th.
        faces: what the classifier was made with, if it was made for this.
        weights: names and hashes of its weights.
        licence: what is known of it.

    Attributes:
        labels: of the classifier, if it says so before it is asked.
    """

    def __init__(
        self,
        name: str,
        classifier: FrameEmotionClassifier,
        *,
        every: int = 1,
        faces: KnownFaces | None = None,
        weights: Mapping[str, str] | None = None,
        licence: str = "unknown",
    ) -> None:
        self.name = name
        self.weights = dict(weights or {})
        self.licence = licence
        self.labels: tuple[str, ...] = tuple(getattr(classifier, "labels", ()))
        self._every = every
        self._classifier: Any = classifier
        self._faces = faces or KnownFaces()
        self._options: dict[str, Any] = {}
        if "tracker" in inspect.signature(self._classifier.classify).parameters:
            self._options["tracker"] = self._faces
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
        images = [frame.image for frame, _ in self._held]
        self._faces.know(images, [face for _, face in self._held])
        self._parts.append(self._classifier.classify(images, **self._options))
        self._times += [frame.time for frame, _ in self._held]
        self._held = []


def make_scorer(
    classifier: str | FrameEmotionClassifier, *, every: int = 1, accept_licence: bool = False
) -> Scorer:
    """Make the scorer of a classifier, by name or of an object.

    Raises:
        BackendError: no such classifier, or it cannot be had.
    """
    if not isinstance(classifier, str):
        name = str(getattr(classifier, "name", type(classifier).__qualname__))
        licence = str(getattr(classifier, "licence", "unknown"))
        return Scorer(name, classifier, every=every, licence=licence)
    about = registry.info("classifier", classifier)
    missing = about.missing()
    takes = () if missing else registry.parameters(registry.load(about)) or ()
    faces = KnownFaces()
    options: dict[str, Any] = {}
    if "finder" in takes and "track" in takes:
        options |= {"finder": faces, "track": False}
    if accept_licence and "accept_licence" in takes:
        options["accept_licence"] = True
    made = registry.backend("classifier", classifier, **options)
    weights = {name: known(name).digest for name in about.weights}
    return Scorer(
        classifier, made, every=every, faces=faces, weights=weights, licence=about.licence
    )
