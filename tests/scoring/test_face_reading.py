"""How classifiers read one face in each frame."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.errors import SettingsError
from emoanim.faces import Face
from emoanim.scoring.face_reading import FaceClassifier, FaceReading


class MeanLight(FaceClassifier):
    """Scores the light of what it is shown; counts how much that is at a time."""

    name = "mean-light"
    labels = ("happy", "sad")

    def __init__(self, batch: int = 2, min_face: float = 32.0) -> None:
        self._reading = FaceReading(None, track=False, min_face=min_face, batch=batch)
        self.sizes: list[int] = []

    def scores(self, crops: NDArray[np.uint8]) -> NDArray[np.floating[Any]]:
        self.sizes.append(len(crops))
        light = crops.mean(axis=(1, 2, 3))
        return np.stack([light, np.full(len(crops), 50.0)], axis=1)

    def _crop(self, image: NDArray[np.uint8], face: Face) -> NDArray[np.uint8] | None:
        return None if image.max() == 0 else image


def face(size: float) -> Face:
    points = np.zeros((468, 3), np.float32)
    return Face((0.0, 0.0, size, size), 1.0, points, 1.0)


def image(value: int) -> NDArray[np.uint8]:
    return np.full((4, 4, 3), value, np.uint8)


def test_a_face_of_the_smallest_size_counts_and_a_smaller_one_does_not() -> None:
    scores = MeanLight().classify_faces(
        [(image(150), face(32.0)), (image(150), face(31.9)), (image(150), None)]
    )
    assert scores.values[0].tolist() == [0.75, 0.25]  # rows are divided by their sum
    assert np.isnan(scores.values[1:]).all()


def test_what_cannot_be_cut_out_is_not_scored() -> None:
    classifier = MeanLight()
    scores = classifier.classify_faces([(image(0), face(64.0)), (image(50), face(64.0))])
    assert np.isnan(scores.values[0]).all()
    assert scores.values[1].tolist() == [0.5, 0.5]
    assert classifier.sizes == [1]


def test_faces_are_scored_in_batches() -> None:
    classifier = MeanLight(batch=2)
    scores = classifier.classify_faces((image(50), face(64.0)) for _ in range(5))
    assert classifier.sizes == [2, 2, 1]
    assert (scores.labels, scores.classifier, len(scores.values)) == (
        ("happy", "sad"), "mean-light", 5,
    )  # fmt: skip


def test_a_batch_of_none() -> None:
    with pytest.raises(SettingsError, match="batch 0 given"):
        MeanLight(batch=0)
