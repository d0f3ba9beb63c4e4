"""The control beside every EDD: the same film against the targets that it was not made for."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emoanim.clips import EmotionScores
from emoanim.emotions import EmotionPrompt
from emoanim.evaluation.observation import Observation
from emoanim.metrics import edd
from emoanim.study.workers.measuring import pair_facts

LABELS = ("happy", "sad", "fear", "boredom")
TIMES = np.arange(20) / 25


def seen(rows: list[list[float]]) -> Observation:
    values = np.asarray(rows, np.float64)
    values /= values.sum(axis=1, keepdims=True)
    scores = EmotionScores(LABELS, values, times=TIMES, classifier="main")
    return Observation("clip", 25.0, TIMES, {"main": scores})


def test_wrong_targets_are_those_of_the_study_that_are_not_the_films() -> None:
    random = np.random.default_rng(5)
    before = seen((random.random((20, 4)) + 0.1).tolist())
    after = seen((random.random((20, 4)) + np.array([1.0, 0.1, 0.4, 0.1])).tolist())
    facts = pair_facts(before, after, None, EmotionPrompt.parse("happy"))["faces"]["main"]
    x, y = (side.scores["main"].values for side in (before, after))
    expected = {n: edd(x, y, n, labels=LABELS, window=5).edd for n in LABELS}
    assert facts["edd"] == pytest.approx(expected["happy"], abs=1e-6)
    assert facts["profile"] == pytest.approx([expected[n] for n in LABELS], abs=1e-6)
    # Boredom is no emotion of the study.
    wrong = (expected["sad"] + expected["fear"]) / 2
    assert facts["wrong"] == pytest.approx(wrong, abs=1e-6)
    assert not math.isclose(facts["wrong"], facts["edd"], abs_tol=0.05)


def test_a_classifier_that_knows_the_target_alone_has_no_wrong_one() -> None:
    values = np.array([[0.4, 0.6]] * 20)
    scores = EmotionScores(("happy", "boredom"), values, times=TIMES, classifier="main")
    clip = replace(seen([[1.0] * 4] * 20), scores={"main": scores})
    facts = pair_facts(clip, clip, None, EmotionPrompt.parse("happy"))["faces"]["main"]
    assert facts["wrong"] is None
