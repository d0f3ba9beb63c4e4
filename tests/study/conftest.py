"""Tiny studies: small clips with a face, backends that log every call, and their settings."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim.clips import Animation, Audio
from emoanim.demo import demo_portrait
from emoanim.media import write_video

HERE = Path(__file__).parent
ENTRY_POINTS = {
    "transcribers": "counting = counting_backends:Transcriber",
    "text_emoters": "counting = counting_backends:TextEmoter",
    "voices": "counting = counting_backends:Voice",
    "face_emoters": "counting = counting_backends:FaceEmoter",
    "animators": "counting = counting_backends:Animator",
    "classifiers": "counting = counting_backends:Classifier",
    "text_classifiers": "counting = counting_backends:Words\nabsent = counting_backends:Absent",
    "speech_classifiers": "absent = counting_backends:Absent",
    "measures": "loudness = counting_backends:Loudness",
}
ROLES = ("transcriber", "text_emoter", "voice", "face_emoter", "animator")
SYSTEM = dict.fromkeys(ROLES, "counting")


def write_clip(path: Path, shift: int = 0, seconds: float = 1.2) -> Path:
    """Write a clip that shows the portrait's face; the shift makes it another one."""
    face = np.ascontiguousarray(demo_portrait()[20:276, 96:352][::2, ::2])
    length = round(seconds * 25)
    frames = (np.roll(face, shift + i % 3, axis=1) for i in range(length))
    time = np.arange(round(seconds * 16000)) / 16000
    sound = 0.2 * np.sin(2 * np.pi * (150 + 10 * shift) * time)
    moving = Animation(25.0, (128, 128), length, frames)
    return write_video(path, moving, Audio(sound, 16000), tags={})


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small clips, of three subjects."""
    folder = tmp_path_factory.mktemp("study-clips")
    return [write_clip(folder / f"{name}.mp4", i) for i, name in enumerate(("ada", "bo", "cy"))]


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that makes the counting backends known by their entry points."""
    folder = tmp_path_factory.mktemp("plugins")
    about = folder / "counting_backends-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: counting-backends\nVersion: 1.0\n")
    lines = [f"[emoanim.{group}]\n{line}\n" for group, line in ENTRY_POINTS.items()]
    (about / "entry_points.txt").write_text("\n".join(lines))
    (folder / "counting_backends.py").write_text((HERE / "counting_backends.py").read_text())
    return folder


class Log:
    """What the counting backends were asked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def lines(self) -> list[str]:
        return self.path.read_text().splitlines() if self.path.exists() else []

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.split()[0] for line in self.lines)

    def clear(self) -> None:
        self.path.unlink(missing_ok=True)


@pytest.fixture
def log(tmp_path: Path, plugins: Path, monkeypatch: pytest.MonkeyPatch) -> Log:
    """The log; with it the counting backends can be found, here and in child processes."""
    path = tmp_path / "calls.log"
    monkeypatch.syspath_prepend(str(plugins))
    source = Path(__file__).parents[2] / "src"
    inherited = os.environ.get("PYTHONPATH", "")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(plugins), str(source), inherited]))
    monkeypatch.setenv("EMOANIM_TEST_LOG", str(path))
    return Log(path)


@pytest.fixture
def plan(clips: list[Path], log: Log) -> Callable[..., dict[str, Any]]:
    """Values of a small study, with some changed."""

    def values(**changes: Any) -> dict[str, Any]:
        scoring = {
            "classifier": "counting",
            "second": "none",
            "words": "counting",
            "voice": "none",
            "faces": False,
            "identity": False,
        }
        return {
            "name": "tiny",
            "clips": [str(clip) for clip in clips[:1]],
            "emotions": ["happy", "sad"],
            "systems": {"tiny": {**SYSTEM, "frames": 2}},
            "samples": 2,
            "scoring": scoring | changes.pop("scoring", {}),
            **changes,
        }

    return values
