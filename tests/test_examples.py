"""The examples run as they are written, on a clip made here."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import numpy as np
import pytest

from emoanim import EmotionScores, backend
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


SHORT = (
    "one_clip", "speech_only", "custom_backend", "film_gallery", "own_voice_and_film",
    "portrait_and_text", "edd_with_numpy", "paper_preset", "small_table", "timeline",
    "serve_avatar",
)  # fmt: skip
NOTEBOOKS = sorted((EXAMPLES / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("name", SHORT)
def test_an_example_is_short(name: str) -> None:
    assert len((EXAMPLES / f"{name}.py").read_text().splitlines()) < 40


@pytest.mark.slow
@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_from_top_to_bottom(notebook: Path, tmp_path: Path) -> None:
    """And keeps small pictures of what it shows."""
    book = example("notebooks/keep_outputs").executed(notebook, tmp_path)
    cells = [cell for cell in book["cells"] if cell["cell_type"] == "code"]
    shown = [o for cell in cells for o in cell["outputs"]]
    assert shown
    stored = json.loads(notebook.read_text(encoding="utf-8"))
    assert notebook.stat().st_size < 300_000
    before = [c for c in stored["cells"] if c["cell_type"] == "code"]
    assert [c["execution_count"] for c in before] == list(range(1, len(before) + 1))
    for old, new in zip(before, cells, strict=True):  # the outputs are those of these cells
        kinds = [[sorted(o.get("data", {"text": 0})) for o in c["outputs"]] for c in (old, new)]
        assert kinds[0] == kinds[1]


def test_every_subject_has_a_notebook() -> None:
    assert {path.stem for path in NOTEBOOKS} >= {
        "one_clip", "seven_emotions", "own_voice_and_film", "speech_only", "your_own_backend",
        "edd_with_numpy", "paper_preset", "portrait_and_text", "reproduce_a_table",
        "timeline", "serve_an_avatar",
    }  # fmt: skip


def test_a_cell_that_fails_is_a_fault(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["1 / 0"]}
    path = tmp_path / "bad.ipynb"
    path.write_text(json.dumps({"cells": [cell]}))
    with pytest.raises(ZeroDivisionError):
        example("notebooks/keep_outputs").executed(path, tmp_path)


def test_own_voice_and_film(
    talking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    example("own_voice_and_film").main(talking, "very sad", tmp_path / "sad.mp4")
    assert "train is here" in capsys.readouterr().out
    assert Video(tmp_path / "sad.mp4").duration > 0.8


def test_portrait_and_text(
    portrait: Image, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from emoanim.media import write_image

    picture = write_image(tmp_path / "p.png", portrait)
    example("portrait_and_text").main(picture, "It is ready.", "happy", tmp_path / "p.mp4")
    assert "s of speech" in capsys.readouterr().out
    assert Video(tmp_path / "p.mp4").size == (512, 512)


def test_edd_with_numpy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, low in (("before", 0.2), ("after", 0.4)):
        happy = np.linspace(low, low + 0.4, 40)
        rows = np.stack([happy, 1 - happy], axis=1)
        EmotionScores(("happy", "sad"), rows, np.arange(40) / 25).to_csv(tmp_path / f"{name}.csv")
    example("edd_with_numpy").main(tmp_path / "before.csv", tmp_path / "after.csv", "happy")
    # Half of the frames before are above half of those after, in a quarter of these pairs.
    value = float(capsys.readouterr().out.removeprefix("EDD of happy: ").split()[0])
    assert value == pytest.approx(1 / 8, abs=0.03)


def test_serve_avatar(portrait: Image, tmp_path: Path) -> None:
    from emoanim import provenance
    from emoanim.avatar import Avatar

    avatar = Avatar.prepare(portrait, emotions=["neutral", "happy"], size=192)
    server = example("serve_avatar").server(avatar, 0)
    server.RequestHandlerClass.log_message = lambda *_: None
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/"
    try:
        said = tmp_path / "said.mp4"
        with urlopen(f"{address}?text=I+am+here.+Go.&emotion=sentence:+happy,+neutral") as answer:
            said.write_bytes(answer.read())
        with pytest.raises(HTTPError, match="400"):
            urlopen(f"{address}?text=Hi.&emotion=angry").close()
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    assert Video(said).duration > 0.8
    assert np.abs(read_audio(said).samples).max() > 0.1
    assert provenance.read(said).generated


def test_paper_preset(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    example("paper_preset").main(20)
    said = capsys.readouterr().out
    assert "text_emoter: gpt4" in said
    assert "missing: gpt4: export OPENAI_API_KEY=..." in said
    assert "about $0.022 to rewrite and $0.026 to speak 20 words" in said


def test_small_table(talking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    example("small_table").main(talking, tmp_path / "out")
    said = capsys.readouterr().out
    assert "animator only" in said
    assert "happy" in said


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


@pytest.mark.parametrize("name", ["custom_backend", "one_clip", "small_table", "film_gallery"])
def test_an_example_without_arguments_says_how_it_is_run(name: str) -> None:
    run = subprocess.run(
        [sys.executable, EXAMPLES / f"{name}.py"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert f"python examples/{name}.py" in run.stderr
    assert "Traceback" not in run.stderr
