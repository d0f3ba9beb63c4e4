from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.hibari.manner import MANNER, manner_of, strength
from emoanim.sound.emotional_cues import Cues

WORDS = ("slightly angry", "angry", "very angry", "very very angry", "as angry as possible")


def test_every_word_of_degree_is_told_from_the_next() -> None:
    steps = [strength(x) for x in np.linspace(0.0, 1.0, 101)]
    assert steps[0] == 0.0
    assert steps[-1] == 1.0
    assert np.all(np.diff(steps) > 0.0)
    cues = [manner_of(EmotionPrompt.parse(w), 200.0) for w in WORDS]
    for name in ("pitch", "effort", "level", "swing"):
        values = [getattr(c, name) for c in cues]
        assert np.all(np.diff(values) > 0.0), name
    # a semitone between most, and the plain word is nearly all of an emotion
    assert np.diff([c.pitch for c in cues])[:2].min() > 0.8
    assert 0.8 < cues[1].pitch / cues[-1].pitch < 0.85


@pytest.mark.parametrize("emotion", [e for e in Emotion if e is not Emotion.NEUTRAL])
def test_cues_go_that_part_of_their_way(emotion: Emotion) -> None:
    assert manner_of(EmotionPrompt(emotion, 0.0), 200.0) == Cues()
    utmost, plain = (manner_of(EmotionPrompt(emotion, x), 200.0) for x in (1.0, 0.6))
    # further than all of its cues fear is heard as anger
    reach, share = (1.0, 0.951) if emotion is Emotion.FEAR else (1.1, strength(0.6))
    assert utmost.pitch == pytest.approx(reach * MANNER[emotion].pitch)
    assert plain.pitch == pytest.approx(share * utmost.pitch, rel=1e-3)
    assert plain.level == pytest.approx(share * utmost.level, rel=1e-3)
    assert max(utmost.breaks, utmost.creak, utmost.breath) <= 1.0


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
