"""The study with a part of one's own that the docs show, run as it stands there."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emoanim import registry
from emoanim.clips import Animation, Image
from emoanim.media import write_video
from emoanim.testing import check_classifier
from emoanim.testing.samples import spoken_sentence

PAGE = Path(__file__).resolve().parents[2] / "docs" / "study.md"


@pytest.mark.slow
def test_the_example_of_the_docs_runs(
    portrait: Image,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    example = re.search(
        r"<!-- own part -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
    )
    assert example is not None
    sound = spoken_sentence()
    face = np.ascontiguousarray(portrait[20:276, 96:352])
    length = math.ceil(sound.duration * 10)
    frames = (np.roll(face, i % 3, axis=1) for i in range(length))
    write_video(tmp_path / "talk.mp4", Animation(10.0, (256, 256), length, frames), sound, tags={})
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    try:
        exec(compile(example[1], "study.md", "exec"), names)
    finally:
        registry.unregister("classifier", "brightness")
    check_classifier(names["Brightness"]())
    frame = names["result"].to_frame()
    assert names["result"].summary.status == "complete"
    assert sorted(frame["system"]) == ["animator only"] * 2 + ["rig"] * 2
    assert frame["brightness.edd"].between(0, 1).all()
    assert "EDD by brightness" in (tmp_path / "out" / "tables" / "table4_edd.md").read_text()
    assert "brightness.edd" in capsys.readouterr().out
