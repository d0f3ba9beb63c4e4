"""Formants that rise leave a low voice its fundamental."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.sound.speaker import describe

TEXT = "The train to the city leaves early, and we will wait for you in front of the station."


@pytest.mark.parametrize("pitch", [110.0, 150.0, 170.0])
def test_sorrow_is_not_heard_an_octave_higher(pitch: float) -> None:
    voice = HibariVoice(pitch=pitch, formants=0.9)
    speech = voice.speak(TEXT, EmotionPrompt(Emotion.SAD, 1.0), Audio(np.zeros(0), 16000))
    found = describe(speech.audio)
    assert found is not None
    assert 0.85 < found.f0 / speech.details["pitch_hz"] < 1.2
