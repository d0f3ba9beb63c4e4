from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, confusion_matrix

from emoanim.clips import EmotionScores
from emoanim.errors import InputError
from emoanim.evaluation.agreement import agreement

EIGHT = ("anger", "contempt", "disgust", "fear", "happy", "neutral", "sad", "surprise")
SEVEN = ("neutral", "anger", "disgust", "fear", "happy", "sad", "surprise")  # another order


def scores(
    labels: tuple[str, ...], tops: list[str | None], times: list[float] | None = None
) -> EmotionScores:
    values = np.full((len(tops), len(labels)), 0.05)
    for row, top in zip(values, tops, strict=True):
        if top is None:
            row[:] = np.nan
        else:
            row[labels.index(top)] = 1 - 0.05 * (len(labels) - 1)
    return EmotionScores(labels, values, np.array(times or []), f"of {len(labels)}")


def test_a_table_worked_out_by_hand() -> None:
    """20 happy-happy, 5 happy-sad, 10 sad-happy, 15 sad-sad: kappa = (.7 - .5) / (1 - .5)."""
    a = ["happy"] * 25 + ["sad"] * 25
    b = ["happy"] * 20 + ["sad"] * 5 + ["happy"] * 10 + ["sad"] * 15
    found = agreement(scores(EIGHT, a), scores(SEVEN, b))
    assert found.kappa == pytest.approx(0.4)
    assert found.observed == pytest.approx(0.7)
    assert found.frames == 50
    assert found.classifiers == ("of 8", "of 7")
    happy, sad = found.labels.index("happy"), found.labels.index("sad")
    assert found.confusion[happy, sad] == 5
    assert found.confusion[sad, happy] == 10
    assert found.confusion.sum() == 50
    low, high = found.interval
    assert low < 0.4 < high


def test_it_agrees_with_scikit_learn() -> None:
    rng = np.random.default_rng(4)
    a = [SEVEN[i] for i in rng.integers(0, 7, 200)]
    b = [x if rng.random() < 0.5 else SEVEN[rng.integers(0, 4)] for x in a]
    found = agreement(scores(SEVEN, a), scores(EIGHT, b))
    assert found.kappa == pytest.approx(cohen_kappa_score(a, b))
    assert np.array_equal(found.confusion, confusion_matrix(a, b, labels=found.labels))


def test_one_label_alone_has_no_interval() -> None:
    found = agreement(scores(EIGHT, ["sad"] * 40), scores(SEVEN, ["sad"] * 40))
    assert math.isnan(found.kappa)
    assert math.isnan(found.interval[1])


def test_what_cannot_be_compared_is_left_out_and_counted() -> None:
    a = ["happy", "contempt", None, "sad", "sad"]
    b = ["happy", "neutral", "happy", None, "sad"]
    found = agreement(scores(EIGHT, a), scores(SEVEN, b))
    assert (found.frames, found.unshared, found.faceless) == (2, 1, 2)
    assert "contempt" not in found.labels
    assert found.kappa == pytest.approx(1)
    assert math.isnan(found.interval[0])  # two frames say nothing about spread


def test_a_sample_is_matched_by_time() -> None:
    every = scores(EIGHT, ["happy", "sad", "fear", "anger", "sad"], [0, 0.04, 0.081, 0.12, 0.16])
    some = scores(SEVEN, ["happy", "fear", "sad"], [0, 0.081, 0.16])
    for found in (agreement(every, some), agreement(some, every)):
        assert found.frames == 3
        assert found.kappa == pytest.approx(1)


def test_single_rows_with_times() -> None:
    found = agreement(scores(EIGHT, ["happy"], [0.5]), scores(SEVEN, ["happy"], [0.5]))
    assert found.frames == 1
    assert math.isnan(found.kappa)  # one label alone: agreement by chance is certain
    assert found.observed == 1


def test_frames_that_do_not_match() -> None:
    with pytest.raises(InputError, match="frames at other times"):
        agreement(scores(EIGHT, ["happy"], [0.0]), scores(SEVEN, ["happy"], [9.0]))
    with pytest.raises(InputError, match="1 and 2 rows given"):
        agreement(scores(EIGHT, ["happy"]), scores(SEVEN, ["happy", "sad"]))


def test_no_common_labels() -> None:
    valence = EmotionScores(("positive", "negative"), np.array([[0.5, 0.5]]))
    with pytest.raises(InputError, match="two labels in common"):
        agreement(scores(EIGHT, ["happy"]), valence)


def test_no_frame_left() -> None:
    found = agreement(scores(EIGHT, [None, "contempt"]), scores(SEVEN, ["happy", "sad"]))
    assert found.frames == 0
    assert math.isnan(found.kappa)
    assert math.isnan(found.observed)


def test_the_interval_widens_with_runs_and_repeats_with_the_seed() -> None:
    """The same table in long runs of one label holds less information than when it is mixed."""
    rng = np.random.default_rng(0)
    a = ["happy"] * 100 + ["sad"] * 100 + ["fear"] * 100
    b = ["happy"] * 80 + ["sad"] * 120 + ["fear"] * 60 + ["happy"] * 40
    order = rng.permutation(300)
    runs = agreement(scores(EIGHT, a), scores(SEVEN, b))
    mixed = agreement(scores(EIGHT, [a[i] for i in order]), scores(SEVEN, [b[i] for i in order]))
    assert mixed.kappa == pytest.approx(runs.kappa)
    assert np.ptp(runs.interval) > 1.5 * np.ptp(mixed.interval)
    assert agreement(scores(EIGHT, a), scores(SEVEN, b)).interval == runs.interval


def test_without_scikit_learn_a_warning_says_so(
    monkeypatch: pytest.MonkeyPatch, observed: Callable[..., Any]
) -> None:
    """The rest of the evaluation stands."""
    from dataclasses import replace

    from synthetic_talk import talk

    from emoanim.evaluation import compare

    def clip(shift: float, seed: int) -> Any:
        first = talk(60, shift, seed)
        second = replace(first, classifier="another")
        return observed(first, scores={"one": first, "another": second}, weights={})

    monkeypatch.setitem(sys.modules, "sklearn.metrics", None)
    found = compare(clip(-1.0, 1), clip(1.0, 2), "happy")
    assert found.agreements == {}
    (said,) = [w for w in found.warnings if "agreement" in w]
    assert "pip install" in said
    assert "[evaluation]" in said
    monkeypatch.undo()
    assert set(compare(clip(-1.0, 1), clip(1.0, 2), "happy").agreements) == {
        "original",
        "generated",
    }
