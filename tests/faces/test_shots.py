"""Cuts are named and turned pictures refused; movement and lean are neither."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from emoanim.clips import Animation, Audio, Frame, Image
from emoanim.errors import FaceError
from emoanim.face import pick_frames
from emoanim.faces import Face
from emoanim.faces.shots import cuts_between
from emoanim.media import Video, write_video


def _clip(path: Path, images: Sequence[Image]) -> Video:
    height, width = images[0].shape[:2]
    animation = Animation(25.0, (width, height), len(images), iter(images))
    return Video(write_video(path, animation, Audio(np.zeros(16000, np.float32), 16000)))


def _drifting(image: Image, count: int = 50) -> list[Image]:
    return [np.roll(image, 2 * i, axis=1)[::2, ::2] for i in range(count)]


def test_a_cut_is_named_with_its_time(tmp_path: Path, portrait: Image) -> None:
    other = np.ascontiguousarray(255 - portrait[:, ::-1] // 3)
    frames = _drifting(portrait) + _drifting(other)
    _, notes = pick_frames(_clip(tmp_path / "cut.mp4", frames), 5, 0)
    assert any("cuts to another shot at 2.0 s" in note for note in notes)


def test_one_shot_has_no_note(tmp_path: Path, portrait: Image) -> None:
    _, notes = pick_frames(_clip(tmp_path / "one.mp4", _drifting(portrait)), 5, 0)
    assert not any("cuts" in note for note in notes)


def _scene(pan: bool) -> list[Frame]:
    rng = np.random.default_rng(0)
    wide = np.repeat(np.repeat(rng.integers(0, 255, (12, 60, 3), np.uint8), 8, 0), 24, 1)
    steps = range(0, 520, 4) if pan else [0] * 65 + [700] * 65
    return [Frame(i / 25, wide[:, s : s + 128]) for i, s in enumerate(steps)]


@pytest.mark.parametrize("pan", [True, False])
def test_a_camera_that_moves_is_no_cut(pan: bool) -> None:
    frames = _scene(pan)

    def at(times: Sequence[float]) -> Iterator[Frame]:
        yield from (frames[min(round(t * 25), len(frames) - 1)] for t in times)

    cuts = cuts_between(frames[::20], at)
    assert cuts == ([] if pan else pytest.approx([2.6], abs=0.1))


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_picture_is_refused(tmp_path: Path, portrait: Image, turns: int) -> None:
    frames = [np.ascontiguousarray(np.rot90(f, turns)) for f in _drifting(portrait)]
    with pytest.raises(FaceError, match=f"stands {90 * turns} degrees from upright"):
        pick_frames(_clip(tmp_path / "turned.mp4", frames), 5, 0)


@pytest.mark.parametrize("degrees", [-30, 30])
def test_a_head_that_leans_is_taken(tmp_path: Path, portrait: Image, degrees: int) -> None:
    cv2 = pytest.importorskip("cv2")
    matrix = cv2.getRotationMatrix2D((256, 256), degrees, 1)
    leaning = cv2.warpAffine(portrait, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    picked, _ = pick_frames(_clip(tmp_path / "leaning.mp4", _drifting(leaning)), 3, 0)
    assert len(picked) == 3


class _Large:
    """A clip of 400 large frames, none of which is held."""

    fps = 25.0
    duration = 16.0
    size = (1024, 768)

    def frames(self) -> Iterator[Frame]:
        for index in range(400):
            yield Frame(index / 25, np.full((768, 1024, 3), index % 200, np.uint8))


class _Rare:
    """Sees a face in one picture of many."""

    def find(self, image: Image) -> list[Face]:
        if image[0, 0, 0] % 37:
            return []
        return [Face((100.0, 100.0, 300.0, 300.0), 0.9, np.zeros((468, 3), np.float32), 0.9)]

    def with_lips(self, image: Image, face: Face) -> Face:
        return face


def test_the_pictures_that_are_looked_at_do_not_fill_memory() -> None:
    """Sixty pictures of 4K were held at once, 1.7 GB of them."""
    tracemalloc.start()
    try:
        picked, notes = pick_frames(_Large(), 5, 0, finder=_Rare())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0 < len(picked) <= 5
    assert [frame.image[0, 0, 0] % 37 for frame in picked] == [0] * len(picked)
    assert "of 60 frames looked at" in " ".join(notes)
    assert peak < 14 * 768 * 1024 * 3
