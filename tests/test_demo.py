from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from emoanim import TARGETS, EmotionPrompt, backend, provenance
from emoanim.clips import Transcript
from emoanim.demo import DEMO_TEXT, contact_sheet, demo_portrait, run_demo
from emoanim.errors import EmotionError, OutputError
from emoanim.media import Video, read_image


def test_the_portrait_ships_with_the_package() -> None:
    assert demo_portrait().shape == (512, 512, 3)


def test_a_contact_sheet() -> None:
    dark, light = np.zeros((300, 400, 3), np.uint8), np.full((300, 400, 3), 200, np.uint8)
    sheet = contact_sheet([[dark, light], [light]], width=256)
    assert sheet.shape == (300, 400, 3)
    assert sheet[0, 0, 0] == 0
    assert sheet[0, -1, 0] == 200
    assert sheet[-1, -1, 0] == 255
    assert contact_sheet([[dark]], width=400).shape == (300, 400, 3)


@pytest.mark.slow
def test_the_demo_needs_no_input(tmp_path: Path) -> None:
    made = run_demo(tmp_path / "demo", "very angry", seed=1)
    assert sorted(p.name for p in (tmp_path / "demo").iterdir()) == [
        "after.mp4",
        "before.mp4",
        "before_after.png",
        "own.mp4",
    ]
    assert read_image(made.sheet).shape == (768, 1536, 3)
    assert "told us until this morning" in made.result.transcript.text
    assert provenance.read(made.after).emotion == "anger"
    assert "NASA" in provenance.read(made.before).details["portrait"]
    assert Video(made.after).size == (512, 512)
    assert made.own_result.text == made.own_result.transcript.text
    assert made.result.text != made.result.transcript.text
    assert Video(made.own).duration == pytest.approx(Video(made.before).duration, rel=0.35)
    assert made.to_dict()["run"]["emotion"] == "anger"


@pytest.mark.parametrize("emotion", [e for e in TARGETS if e != "neutral"])
def test_its_words_can_be_said_in_every_emotion(emotion: str) -> None:
    transcript = Transcript(DEMO_TEXT, language="en")
    emoter = backend("text_emoter", "lexicon")
    said = emoter.rewrite(transcript, EmotionPrompt.parse(f"very {emotion}"))
    # other words, not another end mark
    assert re.findall(r"[\w']+", said.lower()) != re.findall(r"[\w']+", DEMO_TEXT.lower())


def test_bad_input_of_the_demo(tmp_path: Path) -> None:
    with pytest.raises(EmotionError):
        run_demo(tmp_path, "peckish")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be made"):
        run_demo(tmp_path / "file" / "demo", "sad")
