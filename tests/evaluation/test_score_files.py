from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest
from synthetic_talk import LABELS, talk

from emoanim.errors import InputError, OutputError
from emoanim.evaluation import compare, evaluate
from emoanim.evaluation.observation import Observation
from emoanim.evaluation.score_files import check_scores, read_observation, write_observations

Make = Callable[..., Observation]


def test_everything_is_computed_from_the_file(tmp_path: Path, observed: Make) -> None:
    pair = (
        observed(talk(200, -1.0, 1)),
        observed(talk(150, 1.0, 2), "made", psnr=np.full(150, 20.0)),
    )
    direct = compare(*pair, "happy")
    path = write_observations(tmp_path / "kept.npz", *pair)
    again = evaluate(path, path, "happy")
    ours, theirs = direct.to_dict(), again.to_dict()
    for one in (ours, theirs):
        del one["settings"], one["seconds"]
    assert ours == theirs
    assert again.generated.psnr is not None
    assert [p.name for p in tmp_path.iterdir()] == ["kept.npz"]


def test_what_the_file_holds(tmp_path: Path, observed: Make) -> None:
    scores = talk(20, 0.0, 1)
    values = scores.values.copy()
    values[3] = np.nan
    clip = observed(replace(scores, values=values))
    path = write_observations(tmp_path / "kept.npz", clip, clip)
    with np.load(path, allow_pickle=False) as stored:
        assert stored["original.scores.one.labels"].tolist() == list(LABELS)
        assert stored["original.scores.one.found"].tolist() == [i != 3 for i in range(20)]
        assert stored["original.scores.one.times"].shape == (20,)
        assert stored["original.scores.one.weights"].tolist() == ["one.onnx=sha256:00"]


def test_a_file_of_one_clip(tmp_path: Path) -> None:
    scores = talk(60, 1.0, 2)
    first, second = tmp_path / "1.npz", tmp_path / "2.npz"
    for path in (first, second):
        np.savez(path, labels=scores.labels, values=scores.values, times=scores.times)
    found = evaluate(first, second, "happy")
    assert found.edd == 0.5
    assert found.identity.reason == "not in the score file"
    assert found.original.sharpness.reason == "not in the score file"
    assert found.original.fps == pytest.approx(25.0)
    np.savez(first, labels=scores.labels, values=scores.values)
    assert math.isnan(evaluate(first, second, "happy").original.fps)


def test_other_labels_are_refused(tmp_path: Path, observed: Make) -> None:
    scores = talk(30, 0.0, 1)
    other = replace(scores, labels=("anger", "happy", "sad", "neutral"))
    path = write_observations(tmp_path / "kept.npz", observed(scores), observed(other))
    with pytest.raises(
        InputError, match="labels anger, happy, neutral, sad in a clip and anger, h"
    ):
        evaluate(path, path, "happy")
    with pytest.raises(InputError, match="no classifier here knows contempt; there are one: anger"):
        compare(observed(scores), observed(scores), "contempt")
    with pytest.raises(InputError, match=r"was scored by one and .* by two"):
        compare(observed(scores), observed(replace(scores, classifier="two")), "happy")
    changed = observed(scores, weights={"one": {"one.onnx": "sha256:11"}})
    with pytest.raises(InputError, match="different weights"):
        compare(observed(scores), changed, "happy")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"values": np.ones((3, 4)) / 4}, "labels"),
        ({"labels": ["a"], "values": np.ones((3, 4)) / 4}, "expected .t, 1."),
        ({"labels": LABELS, "values": np.ones((3, 4))}, "sum to 1"),
        ({"labels": LABELS, "values": np.zeros((0, 4))}, "no rows"),
        ({"labels": LABELS, "values": np.ones((2, 4)) / 4, "times": [1.0, 0.0]}, "go backwards"),
        ({"labels": LABELS, "values": np.ones((2, 4)) / 4, "times": [1.0]}, "1 times given"),
        ({"format": "emoanim scores 9"}, "it says 'emoanim scores 9'"),
        ({"labels": LABELS, "values": np.array([{}], dtype=object)}, "cannot be read"),
    ],
)
def test_files_that_are_none(tmp_path: Path, arrays: dict, message: str) -> None:
    path = tmp_path / "bad.npz"
    np.savez(path, **arrays)
    with pytest.raises(InputError, match=message):
        read_observation(path, "original")


def test_not_even_an_archive(tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(b"not a zip")
    with pytest.raises(InputError, match="cannot be read"):
        read_observation(path, "original")
    with pytest.raises(InputError, match="cannot be read"):
        read_observation(tmp_path / "none.npz", "original")


def test_where_it_cannot_be_written(tmp_path: Path, observed: Make) -> None:
    clip = observed(talk(30, 0.0, 1))
    with pytest.raises(OutputError, match=r"ends in \.npz"):
        write_observations(tmp_path / "kept.txt", clip, clip)
    with pytest.raises(OutputError, match="does not exist"):
        write_observations(tmp_path / "none" / "kept.npz", clip, clip)


def test_a_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, observed: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = observed(talk(30, 0.0, 1))
    path = tmp_path / "kept.npz"
    path.write_bytes(b"of an earlier run")

    def breaks(file: BinaryIO, **_: object) -> None:
        file.write(b"half")
        raise ValueError("cannot be stored")

    monkeypatch.setattr(np, "savez_compressed", breaks)
    with pytest.raises(ValueError, match="cannot be stored"):
        write_observations(path, clip, clip)
    assert path.read_bytes() == b"of an earlier run"
    assert [p.name for p in tmp_path.iterdir()] == ["kept.npz"]


def test_a_link_to_the_scores_stays_a_link(tmp_path: Path, observed: Make) -> None:
    clip = observed(talk(30, 0.0, 1))
    (tmp_path / "real.npz").write_bytes(b"old")
    link = tmp_path / "link.npz"
    link.symlink_to("real.npz")
    write_observations(link, clip, clip)
    assert link.is_symlink()
    assert read_observation(tmp_path / "real.npz", "original").scores


def test_it_is_known_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "folder.npz").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        check_scores(tmp_path / "folder.npz")
    assert check_scores(tmp_path / "new.npz") == tmp_path / "new.npz"
