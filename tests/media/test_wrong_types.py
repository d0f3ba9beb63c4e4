"""Things of another type than expected: one line each that says what to give."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emoanim.clips import Animation, EmotionScores
from emoanim.emotions import EmotionPrompt
from emoanim.media import Video, read_audio, read_image, write_video, write_wav
from emoanim.memory_clip import MemoryClip
from emoanim.runs.inputs import open_input
from emoanim.testing.clips import make_tone, pattern

GIVEN: Any = SimpleNamespace(
    Video=Video,
    read_audio=read_audio,
    read_image=read_image,
    write_video=write_video,
    write_wav=write_wav,
    Animation=Animation,
    MemoryClip=MemoryClip,
    open_input=open_input,
    EmotionScores=EmotionScores,
    EmotionPrompt=EmotionPrompt,
)
"""What is called with other types than it declares."""

TONE = make_tone(0.1)


def moving(fps: Any = 25.0) -> Any:
    return GIVEN.Animation(fps, (128, 96), 2, iter([pattern(0), pattern(1)]))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda _: GIVEN.Video(3), "3 given as a file; expected its path"),
        (lambda _: GIVEN.Video(None), "None given as a file; expected its path"),
        (lambda _: GIVEN.read_audio(None), "None given as a file"),
        (lambda _: GIVEN.read_image(TONE), "an object of type Audio given as a file"),
        (lambda _: GIVEN.read_audio("a.wav", rate="fast"), "rate 'fast' given; expected Hz"),
        (lambda _: GIVEN.read_audio("a.wav", rate=-1), "rate -1 given; expected Hz"),
        (
            lambda f: GIVEN.write_video(f / "a.mp4", pattern(0), TONE),
            "a ndarray given as the pictures",
        ),
        (lambda f: GIVEN.write_video(f / "a.mp4", moving(), None), "None given as the sound"),
        (
            lambda f: GIVEN.write_video(f / "a.mp4", moving(), TONE, crf=99),
            "crf 99 given; expected 0",
        ),
        (
            lambda f: GIVEN.write_video(f / "a.mp4", moving(), TONE, preset="fastt"),
            "Did you mean 'fast'?",
        ),
        (lambda f: GIVEN.write_wav(f / "a.wav", [0, 1]), "a list given as the sound"),
        (lambda _: moving(0), "fps 0 given; expected frames per second"),
        (lambda _: moving("25"), "fps '25' given; expected frames per second"),
        (lambda _: GIVEN.Animation(25.0, (8, 8), 1, None), "None given as the frames"),
        (lambda _: GIVEN.MemoryClip([pattern(0)], "x", None), "fps 'x' given; expected frames"),
        (
            lambda _: GIVEN.open_input("a.mp4", audio="a.wav"),
            "'a.wav' given as the sound; expected",
        ),
        (lambda _: GIVEN.EmotionScores("happy", np.ones((1, 5))), "'happy' given as the labels"),
        (lambda _: GIVEN.EmotionScores(("a", "b"), np.array([["x", "y"]])), "expected numbers"),
        (lambda _: GIVEN.EmotionPrompt(3), "3 given as the emotion; expected emoanim.Emotion"),
    ],
)
def test_one_line_says_what_to_give(
    tmp_path: Path, wrong: Callable[[Path], Any], says: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(says)) as refused:
        wrong(tmp_path)
    assert "\n" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
