"""The face emoter that changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.adapters.face_emoters.keep import KeepFaceEmoter
from emoanim.clips import Image
from emoanim.emotions import EmotionPrompt
from emoanim.errors import FaceError, MissingExtraError
from emoanim.protocols import FaceEmoter

HAPPY = EmotionPrompt.parse("very happy")


def test_frames_stay_as_they_are(portrait: Image) -> None:
    emoter = KeepFaceEmoter()
    assert isinstance(emoter, FaceEmoter)
    (still,) = emoter.emote([portrait], HAPPY)
    assert np.array_equal(still.image, portrait)
    assert np.array_equal(still.original, portrait)
    assert still.emoter == "keep"


def test_a_sharper_frame_is_fitter(portrait: Image) -> None:
    blurred = portrait.copy()
    for axis in (0, 1):
        blurred = np.mean([np.roll(blurred, shift, axis) for shift in range(-4, 5)], axis=0).astype(
            np.uint8
        )
    sharp, soft = KeepFaceEmoter().emote([portrait, blurred], HAPPY)
    assert sharp.quality is not None
    assert soft.quality is not None
    assert sharp.quality > soft.quality


def test_a_frame_without_a_face_is_refused() -> None:
    with pytest.raises(FaceError):
        KeepFaceEmoter().emote([np.zeros((128, 128, 3), np.uint8)], HAPPY)


def test_without_a_face_finder_the_fitness_is_not_known(
    portrait: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise MissingExtraError("not installed")

    monkeypatch.setattr("emoanim.adapters.face_emoters.keep.FaceFinder", missing)
    (still,) = KeepFaceEmoter().emote([portrait], HAPPY)
    assert still.quality is None
