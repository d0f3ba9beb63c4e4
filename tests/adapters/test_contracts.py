"""Every registered backend of ours keeps the contract of its role."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoanim import registry, testing
from emoanim.clips import Clip, Image, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.memory_clip import MemoryClip
from emoanim.testing import tiny

OFFLINE = [b for b in registry.backends() if "offline" in b.abilities]


def of(role: str) -> Any:
    found = [b for b in OFFLINE if b.role == role]
    return pytest.mark.parametrize("about", found, ids=lambda b: b.name)


@pytest.fixture(scope="module")
def spoken() -> Speech:
    """Clear English speech."""
    voice = registry.backend("voice", "hibari")
    silence = tiny.Audio(np.zeros(0, np.float32), 16000)
    return voice.speak("We are going to meet the new team.", EmotionPrompt.parse("calm"), silence)


@pytest.fixture
def accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The licences that ask for it are accepted."""
    monkeypatch.setenv("EMOANIM_ACCEPT_LICENCES", "AGPL-3.0")


@of("transcriber")
def test_transcribers(about: registry.BackendInfo, spoken: Speech) -> None:
    heard = testing.check_transcriber(registry.backend(about.role, about.name), spoken.audio)
    assert "meet the new team" in heard.text.lower()


@of("text_emoter")
def test_text_emoters(about: registry.BackendInfo) -> None:
    texts = testing.check_text_emoter(registry.backend(about.role, about.name))
    # A rewriter may leave a plain sentence as it is where nothing fits; never in every emotion.
    least, most = (1, 1) if about.name == "keep" else (3, len(texts))
    assert least <= len(set(texts.values())) <= most


@of("voice")
def test_voices(about: registry.BackendInfo) -> None:
    spoken = testing.check_voice(registry.backend(about.role, about.name))
    assert all(speech.phones for speech in spoken.values()) == ("phones" in about.abilities)


@of("face_emoter")
def test_face_emoters(about: registry.BackendInfo, portrait: Image) -> None:
    backend = registry.backend(about.role, about.name)
    if about.name == "keep":
        stills = testing.check_face_emoter(backend, [portrait], (Emotion.HAPPY,))
        assert np.array_equal(stills[Emotion.HAPPY][0].image, portrait)
    else:
        testing.check_face_emoter(backend, [portrait])


def source_for(about: registry.BackendInfo, portrait: Image) -> Clip | None:
    """A second of film, for an animator that cannot do without."""
    if about.name != "film":
        return None
    moved = [np.roll(portrait, round(4 * np.sin(i / 4)), axis=1) for i in range(25)]
    return MemoryClip(moved, 25.0, None)


@of("animator")
def test_animators(about: registry.BackendInfo, portrait: Image) -> None:
    still = registry.backend("face_emoter", "rig").emote([portrait], EmotionPrompt.parse("sad"))[0]
    source = source_for(about, portrait)
    testing.check_animator(registry.backend(about.role, about.name), still, source=source)


@of("animator")
def test_animators_take_any_portrait(about: registry.BackendInfo, portrait: Image) -> None:
    still = tiny.TinyFaceEmoter().emote([portrait], EmotionPrompt.parse("sad"))[0]
    source = source_for(about, portrait)
    testing.check_animator(registry.backend(about.role, about.name), still, source=source)


@of("classifier")
@pytest.mark.usefixtures("accepted")
def test_classifiers(about: registry.BackendInfo, portrait: Image) -> None:
    scores = testing.check_classifier(
        registry.backend(about.role, about.name),
        [portrait, portrait[:, ::-1]],
        without_face=np.full((128, 128, 3), 90, np.uint8),
    )
    assert scores.of("happy").min() > 0.5
