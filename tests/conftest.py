"""Fixtures that several folders share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loopback import Loopback, serving

from emoanim.clips import Animation, Audio, Image
from emoanim.demo import demo_portrait
from emoanim.media import write_video
from emoanim.testing.tiny import (
    TinyAnimator,
    TinyFaceEmoter,
    TinyTextEmoter,
    TinyTranscriber,
    TinyVoice,
)

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of modules that import torch, so that they can be run alone."""
    for item in items:
        if hasattr(getattr(item, "module", None), "torch"):
            item.add_marker("torch")


def _folder(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"no ../shared/{name} beside this checkout")
    return folder


@pytest.fixture(scope="session")
def media() -> Path:
    """Folder of real clips beside the checkout."""
    return _folder("media")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of independent numbers beside the checkout."""
    return _folder("vectors")


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder of golden network outputs beside the checkout."""
    return _folder("golden")


@pytest.fixture(scope="session")
def portrait() -> Image:
    """The public-domain portrait, uint8 (512, 512, 3)."""
    return demo_portrait()


@pytest.fixture(scope="session")
def moving_portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of 2 s that shows the portrait drifting, with a humming sound: no words in it."""
    path = tmp_path_factory.mktemp("clips") / "moving.mp4"
    image = demo_portrait()
    frames = (np.roll(image, 2 * i, axis=1)[::2, ::2] for i in range(50))
    t = np.arange(32000) / 16000
    sound = 0.2 * np.sin(2 * np.pi * 150 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))
    write_video(path, Animation(25.0, (256, 256), 50, frames), Audio(sound, 16000), tags={})
    return path


@pytest.fixture
def tiny_parts() -> dict[str, Any]:
    """One tiny backend for each role of the pipeline."""
    return {
        "transcriber": TinyTranscriber(),
        "text_emoter": TinyTextEmoter(),
        "voice": TinyVoice(),
        "face_emoter": TinyFaceEmoter(),
        "animator": TinyAnimator(),
    }


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Loopback]:
    """A server on this machine that speaks OpenAI's and ElevenLabs' formats; an empty cache."""
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "ELEVENLABS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path / "cache"))
    with serving() as server:
        yield server
