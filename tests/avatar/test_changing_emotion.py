"""Blends, one emotion for each sentence, and a change in the middle of an utterance."""

from __future__ import annotations

import threading
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.avatar import RATE, Avatar, AvatarFrame
from emoanim.clips import Audio, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import EmotionError

BOUND = 30.0


def emotions_of(frames: list[AvatarFrame], avatar: Avatar) -> list[str]:
    """The emotion of each frame by the nearest still of the tiny face emoter."""
    stills = [still.image.mean() for still in avatar.stills]
    names = [prompt.text for prompt in avatar.emotions]
    return [names[int(np.argmin([abs(f.image.mean() - s) for s in stills]))] for f in frames]


def sound_of(frames: list[AvatarFrame]) -> Any:
    return np.concatenate([f.samples for f in frames])


def changes(names: list[str]) -> list[str]:
    return [name for i, name in enumerate(names) if not i or name != names[i - 1]]


def test_an_emotion_for_each_sentence(tiny: Avatar) -> None:
    frames = list(tiny.say("One. Two. Three.", "sentence: happy, neutral, very happy"))
    assert changes(emotions_of(frames, tiny)) == ["happy", "neutral", "happy"]
    again = list(tiny.say("Four."))  # the last goes on
    assert changes(emotions_of(again[-5:], tiny)) == ["happy"]


@pytest.mark.parametrize(
    ("text", "emotion", "message"),
    [
        ("One. Two.", "neutral@0 happy@1", "expected an emotion for each sentence"),
        ("One.", "sentence: neutral, happy", "2 emotions given for 1 sentence;"),
        ("One. Two.", "sentence: neutral, angry", "prepared for: neutral, happy"),
        ("One.", "happy and surprised", "the blend 'happy and surprise' given"),
    ],
)
def test_timelines_and_blends_that_cannot_be_said(
    tiny: Avatar, text: str, emotion: str, message: str
) -> None:
    with pytest.raises(EmotionError, match=message):
        tiny.say(text, emotion)
    with pytest.raises(EmotionError, match=message):
        list(tiny.speech(text, emotion))


def test_a_blend_is_an_emotion_of_its_own(tiny_parts: dict[str, Any], tmp_path: Path) -> None:
    parts = {role: tiny_parts[role] for role in ("voice", "face_emoter", "animator")}
    blends = ["happy", "happy and surprised", "very happy and slightly surprised"]
    avatar = Avatar.prepare(np.full((64, 64, 3), 90, np.uint8), emotions=blends, **parts)
    saved = avatar.save(tmp_path / "b.avatar")
    objects = {role: tiny_parts[role] for role in ("voice", "animator")}
    for one in (avatar, Avatar.load(saved, **objects)):
        assert [p.others for p in one.emotions] == [p.others for p in avatar.emotions]
        asked = ["happy", "surprised and happy", "70% happy and 20% surprised", "very happy"]
        numbers = [one._speaker.still(EmotionPrompt.parse(text)) for text in asked]
        assert numbers == [0, 1, 2, 0]


def test_the_emotion_changes_in_the_middle(tiny_parts: dict[str, Any]) -> None:
    """The face within the sentence, the voice at the next; what was spoken ahead is said anew."""
    plain = tiny_parts["voice"]
    heard: list[tuple[str, str]] = []
    ahead = threading.Event()

    class Listens:
        def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
            heard.append((text, prompt.text))
            if text == "Four.":
                ahead.set()
            speech: Speech = plain.speak(text, prompt, reference)
            return speech

    parts = {role: tiny_parts[role] for role in ("face_emoter", "animator")}
    picture = np.full((64, 64, 3), 90, np.uint8)
    avatar = Avatar.prepare(picture, emotions=["neutral", "happy"], voice=Listens(), **parts)
    said = "One two three four. Two. Three. Four."
    before = sound_of(list(avatar.say(said, "neutral")))
    heard.clear()
    ahead.clear()
    frames = avatar.say(said, "neutral")
    first = list(islice(frames, 10))
    assert ahead.wait(BOUND)  # all is spoken in the old emotion
    avatar.change("happy")
    rest = list(frames)
    names = emotions_of([*first, *rest], avatar)
    assert names[:10] == ["neutral"] * 10
    assert names[16:] == ["happy"] * (len(names) - 16)  # after a dissolve of five frames
    sentence = round(1.2 * RATE)  # whose sound goes on as it was
    assert np.array_equal(sound_of([*first, *rest])[:sentence], before[:sentence])
    assert [how for text, how in heard if text == "Two."] == ["neutral", "happy"]
    assert heard[-1] == ("Four.", "happy")
    assert list(avatar.say("Five."))
    assert heard[-1] == ("Five.", "happy")
    idle = avatar.idle()
    list(islice(idle, 2))
    avatar.change("neutral")
    assert emotions_of(list(islice(idle, 12)), avatar)[-1] == "neutral"
