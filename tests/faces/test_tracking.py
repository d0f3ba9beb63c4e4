from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.errors import InputError
from emoanim.faces import (
    Face,
    FaceFinder,
    FaceTracker,
    canonical_mesh,
    eye_openness,
    faces_of,
)
from emoanim.faces.crop import Square
from emoanim.faces.detector import Detection, overlap_of
from emoanim.faces.tracking import OneEuro
from emoanim.media import Video

Image = NDArray[np.uint8]
BLANK = np.full((480, 640, 3), 128, np.uint8)


def shown(x: float, y: float, size: float = 150.0) -> Face:
    flat = canonical_mesh()[0] * np.array([1, -1, -1], np.float32)
    flat = flat * np.float32(size / np.ptp(flat[:, 1]))
    points = flat - (flat.max(0) + flat.min(0)) / 2 + np.array([x, y, 0], np.float32)
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    return Face((*map(float, low), *map(float, high)), 0.9, points, 1.0)


class Stage:
    """A finder whose faces are put there by the test."""

    def __init__(self) -> None:
        self.faces: list[Face] = []
        self.finds = 0
        self.detects = 0

    def find(self, image: Image, *, thorough: bool = True) -> list[Face]:
        self.finds += 1
        return sorted(self.faces, key=lambda f: -f.size)

    def detect(self, image: Image, *, thorough: bool = True) -> list[Detection]:
        self.detects += 1
        return [
            Detection(np.array(f.box, np.float32), f.points[[33, 263], :2], 0.9) for f in self.faces
        ]

    def fit(self, image: Image, square: Square, **_: object) -> Face | None:
        half = square.side / 2
        box = np.array([square.x - half, square.y - half, square.x + half, square.y + half])
        inside = [f for f in self.faces if overlap_of(box, np.array(f.box)) > 0.15]
        return inside[0] if inside else None


def test_it_stays_with_the_first_person() -> None:
    """Another one comes in, grows larger and is there at every look."""
    stage = Stage()
    tracker = FaceTracker(stage, every=5)
    for i in range(40):
        stage.faces = [shown(150 + 2 * i, 200)]
        if i > 10:
            stage.faces.insert(0, shown(480, 250, 120 + 4 * i))
        face = tracker.update(BLANK)
        assert face is not None
        assert face.centre[0] == pytest.approx(150 + 2 * i, abs=1)
    assert tracker.several == 2
    assert stage.finds == 1
    assert stage.detects >= 6


def test_the_largest_at_first() -> None:
    stage = Stage()
    stage.faces = [shown(100, 100, 80), shown(400, 250, 200)]
    tracker = FaceTracker(stage)
    face = tracker.update(BLANK)
    assert face is not None
    assert face.centre[0] == pytest.approx(400, abs=1)
    assert tracker.several == 2


def test_after_a_loss_the_nearest_and_after_a_long_one_the_largest() -> None:
    stage = Stage()
    tracker = FaceTracker(stage, patience=10)
    stage.faces = [shown(150, 200)]
    tracker.update(BLANK)
    for absent, expected in ((5, 170), (20, 500)):
        stage.faces = []
        assert [tracker.update(BLANK) for _ in range(absent)] == [None] * absent
        stage.faces = [shown(500, 250, 220), shown(170, 210)]
        face = tracker.update(BLANK)
        assert face is not None
        assert face.centre[0] == pytest.approx(expected, abs=1)


def test_a_mesh_that_left_the_face_is_brought_back() -> None:
    """It sits on something that no detector sees as a face."""
    stage = Stage()
    tracker = FaceTracker(stage, every=4)
    stage.faces = [shown(150, 200)]
    tracker.update(BLANK)
    stage.faces = [shown(420, 200)]
    ghost = shown(160, 200)
    stage.fit = lambda image, square, **_: ghost
    xs = [face.centre[0] for face in (tracker.update(BLANK) for _ in range(5)) if face]
    assert xs == pytest.approx([160, 160, 160, 160, 420], abs=1)


@pytest.mark.parametrize(("presence", "kept"), [(0.95, True), (0.6, False)])
def test_a_head_that_only_the_mesh_sees(presence: float, kept: bool) -> None:
    stage = Stage()
    tracker = FaceTracker(stage, every=3)
    stage.faces = [shown(150, 200)]
    tracker.update(BLANK)
    stage.faces = []
    turned = replace(shown(152, 200), presence=presence)
    stage.fit = lambda image, square, **_: turned
    seen = [tracker.update(BLANK) is not None for _ in range(4)]
    assert seen == [True, True, True, kept]


def test_a_jump_in_size_is_not_followed() -> None:
    stage = Stage()
    tracker = FaceTracker(stage)
    stage.faces = [shown(150, 200)]
    tracker.update(BLANK)
    stage.fit = lambda image, square, **_: shown(150, 200, 40)
    face = tracker.update(BLANK)
    assert face is not None
    assert face.size == pytest.approx(150, abs=1)


def test_a_real_face_that_moves_and_turns(finder: FaceFinder, portrait: Image, face: Face) -> None:
    tracker = FaceTracker(finder)
    for i in range(12):
        turn = cv2.getRotationMatrix2D((256, 220), 4 * i, 1 + 0.02 * i)
        turn[:, 2] += (6 * i, 3 * i)
        image = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
        found = tracker.update(image)
        assert found is not None
        expected = face.points[:, :2] @ turn[:, :2].T + turn[:, 2]
        apart = np.linalg.norm(found.points[:, :2] - expected, axis=1).mean()
        assert apart / found.size < 0.03
    assert tracker.update(BLANK) is None
    assert tracker.several == 1


def test_faces_of_reads_as_it_goes(finder: FaceFinder, portrait: Image) -> None:
    small = cv2.resize(portrait, (256, 256), interpolation=cv2.INTER_AREA)
    read = []

    def frames() -> Iterator[Image]:
        for image in (portrait, BLANK, small):
            read.append(image.shape)
            yield image

    stream = faces_of(frames(), finder, track=False, min_size=120)
    first = next(stream)
    assert read == [(512, 512, 3)]
    assert first[1] is not None
    assert [face for _, face in stream] == [None, None]
    followed = list(faces_of([portrait, BLANK, small], finder))
    assert [face is not None for _, face in followed] == [True, False, True]


def test_an_image_of_another_kind(finder: FaceFinder) -> None:
    with pytest.raises(InputError, match="expected uint8"):
        FaceTracker(finder).update(np.zeros((64, 64), np.uint8))


def test_smoothing_calms_and_follows() -> None:
    rng = np.random.default_rng(0)
    still = np.zeros((468, 3), np.float32)
    smooth, steady = OneEuro(), []
    for i in range(50):
        noisy = still + rng.normal(0, 0.3, still.shape).astype(np.float32)
        steady.append(smooth(noisy, i / 25, 150.0))
    assert np.std(steady[10:]) < 0.6 * 0.3
    smooth = OneEuro()
    for i in range(50):  # 1.5 face sizes a second
        now = still + np.float32(9 * i)
        got = smooth(now, i / 25, 150.0)
    assert np.abs(got - now).max() < 3
    again = smooth(still, 49 / 25 + 1.0, 150.0)
    assert np.array_equal(again, still)  # after a pause nothing is dragged along


def test_a_smooth_tracker_starts_anew_after_a_loss() -> None:
    stage = Stage()
    tracker = FaceTracker(stage, smooth=True)
    for x in (150, 151, None, 400):
        stage.faces = [] if x is None else [shown(x, 200)]
        face = tracker.update(BLANK, time=0.04 * (x or 152) / 10)
    assert face is not None
    assert np.array_equal(face.points, shown(400, 200).points)


@pytest.mark.parametrize("smooth", [True, False])
def test_eyes_on_demand(finder: FaceFinder, portrait: Image, smooth: bool) -> None:
    tracker = FaceTracker(finder, eyes=True, smooth=smooth)
    first, second = tracker.update(portrait), tracker.update(portrait)
    assert first is not None
    assert second is not None
    assert first.irises is not None
    assert second.irises is not None
    assert second.irises.shape == (2, 5, 2)
    assert second.irises == pytest.approx(first.irises, abs=1.5)
    assert eye_openness(second.points) == pytest.approx(eye_openness(first.points), abs=0.05)


def test_blinks_show(finder: FaceFinder, media: Path) -> None:
    """The man closes his eyes about 14 s into the clip."""
    tracker = FaceTracker(finder, eyes=True)
    frames = Video(media / "expressions_20s.mp4").frames(14.0, 14.5)
    faces = [tracker.update(f.image, f.time) for f in frames]
    openness = [eye_openness(f.points) for f in faces if f is not None]
    assert min(openness) < 0.1
    assert max(openness) > 0.2
