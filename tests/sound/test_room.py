from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoanim.clips import Audio, Recording, Speech, Transcript, Word
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.sound.background import background, bed
from emoanim.sound.emotional_cues import CUES
from emoanim.sound.loudness import loudness
from emoanim.sound.room import in_room

RATE = 24000
NEUTRAL = EmotionPrompt(Emotion.NEUTRAL, 1.0)


def recording(hum: float = 0.01, gap: float = 1.0) -> Recording:
    """Two loud words in a hum of 100 Hz, with a click in the gap between them."""
    time = np.arange(int((2.0 + gap) * RATE)) / RATE
    rng = np.random.default_rng(0)
    sound = hum * np.sin(2 * np.pi * 100 * time)
    words = (Word("one", 0.0, 1.0), Word("two", 1.0 + gap, 2.0 + gap))
    for word in words:
        inside = (time >= word.start) & (time < word.end)
        sound[inside] += 0.04 * rng.normal(size=inside.sum())
    click = int((1.0 + gap / 2) * RATE)
    sound[click : click + 400] += 0.5
    return Recording(sound.astype(np.float32), RATE, Transcript("one two", "en", words, 2.0 + gap))


def spoken(seconds: float = 3.0) -> Speech:
    return Speech(Audio(np.zeros(int(seconds * RATE), np.float32), RATE), "one two")


def test_the_background_is_what_lies_between_the_words() -> None:
    pieces = background(recording())
    assert 0.5 < sum(map(len, pieces)) / RATE < 0.85
    assert max(np.abs(p).max() for p in pieces) < 0.011  # neither words nor the click


def test_the_bed_is_as_loud_as_the_background_and_as_long_as_asked() -> None:
    made = bed(recording(), 5.0)
    assert made is not None
    assert made.duration == pytest.approx(5.0)
    assert made.samples.std() == pytest.approx(0.01 / np.sqrt(2), rel=0.35)
    parts = made.samples.reshape(50, -1).std(axis=1)
    assert parts.min() > 0.0
    again = bed(recording(), 5.0)
    assert again is not None
    assert np.array_equal(again.samples, made.samples)


def test_no_background_without_a_gap_or_times() -> None:
    assert bed(recording(gap=0.2), 3.0) is None
    assert bed(Recording(np.zeros(RATE, np.float32), RATE), 3.0) is None


def test_speech_lies_in_the_room() -> None:
    made, note = in_room(spoken(), recording(), NEUTRAL, background=True)
    assert note == ""
    assert 0.003 < made.audio.samples.std() < 0.012
    assert len(made.audio.samples) == len(spoken().audio.samples)
    plain, _ = in_room(spoken(), recording(), NEUTRAL)
    assert not plain.audio.samples.any()
    none, note = in_room(spoken(), recording(gap=0.2), NEUTRAL, background=True)
    assert "no background" in note
    assert not none.audio.samples.any()


def test_a_recording_said_again_has_its_background() -> None:
    again = replace(spoken(), time_map=((0.0, 0.0), (3.0, 3.0)))
    made, _ = in_room(again, recording(), NEUTRAL, background=True)
    assert not made.audio.samples.any()


@pytest.mark.parametrize(("rate", "kept"), [(48000, 48000), (16000, 16000), (8000, RATE)])
def test_the_rate_is_the_recordings(rate: int, kept: int) -> None:
    made, _ = in_room(spoken(), Recording(np.zeros(100, np.float32), rate), NEUTRAL)
    assert made.audio.rate == kept
    assert made.audio.duration == pytest.approx(3.0, abs=0.001)


def test_speech_is_as_loud_as_the_recording_and_more_in_anger() -> None:
    time = np.arange(3 * RATE) / RATE
    tone = Audio((0.02 * np.sin(2 * np.pi * 500 * time)).astype(np.float32), RATE)
    original = loudness(recording())
    assert original is not None
    angry = EmotionPrompt(Emotion.ANGER, 1.0)
    made, _ = in_room(Speech(tone, "one"), recording(), NEUTRAL)
    loud, _ = in_room(Speech(tone, "one"), recording(), angry)
    assert loudness(made.audio) == pytest.approx(original, abs=0.3)
    assert loudness(loud.audio) == pytest.approx(original + CUES[Emotion.ANGER].level, abs=0.3)
    left, _ = in_room(Speech(tone, "one", details={"level_db": 1.0}), recording(), angry)
    assert np.array_equal(left.audio.samples, tone.samples)
