"""The emotions, the words people use for them, and the prompt that a user gives.

The target emotions are the paper's seven; surprise is known because classifiers score it.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
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
_CODES: Mapping[str, Emotion] = {
    "ang": Emotion.ANGER,
    "con": Emotion.CONTEMPT,
    "dis": Emotion.DISGUST,
    "fea": Emotion.FEAR,
    "hap": Emotion.HAPPY,
    "neu": Emotion.NEUTRAL,
    "sur": Emotion.SURPRISE,
}
"""Names in data sets; in a sentence they may be other words, so they count alone only."""
_SPOKEN: Mapping[str, Emotion] = {
    word: emotion for emotion, words in _WORDS.items() for word in words.split()
}
ALIASES: Mapping[str, Emotion] = MappingProxyType({**_SPOKEN, **_CODES})
"""Lower-case word -> emotion, the words that datasets, classifiers and people use."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_STRONGER = _words(
    """
    very really so extremely super incredibly totally absolutely utterly deeply intensely strongly
    highly most completely more much too truly terribly awfully insanely wildly overly bitterly
    """
)
# These say something of the emotion only right before it ("so happy", but not "so that").
_NEARBY = _words("so most more much too")
_WEAKER = _words(
    """
    slightly somewhat mildly faintly barely little bit kinda sorta gently softly subtly hint touch
    tad vaguely
    """
)
_MIDDLE = _words("quite rather fairly pretty moderately")
_NEGATIONS = _words(
    """
    not no never without isn't don't doesn't didn't won't shouldn't aren't wasn't less non nor
    neither dont isnt
    """
)
# What ends the reach of a negation: "not sad but happy".
_TURNS = _words("but just instead only")
# A word that is already strong starts where "very" of the plain word would be.
_STRONG_WORDS = _words(
    """
    furious furiously enraged rage raging outraged infuriated livid seething terrified terror
    panicked panicking horrified petrified revolted repulsed elated delighted ecstatic overjoyed
    thrilled euphoric miserable heartbroken devastated stunned astounded flabbergasted
    """
)
_WEAK_WORDS = _words("annoyed annoyance irritated worried nervous uneasy pleased")

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
        """Read "happy", "slightly sad", "in an angry voice" or "Make this text very very happy".

        Letter case is ignored, "sooo happyyy" is "so happy", two or more exclamation marks count
        as one "very", "80 %" or "0.8" gives the intensity itself, "as sad as possible" is 1, and
        "happy, not sad" is happy.

        Raises:
            EmotionError: no emotion word, several different ones, a negated one alone, or an
                intensity outside 0 to 100 %.
        """
        if isinstance(prompt, EmotionPrompt):
            return prompt
        words = _read(prompt)
        bare = [word for word in words if word != ","]
        if len(bare) == 1 and bare[0] in _CODES:
            return cls(_CODES[bare[0]], PLAIN_INTENSITY, prompt.strip())
        positions = [i for i, word in enumerate(words) if word in _SPOKEN]
        if not positions:
            raise EmotionError(_unknown(prompt, words))
        wanted = [i for i in positions if not _denied(words, i)]
        if not wanted:
            raise EmotionError(
                f"the prompt {prompt!r} denies {words[positions[0]]!r}; expected the emotion that "
                f"is wanted. Name it: {_known()}."
            )
        kinds = sorted({str(_SPOKEN[words[i]]) for i in wanted})
        if len(kinds) > 1:
            raise EmotionError(
                f"the prompt {prompt!r} names several emotions ({', '.join(kinds)}); "
                "expected one. Name the one you want."
            )
        intensity = _number(prompt)
        if intensity is None:
            intensity = _strength(words, wanted, prompt)
        return cls(_SPOKEN[words[wanted[0]]], round(intensity, 4), prompt.strip())


def parse_emotion(word: str) -> Emotion:
    """Return the emotion that one word names ("joy" -> happy), in any letter case.

    Raises:
        EmotionError: the word is no known emotion; the message lists those that are.
    """
    plain = unicodedata.normalize("NFKC", word).strip().lower()
    emotion = ALIASES.get(plain)
    if emotion is None:
        raise EmotionError(_unknown(word, [plain]))
    return emotion


def _read(prompt: str) -> list[str]:
    """Return the words in lower case; "," stands for any mark that ends a clause."""
    text = unicodedata.normalize("NFKC", prompt).lower().replace("’", "'")
    return [_shortened(w) for w in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)*|[,.;:!?](?=\s|$)", text)]


def _shortened(word: str) -> str:
    """Return "so" for "sooo" and "happy" for "happyyy"; a clause's end as a comma."""
    if not word[0].isalpha():
        return ","
    known = {*_SPOKEN, *_STRONGER, *_WEAKER, *_MIDDLE}
    if word in known:
        return word
    for replacement in (r"\1\1", r"\1"):
        shorter = re.sub(r"(.)\1{2,}", replacement, word)
        if shorter in known:
            return shorter
    return word


def _denied(words: list[str], place: int) -> bool:
    """Whether "not", "instead of", "rather than" or "from ... to" turns an emotion down."""
    before: list[str] = []
    for word in reversed(words[max(0, place - 4) : place]):
        if word == "," or word in _TURNS:
            break
        before.insert(0, word)
    pair = tuple(words[max(0, place - 2) : place])
    left = bool(before) and before[-1] == "from" and "to" in words[place:]
    return bool(_NEGATIONS & set(before)) or left or pair in (("instead", "of"), ("rather", "than"))


def _number(prompt: str) -> float | None:
    """Return the intensity that a prompt gives as "80 %" or "0.8"."""
    match = re.search(r"(?<![\w.])(-?\d+(?:\.\d+)?)\s*%", prompt)
    if match is not None:
        value = float(match.group(1)) / 100.0
    else:
        match = re.search(r"(?<![\w.])(-?\d\.\d+)(?![\w.])", prompt)
        if match is None:
            return None
        value = float(match.group(1))
    if not 0.0 <= value <= 1.0:
        raise EmotionError(
            f"the prompt {prompt!r} gives the intensity {match.group().strip()!r}; expected 0 % to "
            "100 %, or 0.0 to 1.0."
        )
    return value


def _strength(words: list[str], wanted: list[int], prompt: str) -> float:
    """Return the intensity that the words around the wanted emotion say."""
    said = {words[i] for i in wanted}
    if re.search(rf"\bas (?:{'|'.join(sorted(said))}) as (?:possible|can be)\b", " ".join(words)):
        return 1.0
    intensity = PLAIN_INTENSITY
    if said & _STRONG_WORDS:
        intensity = 0.8
    elif said & _WEAK_WORDS:
        intensity = 0.45
    steps = int("!!" in prompt)
    weaker = 1.0
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ""
        if word in _WEAKER or (word in ("kind", "sort") and following == "of"):
            weaker = min(weaker, 0.5)
        elif word in _STRONGER and following in _WEAKER:
            weaker = 1.0 / 3.0  # "very slightly" is less than "slightly"
        elif word in _STRONGER and (word not in _NEARBY or _leads(words, i + 1, wanted)):
            steps += 1
        elif word in _MIDDLE and following != "than":
            intensity *= 0.9
    return (1.0 - (1.0 - intensity) * (2.0 / 3.0) ** steps) * weaker


def _leads(words: list[str], place: int, wanted: list[int]) -> bool:
    """Whether only words of degree stand between a place and the emotion."""
    while place < len(words) and words[place] in _STRONGER | _MIDDLE | _WEAKER | {","}:
        place += 1
    return place in wanted


def _known() -> str:
    return ", ".join(Emotion)


def _unknown(given: str, words: Iterable[str]) -> str:
    if not given.strip():
        return f"an empty emotion given; expected one of {_known()}, as in 'very happy'."
    near = [
        (difflib.SequenceMatcher(None, word, match).ratio(), match)
        for word in words
        for match in difflib.get_close_matches(word, _SPOKEN, 1, 0.75)
        if len(word) > 3 and word.removeprefix("un") not in _SPOKEN
    ]
    guess = f" Did you mean {max(near)[1]!r}?" if near else ""
    return (
        f"{given!r} names no emotion; expected one of {_known()}, or a word such as joy, angry, "
        f"afraid.{guess}"
    )
