"""What frame classifiers share: frames in one by one, one person's face cut out, scored in batches.

A classifier says how a face is cut out and how crops are scored; everything else is here.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores, Frames
from emoanim.errors import SettingsError
from emoanim.faces import Face, FaceFinder, faces_of, shared_finder

__all__ = ["FaceClassifier", "FaceReading", "SeenFrame"]

Image = NDArray[np.uint8]
SeenFrame = tuple[Image, Face | None]
"""A frame, uint8 (h, w, 3) RGB, and the face of the person in it; None if it is not seen."""


class FaceReading:
    """How the faces of frames are found, and how many frames are held at a time.

    Args:
        finder: of faces, to share one that is loaded; else one is loaded when it is needed.
        track: frames belong to one clip and one person is followed; False for unrelated stills.
        min_face: faces smaller than that, in pixels, count as none.
        batch: frames that are held at a time.

    Raises:
        SettingsError: a batch of less than one.
    """

    def __init__(
        self, finder: FaceFinder | None, *, track: bool, min_face: float, batch: int
    ) -> None:
        if batch < 1:
            raise SettingsError(f"batch {batch} given; expected at least 1 face.")
        if not 0.0 <= min_face < math.inf:
            raise SettingsError(f"min_face {min_face} given; expected 0 or more pixels.")
        self.batch = batch
        self._given = finder
        self._track = track
        self._min_face = min_face

    @cached_property
    def finder(self) -> FaceFinder:
        """Finds the faces."""
        return self._given or shared_finder()

    def faces(self, frames: Iterable[Image]) -> Iterator[SeenFrame]:
        """Yield every frame with the face in it; frames are read as they are asked for.

        Raises:
            InputError: a frame is not uint8 (h, w, 3).
        """
        return faces_of(frames, self.finder, track=self._track, min_size=self._min_face)

    def scores(
        self,
        seen: Iterable[SeenFrame],
        labels: tuple[str, ...],
        crop: Callable[[Image, Face], Image | None],
        score: Callable[[NDArray[np.uint8]], NDArray[np.floating[Any]]],
        classifier: str,
    ) -> EmotionScores:
        """Return one row per frame, NaN where there is no face or too small a one.

        Args:
            seen: frames with their faces; read once, batch by batch.
            labels: of the columns.
            crop: cuts what the network sees, uint8, out of a frame; None if too little is seen.
            score: crops (n, ...) -> scores (n, k) >= 0; rows are divided by their sum.
            classifier: its name.
        """
        rows = [np.zeros((0, len(labels)))]
        pairs = iter(seen)
        while crops_or_none := [
            self._cut(image, face, crop) for image, face in islice(pairs, self.batch)
        ]:
            part = np.full((len(crops_or_none), len(labels)), np.nan)
            crops = [c for c in crops_or_none if c is not None]
            if crops:
                raw = np.asarray(score(np.stack(crops)), np.float64)
                part[[c is not None for c in crops_or_none]] = raw / raw.sum(1, keepdims=True)
            rows.append(part)
        return EmotionScores(labels, np.concatenate(rows), classifier=classifier)

    def _cut(
        self, image: Image, face: Face | None, crop: Callable[[Image, Face], Image | None]
    ) -> Image | None:
        return None if face is None or face.size < self._min_face else crop(image, face)


class FaceClassifier(ABC):
    """A frame classifier that reads one face in each frame.

    A subclass sets ``name``, ``labels`` and how faces are looked for, cuts a face out and scores
    what was cut out.
    """

    _reading: FaceReading

    @property
    @abstractmethod
    def name(self) -> str:
        """The classifier as it stands in scores."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The emotions that are scored, in order."""

    def classify(self, frames: Sequence[Image] | Frames) -> EmotionScores:
        """Return one row of scores per frame, NaN where no face is found.

        Args:
            frames: uint8 (h, w, 3) RGB each, or an array of them (t, h, w, 3).

        Raises:
            InputError: a frame is not such an image.
        """
        return self.classify_stream(frames)

    def classify_stream(self, frames: Iterable[Image]) -> EmotionScores:
        """Return the same of frames that are read once and held one batch at a time.

        Raises:
            InputError: a frame is not such an image.
        """
        return self.classify_faces(self._reading.faces(frames))

    def classify_faces(self, seen: Iterable[SeenFrame]) -> EmotionScores:
        """Return the same of frames whose face is known already, so that it is not looked for.

        Args:
            seen: frames and their faces, None where there is none; read once, batch by batch.
        """
        return self._reading.scores(seen, self.labels, self._crop, self.scores, self.name)

    @abstractmethod
    def scores(self, crops: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
        """Return the network's scores (n, k) >= 0 of faces that are cut out already.

        Args:
            crops: uint8 (n, ...), as ``_crop`` cuts them.
        """

    @abstractmethod
    def _crop(self, image: Image, face: Face) -> Image | None:
        """Cut out what the network sees, uint8; None where too little of the face is seen."""
