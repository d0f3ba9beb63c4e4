"""Tiny studies: small clips with a face, backends that log every call, and their settings."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import SYSTEM, Log, install_backends, write_clip

BACKENDS = Path(__file__).parents[1] / "backends"


@pytest.fixture(scope="session")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three small clips, of three subjects."""
    folder = tmp_path_factory.mktemp("study-clips")
    return [write_clip(folder / f"{name}.mp4", i) for i, name in enumerate(("ada", "bo", "cy"))]


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder that makes the counting backends known by their entry points."""
    return install_backends(tmp_path_factory.mktemp("plugins"), BACKENDS)


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
            "systems": {"tiny": {**SYSTEM, "stills": 2}},
            "samples": 2,
            "scoring": scoring | changes.pop("scoring", {}),
            **changes,
        }

    return values
