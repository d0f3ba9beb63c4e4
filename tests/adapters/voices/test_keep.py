from __future__ import annotations

import numpy as np
import pytest

from emoanim.adapters.voices.keep import KeepVoice
from emoanim.clips import Audio, Recording, Transcript, Word
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import InputError, NoSpeechError

ANGRY = EmotionPrompt(Emotion.ANGER, 1.0)
SOUND = np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32)
WORDS = (Word("We", 0.1, 0.3), Word("meet.", 0.6, 0.9))


def test_the_recording_comes_back_sample_by_sample() -> None:
    recording = Recording(SOUND, 8000, Transcript("We meet.", words=WORDS, duration=2.0))
    speech = KeepVoice().speak("We meet.", ANGRY, recording)
    assert np.array_equal(speech.audio.samples, SOUND)
    assert speech.audio.rate == 8000
    assert speech.time_map == ((0.0, 0.0), (2.0, 2.0))


def test_a_part_knows_where_it_was() -> None:
    transcript = Transcript("We meet.", words=WORDS, duration=1.0)
    speech = KeepVoice().speak("meet.", ANGRY, Recording(SOUND, 16000, transcript, (0.5, 1.0)))
    assert np.array_equal(speech.audio.samples, SOUND[8000:])
    assert speech.time_map == ((0.0, 0.5), (0.5, 1.0))


def test_other_words_are_refused() -> None:
    recording = Recording(SOUND, 16000, Transcript("We meet."))
    with pytest.raises(
        InputError, match=r"'keep' can say only what was said\..*--text-emoter keep"
    ):
        KeepVoice().speak("We never meet!", ANGRY, recording)


def test_without_a_recording_there_is_nothing_to_keep() -> None:
    with pytest.raises(NoSpeechError, match=r"no recording given; .*--voice hibari"):
        KeepVoice().speak("Hello", ANGRY, Audio(np.zeros(0, np.float32), 16000))
