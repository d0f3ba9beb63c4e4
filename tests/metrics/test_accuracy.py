from __future__ import annotations

import math

import numpy as np
import pytest

from emoanim.metrics import EVALUATORS, emotion_accuracy

LABELS = EVALUATORS["xlm-emo-t"]  # anger, fear, joy, sadness


def one_hot(*columns):
    return np.eye(4)[list(columns)] * 0.6 + 0.1


def test_a_small_table_by_hand():
    targets = ["angry", "anger", "happy", "joy", "sad", "contempt"]
    result = emotion_accuracy(
        targets,
        one_hot(0, 2, 2, 2, 3, 0),
        labels=LABELS,
        baseline=one_hot(0, 1, 1, 1, 3, 0),
    )
    rows = {row.target: row for row in result.rows}
    assert list(rows) == ["anger", "contempt", "happy", "sad"]
    assert (rows["anger"].hits, rows["anger"].n, rows["anger"].accuracy) == (1, 2, 0.5)
    assert (rows["happy"].accuracy, rows["sad"].accuracy) == (1.0, 1.0)
    assert result.macro == pytest.approx(2.5 / 3)
    # precision 1, recall 1/2; precision 2/3, recall 1; both 1
    assert [rows[e].f1 for e in ("anger", "happy", "sad")] == pytest.approx([2 / 3, 0.8, 1.0])
    assert result.macro_f1 == pytest.approx((2 / 3 + 0.8 + 1) / 3)
    assert [rows[e].baseline for e in ("anger", "happy", "sad")] == [0.5, 0.0, 1.0]
    assert result.macro_baseline == pytest.approx(0.5)
    assert rows["anger"].mean_score == pytest.approx((0.7 + 0.1) / 2)
    assert (rows["happy"].interval.low, rows["happy"].interval.high) == pytest.approx(
        (0.342, 1.0), abs=1e-3
    )
    assert result.chance == 0.25
    assert result.labels == ("anger", "fear", "happy", "sad")
    assert result.confusion.tolist() == [
        [1, 0, 1, 0, 0],
        [1, 0, 0, 0, 0],
        [0, 0, 2, 0, 0],
        [0, 0, 0, 1, 0],
    ]


def test_an_unknown_target_is_not_evaluable_and_not_dropped():
    result = emotion_accuracy(["contempt", "disgust"], one_hot(0, 0), labels=LABELS)
    assert result.not_evaluable == ("contempt", "disgust")
    assert math.isnan(result.macro)
    assert math.isnan(result.macro_f1)
    row = result.rows[0]
    assert (row.n, row.hits) == (1, 0)
    for value in (row.accuracy, row.baseline, row.mean_score, row.f1, row.interval.low):
        assert math.isnan(value)
    known = emotion_accuracy(
        ["contempt", "sad"], one_hot(0, 3), labels=LABELS, baseline=one_hot(0, 0)
    )
    assert known.rows[0].baseline_hits == 0
    assert math.isnan(known.rows[0].baseline)
    assert known.macro_baseline == 0.0


def test_labels_without_scores():
    result = emotion_accuracy(
        ["sad", "fear"], ["sadness", "anger"], labels=LABELS, baseline=["joy", "fear"]
    )
    assert result.macro == 0.5
    assert result.macro_baseline == 0.5
    assert math.isnan(result.rows[0].mean_score)
    assert emotion_accuracy(["sad"], ["sad"], labels=LABELS).rows[0].baseline_hits is None
    assert math.isnan(emotion_accuracy(["sad"], ["sad"], labels=LABELS).rows[0].baseline)


def test_unsure_answers_are_abstentions():
    scores = np.array([[0.3, 0.3, 0.1, 0.3], [0.9, 0.0, 0.05, 0.05]])
    result = emotion_accuracy(["anger", "anger"], scores, labels=LABELS, threshold=0.5)
    assert (result.rows[0].hits, result.rows[0].abstained) == (1, 1)
    assert result.threshold == 0.5
    assert result.confusion.tolist() == [[1, 0, 0, 0, 1]]
    assert emotion_accuracy(["anger", "anger"], scores, labels=LABELS).macro == 1.0


@pytest.mark.parametrize("name", EVALUATORS)
def test_every_evaluator_maps_to_canonical_ids(name):
    labels = EVALUATORS[name]
    result = emotion_accuracy(labels, np.eye(len(labels)), labels=labels)
    assert result.macro == 1.0
    assert result.not_evaluable == ()


@pytest.mark.parametrize(
    ("targets", "outputs", "options", "message"),
    [
        ([], [], {"labels": LABELS}, "at least one target"),
        (["sad"], ["sad"], {"labels": []}, "the labels none given"),
        (["sad"], ["sad"], {"labels": ["sad", "sadness"]}, "name different emotions"),
        (["bored"], ["sad"], {"labels": LABELS}, "'bored' names no emotion"),
        (["sad"], ["disgust"], {"labels": LABELS}, "outputs disgust given; expected one of anger"),
        (["sad"], [0.5], {"labels": LABELS}, r"outputs of shape \(1,\) given"),
        (["sad"], [[0.5] * 3], {"labels": LABELS}, r"scores \(1, 4\)"),
        (["sad"], [[math.nan] * 4], {"labels": LABELS}, "NaN given in the outputs"),
        (["sad"], ["sad"], {"labels": LABELS, "baseline": []}, "baseline of shape"),
        (["sad"], ["sad"], {"labels": LABELS, "threshold": 0.5}, "threshold 0.5 given with labels"),
    ],
)
def test_what_cannot_be_scored_is_refused(targets, outputs, options, message):
    with pytest.raises(ValueError, match=message):
        emotion_accuracy(targets, outputs, **options)
