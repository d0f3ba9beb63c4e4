from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emoanim import speech
from emoanim.adapters.text_emoters.keep import KeepTextEmoter
from emoanim.adapters.voices.keep import KeepVoice
from emoanim.clips import Audio, Recording, Speech, Transcript
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.errors import EmotionError, NoSpeechError
from emoanim.speech import SpeechToSpeech
from emoanim.steps import Step
from emoanim.testing.tiny import TinyTextEmoter, TinyTranscriber, TinyVoice

NOISE = Audio(np.random.default_rng(0).normal(0, 0.1, 16000).astype(np.float32), 16000)


def chain(text: str = "We meet on Monday.") -> SpeechToSpeech:
    return SpeechToSpeech(TinyTranscriber(text), TinyTextEmoter(), TinyVoice())


def test_words_then_text_then_speech() -> None:
    seen: list[Step] = []
    result = chain()(NOISE, "very happy", on_step=seen.append)
    assert result.transcript.text == "We meet on Monday."
    assert result.text == "Happy: We meet on Monday."
    assert result.speech.text == result.text
    assert [(s.name, s.done) for s in seen] == [
        (name, done) for name in ("transcribe", "rewrite", "speak") for done in (0, 1)
    ]
    assert [s.artefact for s in seen[1::2]] == [result.transcript, result.text, result.speech]
    assert set(result.timings) == {"transcribe", "rewrite", "speak"}


@pytest.mark.parametrize("samples", [np.zeros(16000), np.zeros(0), np.full(16000, 5e-4)])
def test_silence_is_refused_before_any_model_runs(samples: np.ndarray) -> None:
    class Unasked:
        def transcribe(self, audio: Audio) -> Transcript:
            raise AssertionError("silence needs no model")

    heard = SpeechToSpeech(Unasked(), TinyTextEmoter(), TinyVoice())
    with pytest.raises(NoSpeechError, match="is silent"):
        heard(Audio(samples.astype(np.float32), 16000), "sad")


def test_no_words() -> None:
    class Deaf:
        def transcribe(self, audio: Audio) -> Transcript:
            return Transcript("  ")

    with pytest.raises(NoSpeechError, match="no words"):
        SpeechToSpeech(Deaf(), TinyTextEmoter(), TinyVoice())(NOISE, "sad")


@pytest.mark.parametrize("loud", [1.0, 0.0])
def test_a_voice_that_keeps_the_sound_needs_no_words(loud: float) -> None:
    class Deaf:
        def transcribe(self, audio: Audio) -> Transcript:
            raise NoSpeechError("no words")

    sound = Audio(NOISE.samples * np.float32(loud), NOISE.rate)
    result = SpeechToSpeech(Deaf(), KeepTextEmoter(), KeepVoice())(sound, "sad")
    assert result.text == ""
    assert np.array_equal(result.speech.audio.samples, sound.samples)
    assert result.notes == ("no words were heard; the sound stays as it is",)
    with pytest.raises(NoSpeechError):
        SpeechToSpeech(Deaf(), KeepTextEmoter(), KeepVoice())(sound, Timeline.parse("sad@0"))


def test_an_unknown_emotion_is_refused_first() -> None:
    with pytest.raises(EmotionError, match="peckish"):
        chain()(Audio(np.zeros(0, np.float32), 16000), "peckish")


def test_memory_is_given_back_after_hearing_and_after_speaking(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[str] = []
    monkeypatch.setattr(speech, "give_back", lambda: given.append("back"))
    chain()(NOISE, "sad", on_step=lambda step: given.append(step.name) if step.done else None)
    assert given == ["transcribe", "back", "rewrite", "speak", "back"]


def test_the_voice_is_told_what_was_said() -> None:
    given: list[Audio] = []

    class Listening(TinyVoice):
        def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
            given.append(reference)
            return super().speak(text, prompt, reference)

    heard = SpeechToSpeech(TinyTranscriber("We meet."), TinyTextEmoter(), Listening())
    result = heard(NOISE, "happy")
    (reference,) = given
    assert isinstance(reference, Recording)
    assert reference.transcript is result.transcript
    assert np.array_equal(reference.samples, NOISE.samples)


def test_only_the_speech_of_a_settings_file(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text('text_emoter = "keep"\nbed = true\nvoice = { name = "own" }\n')
    chain = SpeechToSpeech.from_settings(file)
    assert type(chain.text_emoter).__name__ == "KeepTextEmoter"
    assert type(chain.voice).__name__ == "OwnVoice"
    assert chain.bed
