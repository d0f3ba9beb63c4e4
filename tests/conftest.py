"""Fixtures that several folders share."""

from __future__ import annotations

import importlib.util
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from loopback import Loopback, serving

from emoanim.clips import Animation, Audio, Image
from emoanim.demo import demo_portrait
from emoanim.folders import cache_folder
from emoanim.media import write_video
from emoanim.testing.clips import make_tone
from emoanim.testing.tiny import (
    TinyAnimator,
    TinyFaceEmoter,
    TinyTextEmoter,
    TinyTranscriber,
    TinyVoice,
)

# A shell's background job ignores Ctrl-C, under nohup a closed terminal as well, and so would every
# program that a test starts.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

DATA = Path(__file__).resolve().parent / "data"
TORCH = importlib.util.find_spec("torch") is not None
_WANTS_TORCH = re.compile(r'^(?:torch = )?pytest\.importorskip\("torch"\)', re.MULTILINE)
MEDIA = Path(__file__).resolve().parents[2] / "shared" / "media"


def pytest_report_header() -> str | None:
    """Say what is left out where torch is not installed."""
    return None if TORCH else "torch is not installed: the tests that need it are left out"


@pytest.fixture(scope="session", autouse=True)
def _users_revisions() -> Iterator[None]:
    """Hold the tests to it that what they pin of a hub is not pinned for whoever runs them."""
    folder = cache_folder() / "revisions"
    before = {path: path.read_bytes() for path in folder.glob("*")}
    yield
    assert {path: path.read_bytes() for path in folder.glob("*")} == before


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Leave modules alone that begin by importing torch, where there is none."""
    if TORCH or not collection_path.match("test_*.py"):
        return None
    return True if _WANTS_TORCH.search(collection_path.read_text(encoding="utf-8")) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of modules that import torch, so that they can be run alone."""
    for item in items:
        if hasattr(getattr(item, "module", None), "torch"):
            item.add_marker("torch")
    if not TORCH:
        without = [item for item in items if item.get_closest_marker("torch")]
        config.hook.pytest_deselected(items=without)
        items[:] = [item for item in items if item not in without]


@pytest.fixture(scope="session")
def media() -> Path:
    """Folder of real clips beside the checkout; their licences keep them out of it."""
    if not MEDIA.is_dir():
        pytest.skip("real clips are not part of the project (../shared/media)")
    return MEDIA


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of a browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("there is no Chromium here")
    return found


@pytest.fixture(scope="session")
def aligner() -> None:
    """Ask for the one that finds the times of phones; its package has no wheel everywhere."""
    pytest.importorskip("pocketsphinx")


@pytest.fixture(scope="session")
def vectors() -> Path:
    """Folder of independent numbers for the metrics."""
    return DATA / "vectors"


@pytest.fixture(scope="session")
def golden() -> Path:
    """Folder of recorded network outputs."""
    return DATA / "golden"


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


@pytest.fixture(scope="session")
def two_people(portrait: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second of the portrait twice, side by side: the one on the right smaller."""
    path = tmp_path_factory.mktemp("two") / "two.mp4"
    left = np.ascontiguousarray(portrait[:300, 90:390])
    right = np.full_like(left, 200)
    right[:240, 30:270] = left[np.linspace(0, 299, 240).astype(int)][
        :, np.linspace(0, 299, 240).astype(int)
    ]
    both = np.concatenate([left, right], axis=1)
    frames = (np.roll(both, i % 3, axis=0) for i in range(12))
    write_video(path, Animation(12, (600, 300), 12, frames), make_tone(1.0, level=0.2), tags={})
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


@pytest.fixture
def observed() -> Callable[..., Any]:
    """Make an observation of scores, with plausible measurements."""

    from emoanim.evaluation.observation import Observation

    def make(scores: Any, name: str = "a clip", /, **changes: Any) -> Any:
        random = np.random.default_rng(len(scores.values))
        count = len(scores.values)
        mouth = 0.1 + 0.05 * np.sin(scores.times * 20.0)
        values: dict[str, Any] = {
            "name": name,
            "fps": 25.0,
            "times": scores.times,
            "scores": {scores.classifier: scores},
            "weights": {scores.classifier: {"one.onnx": "sha256:00"}},
            "angles": np.cumsum(random.normal(size=(count, 3)), axis=0),
            "mouth": mouth,
            "face_size": np.full(count, 300.0),
            "sharpness": np.array([0.4, 0.5]),
            "embeddings": np.full((3, 128), 0.1) + 0.001 * random.normal(size=(3, 128)),
            "loudness": np.interp(np.arange(4 * count) / 100.0, scores.times, mouth),
            "onsets": np.array([0.5, 1.0, 1.5]),
        }
        return Observation(**{**values, **changes})

    return make
