"""Two emotions at once: each backend has something of both."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.adapters.voices.openai_speech import _instructions
from emoanim.clips import Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film.delivery import taken
from emoanim.engines.hibari.manner import manner_of as hibari_cues
from emoanim.engines.own_voice.manner import manner_of as own_cues
from emoanim.engines.rig.expressions.presets import emotion_units
from emoanim.engines.rig.motion.manner import manner_of as movement
from emoanim.language.rewrite_prompt import modification
from emoanim.services.elevenlabs.delivery import delivery

BOTH = EmotionPrompt.parse("happy and surprised")
HAPPY, SURPRISED = EmotionPrompt.parse("happy"), EmotionPrompt.parse("surprised")


def test_the_face_has_the_units_of_both():
    units = emotion_units(BOTH)
    happy, surprised = emotion_units(HAPPY), emotion_units(SURPRISED)
    assert set(units) == set(happy) | set(surprised)
    assert units["12"] == happy["12"]
    assert units["2"] == surprised["2"]
    assert units["26"] == max(happy["26"], surprised["26"])


def test_the_weaker_emotion_of_a_blend_is_weaker_on_the_face():
    little = emotion_units(EmotionPrompt.parse("happy but a little sad"))
    full = emotion_units(EmotionPrompt.parse("happy and sad"))
    assert little["12"] == full["12"]
    assert little["15"] == pytest.approx(full["15"] / 2)


@pytest.mark.parametrize("of", [hibari_cues, own_cues])
def test_the_voice_is_between_both(of):
    cues, happy, surprised = (of(prompt, 200.0) for prompt in (BOTH, HAPPY, SURPRISED))
    for name in ("pitch", "final", "effort", "spread"):
        ends = sorted((getattr(happy, name), getattr(surprised, name)))
        assert ends[0] <= getattr(cues, name) <= ends[1]
    assert cues.final == pytest.approx((happy.final + surprised.final) / 2)


def test_head_and_blinks_are_between_both():
    manner = movement(BOTH)
    assert manner.blinks == pytest.approx((movement(HAPPY).blinks + movement(SURPRISED).blinks) / 2)
    assert {"5", "6"} <= set(manner.flash)


def test_the_film_gives_way_to_both():
    expected = (taken(HAPPY).shares + taken(SURPRISED).shares) / 2
    np.testing.assert_allclose(taken(BOTH).shares, expected)


def test_services_are_told_of_both():
    assert modification(EmotionPrompt.parse("very happy but a little sad")) == (
        "Make this text very happy and slightly sad"
    )
    assert delivery(BOTH, "eleven_v3").tag == "[happy][surprised]"
    assert "smiling" in _instructions(BOTH)
    assert "sudden rises" in _instructions(BOTH)


def test_sentences_are_dealt_out_between_both():
    text = (
        "You never listen to me. I lost my job on Monday. They broke my window again. "
        "My dog died last week. It is cold."
    )
    emoter = LexiconTextEmoter()
    blend = EmotionPrompt.parse("angry and sad")
    read = emoter.read(Transcript(text), blend)
    angry, sad = (emoter.read(Transcript(text), part).sentences for part in blend.parts)
    assert len(read.sentences) == 5
    origin = [
        {name for name, way in (("anger", angry[i]), ("sad", sad[i])) if way == said}
        for i, said in enumerate(read.sentences)
    ]
    assert all(origin)
    assert {"anger"} in origin
    assert {"sad"} in origin
