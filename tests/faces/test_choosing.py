"""Who is meant in a clip of several people; the clips are made of the portrait."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.errors import FaceError, MissingExtraError
from emoanim.faces import FaceFinder, FaceTracker, find_person
from emoanim.faces.recogniser import FaceRecogniser
from emoanim.media import Video, write_image
from emoanim.memory_clip import MemoryClip
from emoanim.persons import PersonChoice, PersonClip

Image = NDArray[np.uint8]

pytest.importorskip("ai_edge_litert")


@pytest.fixture(scope="module")
def people(portrait: Image) -> Callable[..., Image]:
    """Give a picture of portraits side by side, each of its size and so far down."""
    head = np.ascontiguousarray(portrait[:300, 90:390])

    def shown(*sizes: int, drop: int = 0) -> Image:
        picture = np.full((300, 300 * len(sizes), 3), 90, np.uint8)
        for number, size in enumerate(sizes):
            step = np.linspace(0, 299, size).round().astype(int)
            small = head[step][:, step]
            left, top = 300 * number + (300 - size) // 2, min(drop, 300 - size)
            picture[top : top + size, left : left + size] = small
        return picture

    return shown


@pytest.fixture(scope="module")
def finder() -> FaceFinder:
    return FaceFinder()


def place_of(clip: MemoryClip, who: str, finder: FaceFinder) -> tuple[float, float]:
    return find_person(clip, PersonChoice.parse(who), finder).person.parts[0].place


def test_by_order_place_and_size(people: Callable[..., Image], finder: FaceFinder) -> None:
    clip = MemoryClip([people(220, 290, 200)] * 3, 25.0, None)
    for who, third in [
        ("left", 0), ("2nd from left", 1), ("3rd from left", 2), ("right", 2),
        ("third from right", 0), ("largest", 1), ("0.85,0.3", 2), ("0.2,0.4", 0),
    ]:  # fmt: skip
        x, _ = place_of(clip, who, finder)
        assert int(3 * x) == third, who


def test_nobody_else_is_in_the_window(people: Callable[..., Image], finder: FaceFinder) -> None:
    clip = MemoryClip([people(220, 290, 200)] * 3, 25.0, None)
    for who, third in (("left", 0), ("2nd from left", 1), ("right", 2)):
        chosen = find_person(clip, PersonChoice.parse(who), finder)
        assert chosen.several == 3
        left, top, right, bottom = chosen.person.parts[0].window
        image = next(PersonClip(clip, chosen.person).frames()).image
        assert len(finder.find(image)) == 1, who
        assert third / 3 - 0.2 < left < right < third / 3 + 0.54
        assert 0.0 <= top < bottom <= 1.0


def test_one_person_alone_keeps_the_whole_picture(
    people: Callable[..., Image], finder: FaceFinder
) -> None:
    chosen = find_person(MemoryClip([people(290)], 1.0, None), PersonChoice.parse("left"), finder)
    (part,) = chosen.person.parts
    assert part.window == (0.0, 0.0, 1.0, 1.0)
    assert (part.start, part.end) == (-math.inf, math.inf)


WRONG = [
    ("3rd from left", r"'3rd from left' was asked for; 2 people are seen, at 0\.2.*Choose one"),
    ("0.5,0.99", r"nobody is at 0\.5,0\.99; 2 people are seen"),
]


@pytest.mark.parametrize(("who", "words"), WRONG)
def test_who_is_not_there(
    who: str, words: str, people: Callable[..., Image], finder: FaceFinder
) -> None:
    clip = MemoryClip([people(220, 290)] * 2, 25.0, None)
    with pytest.raises(FaceError, match=words):
        find_person(clip, PersonChoice.parse(who), finder)
    empty = MemoryClip([np.full((300, 300, 3), 90, np.uint8)], 1.0, None)
    with pytest.raises(FaceError, match="no face was found in any of 12 frames"):
        find_person(empty, PersonChoice.parse("left"), finder)


def test_people_who_come_to_one_place_are_refused(
    people: Callable[..., Image], finder: FaceFinder
) -> None:
    """One walks through the picture, the other comes to where the first one was."""
    wide = people(220, 220)
    frames = [np.roll(wide, 6 * i, axis=1) for i in range(60)]
    with pytest.raises(FaceError, match="come to the same place within one shot"):
        find_person(MemoryClip(frames, 25.0, None), PersonChoice.parse("0.25,0.3"), finder)


def test_without_a_recogniser_only_the_shot_of_the_choice_is_theirs(
    people: Callable[..., Image], finder: FaceFinder, tmp_path: Path
) -> None:
    def none() -> FaceRecogniser:
        raise MissingExtraError("dlib is not installed")

    other = 255 - people(290)[:, ::-1]
    clip = MemoryClip([people(290)] * 12 + [np.ascontiguousarray(other)] * 12, 12.0, None)
    chosen = find_person(clip, PersonChoice.parse("left"), finder, none)
    assert [part[:2] for part in chosen.person.parts] == [(-math.inf, pytest.approx(1.0))]
    assert "only the shot around" in chosen.notes[0]
    assert "dlib is not installed" in chosen.notes[0]
    write_image(tmp_path / "person.png", people(290))
    with pytest.raises(MissingExtraError):
        find_person(clip, PersonChoice.parse(tmp_path / "person.png"), finder, none)


def test_the_tracker_stays_with_the_person(
    people: Callable[..., Image], finder: FaceFinder
) -> None:
    """The chosen one vanishes for a while: nobody else is taken for them."""
    both, alone = people(220, 290), people(220, 290)
    alone[:, :300] = 90
    frames = [both] * 12 + [alone] * 56 + [both] * 6
    clip = MemoryClip(frames, 25.0, None)
    person = find_person(clip, PersonChoice.parse("left"), finder).person
    tracker = FaceTracker(finder, person=person)
    faces = [tracker.update(frame.image, frame.time) for frame in clip.frames()]
    assert all(face is None for face in faces[12:68])
    assert all(face is not None and face.centre[0] < 300 for face in (*faces[:12], faces[-1]))


def test_a_picture_says_who_is_meant(media, tmp_path, finder: FaceFinder) -> None:
    """Real people: a man for two seconds, then a woman; each is found by a still of theirs."""
    pytest.importorskip("dlib")

    def small(image: Image) -> Image:
        rows = np.linspace(0, image.shape[0] - 1, 480).round().astype(int)
        side = image.shape[1] * 480 // image.shape[0]
        columns = np.linspace(0, image.shape[1] - 1, side).round().astype(int)
        return np.ascontiguousarray(image[rows][:, columns][:, (side - 260) // 2 :][:, :260])

    frames: list[Image] = []
    names = ("talking_man_hands_6s", "talking_woman_6s")
    for name in names:
        video = Video(media / f"{name}.mp4")
        frames += [small(f.image) for f in video.frames_at([0.25 * i for i in range(8)])]
        write_image(tmp_path / f"{name}.png", next(video.frames_at([5.0])).image)
    clip = MemoryClip(frames, 4.0, None)
    for name, span in zip(names, ((-math.inf, 2.0), (2.0, math.inf)), strict=True):
        choice = PersonChoice.parse(tmp_path / f"{name}.png")
        chosen = find_person(clip, choice, finder)
        assert [part[:2] for part in chosen.person.parts] == [pytest.approx(span)]
        nobody = PersonChoice.parse(media / "portraits" / "man_moustache_1920s.jpg")
        with pytest.raises(FaceError, match=r"nobody in the video looks like .* 0\.\d\d away"):
            find_person(clip, nobody, finder)
