"""The offline text emoter: English sentences rewritten from lists of patterns.

Nothing of the text is replaced or left out: openers, intensifiers, evaluative clauses, short
reactions and end marks are added to it (``neutral`` takes such things away instead).
"""

from __future__ import annotations

import zlib

import numpy as np

from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.lexicon.calming import calm
from emoanim.engines.lexicon.emphasis import Marked, emphasise
from emoanim.engines.lexicon.patterns import phrasebook
from emoanim.engines.lexicon.sentences import split, tidy
from emoanim.errors import InputError, NoSpeechError, SettingsError

__all__ = ["LexiconTextEmoter"]


class LexiconTextEmoter:
    """Rewrite English deterministically, without a model or a network.

    Args:
        seed: chooses among the patterns; the same seed and text give the same words.
        max_growth: most words of the result per word of the text, at least 1; a text under 14
            words counts as 14, so by default it may grow by 8.

    Raises:
        SettingsError: a seed below 0 or a growth below 1.
    """

    licence = "Apache-2.0"
    abilities = ("intensity", "surprise", "offline")

    def __init__(self, seed: int = 0, max_growth: float = 1.6) -> None:
        if seed < 0:
            raise SettingsError(f"seed {seed} given; expected 0 or more.")
        if not 1.0 <= max_growth <= 10.0:
            raise SettingsError(f"max_growth {max_growth} given; expected a number from 1 to 10.")
        self.seed = seed
        self.max_growth = max_growth

    def rewrite(self, transcript: Transcript, prompt: EmotionPrompt) -> str:
        """Return the words of the transcript in the emotion, for a voice to read out.

        Raises:
            NoSpeechError: the transcript holds no words.
            InputError: it is not English.
        """
        return self.mark(transcript, prompt).text

    def mark(self, transcript: Transcript, prompt: EmotionPrompt) -> Marked:
        """Return the rewritten text together with what was added to it; errors as ``rewrite``."""
        if transcript.language.lower().split("-")[0].split("_")[0] not in ("en", ""):
            raise InputError(
                f"a transcript in {transcript.language!r} given; the text emoter 'lexicon' knows "
                "English ('en') only. Choose one that writes other languages: "
                "--text-emoter gpt4"
            )
        text = tidy(transcript.text)
        if not any(c.isalnum() for c in text):
            raise NoSpeechError(
                f"a transcript without words given ({transcript.text!r}); expected at least one "
                "word to say in the emotion. Check that the clip has speech."
            )
        if prompt.emotion is Emotion.NEUTRAL:
            return Marked(calm(text, prompt.intensity), ())
        order = list(Emotion).index(prompt.emotion)
        rng = np.random.default_rng([self.seed, order, zlib.crc32(text.encode())])
        return emphasise(
            split(text), phrasebook(prompt.emotion), prompt.intensity, self.max_growth, rng
        )
