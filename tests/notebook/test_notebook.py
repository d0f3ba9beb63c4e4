"""What a notebook shows of a result; no IPython takes part."""

from __future__ import annotations

import base64
import io
import re
import sys
import wave
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from emoanim import Audio, EDAPipeline, EDAResult, EmotionScores, Speech, notebook
from emoanim.clips import Image
from emoanim.errors import InputError
from emoanim.evaluation.comparison import evaluate
from emoanim.media import read_image
from emoanim.metrics import edd
from emoanim.notebook import StepsDisplay, emotion_curves, video_player, watching
from emoanim.steps import Step, ignore
from emoanim.testing.tiny import TinyClassifier

LABELS = ("happy", "sad")


def scores(count: int = 10, *, times: bool = True) -> EmotionScores:
    happy = np.linspace(0.1, 0.9, count)
    values = np.stack([happy, 1 - happy], axis=1)
    values[3] = np.nan
    return EmotionScores(LABELS, values, np.arange(count) / 25 if times else np.zeros(0), "mine")


@pytest.fixture(scope="module")
def result(moving_portrait: Path, tmp_path_factory: pytest.TempPathFactory) -> EDAResult:
    from emoanim.testing import tiny

    pipeline = EDAPipeline(
        transcriber=tiny.TinyTranscriber("We <b>meet</b> on Monday."),
        text_emoter=tiny.TinyTextEmoter(),
        voice=tiny.TinyVoice(),
        face_emoter=tiny.TinyFaceEmoter(),
        animator=tiny.TinyAnimator(),
        classifier=TinyClassifier(),
    )
    output = tmp_path_factory.mktemp("shown") / 'a "quoted" <name>.mp4'
    return pipeline(moving_portrait, "very happy", output=output)


def test_a_run_plays_both_clips_and_says_its_words(result: EDAResult) -> None:
    shown = result._repr_mimebundle_()
    html = shown["text/html"]
    films = re.findall(r'<video [^>]*src="data:video/mp4;base64,([^"]+)"', html)
    assert [base64.b64decode(film) for film in films] == [
        result.source.read_bytes(),
        result.output.read_bytes(),
    ]
    assert html.index("before") < html.index("after")
    assert "We &lt;b&gt;meet&lt;/b&gt; on Monday." in html
    assert "<b>meet" not in html
    assert "<audio" in html
    assert len(repr(result)) < 160


def test_the_sheet_is_a_picture_of_both(result: EDAResult, tmp_path: Path) -> None:
    path = tmp_path / "sheet.jpg"
    path.write_bytes(base64.b64decode(result._repr_mimebundle_()["image/jpeg"]))
    sheet = read_image(path)
    assert sheet.shape == (2 * 128, 5 * 128, 3)
    # The tiny face emoter makes happy frames redder.
    assert sheet[128:, :, 0].mean() > sheet[:128, :, 0].mean() + 5


def test_a_still_shows_its_frame_and_its_emotion(
    result: EDAResult, portrait: Image, tmp_path: Path
) -> None:
    html = replace(result.portraits[0], original=portrait)._repr_html_()  # 512 x 512
    assert html.index("a frame") < html.index("very happy")
    pictures = []
    for number, png in enumerate(re.findall(r"data:image/png;base64,([^\"]+)", html)):
        path = tmp_path / f"{number}.png"
        path.write_bytes(base64.b64decode(png))
        pictures.append(read_image(path))
    blocks = portrait.reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))
    assert np.abs(pictures[0] - blocks).max() <= 0.5
    assert np.array_equal(pictures[1], result.portraits[0].image)


def test_a_large_film_is_linked(result: EDAResult, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoanim.notebook.players.EMBEDDED_BYTES", 1000)
    monkeypatch.chdir(result.output.parent)
    html = video_player(result.output)
    assert 'src="a%20%22quoted%22%20%3Cname%3E.mp4"' in html
    assert "linked" in html
    assert "&lt;name&gt;" in html
    assert "<name>" not in html


def test_a_film_that_went_away_or_does_not_play(tmp_path: Path) -> None:
    assert "not there any more" in video_player(tmp_path / "none.mp4")
    film = tmp_path / "film.mkv"
    film.write_bytes(b"x")
    assert video_player(film).startswith("<a href=")


def test_frames_that_were_not_written_stay_unread(
    tiny_parts: dict[str, Any], moving_portrait: Path
) -> None:
    result = EDAPipeline(**tiny_parts)(moving_portrait, "sad")
    html = result._repr_mimebundle_()["text/html"]
    assert html.count("data:image/jpeg;base64,") == 2
    assert len(list(result.animation.frames)) == result.animation.length


def test_sound_is_a_player_of_that_sound() -> None:
    html = Audio(np.full(800, 0.5, np.float32), 8000)._repr_html_()
    content = base64.b64decode(re.search(r"data:audio/wav;base64,([^\"]+)", html)[1])
    with wave.open(io.BytesIO(content)) as file:
        assert (file.getframerate(), file.getnframes()) == (8000, 800)
        assert np.frombuffer(file.readframes(1), "<i2")[0] == round(0.5 * 32767)
    assert "no sound" in Audio(np.zeros(0, np.float32), 8000)._repr_html_()
    speech = Speech(Audio(np.zeros(80, np.float32), 8000), "5 < 6 & so on")
    assert "5 &lt; 6 &amp; so on" in speech._repr_html_()


def test_a_long_sound_is_cut_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emoanim.notebook.players.EMBEDDED_BYTES", 16000)
    assert "the first 1 s of 3" in Audio(np.zeros(24000, np.float32), 8000)._repr_html_()


def test_curves_are_svg_with_gaps_and_names() -> None:
    root = ElementTree.fromstring(scores()._repr_svg_())
    space = "{http://www.w3.org/2000/svg}"
    lines = root.findall(f"{space}polyline")
    assert len(lines) == 4  # two emotions, each before and after the missing frame
    assert [len(line.get("points").split()) for line in lines] == [3, 6, 3, 6]
    first_happy, last_happy = lines[0].get("points").split()[0], lines[1].get("points").split()[-1]
    heights = [float(point.split(",")[1]) for point in (first_happy, last_happy)]
    assert heights[1] < heights[0]  # up is more
    words = [text.text for text in root.findall(f"{space}text")]
    assert {"happy", "sad", "seconds", "probability"} <= set(words)
    assert "frame" in scores(times=False)._repr_svg_()
    assert "10 frames by mine, 90% with a face" in scores()._repr_html_()


def test_many_frames_are_a_small_picture() -> None:
    assert len(scores(20000)._repr_svg_()) < 20_000


def test_names_of_emotions_are_escaped() -> None:
    assert "<x>" not in emotion_curves(("<x>",), np.ones((3, 1)), np.arange(3.0))


def test_edd_and_evaluation(moving_portrait: Path, result: EDAResult) -> None:
    value = edd([0.1, 0.2, 0.3], [0.4, 0.5, 0.25], kind="scores", window=1)
    assert f"{value.edd:.4f}" in value._repr_html_()
    found = evaluate(
        moving_portrait,
        result.output,
        "happy",
        classifiers=[TinyClassifier()],
        second=None,
        identity=False,
    )
    html = found._repr_html_()
    assert f"EDD of happy: {found.edd:.4f}" in html
    assert html.count("<polyline") == 2
    assert "CPBD" in html


def test_nothing_shows_bars_outside_a_notebook() -> None:
    assert not notebook.in_notebook()
    assert watching(ignore) is ignore


def test_a_notebook_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[dict[str, str]] = []

    def show(data: dict[str, str], *, raw: bool, display_id: bool) -> Any:
        updates.append(data)
        return SimpleNamespace(update=lambda data, raw: updates.append(data))

    shell = SimpleNamespace(kernel=object())
    fake = SimpleNamespace(get_ipython=lambda: shell, display=SimpleNamespace(display=show))
    monkeypatch.setitem(sys.modules, "IPython", fake)
    hook = watching(ignore)
    assert isinstance(hook, StepsDisplay)
    mine: list[Step] = []
    assert watching(mine.append) is not ignore
    assert not isinstance(watching(mine.append), StepsDisplay)
    hook(Step("speak", None, 0, 1))
    hook(Step("speak", "x", 1, 1))
    hook(Step("animate", None, 0, 40))
    for done in range(1, 41):
        hook(Step("animate", None, done, 40))
    hook(Step("something else", None, 0, 1))
    assert "speaking them" in updates[0]["text/html"]
    assert '<progress value="40" max="40">' in updates[-1]["text/html"]
    assert "something else" not in updates[-1]["text/html"]
    assert len(updates) < 20  # not one drawing for each frame


def test_scores_go_to_csv_and_back(tmp_path: Path) -> None:
    path = scores().to_csv(tmp_path / "scores.csv")
    back = EmotionScores.from_csv(path, classifier="mine")
    assert back.labels == LABELS
    np.testing.assert_array_equal(back.values, scores().values)
    np.testing.assert_array_equal(back.times, scores().times)
    pytest.importorskip("pandas")
    for times in (True, False):
        frame = scores(times=times).to_frame()
        frame.to_csv(tmp_path / "pandas.csv")
        again = EmotionScores.from_csv(tmp_path / "pandas.csv")
        np.testing.assert_array_equal(again.values, scores().values)
        assert len(again.times) == (10 if times else 0)
        path = scores(times=times).to_csv(tmp_path / "scores.csv")
        assert path.read_text() == (tmp_path / "pandas.csv").read_text()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no row of scores"),
        ("happy,sad\n", "no row of scores"),
        ("happy,sad\n0.5\n", "row 2 has 1 cells"),
        ("happy,sad\n0.5,much\n", "could not convert"),
        ("happy,sad\n0.5,0.9\n", "no probabilities"),
        ("happy,sad\n1.5,-0.5\n", "no probabilities"),
        ("happy,happy\n0.5,0.5\n", "twice"),
        ("seconds,happy,sad\n1,0.5,0.5\n0,0.5,0.5\n", "not in order"),
    ],
)
def test_tables_that_are_none(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text)
    with pytest.raises(InputError, match=said):
        EmotionScores.from_csv(path)


def test_tables_are_evaluated(tmp_path: Path) -> None:
    before, after = (scores().to_csv(tmp_path / f"{name}.csv") for name in ("before", "after"))
    found = evaluate(before, after, "happy", identity=False)
    assert found.edd == 0.5


def test_no_such_table(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="No such file"):
        EmotionScores.from_csv(tmp_path / "none.csv")
