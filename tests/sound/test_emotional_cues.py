from __future__ import annotations

import dataclasses

import pytest

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.sound.emotional_cues import CUES, Cues, cues_of


def full(emotion: Emotion, f0: float | None = None) -> Cues:
    return cues_of(EmotionPrompt(emotion, 1.0), f0)


def test_intensity_goes_from_neutral_to_the_table() -> None:
    for emotion in Emotion:
        assert cues_of(EmotionPrompt(emotion, 0.0)) == Cues()
        assert full(emotion) == CUES[emotion]
    assert full(Emotion.NEUTRAL) == Cues()
    plain = cues_of(EmotionPrompt(Emotion.ANGER, 0.6))
    table = CUES[Emotion.ANGER]
    # more than in proportion: a half-hearted emotion is heard as none
    assert 0.6 * table.effort < plain.effort < 0.8 * table.effort
    assert 1.0 + 0.6 * (table.f1 - 1.0) < plain.f1 < table.f1


def test_every_emotion_differs_from_every_other() -> None:
    assert len({dataclasses.astuple(c) for c in CUES.values()}) == len(Emotion) == len(CUES)


@pytest.mark.parametrize("emotion", [Emotion.ANGER, Emotion.HAPPY, Emotion.FEAR, Emotion.DISGUST])
def test_a_low_voice_rises_less(emotion: Emotion) -> None:
    assert full(emotion, 100.0).pitch < full(emotion, 150.0).pitch < full(emotion, 200.0).pitch
    assert full(emotion, 200.0) == full(emotion)
    assert full(emotion, 100.0).f1 == full(emotion).f1


def test_a_low_voice_falls_as_far() -> None:
    assert full(Emotion.SAD, 100.0) == full(Emotion.SAD)


def test_the_directions_that_acted_corpora_agree_on() -> None:
    high = [full(e) for e in (Emotion.ANGER, Emotion.HAPPY, Emotion.FEAR)]
    assert all(c.pitch > 5 and c.effort > 3 and c.level > 2 for c in high)
    assert all(c.f1 > 1.05 for c in (*high, full(Emotion.SAD), full(Emotion.DISGUST)))
    assert full(Emotion.ANGER).effort > full(Emotion.HAPPY).effort > 0 > full(Emotion.SAD).effort
    assert full(Emotion.ANGER).fundamental < 0 < full(Emotion.SAD).fundamental
    assert full(Emotion.SAD).breaks > full(Emotion.ANGER).breaks == 0.0
    assert full(Emotion.FEAR).spread < 1 < full(Emotion.DISGUST).spread
    assert full(Emotion.HAPPY).final > 0 > full(Emotion.ANGER).final


def test_a_low_voice_may_open_its_mouth_further() -> None:
    prompt = EmotionPrompt(Emotion.ANGER, 1.0)
    table = CUES[Emotion.ANGER]
    low = cues_of(prompt, 100.0, opening=1.5)
    assert low.f1 == pytest.approx(1.0 + 1.5 * (table.f1 - 1.0))
    assert cues_of(prompt, 200.0, opening=1.5).f1 == table.f1
    closed = cues_of(EmotionPrompt(Emotion.CONTEMPT, 1.0), 100.0, opening=1.5)
    assert closed.f1 == CUES[Emotion.CONTEMPT].f1
