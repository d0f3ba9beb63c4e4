from __future__ import annotations

import pytest

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.rig.expressions.likeness import FARTHEST, LEFT, estimated_distance, kept_alike
from emoanim.engines.rig.expressions.presets import PRESETS, emotion_units


def test_nothing_moved_is_nearly_the_same() -> None:
    assert estimated_distance({}) < 0.2


def test_brows_and_nose_estrange_more_than_a_smile() -> None:
    assert estimated_distance({"4": 1.5, "9": 1.5}) > 1.3 * estimated_distance({"12": 1.5})


@pytest.mark.parametrize("emotion", list(Emotion))
def test_presets_are_bounded_and_keep_their_proportions(emotion) -> None:
    units = dict(PRESETS[emotion])
    bounded = kept_alike(units)
    assert estimated_distance(bounded) <= FARTHEST + 1e-3
    shares = {round(bounded[u] / w, 4) for u, w in units.items()}
    assert len(shares) <= 1
    assert all(LEFT <= s <= 1.0 for s in shares)


def test_what_is_taken_away_counts() -> None:
    units = {"1": 1.5, "2": 1.5}
    taken = {"4": -1.0, "9": -0.6}
    assert estimated_distance(units, taken) > estimated_distance(units)
    assert kept_alike(units, taken)["1"] < kept_alike(units)["1"]


def test_a_caricature_is_held_back_and_a_trace_is_not() -> None:
    huge = {unit: 3 * w for unit, w in PRESETS[Emotion.DISGUST].items()}
    assert kept_alike(huge)["9"] == pytest.approx(LEFT * huge["9"])
    assert kept_alike({"9": 0.2}) == {"9": 0.2}
    assert kept_alike(huge, least=0.9)["9"] == pytest.approx(0.9 * huge["9"])


def test_strength_stays_monotone() -> None:
    strengths = [
        kept_alike(emotion_units(EmotionPrompt(Emotion.DISGUST, i)))["9"]
        for i in (0.25, 0.5, 0.75, 1.0)
    ]
    assert strengths == sorted(strengths)
