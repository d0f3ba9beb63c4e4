"""The lexicon as a backend: options, languages, records."""

from __future__ import annotations

import logging

import pytest

from emoanim import registry
from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript, Word
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import NoSpeechError, SettingsError
from emoanim.protocols import RewritesWithRecord, TextEmoter

ANGRY = EmotionPrompt(Emotion.ANGER, 1.0)
TEXT = "They charged me twice for the same ticket."


@pytest.mark.parametrize("language", ["en", "EN", "en-US", "en_GB", ""])
def test_english_by_any_code(language):
    assert LexiconTextEmoter().rewrite(Transcript(TEXT, language), ANGRY) != TEXT


def test_another_language_passes_through_with_a_notice(caplog):
    with caplog.at_level(logging.WARNING):
        made = LexiconTextEmoter().rewrite_with_record(Transcript("Guten Tag.", "de"), ANGRY)
    assert made.text == "Guten Tag."
    assert "'de'" in made.notes[0]
    assert "gpt4" in made.notes[0]
    with caplog.at_level(logging.WARNING):
        assert LexiconTextEmoter().rewrite(Transcript("Guten Tag.", "de"), ANGRY) == "Guten Tag."
    assert caplog.text.count(made.notes[0]) == 1


def test_the_record_says_what_was_done():
    made = LexiconTextEmoter().rewrite_with_record(Transcript(TEXT), ANGRY)
    assert made.details["language_pack"] == "English"
    assert made.details["changes"]
    assert {c["sentence"] for c in made.details["changes"]} == {0}
    assert LexiconTextEmoter().rewrite(Transcript(TEXT), ANGRY) == made.text


def test_fit_adds_only_what_the_clip_has_time_for():
    words = TEXT.split()
    times = tuple(Word(w, i * 0.4, i * 0.4 + 0.4) for i, w in enumerate(words))
    full = Transcript(TEXT, words=times, duration=times[-1].end)
    roomy = Transcript(TEXT, words=times, duration=times[-1].end * 2)
    for seed in range(5):
        fitted = LexiconTextEmoter(seed, fit=True)
        assert len(fitted.rewrite(full, ANGRY).split()) == len(words)
        assert len(fitted.rewrite(roomy, ANGRY).split()) > len(words)


@pytest.mark.parametrize("text", ["", "  \n ", "...", "?!", "♪"])
@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("emotion", [Emotion.HAPPY, Emotion.NEUTRAL])
def test_no_words_no_text(text, emotion, language):
    with pytest.raises(NoSpeechError, match="without words"):
        LexiconTextEmoter().rewrite(Transcript(text, language), EmotionPrompt(emotion))


@pytest.mark.parametrize("options", [{"seed": -1}, {"max_growth": 0.9}, {"max_growth": 1.6}])
def test_options_out_of_range(options):
    with pytest.raises(SettingsError, match="expected"):
        LexiconTextEmoter(**options)


def test_the_registry_knows_it():
    emoter = registry.backend("text_emoter", "lexicon", seed=3, max_growth=1.2)
    assert isinstance(emoter, LexiconTextEmoter)
    assert isinstance(emoter, TextEmoter)
    assert isinstance(emoter, RewritesWithRecord)
