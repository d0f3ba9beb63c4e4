"""Blends and timelines on the page: each passage has its line of words, and its EDD."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.app.test_desk import HUM, dropped, last

from emoanim.app import AppBounds, Choice, Desk, markup
from emoanim.app.page import _Actions
from emoanim.app.workspaces import Workspaces
from emoanim.clips import Image, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import EmotionError, InputError
from emoanim.language.passages import passages_of, timeline_of
from emoanim.media import read_audio, write_image, write_wav
from emoanim.settings import Settings
from emoanim.testing.tiny import TinyClassifier


@pytest.fixture
def desk(tmp_path: Path, tiny_parts: dict[str, Any]) -> Desk:
    (tmp_path / "server").mkdir()
    spaces = Workspaces(30.0, tmp_path / "server")
    objects = {**tiny_parts, "classifier": TinyClassifier()}
    return Desk(Settings(), AppBounds(), spaces, objects=objects)


def test_a_clip_by_the_clock(desk: Desk, moving_portrait: Path, tmp_path: Path) -> None:
    desk.take("ann", dropped(moving_portrait, tmp_path / "up"), "talk.mp4")
    choice = Choice(described="happy@0 very sad@1")
    reading = last(desk.read("ann", choice))
    assert [p.text for p in reading.passages] == ["happy", "very sad"]
    assert reading.text.splitlines() == ["Happy: We meet", "Sad: on Monday."]
    with pytest.raises(InputError, match=r"1 line given for 2 emotions; .*: happy, very sad"):
        list(desk.speak("ann", choice, "All of it in one line."))
    with pytest.raises(InputError, match="the words were written for 'happy@0 very sad@1'"):
        list(desk.speak("ann", Choice("happy"), reading.text))
    film = last(desk.speak("ann", choice, "We meet at last,\n\nand only on Monday."))
    assert film.text == "We meet at last, and only on Monday."
    record = json.loads(film.record.read_text())
    assert [p["emotion"] for p in record["passages"]] == ["happy", "sad"]
    assert record["timeline"]
    said = film.comparison.sentences
    assert said[1].startswith("From 0.0 s on, happy: EDD is")
    assert said[2].startswith(f"From {record['passages'][1]['start']:.1f} s on, very sad: EDD is")


def test_a_text_by_its_sentences(desk: Desk, portrait: Image, tmp_path: Path) -> None:
    desk.take("ann", write_image(tmp_path / "me.png", portrait), "me.png")
    choice = Choice(described="sentence: neutral, happy and sad", typed="We wait. You came!")
    reading = last(desk.read("ann", choice))
    assert reading.text == "Neutral: We wait.\nHappy: You came!"
    film = last(desk.speak("ann", choice, "we wait. And wait\nYou came! At last"))
    assert film.text == "We wait. And wait. You came! At last."
    assert not any("ApprovedText" in note for note in film.notes)
    passages = json.loads(film.record.read_text())["passages"]
    assert [p["emotion"] for p in passages] == ["neutral", "happy"]
    assert any(
        s.startswith("From 0.0 s on, neutral: On average") for s in film.comparison.sentences
    )
    with pytest.raises(EmotionError, match="in seconds given for a text"):
        list(desk.read("ann", Choice(described="happy@0 sad@1", typed="We wait.")))
    with pytest.raises(EmotionError, match="2 emotions given for 1 sentence"):
        list(desk.read("ann", Choice(described="sentence: happy, sad", typed="We wait.")))


def test_a_recording_as_it_is_keeps_its_words(desk: Desk, portrait: Image, tmp_path: Path) -> None:
    desk.take("ann", write_image(tmp_path / "me.png", portrait), "me.png")
    desk.take_recording("ann", write_wav(tmp_path / "hum.wav", HUM))
    choice = Choice(described="happy@0 sad@1", as_recorded=True)
    reading = last(desk.read("ann", choice))
    assert (reading.text, reading.passages) == ("We meet on Monday.", ())
    film = last(desk.speak("ann", choice, "other words"))
    assert film.text == "We meet on Monday."  # of the sound that is heard
    assert read_audio(film.speech).duration == pytest.approx(HUM.duration)
    assert [p["emotion"] for p in json.loads(film.record.read_text())["passages"]] == [
        "happy",
        "sad",
    ]


@pytest.mark.parametrize(
    ("texts", "count"),
    [
        (["one", "two. three?"], [1, 2]),
        (["It was Mr. Fox.", "no!", "yes. and no"], [1, 1, 2]),
    ],
)
def test_the_timeline_of_texts_gives_each_its_own(texts: list[str], count: list[int]) -> None:
    prompts = [EmotionPrompt.parse(w) for w in ("happy", "sad", "angry")][: len(texts)]
    text, timeline = timeline_of(texts, prompts)
    passages, _ = passages_of(Transcript(text), timeline, 1.0)
    assert [p.prompt for p in passages] == prompts
    assert " ".join(p.transcript.text for p in passages) == text


def test_while_one_types_it_is_said_how_it_is_understood(desk: Desk) -> None:
    actions = _Actions(None, desk, None)
    assert actions.describe("  ") == ""
    assert "happy 60% and surprise 60%" in actions.describe("happy and surprised")
    said = actions.describe("neutral@0 happy@2.5")
    assert "from 0 s: neutral" in said
    assert "from 2.5 s: happy" in said
    assert "sentence 2: sad 30%, and on to the end" in actions.describe(
        "sentence: happy, slightly sad"
    )
    wrong = actions.describe("happy@1")
    assert "emo-wrong" in wrong
    assert "data-alert" not in wrong  # no alarm at every key
    assert "<b>" not in markup.misunderstood("<b>")
