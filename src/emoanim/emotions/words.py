"""The emotions and the words that people use for them.

The target emotions are the paper's seven; surprise is known because classifiers score it.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NoReturn

from emoanim.errors import EmotionError, did_you_mean

__all__ = [
    "ALIASES",
    "CODES",
    "MIDDLE",
    "NEARBY",
    "NEGATIONS",
    "SPOKEN",
    "STRONGER",
    "STRONG_WORDS",
    "TARGETS",
    "TURNS",
    "WEAKER",
    "WEAK_WORDS",
    "Emotion",
    "known",
    "parse_emotion",
    "unknown",
]


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

    @classmethod
    def _missing_(cls, value: object) -> NoReturn:
        guess = did_you_mean(str(value), [each.value for each in cls])
        raise ValueError(
            f"{value!r} given as an emotion's id; expected one of {', '.join(cls)}.{guess} Words "
            "such as 'joy' and 'very happy' are read by EmotionPrompt.parse."
        )


TARGETS: tuple[Emotion, ...] = tuple(e for e in Emotion if e is not Emotion.SURPRISE)
"""The seven target emotions of the paper, alphabetical."""

_WORDS: Mapping[Emotion, str] = {
    Emotion.ANGER: """
        anger angry angrily angrier angriest mad furious furiously fury rage raging enraged irate
        outraged annoyed annoyance irritated infuriated livid wrath wrathful indignant fuming
        seething resentful hostile
        """,
    Emotion.CONTEMPT: """
        contempt contemptuous contemptuously scorn scornful scornfully disdain disdainful
        disdainfully sneering condescending dismissive derisive mocking haughty
        """,
    Emotion.DISGUST: """
        disgust disgusted disgustedly disgusting revulsion revolted repulsed repelled grossed
        nauseated sickened
        """,
    Emotion.FEAR: """
        fear fearful fearfully afraid scared frightened terrified terror anxious anxiously anxiety
        panic panicked panicking panicky worried worry nervous nervously dread horrified petrified
        alarmed apprehensive uneasy
        """,
    Emotion.HAPPY: """
        happy happiness happily happier happiest joy joyful joyfully joyous glad cheerful cheerfully
        delighted delight excited excitement elated pleased merry thrilled ecstatic overjoyed
        jubilant gleeful blissful euphoric upbeat
        """,
    Emotion.NEUTRAL: """
        neutral neutrally calm calmly unemotional unemotionally emotionless expressionless
        impassive deadpan flat composed
        """,
    Emotion.SAD: """
        sad sadness sadly sadder saddest unhappy unhappily sorrow sorrowful miserable depressed
        melancholic melancholy gloomy heartbroken mournful mournfully grief grieving tearful crying
        weeping devastated despairing despondent dejected
        """,
    Emotion.SURPRISE: """
        surprise surprised surprising astonished astonishment amazed amazement shocked shock
        startled stunned astounded flabbergasted
        """,
}
CODES: Mapping[str, Emotion] = {
    "ang": Emotion.ANGER,
    "con": Emotion.CONTEMPT,
    "dis": Emotion.DISGUST,
    "fea": Emotion.FEAR,
    "hap": Emotion.HAPPY,
    "neu": Emotion.NEUTRAL,
    "sur": Emotion.SURPRISE,
}
"""Names in data sets; in a sentence they may be other words, so they count alone only."""
SPOKEN: Mapping[str, Emotion] = {
    word: emotion for emotion, words in _WORDS.items() for word in words.split()
}
ALIASES: Mapping[str, Emotion] = MappingProxyType({**SPOKEN, **CODES})
"""Lower-case word -> emotion, the words that datasets, classifiers and people use."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STRONGER = _words(
    """
    very really so extremely super incredibly totally absolutely utterly deeply intensely strongly
    highly most completely more much too truly terribly awfully insanely wildly overly bitterly
    """
)
# These say something of the emotion only right before it ("so happy", but not "so that").
NEARBY = _words("so most more much too")
WEAKER = _words(
    """
    slightly somewhat mildly faintly barely little bit kinda sorta gently softly subtly hint touch
    tad vaguely half
    """
)
MIDDLE = _words("quite rather fairly pretty moderately")
NEGATIONS = _words(
    """
    not no never without isn't don't doesn't didn't won't shouldn't aren't wasn't less non nor
    neither dont isnt
    """
)
# What ends the reach of a negation: "not sad but happy".
TURNS = _words("but just instead only")
# A word that is already strong starts where "very" of the plain word would be.
STRONG_WORDS = _words(
    """
    furious furiously enraged rage raging outraged infuriated livid seething terrified terror
    panicked panicking horrified petrified revolted repulsed elated delighted ecstatic overjoyed
    thrilled euphoric miserable heartbroken devastated stunned astounded flabbergasted
    """
)
WEAK_WORDS = _words("annoyed annoyance irritated worried nervous uneasy pleased")


def parse_emotion(word: str) -> Emotion:
    """Return the emotion that one word names ("joy" -> happy), in any letter case.

    Raises:
        EmotionError: the word is no known emotion; the message lists those that are.
    """
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    emotion = ALIASES.get(plain)
    if emotion is None:
        raise EmotionError(unknown(word, [plain]))
    return emotion


def known() -> str:
    """Return all emotions in one line, for messages."""
    return ", ".join(Emotion)


def unknown(given: str, words: Iterable[str]) -> str:
    """Return what to say of a prompt without an emotion, with a guess at what was meant."""
    if not given.strip():
        return f"an empty emotion given; expected one of {known()}, as in 'very happy'."
    near = [
        (difflib.SequenceMatcher(None, word, match).ratio(), match)
        for word in words
        for match in difflib.get_close_matches(word, SPOKEN, 1, 0.75)
        if len(word) > 3 and word.removeprefix("un") not in SPOKEN
    ]
    guess = f" Did you mean {max(near)[1]!r}?" if near else ""
    return (
        f"{given!r} names no emotion; expected one of {known()}, or a word such as joy, angry, "
        f"afraid.{guess}"
    )
