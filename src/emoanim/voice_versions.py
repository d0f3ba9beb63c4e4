"""Several versions of one text, and the scorers that pick the best of them.

A scorer is a function of (speech, prompt, reference) that gives a number, the higher the better.
``SCORERS`` names those that come with the library; none of them needs a network, but for
"emotion", whose weights are fetched once.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np

from emoanim import registry
from emoanim.clips import Audio, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import NoSpeechError, SettingsError
from emoanim.language.word_errors import word_error_rate
from emoanim.sound.speaker import Speaker, describe

__all__ = [
    "SCORERS",
    "EmotionScorer",
    "PromptChecking",
    "SpeakerScorer",
    "VersionScorer",
    "WordsScorer",
    "pick",
    "scorers_of",
]


class VersionScorer(Protocol):
    """Gives a version a number, the higher the better."""

    def __call__(self, speech: Speech, prompt: EmotionPrompt, reference: Audio) -> float:
        """Return the number; ``reference`` is the original speaker's voice."""


@runtime_checkable
class PromptChecking(Protocol):
    """An ability of a scorer: say, before anything is paid, whether it can score a prompt."""

    def check(self, prompt: EmotionPrompt) -> None:
        """Raise if it cannot."""


class WordsScorer:
    """How well the words are understood: minus the word error rate of a transcriber.

    Args:
        transcriber: anything with ``transcribe``; None is packaged Whisper (base), which is told
            the language of the speech.

    Raises:
        MissingExtraError: Whisper's package is not installed.
    """

    def __init__(self, transcriber: Any = None) -> None:
        self._transcriber = transcriber
        self._whispers: dict[str, Any] = {}
        if transcriber is None:
            registry.backend("transcriber", "whisper")

    def __call__(self, speech: Speech, prompt: EmotionPrompt, reference: Audio) -> float:
        """Return 0 for speech of which every word is heard, less for less."""
        try:
            heard = self._ears(speech.language).transcribe(speech.audio).text
        except NoSpeechError:
            heard = ""
        return 0.0 - word_error_rate(speech.text, heard, speech.language)

    def _ears(self, language: str) -> Any:
        if self._transcriber is not None:
            return self._transcriber
        if language not in self._whispers:
            whisper = registry.backend("transcriber", "whisper", language=language)
            self._whispers[language] = whisper
        return self._whispers[language]


class SpeakerScorer:
    """How near the voice comes to the reference's: minus the mean distance of F2 to F4, octaves.

    Formants tell one vocal tract from another; pitch is left out, because emotion moves it.

    Raises:
        MissingExtraError: pyworld is not installed.
    """

    def __init__(self) -> None:
        registry.require("pyworld", "hibari")

    def __call__(self, speech: Speech, prompt: EmotionPrompt, reference: Audio) -> float:
        """Return 0 for the same formants, less for others; -1 where a voice shows none."""
        voices = describe(speech.audio), describe(reference)
        formants = [v.formants for v in voices if isinstance(v, Speaker) and v.formants]
        if len(formants) < 2:
            return -1.0
        both = list(zip(*formants, strict=False))  # a telephone has no F4
        return -float(np.abs(np.diff(np.log2(both[1:]), axis=1)).mean())


class EmotionScorer:
    """How much of the emotion an evaluator hears: its probability of the target.

    Args:
        classifier: anything with ``classify`` of sounds; None is ``speechbrain``, which knows
            neutral, anger, happy and sad.
    """

    def __init__(self, classifier: Any = None) -> None:
        self._classifier = classifier

    def check(self, prompt: EmotionPrompt) -> None:
        """Load the evaluator.

        Raises:
            SettingsError: it does not know the emotion.
            BackendError: it cannot be had.
        """
        if self._classifier is None:
            self._classifier = registry.backend("speech_classifier", "speechbrain")
        known = tuple(self._classifier.labels)
        if str(prompt.emotion) not in known:
            raise SettingsError(
                f"the scorer 'emotion' cannot score {prompt.emotion}; it knows {', '.join(known)}. "
                "Take the scorer 'words' or 'speaker'."
            )

    def __call__(self, speech: Speech, prompt: EmotionPrompt, reference: Audio) -> float:
        """Return the probability, 0 for speech that is too short to tell."""
        self.check(prompt)
        probability = float(self._classifier.classify([speech.audio]).of(str(prompt.emotion))[0])
        return 0.0 if math.isnan(probability) else probability


SCORERS: Mapping[str, Callable[[], VersionScorer]] = {
    "words": WordsScorer,
    "speaker": SpeakerScorer,
    "emotion": EmotionScorer,
}
"""Scorers by name."""


def scorers_of(given: VersionScorer | str | Sequence[str]) -> dict[str, VersionScorer]:
    """Make the scorers that a setting names, the weightiest first.

    Args:
        given: a function; or names, as a list or with commas between: of ``SCORERS``, or places
            of functions, "module:function".

    Raises:
        SettingsError: there is no such scorer.
        MissingExtraError: a package that one needs is not installed.
    """
    if callable(given):
        return {getattr(given, "__name__", type(given).__name__): given}
    names = given.split(",") if isinstance(given, str) else list(given)
    scorers = {name.strip(): _scorer_named(name.strip()) for name in names}
    if not scorers:
        raise SettingsError(f"no scorer given; expected one of {', '.join(SCORERS)}.")
    return scorers


def pick(
    versions: Sequence[Speech],
    prompt: EmotionPrompt,
    reference: Audio,
    scorers: Mapping[str, VersionScorer],
) -> tuple[int, dict[str, list[float | None]]]:
    """Return which version is best, and the scores of all.

    The first scorer decides; versions that are equal to it are told apart by the next, and at last
    the earliest is taken. A score that is no number is the worst, and None.
    """
    scores: dict[str, list[float | None]] = {}
    left = list(range(len(versions)))
    for name, scorer in scorers.items():
        values = [float(scorer(version, prompt, reference)) for version in versions]
        scores[name] = [s if math.isfinite(s) else None for s in values]
        ranks = [-math.inf if math.isnan(s) else s for s in values]
        best = max(ranks[i] for i in left)
        left = [i for i in left if ranks[i] >= best - 1e-9]
    return left[0], scores


def _scorer_named(name: str) -> VersionScorer:
    if name in SCORERS:
        return SCORERS[name]()
    module, _, attribute = name.partition(":")
    try:
        scorer: VersionScorer = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingsError(
            f"scorer {name!r} given ({error}); expected {', '.join(SCORERS)}, or the place of a "
            "function, module:function."
        ) from error
    return scorer
