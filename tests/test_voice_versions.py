"""Scorers of versions, each by itself."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emoanim import registry
from emoanim.clips import Audio, EmotionScores, Speech, Transcript
from emoanim.emotions import EmotionPrompt
from emoanim.errors import MissingExtraError, NoSpeechError, SettingsError
from emoanim.language.word_errors import word_error_rate
from emoanim.voice_versions import (
    SCORERS,
    EmotionScorer,
    SpeakerScorer,
    WordsScorer,
    pick,
    scorers_of,
)

HAPPY = EmotionPrompt.parse("happy")
NOISE = Audio(np.zeros(16000, np.float32), 16000)


def said(text: str, audio: Audio = NOISE, language: str = "en") -> Speech:
    return Speech(audio, text, (), language)


@pytest.mark.parametrize(
    ("text", "heard", "language", "rate"),
    [
        ("We meet on Monday.", "we MEET, on monday!", "en", 0.0),
        ("We meet on Monday.", "we met on a monday", "en", 0.5),
        ("We meet on Monday.", "", "en", 1.0),
        ("I'm here", "Im here", "en", 0.0),
        ("Hi", "Hi and what else", "en", 3.0),
        ("", "", "en", 0.0),
        ("...", "so", "en", 1.0),
        ("今日は月曜日", "今日は火曜日", "ja", 1 / 6),
        ("Schön für dich", "schon für dich", "de", 1 / 3),
    ],
)
def test_word_error_rate(text: str, heard: str, language: str, rate: float) -> None:
    assert word_error_rate(text, heard, language) == pytest.approx(rate)


def test_words() -> None:
    def transcribe(audio: Audio) -> Transcript:
        if audio is NOISE:
            raise NoSpeechError("nothing")
        return Transcript("we meet on sunday")

    scorer = WordsScorer(SimpleNamespace(transcribe=transcribe))
    heard = said("We meet on Monday.", Audio(np.ones(9, np.float32), 16000))
    assert scorer(heard, HAPPY, NOISE) == -0.25
    assert scorer(said("We meet on Monday."), HAPPY, NOISE) == -1.0


def test_words_are_heard_in_the_language_of_the_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def made(role: str, name: str, **options: Any) -> Any:
        asked.append(options)
        return SimpleNamespace(transcribe=lambda audio: Transcript("hallo"))

    monkeypatch.setattr(registry, "backend", made)
    scorer = WordsScorer()
    for language in ("de", "de", "en"):
        assert scorer(said("Hallo", language=language), HAPPY, NOISE) == 0.0
    assert asked == [{}, {"language": "de"}, {"language": "en"}]


def vowels(scale: float, pitch: float = 120.0) -> Audio:
    """Two seconds of pulses through four resonances."""
    rate, out = 16000, np.zeros(32000)
    out[:: round(rate / pitch)] = 1.0
    for centre in (500.0, 1500.0, 2500.0, 3500.0):
        radius = math.exp(-math.pi * 90.0 / rate)
        a = 2 * radius * math.cos(2 * math.pi * centre * scale / rate)
        first = second = 0.0
        for i, x in enumerate(out):
            out[i] = x + a * first - radius**2 * second
            first, second = out[i], first
    return Audio((0.5 * out / np.abs(out).max()).astype(np.float32), rate)


def test_the_speaker_is_told_by_formants_not_by_pitch() -> None:
    pytest.importorskip("pyworld")
    scorer = SpeakerScorer()
    reference = vowels(1.0)
    same, higher, other = (vowels(1.0, 122.0), vowels(1.0, 180.0), vowels(1.15))
    scores = [scorer(said("a", each), HAPPY, reference) for each in (same, higher, other)]
    assert scores[0] > -0.03
    assert scores[1] > scores[2]
    assert scores[2] == pytest.approx(-math.log2(1.15), abs=0.06)
    assert scorer(said("a"), HAPPY, reference) == -1.0


def test_emotion() -> None:
    def classify(sounds: list[Audio]) -> EmotionScores:
        row = [math.nan] * 2 if sounds[0] is NOISE else [0.3, 0.7]
        return EmotionScores(("sad", "happy"), np.array([row]))

    scorer = EmotionScorer(SimpleNamespace(labels=("sad", "happy"), classify=classify))
    heard = said("Hi", Audio(np.ones(9, np.float32), 16000))
    assert scorer(heard, HAPPY, NOISE) == pytest.approx(0.7)
    assert scorer(said("Hi"), HAPPY, NOISE) == 0.0
    with pytest.raises(SettingsError, match="cannot score contempt; it knows sad, happy"):
        scorer(heard, EmotionPrompt.parse("contempt"), NOISE)


def test_the_next_scorer_decides_between_equals() -> None:
    versions = [said(text) for text in ("a", "b", "c", "d")]
    first = {"a": 0.5, "b": 0.9, "c": 0.9, "d": math.nan}
    second = {"a": 9.0, "b": 1.0, "c": 2.0, "d": 9.0}
    scorers: Any = {
        "first": lambda speech, *_: first[speech.text],
        "second": lambda speech, *_: second[speech.text],
    }
    best, scores = pick(versions, HAPPY, NOISE, scorers)
    assert best == 2
    assert scores == {"first": [0.5, 0.9, 0.9, None], "second": [9.0, 1.0, 2.0, 9.0]}
    assert pick(versions, HAPPY, NOISE, {"first": scorers["first"]})[0] == 1
    assert pick(versions[3:], HAPPY, NOISE, scorers)[0] == 0


def test_names(monkeypatch: pytest.MonkeyPatch) -> None:
    made = scorers_of("words, speaker,operator:ne")
    assert [type(s).__name__ for s in made.values()][:2] == ["WordsScorer", "SpeakerScorer"]
    assert list(made) == ["words", "speaker", "operator:ne"]
    assert list(scorers_of(test_names)) == ["test_names"]
    for bad in ("loudest", "operator:nothing", "", ":"):
        with pytest.raises(SettingsError, match="expected words, speaker, emotion"):
            scorers_of(bad)
    with pytest.raises(SettingsError, match="no scorer given"):
        scorers_of([])
    monkeypatch.setattr(registry.BackendInfo, "missing", lambda self: self.modules)
    with pytest.raises(MissingExtraError, match=r"pip install .*\[local\]"):
        scorers_of("words")
    assert set(SCORERS) == {"words", "speaker", "emotion"}
