"""The words stay."""

from __future__ import annotations

import pytest

from emoanim import registry
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.errors import NoSpeechError


def test_words_stay():
    emoter = registry.backend("text_emoter", "keep")
    text = "so i  went\nto Rome!!"
    for emotion in Emotion:
        assert emoter.rewrite(Transcript(text, "de"), EmotionPrompt(emotion, 1.0)) == text


def test_no_words():
    with pytest.raises(NoSpeechError, match="without words"):
        registry.backend("text_emoter", "keep").rewrite(Transcript("..."), EmotionPrompt("sad"))
