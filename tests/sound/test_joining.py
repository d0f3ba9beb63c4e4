"""Passages as one speech."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from emoanim.clips import Audio, Phone, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.sound.joining import Spoken, joined, quietest

RATE = 16000
HAPPY, SAD = EmotionPrompt.parse("happy"), EmotionPrompt.parse("sad")


def tone(seconds: float, *, lead: float = 0.0, trail: float = 0.0, phase: float = 0.3) -> Audio:
    time = np.arange(round(seconds * RATE)) / RATE
    sound = 0.3 * np.sin(2 * np.pi * 200.0 * time + phase)
    silence = [np.zeros(round(s * RATE)) for s in (lead, trail)]
    return Audio(np.concatenate([silence[0], sound, silence[1]]), RATE)


def part(audio: Audio, text: str, prompt: EmotionPrompt, pause: float = 0.3, **more) -> Spoken:
    return Spoken(Speech(audio, text, **more), prompt, pause)


def test_the_sources_pause_stands_between_voices_that_left_none():
    speech = joined([part(tone(1.0), "One.", HAPPY), part(tone(1.0), "Two.", SAD)])
    assert speech.text == "One. Two."
    assert speech.audio.duration == pytest.approx(2.3, abs=0.03)
    assert [p.prompt for p in speech.passages] == [HAPPY, SAD]
    assert speech.passages[1].start == pytest.approx(1.29, abs=0.02)


def test_silence_that_is_there_counts():
    first, second = tone(1.0, trail=0.2), tone(1.0, lead=0.2)
    speech = joined([part(first, "One.", HAPPY), part(second, "Two.", SAD)])
    assert speech.audio.duration == pytest.approx(2.4, abs=0.02)


@pytest.mark.parametrize("time_map", [(), ((0.0, 0.0), (1.0, 1.0))])
def test_no_step_is_larger_than_the_tones_own(time_map):
    again = tuple((new, old + 1.0) for new, old in time_map)
    speech = joined(
        [
            part(tone(1.0), "One.", HAPPY, time_map=time_map),
            part(tone(1.0, phase=2.0), "Two.", SAD, time_map=again),
        ]
    )
    steps = np.abs(np.diff(speech.audio.samples))
    assert steps.max() < 1.1 * 0.3 * 2 * np.pi * 200.0 / RATE


def test_times_of_sounds_and_of_the_source_go_on():
    phones = (Phone("AH", 0.0, 1.0),)
    speech = joined(
        [
            part(tone(1.0), "One.", HAPPY, phones=phones, time_map=((0.0, 0.0), (1.0, 2.0))),
            part(tone(1.0), "Two.", SAD, phones=phones, time_map=((0.0, 2.0), (1.0, 4.0))),
        ]
    )
    new, old = np.array(speech.time_map).T
    assert (np.diff(new) > 0).all()
    assert (np.diff(old) >= 0).all()
    assert old[-1] == 4.0
    assert new[-1] == pytest.approx(speech.audio.duration, abs=1e-3)
    assert speech.phones[-1].end == pytest.approx(speech.audio.duration, abs=1e-3)
    assert all(a.end == b.start for a, b in pairwise(speech.phones))


@pytest.mark.parametrize("phase", [0.3, 2.0, 3.4, 5.0])
def test_waves_of_a_voice_that_goes_on_fall_together(phase):
    """Nothing is cancelled, whatever the phase at which the second passage begins."""
    again = ((0.0, 0.0), (1.0, 1.0))
    speech = joined(
        [
            part(tone(1.0), "One.", HAPPY, time_map=again),
            part(tone(1.0, phase=phase), "Two.", SAD, time_map=again),
        ]
    )
    around = speech.audio.samples[int(0.96 * RATE) : int(1.02 * RATE)]
    level = [np.std(around[k : k + 80]) for k in range(0, len(around) - 80, 16)]
    assert min(level) > 0.93 * np.median(level)


def test_the_quietest_of_some_seconds():
    audio = tone(0.5, lead=0.0, trail=0.5)
    assert quietest(audio, [0.2, 0.3, 0.6]) == 0.6
    assert quietest(audio, [0.6, 0.7, 0.8]) == 0.7
    assert quietest(audio, [0.1, 0.5]) == 0.5
