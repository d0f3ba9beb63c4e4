from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.hibari.manner import MANNER, manner_of, strength
from emoanim.sound.emotional_cues import Cues


def test_the_plain_word_has_nearly_all_of_an_emotion() -> None:
    steps = [strength(x) for x in np.linspace(0.0, 1.0, 101)]
    assert steps[0] == 0.0
    assert steps[-1] == 1.0
    assert np.all(np.diff(steps) > 0.0)
    # "slightly" is told from the plain word, and that from nothing missing
    assert 0.6 < strength(0.3) < 0.75
    assert 0.93 < strength(0.6) < 0.97


@pytest.mark.parametrize("emotion", [e for e in Emotion if e is not Emotion.NEUTRAL])
def test_cues_go_that_part_of_their_way(emotion: Emotion) -> None:
    assert manner_of(EmotionPrompt(emotion, 0.0), 200.0) == Cues()
    assert manner_of(EmotionPrompt(emotion, 1.0), 200.0) == MANNER[emotion]
    plain = manner_of(EmotionPrompt(emotion, 0.6), 200.0)
    assert plain.pitch == pytest.approx(strength(0.6) * MANNER[emotion].pitch)
    assert plain.level == pytest.approx(strength(0.6) * MANNER[emotion].level)


def test_a_blend_is_the_mean_of_its_emotions() -> None:
    blend = EmotionPrompt(Emotion.HAPPY, 0.6, others=((Emotion.SURPRISE, 0.3),))
    joy, surprise = (
        manner_of(EmotionPrompt(e, x), 200.0)
        for e, x in ((Emotion.HAPPY, 0.6), (Emotion.SURPRISE, 0.3))
    )
    for field in dataclasses.fields(Cues):
        wanted = (2.0 * getattr(joy, field.name) + getattr(surprise, field.name)) / 3.0
        assert getattr(manner_of(blend, 200.0), field.name) == pytest.approx(wanted), field.name


def test_low_voices_rise_less() -> None:
    high, low = (manner_of(EmotionPrompt(Emotion.ANGER, 1.0), f0) for f0 in (220.0, 100.0))
    assert low.pitch == pytest.approx(0.75 * high.pitch)
    assert low.effort == high.effort
