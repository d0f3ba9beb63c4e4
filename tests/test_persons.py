"""How one person of several is named, and the clip of them alone."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from emoanim.errors import SettingsError
from emoanim.memory_clip import MemoryClip
from emoanim.persons import Part, Person, PersonChoice, PersonClip, alone_in, whole_picture
from emoanim.settings import Settings

CHOICES = [
    ("left", PersonChoice("left", rank=1)),
    ("Right", PersonChoice("Right", rank=-1)),
    ("largest", PersonChoice("largest")),
    ("2nd from left", PersonChoice("2nd from left", rank=2)),
    ("3 from the right", PersonChoice("3 from the right", rank=-3)),
    ("the second from the left", PersonChoice("the second from the left", rank=2)),
    ("0.3,0.5", PersonChoice("0.3,0.5", place=(0.3, 0.5))),
    ((0.25, 1), PersonChoice("0.25,1", place=(0.25, 1.0))),
    ("her.jpg", PersonChoice("her.jpg", picture=Path("her.jpg"))),
    (Path("a/b.png"), PersonChoice(str(Path("a/b.png")), picture=Path("a/b.png"))),
]


@pytest.mark.parametrize(("given", "choice"), CHOICES)
def test_choices(given: str | Path | tuple[float, float], choice: PersonChoice) -> None:
    assert PersonChoice.parse(given) == choice


@pytest.mark.parametrize(
    "given", ["", "lefft", "0.3", "1.5,0.2", "-0.1,0.2", "0 from left", "2nd", "a.mp4", "last"]
)
def test_what_names_nobody(given: str) -> None:
    with pytest.raises(SettingsError, match="expected left, right, largest"):
        PersonChoice.parse(given)


def test_settings_hold_a_choice_as_text() -> None:
    assert Settings.of({"person": [0.3, 0.5]}).person == "0.3,0.5"
    assert Settings.of({"person": Path("her.jpg")}).person == "her.jpg"
    assert Settings().chosen_person is None
    of_the_film = Settings().changed(animator={"options": {"person": [0.3, 0.5]}})
    assert of_the_film.chosen_person == PersonChoice.parse("0.3,0.5")
    with pytest.raises(SettingsError, match="'lefft' for 'person': expected left, right"):
        Settings.of({"person": "lefft"})


def clip_of(width: int = 100, height: int = 60, count: int = 4) -> MemoryClip:
    rows, columns = np.indices((height, width))
    ramp = np.stack([columns, rows, np.zeros_like(rows)], -1).astype(np.uint8)
    return MemoryClip([ramp + np.uint8(i) for i in range(count)], 2.0, None)


def test_a_clip_of_one_person_is_cut_to_the_window() -> None:
    person = Person((Part(-math.inf, math.inf, (0.7, 0.5), (0.5, 0.25, 0.99, 1.0)),))
    alone = PersonClip(clip_of(), person)
    assert (alone.size, alone.fps, alone.duration) == ((48, 44), 2.0, 2.0)
    frames = list(alone.frames(0.5, 1.5))
    assert [frame.time for frame in frames] == [0.5, 1.0]
    assert frames[0].image.shape == (44, 48, 3)
    assert tuple(frames[0].image[0, 0]) == (51, 16, 1)
    (shown,) = alone.frames_at([1.6])
    assert tuple(shown.image[0, 0]) == (53, 18, 3)


def test_shots_without_the_person_are_grey() -> None:
    parts = (
        Part(-math.inf, 1.0, (0.2, 0.5), (0.0, 0.0, 0.4, 1.0)),
        Part(1.5, math.inf, (0.8, 0.5), (0.4, 0.0, 1.0, 0.5)),
    )
    alone = PersonClip(clip_of(), Person(parts))
    assert alone.size == (60, 60)
    images = [frame.image for frame in alone.frames()]
    assert tuple(images[0][0, 10]) == (0, 0, 0)  # 40 wide in the middle of 60
    assert (images[0][:, :10] == 128).all()
    assert (images[2] == 128).all()
    assert tuple(images[3][15, 0]) == (43, 3, 3)
    assert (images[3][:15] == 128).all()


def test_what_was_made_of_a_clip_is_cut_alike() -> None:
    person = Person((Part(-math.inf, math.inf, (0.2, 0.5), (0.0, 0.0, 0.5, 1.0)),))
    size = clip_of().size

    def again(clip: object) -> Person:
        return whole_picture((0.5, 0.5))

    assert alone_in(clip_of(), size, person, again).size == (50, 60)
    smaller = clip_of(width=50)
    assert alone_in(smaller, size, person, again) is smaller
    shot = Person((Part(0.0, 1.0, (0.2, 0.5), (0.0, 0.0, 0.5, 1.0)),))
    assert alone_in(clip_of(), size, shot, again).size == (100, 60)


def test_a_person_goes_through_json() -> None:
    person = Person((Part(-math.inf, 2.0, (0.2, 0.5)), Part(3.0, math.inf, (0.1, 0.1))))
    assert Person.from_list(json.loads(json.dumps(person.to_list()))) == person
