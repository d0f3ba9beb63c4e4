"""Whoever is cut off is cut off at once: by no frame, voice or load is it held up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from emoanim import registry
from emoanim.avatar import Avatar, AvatarFrame
from emoanim.clips import Animation, Audio, Image, Speech

BOUND = 30.0
"""Seconds after which something hangs."""


class Stuck:
    """Draws two frames and is then stuck in the third until somebody lets it go."""

    def __init__(self, plain: Any) -> None:
        self._plain = plain
        self.reached, self.go_on = threading.Event(), threading.Event()

    def animate(self, *given: Any) -> Animation:
        moving = self._plain.animate(*given)
        return replace(moving, frames=self._frames(moving.frames))

    def _frames(self, frames: Iterator[Image]) -> Iterator[Image]:
        for index, image in enumerate(frames):
            if index == 2:
                self.reached.set()
                assert self.go_on.wait(BOUND)
            yield image


def test_an_interrupt_waits_for_no_frame(tiny_parts: dict[str, Any]) -> None:
    stuck = Stuck(tiny_parts["animator"])
    parts = {role: tiny_parts[role] for role in ("face_emoter", "voice")}
    avatar = Avatar.prepare(
        np.zeros((64, 64, 3), np.uint8), emotions=["sad"], animator=stuck, **parts
    )
    shown: list[AvatarFrame] = []
    reader = threading.Thread(target=lambda: shown.extend(avatar.say("One two three.", "sad")))
    reader.start()
    assert stuck.reached.wait(BOUND)
    avatar.interrupt()
    reader.join(BOUND)
    assert not reader.is_alive()
    assert not stuck.go_on.is_set()
    assert len(shown) == 2
    stuck.go_on.set()
    assert len(list(avatar.say("One.", "sad"))) == 8  # and it speaks on


def test_an_interrupt_waits_for_no_voice(tiny_parts: dict[str, Any]) -> None:
    plain = tiny_parts["voice"]
    asked, go_on = threading.Event(), threading.Event()

    class Slow:
        def speak(self, text: str, prompt: Any, reference: Audio) -> Speech:
            if text == "Slow.":
                asked.set()
                assert go_on.wait(BOUND)
            return plain.speak(text, prompt, reference)

    parts = {role: tiny_parts[role] for role in ("face_emoter", "animator")}
    avatar = Avatar.prepare(
        np.zeros((64, 64, 3), np.uint8), emotions=["sad"], voice=Slow(), **parts
    )
    shown: list[AvatarFrame] = []
    reader = threading.Thread(target=lambda: shown.extend(avatar.say("One. Slow.", "sad")))
    reader.start()
    assert asked.wait(BOUND)
    avatar.interrupt()
    reader.join(BOUND)
    assert not reader.is_alive()
    assert not go_on.is_set()
    go_on.set()


def test_a_services_late_reply_holds_up_nothing(tiny_parts: dict[str, Any]) -> None:
    """A voice by its name may be asked for the next sentence while the last reply is awaited."""
    asked, go_on = threading.Event(), threading.Event()

    class Service:
        def speak(self, text: str, prompt: Any, reference: Audio) -> Speech:
            if text == "Slow.":
                asked.set()
                assert go_on.wait(BOUND)
            speech: Speech = tiny_parts["voice"].speak(text, prompt, reference)
            return speech

    registry.register("voice", "late-service", Service)
    try:
        parts = {role: tiny_parts[role] for role in ("face_emoter", "animator")}
        picture = np.zeros((64, 64, 3), np.uint8)
        avatar = Avatar.prepare(picture, emotions=["sad"], voice="late-service", **parts)
    finally:
        registry.unregister("voice", "late-service")
    slow = threading.Thread(target=lambda: list(avatar.say("Slow.", "sad")))
    slow.start()
    assert asked.wait(BOUND)
    assert list(avatar.say("Quick.", "sad"))
    assert not go_on.is_set()
    go_on.set()
    slow.join(BOUND)


def test_under_load_nothing_comes_after_an_interruption(tiny: Avatar) -> None:
    """However busy the process is: at most the frame that the reader was given already."""
    over = threading.Event()

    def busy() -> None:
        while not over.is_set():
            sum(range(1000))

    loads = [threading.Thread(target=busy) for _ in range(3)]
    for load in loads:
        load.start()
    try:
        for count in range(1, 16):
            shown: list[AvatarFrame] = []
            enough = threading.Event()

            def read(
                shown: list[AvatarFrame] = shown,
                enough: threading.Event = enough,
                count: int = count,
            ) -> None:
                for frame in tiny.say("word " * 200, "happy"):
                    shown.append(frame)
                    if len(shown) == count:
                        enough.set()

            reader = threading.Thread(target=read)
            reader.start()
            assert enough.wait(BOUND)
            tiny.interrupt()
            had = len(shown)
            reader.join(BOUND)
            assert not reader.is_alive()
            assert len(shown) <= had + 1
    finally:
        over.set()
        for load in loads:
            load.join()
