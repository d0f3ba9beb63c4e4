"""The examples run as they are written, on a clip made here."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import backend
from emoanim.clips import Animation, Audio, Image
from emoanim.emotions import EmotionPrompt
from emoanim.media import Video, read_audio, write_video

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def talking(portrait: Image, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of somebody saying a short sentence."""
    reference = Audio(np.zeros(0, np.float32), 16000)
    speech = backend("voice", "hibari").speak(
        "The train is here.", EmotionPrompt.parse("calm"), reference
    )
    path = tmp_path_factory.mktemp("talking") / "talk.mp4"
    count = int(speech.audio.duration * 25) + 1
    frames = (np.roll(portrait, i % 3, axis=0) for i in range(count))
    write_video(path, Animation(25.0, (512, 512), count, frames), speech.audio)
    return path


@pytest.mark.parametrize(
    "name", ["one_clip", "speech_only", "custom_backend", "film_gallery", "timeline"]
)
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.py").read_text().splitlines()) < 40


def test_one_clip(talking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example("one_clip").main(talking, "very happy", tmp_path / "happy.mp4")
    assert Video(tmp_path / "happy.mp4").duration > 1.0
    assert "train is here" in capsys.readouterr().out


def test_speech_only(talking: Path, tmp_path: Path) -> None:
    example("speech_only").main(talking, "slightly sad", tmp_path / "sad.wav")
    assert read_audio(tmp_path / "sad.wav").duration > 0.5


def test_custom_backend(talking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example("custom_backend").main(talking, "very angry", tmp_path / "angry.mp4")
    assert capsys.readouterr().out.startswith("This makes me feel very anger.")


def test_gallery(talking: Path, tmp_path: Path) -> None:
    from emoanim.media import read_image

    module = example("gallery")
    module.TARGETS = module.TARGETS[:2]
    module.main(tmp_path, str(talking))
    assert read_image(tmp_path / "emotions.png").shape == (2 * 170, 4 * 170, 3)
    height, width, _ = read_image(tmp_path / "film.png").shape
    assert 3 * width == 6 * height
    for emotion in module.TARGETS:
        assert f"{emotion}.mp4" in (tmp_path / "index.html").read_text("utf-8")
        assert Video(tmp_path / f"{emotion}.mp4").duration > 0.5


def test_film_gallery(talking: Path, tmp_path: Path) -> None:
    from emoanim.media import read_image

    example("film_gallery").main(talking, tmp_path / "gallery", columns=2)
    assert Video(tmp_path / "gallery" / "sad.mp4").size == (512, 512)
    assert read_image(tmp_path / "gallery" / "sheet.png").shape == (8 * 512, 2 * 512, 3)


def test_timeline(talking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example("timeline").main(talking, "neutral@0 very happy@0.6", tmp_path / "both.mp4")
    assert Video(tmp_path / "both.mp4").duration > 1.0
    said = capsys.readouterr().out.splitlines()
    assert [line.split(":")[1].strip() for line in said[:2]] == ["neutral", "very happy"]
