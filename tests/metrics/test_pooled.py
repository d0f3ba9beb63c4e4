"""EDD by update and compute, and in scikit-learn's order of arguments."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import make_scorer, roc_auc_score
from sklearn.model_selection import cross_val_score

from emoanim.clips import EmotionScores
from emoanim.metrics import EDDMetric, edd, edd_score

SCORES = st.lists(st.floats(0, 1, width=32), min_size=1, max_size=20)


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")  # many ties
@given(SCORES, SCORES, st.integers(0, 20))
def test_in_pieces_it_is_what_it_is_in_one(x: list[float], y: list[float], cut: int) -> None:
    metric = EDDMetric()
    metric.update(x[:cut], y[:cut])
    metric.update(x[cut:], y[cut:])
    assert float(metric.compute()) == float(edd(x, y, window=1))
    metric.reset()
    with pytest.raises(ValueError, match="no frames given on a side"):
        metric.compute()


def test_labels_and_windows_stay_inside_an_update() -> None:
    rng = np.random.default_rng(0)
    labels = ("happy", "sad")

    def scores(n: int) -> EmotionScores:
        happy = rng.random(n)
        return EmotionScores(labels, np.stack([happy, 1 - happy], axis=1))

    pairs = [(scores(9), scores(7)), (scores(8), scores(6))]
    metric = EDDMetric("sad", labels=labels, window=3)
    for pair in pairs:
        metric.update(*pair)
    x, y = (np.concatenate([pair[i].values for pair in pairs]) for i in (0, 1))
    segments = (np.repeat([0, 1], [9, 8]), np.repeat([0, 1], [7, 6]))
    expected = edd(x, y, "sad", labels=labels, window=3, segments=segments)
    assert metric.compute() == expected
    assert expected.edd != edd(x, y, "sad", labels=labels, window=3).edd


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=2, max_size=40))
def test_a_score_in_sklearns_order(rows: list[tuple[bool, int]]) -> None:
    truth, score = np.array([r[0] for r in rows]), np.array([r[1] for r in rows], float)
    if truth.all() or not truth.any():
        assert np.isnan(edd_score(truth, score))
    else:
        assert edd_score(truth, score) == pytest.approx(1 - roc_auc_score(truth, score), abs=1e-12)


def test_as_a_scorer_of_scikit_learn() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 200)
    features = rng.normal(size=(200, 3)) + truth[:, None]
    scorer = make_scorer(edd_score, greater_is_better=False, response_method="predict_proba")
    values = -cross_val_score(LogisticRegression(), features, truth, scoring=scorer)
    aurocs = cross_val_score(LogisticRegression(), features, truth, scoring="roc_auc")
    assert values == pytest.approx(1 - aurocs)


@pytest.mark.parametrize(
    ("truth", "score"), [([0, 2], [0.1, 0.2]), ([0, 1], [0.1]), ([[0, 1]], [[0.1, 0.2]])]
)
def test_what_is_no_pair_of_labels_and_scores(truth: list[int], score: list[float]) -> None:
    with pytest.raises(ValueError, match="given; expected"):
        edd_score(truth, score)


@pytest.mark.filterwarnings("ignore::emoanim.metrics.EDDWarning")  # so few frames
def test_a_result_as_plain_values() -> None:
    result = edd([0.1, 0.2, 0.3, 0.2], [0.7, 0.9, 0.8, 0.1], window=1, ci="block", replicates=50)
    plain = json.loads(json.dumps(result.to_dict(), allow_nan=False))
    assert plain["edd"] == float(result) == result.edd
    assert plain["interval"]["level"] == 0.95
    none = edd([], [0.1], window=1)
    assert json.loads(json.dumps(none.to_dict(), allow_nan=False))["edd"] is None


def test_a_metric_shows_what_it_is():
    metric = EDDMetric("happy", kind="scores")
    assert repr(metric) == (
        "EDDMetric('happy', window=1, kind='scores'; 0 originals, 0 generated so far)"
    )


def test_its_defaults_and_those_of_edd_are_one_window_apart() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.random(40), rng.random(50) + 0.2
    metric, smoothing = EDDMetric(), EDDMetric(window=5)
    for each in (metric, smoothing):
        each.update(x, y)
    truth = np.repeat([0, 1], [40, 50])
    assert float(metric.compute()) == edd_score(truth, np.concatenate([x, y]))
    assert float(metric.compute()) == edd(x, y, window=1).edd != edd(x, y).edd
    assert smoothing.compute() == edd(x, y)
    # Where it is called, each says so.
    assert "window=1" in str(EDDMetric.__doc__)
    assert "window=1" in str(edd_score.__doc__)
    assert "window=1" in str(edd.__doc__)
