"""An avatar speaks as text comes in, can be cut off, and waits alive."""

from __future__ import annotations

import contextvars
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.avatar import RATE, Avatar, AvatarFrame
from emoanim.avatar.frames import cut_off
from emoanim.clips import Audio, Image, Speech
from emoanim.errors import BackendError, EmotionError, FaceError, InputError, SettingsError
from emoanim.evaluation.lip_lag import envelope, lip_lag
from emoanim.faces import mouth_openness, shared_finder

BOUND = 30.0
"""Seconds after which something hangs."""


def sound(frames: list[AvatarFrame]) -> Any:
    return np.concatenate([f.samples for f in frames])


def taken(frames: Iterator[AvatarFrame], count: int) -> list[AvatarFrame]:
    return list(islice(frames, count))


def test_sound_and_pictures_are_in_step(tiny: Avatar) -> None:
    frames = list(tiny.say("one two three. four", "happy"))
    spoken = [s.audio.samples for s in tiny.speech("one two three. four", "happy")]
    assert [len(f.samples) for f in frames] == [RATE // 25] * len(frames)
    assert [f.time for f in frames] == pytest.approx([i / 25 for i in range(len(frames))])
    assert all(f.speaking and f.image.shape == (64, 64, 3) for f in frames)
    assert not spoken[1][: RATE // 5].any()  # a pause between sentences
    assert spoken[0][: RATE // 5].any()
    first = -(-len(spoken[0]) // (RATE // 25)) * (RATE // 25)  # a sentence ends with its frame
    assert np.array_equal(sound(frames)[: len(spoken[0])], spoken[0])
    assert np.array_equal(sound(frames)[first : first + len(spoken[1])], spoken[1])
    assert len(sound(frames)) - first - len(spoken[1]) < RATE // 25


def test_each_sentence_has_its_emotion(tiny: Avatar) -> None:
    frames = list(tiny.say("One. [happy] Two."))
    calm, happy = (still.image for still in tiny.stills)
    assert np.array_equal(frames[0].image, calm)
    assert np.array_equal(frames[-1].image, happy)
    assert not np.array_equal(calm, happy)
    assert np.array_equal(taken(tiny.idle(), 1)[0].image, happy)  # and the face stays
    assert np.array_equal(list(tiny.say("Three."))[-1].image, happy)  # and the emotion


def test_a_sentence_is_drawn_before_the_text_has_ended(tiny: Avatar) -> None:
    go_on = threading.Event()

    def stream() -> Iterator[str]:
        yield "one. "
        assert go_on.wait(BOUND)
        yield "two."

    frames = tiny.say(stream(), "happy")
    first = taken(frames, 7)  # 0.3 s: the whole first sentence
    assert np.abs(sound(first)).max() > 0.1
    go_on.set()
    assert len(list(frames)) > 5


def test_while_text_is_awaited_it_idles(tiny: Avatar) -> None:
    go_on = threading.Event()

    def stream() -> Iterator[str]:
        assert go_on.wait(BOUND)
        yield "one."

    frames = tiny.say(stream(), "happy", fill=True)
    waiting = taken(frames, 3)
    assert not any(f.speaking or f.samples.any() for f in waiting)
    go_on.set()
    rest = list(frames)
    assert any(f.speaking for f in rest)
    assert rest[-1].time == pytest.approx((len(rest) + 2) / 25)


def test_an_interrupt_ends_it_at_once(tiny: Avatar) -> None:
    frames = tiny.say("one two three four five six seven eight nine ten.", "happy")
    assert len(taken(frames, 5)) == 5
    tiny.interrupt()
    assert list(frames) == []


def test_an_interrupt_reaches_who_waits_for_text(tiny: Avatar) -> None:
    never, ended = threading.Event(), threading.Event()

    def stream() -> Iterator[str]:
        never.wait(BOUND)
        yield "late."

    def read() -> None:
        assert list(tiny.say(stream(), "happy")) == []
        ended.set()

    reader = threading.Thread(target=read)
    reader.start()
    while not ended.is_set():  # it may not have begun yet
        tiny.interrupt()
        time.sleep(0.01)
    reader.join(BOUND)
    assert not reader.is_alive()
    assert not never.is_set()
    never.set()


def test_who_speaks_next_ends_what_goes_on(tiny: Avatar) -> None:
    idle = tiny.idle()
    assert len(taken(idle, 2)) == 2
    said = tiny.say("one.", "happy")
    assert list(idle) == []
    assert list(said)
    assert list(tiny.say("two.", "happy"))


def test_a_closed_iterator_stops_the_voice(tiny_parts: dict[str, Any]) -> None:
    heard: list[str] = []
    plain = tiny_parts["voice"]

    class Listens:
        def speak(self, text: str, prompt: Any, reference: Audio) -> Speech:
            heard.append(text)
            return plain.speak(text, prompt, reference)

    parts = {role: tiny_parts[role] for role in ("face_emoter", "animator")}
    avatar = Avatar.prepare(
        np.zeros((64, 64, 3), np.uint8), emotions=["sad"], voice=Listens(), **parts
    )
    frames = avatar.say("Say this. " * 50, "sad")
    assert len(taken(frames, 2)) == 2
    frames.close()
    time.sleep(0.05)
    count = len(heard)
    time.sleep(0.1)
    assert count == len(heard) < 6  # two wait, one is drawn, one was being spoken


def test_what_is_cut_off_fades_under_what_follows(tiny: Avatar) -> None:
    frames = tiny.say("one two three four.", "happy")
    before = taken(frames, 8)
    tiny.interrupt()
    assert list(frames) == []
    after = taken(tiny.idle(), 2)
    whole = sound([*before, *after])
    at = 8 * RATE // 25
    assert after[0].samples[: RATE // 200].any()
    assert not after[0].samples[RATE // 100 :].any()
    assert not after[1].samples.any()
    jump = np.abs(np.diff(whole[at - 2 : at + 2])).max()
    assert jump <= np.abs(np.diff(whole[: at - 2])).max() * 1.5
    assert len(cut_off(np.ones(10, np.float32), 10)) == 0


def test_a_program_ends_well_while_the_voice_is_at_work(avatar_file: Path) -> None:
    lines = (
        "from itertools import islice; from emoanim.avatar import Avatar",
        f"frames = Avatar.load({str(avatar_file)!r}).say('Good day to you. ' * 40, 'happy')",
        "print(len(list(islice(frames, 3))))",
    )
    done = subprocess.run(
        [sys.executable, "-c", "; ".join(lines)], capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "3\n", "")


def test_a_program_ends_well_while_a_motion_is_planned(avatar_file: Path) -> None:
    """Its thread must not be ended in the middle of native code."""
    code = f"""
import threading
import time
from emoanim.avatar import Avatar
avatar = Avatar.load({str(avatar_file)!r})
plan, second = avatar._face.plan, threading.Event()
def slow(still, speech, prompt):
    if "Then" in speech.text:
        second.set()
        time.sleep(0.5)
        print("planned", flush=True)
    return plan(still, speech, prompt)
avatar._face.plan = slow
frames = avatar.say("Good day. Then we go.", "happy")
next(frames)
second.wait(60)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "planned\n", "")


def test_sound_alone_is_read_from_any_context(tiny: Avatar) -> None:
    spoken = tiny.speech("one. two. three.", "happy")
    read = [contextvars.copy_context().run(next, spoken, None) for _ in range(4)]
    assert [s.text for s in read if s is not None] == ["one.", "two.", "three."]


def test_a_fault_of_the_voice_is_told(tiny: Avatar, monkeypatch: pytest.MonkeyPatch) -> None:
    class Fails:
        def speak(self, *_: object) -> Speech:
            raise BackendError("no voice today")

    monkeypatch.setattr(tiny._speaker, "voice", Fails())
    with pytest.raises(BackendError, match="no voice today"):
        list(tiny.say("Hello.", "happy"))


@pytest.mark.parametrize(
    ("text", "emotion", "kind", "message"),
    [
        (" ... ", "happy", InputError, "holds no words"),
        ("Hi.", "angry", EmotionError, "prepared for: neutral, happy"),
        ("Hi.", "purple", EmotionError, "names no emotion"),
    ],
)
def test_what_cannot_be_said(
    tiny: Avatar, text: str, emotion: str, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        tiny.say(text, emotion)


def test_what_turns_out_late_is_told_late(tiny: Avatar) -> None:
    with pytest.raises(InputError, match="holds no words"):
        list(tiny.say(iter(["...", "--"]), "happy"))
    with pytest.raises(EmotionError, match="prepared for"):
        list(tiny.say("Well. [angry] No!", "happy"))


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"animator": "film"}, SettingsError, "moves the frames of a film"),
        ({"voice": "own"}, SettingsError, "says a recording again"),
        ({"transcriber": "whisper"}, SettingsError, "an avatar has: voice"),
        ({"emotions": []}, InputError, "0 emotions given"),
        ({"emotions": "happy"}, InputError, "expected several"),
        ({"size": 8}, InputError, "expected 128 to 1024"),
    ],
)
def test_what_cannot_be_prepared(
    given: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        Avatar.prepare(np.zeros((64, 64, 3), np.uint8), **given)


def test_a_picture_without_a_face_is_refused() -> None:
    with pytest.raises(FaceError):
        Avatar.prepare(np.zeros((600, 600, 3), np.uint8))


def test_the_rig_goes_on_where_it_was(avatar_file: Path) -> None:
    avatar = Avatar.load(avatar_file)
    assert avatar.size == (256, 256)
    calm = taken(avatar.idle(), 3)
    speaking = avatar.say("I am so glad that you are here.", "happy")
    talk = taken(speaking, 30)
    avatar.interrupt()
    after = taken(avatar.idle(), 15)
    frames = [*calm, *talk, *after]
    images = np.stack([f.image for f in frames]).astype(np.float32)
    steps = np.abs(np.diff(images, axis=0)).mean((1, 2, 3))
    usual = float(np.max(steps[5:30]))
    assert 0 < steps[2] <= usual  # from waiting to speaking
    assert 0 < steps[32] <= usual  # from the middle of a word to waiting
    mouths = [_mouth(f.image) for f in (frames[0], after[-1])]
    assert mouths[0] < 0.1
    assert np.abs(images[0] - images[20]).mean() > 1.0  # the emotion is on the face


def test_lips_and_sound_go_together(avatar_file: Path) -> None:
    avatar = Avatar.load(avatar_file)
    frames = list(avatar.say("Nobody has been there. We all moved on before Monday.", "neutral"))
    mouths = np.array([_mouth(f.image) for f in frames])
    audio = Audio(sound(frames), RATE)
    lag = lip_lag(np.array([f.time for f in frames]), mouths, envelope(audio))
    assert lag.correlation > 0.4
    # Three seconds are too few for a lag to be said: no shift may be much better than none.
    assert lag.at_zero > 0.85 * lag.correlation


def _mouth(image: Image) -> float:
    finder = shared_finder()
    face = finder.largest_face(image)
    return mouth_openness(finder.with_lips(image, face).points)


def test_a_film_gives_its_best_still_and_its_voice(
    portrait: Image, tiny_parts: dict[str, Any]
) -> None:
    from emoanim.memory_clip import MemoryClip

    hum = Audio(0.1 * np.sin(np.arange(16000) / 20).astype(np.float32), 16000)
    clip = MemoryClip([portrait] * 25, 25.0, hum)
    parts = {role: tiny_parts[role] for role in ("voice", "animator")}
    avatar = Avatar.prepare(clip, emotions=["sad"], size=256, **parts)
    assert avatar.stills[0].image.shape == (256, 256, 3)
    assert np.array_equal(avatar.prepared.reference.samples, hum.samples)
    face = shared_finder().largest_face(avatar.stills[0].original)
    assert 0.3 < face.height / 256 < 0.6  # head and shoulders
