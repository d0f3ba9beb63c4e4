"""The emotions, the words people use for them, and the prompt that a user gives.

The target emotions are the paper's seven; surprise is known because classifiers score it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from emoanim.errors import EmotionError

__all__ = ["TARGETS", "Emotion", "EmotionPrompt", "parse_emotion"]


class Emotion(StrEnum):
    """An emotion by its canonical id, alphabetical."""

    ANGER = "anger"
    CONTEMPT = "contempt"
    DISGUST = "disgust"
    FEAR = "fear"
    HAPPY = "happy"
    NEUTRAL = "neutral"
    SAD = "sad"
    SURPRISE = "surprise"


TARGETS: tuple[Emotion, ...] = tuple(e for e in Emotion if e is not Emotion.SURPRISE)
"""The seven target emotions of the paper, alphabetical."""

_WORDS: Mapping[Emotion, str] = {
    Emotion.ANGER: """
        anger angry ang angrily mad furious fury rage enraged irate outraged annoyed irritated
        """,
    Emotion.CONTEMPT: """
        contempt contemptuous con scorn scornful disdain disdainful sneering condescending
        """,
    Emotion.DISGUST: "disgust disgusted disgusting dis revulsion revolted repulsed grossed",
    Emotion.FEAR: """
        fear fearful fea afraid scared frightened terrified terror anxious anxiety panicked worried
        nervous
        """,
    Emotion.HAPPY: """
        happy happiness hap happily joy joyful joyous glad cheerful delighted excited elated
        pleased merry
        """,
    Emotion.NEUTRAL: "neutral neu neutrally calm calmly unemotional emotionless flat",
    Emotion.SAD: """
        sad sadness sadly unhappy sorrow sorrowful miserable depressed melancholic gloomy
        heartbroken mournful grief
        """,
    Emotion.SURPRISE: "surprise surprised sur astonished amazed shocked startled",
}
ALIASES: Mapping[str, Emotion] = MappingProxyType(
    {word: emotion for emotion, words in _WORDS.items() for word in words.split()}
)
"""Lower-case word -> emotion, the words that datasets, classifiers and people use."""

_STRONGER = frozenset(
    [
        "very",
        "really",
        "so",
        "extremely",
        "super",
        "incredibly",
        "totally",
        "absolutely",
        "utterly",
        "deeply",
        "intensely",
        "strongly",
        "highly",
        "most",
        "completely",
    ]
)
_WEAKER = frozenset(
    [
        "slightly",
        "somewhat",
        "mildly",
        "faintly",
        "barely",
        "little",
        "bit",
        "kinda",
        "gently",
        "softly",
        "subtly",
        "hint",
        "touch",
    ]
)
_MIDDLE = frozenset(["quite", "rather", "fairly", "pretty", "moderately"])
_NEGATIONS = frozenset(["not", "no", "never", "without", "isn't", "don't", "less"])
# A word that is already strong starts where "very" of the plain word would be.
_STRONG_WORDS = frozenset(
    [
        "furious",
        "enraged",
        "rage",
        "outraged",
        "terrified",
        "terror",
        "panicked",
        "revolted",
        "repulsed",
        "elated",
        "delighted",
        "miserable",
        "heartbroken",
    ]
)
_WEAK_WORDS = frozenset(["annoyed", "irritated", "worried", "nervous", "pleased"])

PLAIN_INTENSITY = 0.6


@dataclass(frozen=True, slots=True)
class EmotionPrompt:
    """A target emotion with its strength.

    Attributes:
        emotion: the target.
        intensity: strength in [0, 1]. A plain word ("happy") is 0.6, every "very" takes away a
            third of the distance to 1 ("very happy" 0.73, "very very happy" 0.82), "slightly"
            halves it. The paper says "very very very happy".
        text: the words as the user gave them; what a language model is told.

    Raises:
        EmotionError: the emotion is unknown or the intensity lies outside [0, 1].
    """

    emotion: Emotion
    intensity: float = PLAIN_INTENSITY
    text: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "emotion", parse_emotion(self.emotion))
        if not 0.0 <= self.intensity <= 1.0:
            raise EmotionError(
                f"intensity {self.intensity!r} given; expected a number from 0 to 1."
            )
        if not self.text:
            object.__setattr__(self, "text", str(self.emotion))

    @classmethod
    def parse(cls, prompt: str | Emotion | EmotionPrompt) -> EmotionPrompt:
        """Read "happy", "slightly sad" or "Make this text very very very happy".

        Raises:
            EmotionError: no emotion word, several different ones, or a negated one.
        """
        if isinstance(prompt, EmotionPrompt):
            return prompt
        words = re.findall(r"[a-z']+", prompt.lower())
        found = [(i, ALIASES[w]) for i, w in enumerate(words) if w in ALIASES]
        if not found:
            raise EmotionError(_unknown(prompt, words))
        kinds = sorted({str(e) for _, e in found})
        if len(kinds) > 1:
            raise EmotionError(
                f"the prompt {prompt!r} names several emotions ({', '.join(kinds)}); "
                "expected one. Name the one you want."
            )
        place, emotion = found[0]
        before = words[:place]
        negated = [w for w in before if w in _NEGATIONS]
        if negated:
            raise EmotionError(
                f"the prompt {prompt!r} says {negated[0]!r} before {words[place]!r}; expected the "
                f"emotion that is wanted. Name it: {_known()}."
            )
        intensity = PLAIN_INTENSITY
        if words[place] in _STRONG_WORDS:
            intensity = 0.8
        elif words[place] in _WEAK_WORDS:
            intensity = 0.45
        for word in words:
            if word in _STRONGER:
                intensity += (1.0 - intensity) / 3.0
            elif word in _MIDDLE:
                intensity *= 0.9
        if any(word in _WEAKER for word in words):
            intensity *= 0.5
        return cls(emotion, round(min(intensity, 1.0), 4), prompt.strip())


def parse_emotion(word: str) -> Emotion:
    """Return the emotion that one word names ("joy" -> happy), in any letter case.

    Raises:
        EmotionError: the word is no known emotion; the message lists those that are.
    """
    emotion = ALIASES.get(word.strip().lower())
    if emotion is None:
        raise EmotionError(_unknown(word, [word.strip().lower()]))
    return emotion


def _known() -> str:
    return ", ".join(Emotion)


def _unknown(given: str, words: Iterable[str]) -> str:
    near = [m for w in words for m in difflib.get_close_matches(w, ALIASES, 1, 0.8)]
    guess = f" Did you mean {near[0]!r}?" if near else ""
    return (
        f"{given!r} names no emotion; expected one of {_known()}, or a word such as joy, angry, "
        f"afraid.{guess}"
    )
