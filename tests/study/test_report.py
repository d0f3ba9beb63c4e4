"""``study report``: everything from scores, nothing from videos."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_studies import Log, without_manifest

from emoanim import provenance, study
from emoanim.errors import InputError
from emoanim.study.run_card import _backend

Plan = Callable[..., dict[str, Any]]


def contents(output: Path) -> dict[str, bytes]:
    files = [
        output / "samples.csv",
        *(output / "tables").iterdir(),
        *(output / "figures").iterdir(),
    ]
    return {str(p.relative_to(output)): p.read_bytes() for p in files}


def test_it_draws_the_same_without_any_video(
    plan: Plan, clips: list[Path], log: Log, tmp_path: Path
) -> None:
    systems = plan()["systems"]
    systems["kept"] = systems["tiny"] | {"face_emoter": "keep"}
    values = plan(clips=[str(c) for c in clips], systems=systems)
    study.run(values, tmp_path, progress="none")
    before = contents(tmp_path)
    for number, name in enumerate(
        ("first_frames", "stills", "films", "edd", "lowest", "highest"), 2
    ):
        for ending in ("png", "svg"):
            assert len(before[f"figures/figure{number}_{name}.{ending}"]) > 1000
    for place in ("tables", "figures", "samples", "cache"):
        shutil.rmtree(tmp_path / place)
    log.clear()
    written = study.report(tmp_path)
    assert "index.html" in written
    assert log.lines == []
    signed = [f"figures/figure2_first_frames.{ending}" for ending in ("png", "svg")]
    after = contents(tmp_path)
    unsigned = dict.fromkeys(signed, b"")  # a signature bears the time
    assert {**after, **unsigned} == {**before, **unsigned}
    assert without_manifest(after[signed[1]]) == without_manifest(before[signed[1]])
    for name in signed:
        assert provenance.inspect(tmp_path / name).state == "signed"
    page = (tmp_path / "index.html").read_text()
    assert "<script" not in page
    assert page.count("data:image/jpeg;base64,/9j/") == 1  # the photographs
    assert page.count("data:image/png;base64,iVBOR") == 5
    assert "http" not in page.replace("http://cv.iptc.org", "")
    card = json.loads((tmp_path / "run_card.json").read_text())
    assert card["seeds"] == [0, 1]
    assert card["systems"]["kept"]["backends"]["face_emoter"]["name"] == "keep"
    assert card["stages"]["film"]["times"] == 24
    assert card["stages"]["transcribe"]["times"] == 3
    assert card["hardware"]["cores"]


def test_the_run_card_names_no_hash_of_weights_that_are_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EMOANIM_CACHE", str(tmp_path))
    weights = _backend("classifier", "fer8")["weights"]
    assert weights["fer8"] == "not on this machine"


def test_an_evaluator_that_cannot_be_had_leaves_its_table_with_a_line(
    plan: Plan, log: Log, tmp_path: Path
) -> None:
    absent = {"words": "absent", "voice": "absent"}
    ours = {"measures": ["loudness", "no"], "perceptual": "counting"}
    values = plan(scoring=absent | ours)
    result = study.run(values, tmp_path, progress="none")
    assert result.summary.status == "complete"
    for name in ("table1_words", "table2_voice"):
        assert "the hub cannot be reached" in (tmp_path / "tables" / f"{name}.md").read_text()
    quality = (tmp_path / "tables" / "table3_quality.md").read_text()
    assert "| loudness | - | 0.500 |" in quality
    assert "| perceptual distance of the still | - | 0.0" in quality
    assert "Fréchet distance, films" in quality
    assert "FID, films" not in quality


def test_a_folder_without_a_study_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no study\.json"):
        study.report(tmp_path)
