"""One person of several on the page: looked for, animated and measured alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.app.test_desk import dropped, last

from emoanim.app import AppBounds, Choice, Desk
from emoanim.app.workspaces import Workspaces
from emoanim.clips import EmotionScores, Image
from emoanim.errors import FaceError, InputError
from emoanim.media import Video, write_image
from emoanim.settings import Settings
from emoanim.testing.tiny import TinyClassifier

pytest.importorskip("ai_edge_litert")


class Recorder(TinyClassifier):
    """Notes the widths of the pictures that it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self.widths: list[int] = []

    def classify(self, frames: Sequence[Image] | Any) -> EmotionScores:
        self.widths += [frame.shape[1] for frame in frames]
        return super().classify(frames)


@pytest.fixture
def classifier() -> Recorder:
    return Recorder()


@pytest.fixture
def desk(tmp_path: Path, tiny_parts: dict[str, Any], classifier: Recorder) -> Desk:
    (tmp_path / "server").mkdir()
    spaces = Workspaces(30.0, tmp_path / "server")
    return Desk(Settings(), AppBounds(), spaces, objects={**tiny_parts, "classifier": classifier})


@pytest.mark.parametrize("who", ["right", " 2nd from left ", "0.75,0.4"])
def test_who_is_chosen_is_animated_and_measured(
    desk: Desk, classifier: Recorder, two_people: Path, tmp_path: Path, who: str
) -> None:
    desk.take("ann", dropped(two_people, tmp_path / "up"), "two.mp4")
    choice = Choice("happy", person=who)
    reading = last(desk.read("ann", choice))
    assert f"the person {who.strip()!r} is followed, one of 2" in reading.notes
    film = last(desk.speak("ann", choice, reading.text))
    record = json.loads(film.record.read_text())
    assert record["settings"]["person"] == who.strip()
    assert Video(film.path).size[0] < 420
    assert classifier.widths
    assert max(classifier.widths) < 420  # nobody else is in what is compared


def test_nobody_named_is_the_largest(desk: Desk, two_people: Path, tmp_path: Path) -> None:
    desk.take("ann", dropped(two_people, tmp_path / "up"), "two.mp4")
    reading = last(desk.read("ann", Choice("happy", person="  ")))
    assert any("several faces" in note for note in reading.notes)
    assert not any("is followed, one" in note for note in reading.notes)


def test_who_is_not_there(desk: Desk, two_people: Path, tmp_path: Path) -> None:
    desk.take("ann", dropped(two_people, tmp_path / "up"), "two.mp4")
    with pytest.raises(FaceError, match="2 people are seen"):
        list(desk.read("ann", Choice("happy", person="3rd from left")))


@pytest.mark.parametrize("who", ["uncle", "1.4,0.2", "0th from left", "/etc/her.png"])
def test_a_name_or_a_file_of_the_server_is_no_person(
    desk: Desk, two_people: Path, portrait: Image, tmp_path: Path, who: str
) -> None:
    desk.take("ann", dropped(two_people, tmp_path / "up"), "two.mp4")
    with pytest.raises(InputError, match=r"given; expected left, right, .* such as 0\.3,0\.5\.$"):
        list(desk.read("ann", Choice("happy", person=who)))
    # a picture shows whom it shows
    desk.take("ann", write_image(tmp_path / "me.png", portrait), "me.png")
    reading = last(desk.read("ann", Choice("happy", person=who, typed="Good day.")))
    assert reading.text == "Happy: Good day."
