from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from emoanim.adapters.voices.hibari import HibariVoice
from emoanim.adapters.voices.own import OwnVoice
from emoanim.clips import Audio, Recording, Speech, Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import InputError, NoSpeechError
from emoanim.language.word_errors import word_error_rate
from emoanim.registry import backend
from emoanim.sound.speaker import describe

TEXT = "They told me yesterday that the new office will open, and that we can all go in summer."
SILENT = Audio(np.zeros(0, np.float32), 16000)


@pytest.fixture(scope="module")
def recording() -> Recording:
    """A man's voice that stands for a person's."""
    voice = HibariVoice(pitch=110.0, formants=0.87)
    audio = voice.speak(TEXT, EmotionPrompt(Emotion.NEUTRAL, 0.0), SILENT).audio
    return Recording(audio.samples, audio.rate, Transcript(TEXT, duration=audio.duration))


@pytest.fixture(scope="module")
def spoken(recording: Recording) -> dict[Emotion, Speech]:
    wanted = (Emotion.ANGER, Emotion.HAPPY, Emotion.SAD, Emotion.NEUTRAL)
    return {e: OwnVoice().speak(TEXT, EmotionPrompt(e, 1.0), recording) for e in wanted}


def test_one_voice_takes_many_recordings(recording: Recording) -> None:
    """What it keeps of the last one never stands for another."""
    voice, prompt = OwnVoice(), EmotionPrompt(Emotion.SAD, 1.0)
    half = Recording(recording.samples[::2], recording.rate // 2, recording.transcript)
    first = voice.speak(TEXT, prompt, recording).audio.samples
    assert voice.speak(TEXT, prompt, half).audio.rate == recording.rate // 2
    assert np.array_equal(voice.speak(TEXT, prompt, recording).audio.samples, first)


def test_intensity_0_is_the_recording(recording: Recording) -> None:
    said = OwnVoice().speak(TEXT, EmotionPrompt(Emotion.ANGER, 0.0), recording)
    assert np.array_equal(said.audio.samples, recording.samples)
    assert said.time_map[-1] == (recording.duration, recording.duration)


def test_pitch_goes_where_the_emotion_has_it(
    recording: Recording, spoken: dict[Emotion, Speech]
) -> None:
    before = describe(recording)
    shift = {e: 12 * np.log2(describe(s.audio).f0 / before.f0) for e, s in spoken.items()}
    assert 3.0 < shift[Emotion.ANGER] < 7.0
    assert 5.0 < shift[Emotion.HAPPY] < 9.5
    assert -1.7 < shift[Emotion.SAD] < 0.3
    assert abs(shift[Emotion.NEUTRAL]) < 1.0


def test_the_speaker_stays(recording: Recording, spoken: dict[Emotion, Speech]) -> None:
    own = np.log2(describe(recording).formants)
    for speech in spoken.values():
        away = np.abs(np.log2(describe(speech.audio).formants) - own)
        assert away[1:].mean() < 0.12  # a woman's lie 0.2 away


def test_length_stays_within_15_per_cent(
    recording: Recording, spoken: dict[Emotion, Speech]
) -> None:
    for speech in spoken.values():
        assert 0.84 < speech.audio.duration / recording.duration < 1.16
        assert speech.audio.rate == recording.rate
    free = OwnVoice(fit=False).speak(TEXT, EmotionPrompt(Emotion.SAD, 1.0), recording)
    assert free.audio.duration > 1.2 * recording.duration


def test_words_are_understood_as_before(spoken: dict[Emotion, Speech]) -> None:
    ears = backend("transcriber", "whisper", language="en")
    wrong = [word_error_rate(TEXT, ears.transcribe(s.audio).text) for s in spoken.values()]
    assert np.mean(wrong) <= 0.04


def test_phones_and_the_map_go_along(recording: Recording, spoken: dict[Emotion, Speech]) -> None:
    for speech in spoken.values():
        assert speech.phones[0].start == 0.0
        assert speech.phones[-1].end == pytest.approx(speech.audio.duration, abs=1e-3)
        assert all(a.end == pytest.approx(b.start) for a, b in pairwise(speech.phones))
        new, old = np.array(speech.time_map).T
        assert (np.diff(new) > 0).all()
        assert (np.diff(old) > 0).all()
        assert old[-1] == pytest.approx(recording.duration, abs=1e-4)


def test_other_words_are_refused(recording: Recording) -> None:
    with pytest.raises(InputError, match=r"can say only what was said.*keep"):
        OwnVoice().speak("Something else entirely.", EmotionPrompt.parse("sad"), recording)


def test_marks_and_case_are_no_other_words(recording: Recording) -> None:
    said = OwnVoice().speak(TEXT.upper(), EmotionPrompt(Emotion.SAD, 0.0), recording)
    assert said.text == TEXT.upper()


def test_plain_sound_takes_the_text_as_what_is_said(recording: Recording) -> None:
    plain = Audio(recording.samples, recording.rate)
    said = OwnVoice().speak(TEXT, EmotionPrompt(Emotion.SAD, 1.0), plain)
    assert len([p for p in said.phones if p.symbol != "SIL"]) > 40


@pytest.mark.parametrize("audio", [SILENT, Audio(np.zeros(16000, np.float32), 16000)])
def test_silence_is_refused(audio: Audio) -> None:
    with pytest.raises(NoSpeechError, match="expected one with speech"):
        OwnVoice().speak(TEXT, EmotionPrompt.parse("sad"), audio)


def test_a_whisper_is_said_to_have_no_pitch(recording: Recording) -> None:
    rng = np.random.default_rng(0)
    swell = np.interp(np.arange(32000) / 16000, [0, 0.3, 0.6, 1.0, 1.5, 2.0], [0, 1, 0.1, 1, 1, 0])
    whisper = Audio((0.1 * swell * rng.standard_normal(32000)).astype(np.float32), 16000)
    said = OwnVoice().speak("Come here.", EmotionPrompt.parse("very sad"), whisper)
    assert "pace, pauses and loudness only" in said.details["note"]
    spoken = OwnVoice().speak(TEXT, EmotionPrompt.parse("sad"), recording)
    assert "note" not in spoken.details


def test_a_recording_is_let_go_and_read_again(recording: Recording) -> None:
    voice, prompt = OwnVoice(), EmotionPrompt(Emotion.SAD, 1.0)
    before = voice.speak(TEXT, prompt, recording).audio.samples
    assert voice._last is not None
    voice.release()
    assert voice._last is None
    assert np.array_equal(voice.speak(TEXT, prompt, recording).audio.samples, before)
