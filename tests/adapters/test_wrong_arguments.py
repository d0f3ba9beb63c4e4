"""Verbs that are called directly with things of another type: one line that says what to give."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoanim import backend, registry
from emoanim.clips import Audio
from emoanim.emotions import EmotionPrompt
from emoanim.errors import InputError
from emoanim.registry import BackendInfo
from emoanim.roles import ROLES

AUDIO = Audio(np.zeros(16000, np.float32), 16000)
HAPPY = EmotionPrompt.parse("happy")


@pytest.mark.parametrize(
    ("role", "name", "verb", "given", "says"),
    [
        ("transcriber", "whisper", "transcribe", ("a.mp4",), "'a.mp4' given as audio"),
        ("text_emoter", "lexicon", "rewrite", ("text", HAPPY), "'text' given as transcript"),
        ("text_emoter", "keep", "rewrite", ("text", HAPPY), "'text' given as transcript"),
        ("voice", "hibari", "speak", ("Hi.", "happy", AUDIO), "'happy' given as prompt"),
        ("voice", "hibari", "speak", (3, HAPPY, AUDIO), "3 given as text"),
        ("voice", "own", "speak", ("Hi.", HAPPY, "a.wav"), "'a.wav' given as reference"),
        ("face_emoter", "rig", "emote", ("a.png", HAPPY), "'a.png' given as frames"),
        ("face_emoter", "keep", "emote", ([np.zeros((9, 9, 3))], HAPPY), "float64 (9, 9, 3)"),
        ("animator", "film", "animate", ("a.png", AUDIO, HAPPY), "'a.png' given as portrait"),
    ],
)
def test_one_line_says_what_is_expected(
    role: str, name: str, verb: str, given: tuple[Any, ...], says: str
) -> None:
    part = backend(role, name)
    with pytest.raises(InputError) as refused:
        getattr(part, verb)(*given)
    text = str(refused.value)
    assert says in text
    assert f"{type(part).__name__}.{verb}" in text
    assert "expected" in text
    assert "\n" not in text


@pytest.mark.parametrize(
    "about",
    [
        pytest.param(
            about,
            id=f"{about.role}-{about.name}",
            marks=[pytest.mark.torch] if "torch" in about.modules else [],
        )
        for role in ("transcriber", "text_emoter", "voice", "face_emoter", "animator")
        for about in registry.backends(role)
    ],
)
def test_every_backend_of_ours_looks_at_what_it_is_given(about: BackendInfo) -> None:
    cls, role = registry.load(about), ROLES[about.role]
    with pytest.raises(InputError, match=rf"given (as|to) .*{cls.__name__}\.{role.verb}"):
        getattr(cls, role.verb)(cls.__new__(cls), *[object()] * role.arguments)


def test_by_name_too() -> None:
    with pytest.raises(InputError, match="'happy' given as prompt to KeepTextEmoter"):
        backend("text_emoter", "keep").rewrite(prompt="happy", transcript=None)


def test_a_backend_shows_its_options() -> None:
    assert repr(backend("voice", "hibari")) == "HibariVoice()"
    assert repr(backend("voice", "hibari", rate=0.9, seed=3)) == "HibariVoice(seed=3, rate=0.9)"
    assert repr(backend("animator", "film", threads=1)) == "FilmAnimator(threads=1)"


def test_a_password_is_not_shown() -> None:
    address = "http://me:secret@127.0.0.1:1/v1"
    shown = repr(backend("text_emoter", "gpt4", base_url=address, model="x"))
    assert "model='x'" in shown
    assert "secret" not in shown
