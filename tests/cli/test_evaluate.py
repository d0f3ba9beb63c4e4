from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from synthetic_talk import talk

from emoanim.cli import main
from emoanim.evaluation.observation import Observation
from emoanim.evaluation.score_files import write_observations

Make = Callable[..., Observation]


@pytest.fixture
def kept(tmp_path: Path, observed: Make) -> Path:
    pair = (
        observed(talk(200, -1.0, 1)),
        observed(talk(150, 1.0, 2), "made", psnr=np.full(150, 20.0)),
    )
    return write_observations(tmp_path / "kept.npz", *pair)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["evaluate", *arguments])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_json_report_and_scores_of_a_score_file(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, copy = tmp_path / "page.html", tmp_path / "copy.npz"
    status, out, _ = run(
        capsys,
        str(kept),
        "-e",
        "very happy",
        "--json",
        "--report",
        str(page),
        "--scores",
        str(copy),
    )
    assert status == 0
    found = json.loads(out)
    assert found["emotion"] == "happy"
    assert 0.0 <= found["edd"] < 0.3
    assert found["classifiers"][0]["weights"] == {"one.onnx": "sha256:00"}
    assert page.read_text().startswith("<!doctype html>")
    status, out, _ = run(capsys, str(kept), str(copy), "-e", "happy", "--json")
    assert json.loads(out)["edd"] == found["edd"]


def test_the_table_and_the_warnings(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = run(capsys, str(kept), "-e", "sad")
    assert status == 0
    assert out.splitlines()[0] == "measure\toriginal\tgenerated"
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in out.splitlines()}
    assert float(rows["EDD of sad by one"][1].split()[0]) > 0.9
    assert float(rows["  of the original's halves"][0]) < 1.0
    assert rows["PSNR, dB"] == ["", "20.000"]
    assert {len(cells) for cells in rows.values()} == {2}
    assert "warning: EDD above 0.5" in err


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (("FILE",), 2, "no emotion given"),
        (("FILE", "-e", "banana"), 2, "names no emotion"),
        (("FILE", "-e", "contempt"), 2, "no classifier here knows contempt"),
        (("alone.mp4", "-e", "sad"), 2, "given alone"),
        (("a.mp4", "b.mp4", "-e", "sad", "--classifier", "no-such"), 2, "no such file"),
        (("FILE", "-e", "sad", "--scores", "x.txt"), 3, "ends in .npz"),
        (("FILE", "-e", "sad", "--report", "x.pdf"), 3, "ends in .html"),
    ],
)
def test_mistakes_end_in_one_line(
    kept: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    status: int,
    message: str,
) -> None:
    given = [str(kept) if a == "FILE" else a for a in arguments]
    code, out, err = run(capsys, *given)
    assert (code, out) == (status, "")
    assert message in err
    assert len(err.strip().splitlines()) == 1
