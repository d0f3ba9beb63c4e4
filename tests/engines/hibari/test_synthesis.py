"""What is borrowed from the speaker's recording leaves the emotion alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.clips import Audio
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.hibari.manner import manner_of
from emoanim.engines.hibari.network import Network
from emoanim.engines.hibari.reading import Reader
from emoanim.engines.hibari.register import Register
from emoanim.engines.hibari.synthesis import sounded
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.exemplars import borrowed_gains, exemplars
from emoanim.sound.mel_frames import band_levels, framed

TEXT = "They told me yesterday that the new office will open in the middle of the summer."
SILENT = Audio(np.zeros(0, np.float32), 16000)


@pytest.fixture(scope="module")
def other() -> Audio:
    """Somebody else: the voice at a lower pitch, with longer formants."""
    voice = HibariVoice(seed=3, pitch=140.0, formants=0.88)
    return voice.speak(TEXT, EmotionPrompt(Emotion.NEUTRAL, 0.0), SILENT).audio


@pytest.mark.parametrize("emotion", [Emotion.NEUTRAL, Emotion.ANGER, Emotion.SAD])
def test_every_emotion_borrows_what_the_neutral_sound_does(other: Audio, emotion: Emotion) -> None:
    reader, network = Reader(), Network()
    (sentence,) = reader.sentences(TEXT)
    ids = reader.ids(sentence.symbols)
    durations = np.maximum(1, np.round(network.durations(ids))).astype(np.int64)
    cues = manner_of(EmotionPrompt(emotion, 1.0), 190.0)

    def said(how: Cues, register: Register) -> NDArray[np.float32]:
        rng = np.random.default_rng(0)
        return sounded(ids, sentence.symbols, durations, how, register, network, rng)[0]

    plain = said(Cues(), Register())
    speaker = exemplars(other, Audio(plain, 24000))
    assert speaker is not None
    without, taken = (said(cues, Register(frames=f)) for f in (None, speaker))
    assert len(without) == len(taken)
    change = band_levels(framed(taken)) - band_levels(framed(without))
    wanted = borrowed_gains(plain, speaker)
    loud = band_levels(framed(without)) > -40.0
    loud[:8] = loud[-8:] = False
    assert loud.sum() > 3000
    assert np.std(wanted[loud]) > 2.0
    assert np.std((change - wanted)[loud]) < 0.6 * np.std(wanted[loud])


def test_a_register_knows_the_speakers_frames(other: Audio) -> None:
    assert HibariVoice()._register_of(other).frames is not None
    assert HibariVoice(colour=False)._register_of(other).frames is None
