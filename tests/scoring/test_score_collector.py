from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from synthetic_talk import LABELS, Brightness

from emoanim import registry, weights
from emoanim.clips import Frame
from emoanim.evaluation.classifiers import make_collector
from emoanim.faces import FaceFinder, FaceTracker
from emoanim.media import Video
from emoanim.registry import BackendInfo
from emoanim.scoring import score_clip
from emoanim.scoring.score_collector import BATCH, ScoreCollector


def test_a_shared_face_gives_what_the_classifier_finds_itself(moving_portrait: Path) -> None:
    if not weights.status("facex").ready:
        pytest.skip("the weights of facex are not here")
    scorer = make_collector("facex", every=3)
    tracker = FaceTracker(FaceFinder())
    frames = list(Video(moving_portrait).frames(0.0, 0.6))
    for number, frame in enumerate(frames):
        scorer.add(number, frame, tracker.update(frame.image, frame.time))
    found = scorer.scores()
    alone = score_clip(registry.backend("classifier", "facex"), Video(moving_portrait))
    assert np.array_equal(found.times, alone.times[:15:3])
    assert np.allclose(found.values, alone.values[:15:3], equal_nan=True)
    assert scorer.weights["facex"].startswith("sha256:")
    assert scorer.licence.startswith("MIT")


def test_frames_are_held_in_batches_only() -> None:
    sizes: list[int] = []

    class Counting(Brightness):
        def classify(self, frames: Any) -> Any:
            sizes.append(len(frames))
            return super().classify(frames)

    scorer = ScoreCollector("counting", Counting())
    for number in range(2 * BATCH + 3):
        scorer.add(number, Frame(number / 25.0, np.full((8, 8, 3), number, np.uint8)), None)
    found = scorer.scores()
    assert sizes == [BATCH, BATCH, 3]
    assert found.values.shape == (2 * BATCH + 3, 4)
    assert found.classifier == "counting"
    scorer.add(0, Frame(0.5, np.zeros((8, 8, 3), np.uint8)), None)
    assert scorer.scores().times.tolist() == [0.5]  # of the next clip only


def test_a_classifier_that_can_be_told_the_faces_is_told_them() -> None:
    seen: list[Any] = []

    class Following:
        labels = LABELS

        def classify(self, frames: Any) -> Any:
            raise AssertionError("the faces are known")

        def classify_faces(self, pairs: Any) -> Any:
            seen.extend(face for _, face in pairs)
            return Brightness().classify([image for image, _ in pairs])

    scorer = make_collector(Following())
    face: Any = object()
    scorer.add(0, Frame(0.0, np.zeros((8, 8, 3), np.uint8)), face)
    scorer.add(1, Frame(0.1, np.zeros((8, 8, 3), np.uint8)), None)
    assert scorer.scores().times.tolist() == [0.0, 0.1]
    assert seen == [face, None]
    assert scorer.name.endswith("Following")


def test_a_licence_is_accepted_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, Any] = {}

    class Careful(Brightness):
        def __init__(self, accept_licence: bool = False, dimmed: int = 1) -> None:
            super().__init__()
            asked.update(accepted=accept_licence, dimmed=dimmed)

    about = BackendInfo("classifier", "careful", "emoanim.testing.tiny:TinyVoice", licence="X")
    monkeypatch.setattr(registry, "BACKENDS", (*registry.BACKENDS, about))
    monkeypatch.setattr(registry, "load", lambda _: Careful)
    assert make_collector("careful", accept_licence=True).licence == "X"
    assert asked["accepted"] is True
    make_collector("careful")
    assert asked["accepted"] is False
    make_collector("careful", accept_licence=True, options={"dimmed": 2})
    assert asked == {"accepted": True, "dimmed": 2}


def test_labels_are_known_before_anything_is_scored() -> None:
    assert ScoreCollector("brightness", Brightness()).labels == LABELS

    class Unlabelled:
        def classify(self, frames: Any) -> Any:
            raise AssertionError("not asked yet")

    assert ScoreCollector("unlabelled", Unlabelled()).labels == ()
