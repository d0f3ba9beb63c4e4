"""The prompt that a user gives: an emotion or a blend of a few, each with its strength."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from numbers import Real
from typing import TYPE_CHECKING, Any

from emoanim.arguments import named
from emoanim.emotions.words import (
    CODES,
    MIDDLE,
    NEARBY,
    NEGATIONS,
    SPOKEN,
    STRONG_WORDS,
    STRONGER,
    TURNS,
    WEAK_WORDS,
    WEAKER,
    Emotion,
    known,
    parse_emotion,
    unknown,
)
from emoanim.errors import EmotionError

__all__ = ["PLAIN_INTENSITY", "EmotionPrompt"]

PLAIN_INTENSITY = 0.6
MOST_BLENDED = 3
"""Emotions in one blend, at most."""

_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)*"
_JOINING = frozenset(["and", "but", "yet", "with", "plus", "though", "also", ",", "mixed"])
_FILLING = frozenset(["a", "an", "the", "of", "some", "at", "same", "time", "in"])


@dataclass(frozen=True, slots=True)
class EmotionPrompt:
    """A target emotion with its strength, or a blend of a few.

    Attributes:
        emotion: the target; of a blend the strongest one, the first of equals.
        intensity: strength in [0, 1]. A plain word ("happy") is 0.6, every "very" takes away a
            third of the distance to 1 ("very happy" 0.73, "very very happy" 0.82), "slightly"
            halves it. The paper says "very very very happy".
        text: the words as the user gave them; what a language model is told.
        others: what else is in a blend, (emotion, strength) each, strongest first; () for one
            emotion alone. A backend without the ability "blend" leaves them out.

    Raises:
        EmotionError: an emotion is unknown or named twice, more than three are blended, or an
            intensity lies outside [0, 1].
    """

    emotion: Emotion
    intensity: float = PLAIN_INTENSITY
    text: str = ""
    others: tuple[tuple[Emotion, float], ...] = ()

    if TYPE_CHECKING:  # the fields hold emotions; names are taken too

        def __init__(
            self,
            emotion: Emotion | str,
            intensity: float = PLAIN_INTENSITY,
            text: str = "",
            others: Sequence[tuple[Emotion | str, float]] = (),
        ) -> None: ...

    def __post_init__(self) -> None:
        if not isinstance(self.emotion, str):
            raise EmotionError(
                f"{named(self.emotion)} given as the emotion; expected emoanim.Emotion or its name."
            )
        object.__setattr__(self, "emotion", parse_emotion(self.emotion))
        object.__setattr__(self, "intensity", _intensity(self.intensity))
        others = _pairs(self.others)
        object.__setattr__(self, "others", others)
        every = [(self.emotion, self.intensity), *others]
        if len({emotion for emotion, _ in every}) < len(every) or len(every) > MOST_BLENDED:
            raise EmotionError(
                f"a blend of {', '.join(emotion for emotion, _ in every)} given; expected at most "
                f"{MOST_BLENDED} emotions, each once."
            )
        if not isinstance(self.text, str):
            raise EmotionError(f"{named(self.text)} given as the prompt's text; expected a str.")
        if not self.text:
            words = " and ".join(emotion for emotion, _ in every)
            object.__setattr__(self, "text", words)

    @property
    def parts(self) -> tuple[EmotionPrompt, ...]:
        """The emotions of the prompt one by one, the main one first; the prompt itself if alone."""
        if not self.others:
            return (self,)
        every = ((self.emotion, self.intensity), *self.others)
        return tuple(EmotionPrompt(emotion, intensity) for emotion, intensity in every)

    @property
    def shares(self) -> tuple[float, ...]:
        """What each of the ``parts`` has of the whole; they sum to 1."""
        strengths = [self.intensity, *(intensity for _, intensity in self.others)]
        total = sum(strengths)
        return tuple(s / total if total else 1.0 / len(strengths) for s in strengths)

    @classmethod
    def parse(cls, prompt: str | Emotion | EmotionPrompt) -> EmotionPrompt:
        """Read "happy", "slightly sad", "in an angry voice" or "Make this text very very happy".

        Letter case is ignored, "sooo happyyy" is "so happy", two or more exclamation marks count
        as one "very", "80 %" or "0.8" gives the intensity itself, "as sad as possible" is 1, and
        "happy, not sad" is happy. "happy and surprised", "very happy but a little sad" and
        "happily surprised" are blends: each emotion is as strong as the words of degree before it
        say.

        Raises:
            EmotionError: no emotion word, several that are not joined to a blend, a negated one
                alone, or an intensity outside 0 to 100 %.
        """
        if isinstance(prompt, EmotionPrompt):
            return prompt
        if not isinstance(prompt, str):
            raise EmotionError(
                f"{named(prompt)} given as the emotion; expected words such as 'very happy', an "
                "emoanim.Emotion or an emoanim.EmotionPrompt."
            )
        if "@" in prompt:
            raise EmotionError(
                f"the timeline {prompt!r} given; expected one emotion or a blend here. Give one; "
                "emotions that change are for animate, speak and say."
            )
        words = _read(prompt)
        bare = [word for word in words if word != ","]
        if len(bare) == 1 and bare[0] in CODES:
            return cls(CODES[bare[0]], PLAIN_INTENSITY, prompt.strip())
        positions = [i for i, word in enumerate(words) if word in SPOKEN]
        if not positions:
            raise EmotionError(unknown(prompt, words))
        wanted = [i for i in positions if not _denied(words, i)]
        if not wanted:
            raise EmotionError(
                f"the prompt {prompt!r} denies {words[positions[0]]!r}; expected the emotion that "
                f"is wanted. Name it: {known()}."
            )
        if len({SPOKEN[words[i]] for i in wanted}) > 1:
            _check_joined(words, wanted, prompt)
            main, *others = _blended(words, wanted, prompt)
            return cls(*main, prompt.strip(), tuple(others))
        intensity = _number(prompt)
        if intensity is None:
            intensity = _strength(words, wanted, prompt)
        return cls(SPOKEN[words[wanted[0]]], round(intensity, 4), prompt.strip())


def _intensity(given: object) -> float:
    value: Any = given
    if not isinstance(given, Real) or not 0.0 <= value <= 1.0:
        raise EmotionError(f"intensity {named(given)} given; expected a number from 0 to 1.")
    return float(value)


def _pairs(given: object) -> tuple[tuple[Emotion, float], ...]:
    """Return what else is in a blend, as the prompt keeps it."""
    try:
        pairs: Any = iter(given) if isinstance(given, list | tuple) else None
        return tuple((parse_emotion(emotion), _intensity(part)) for emotion, part in pairs)
    except (TypeError, ValueError) as error:
        if isinstance(error, EmotionError):
            raise
        raise EmotionError(
            f"{named(given)} given as the others of a blend; expected pairs of an emotion and its "
            "intensity: [('sad', 0.3)]."
        ) from None


def _check_joined(words: list[str], wanted: list[int], prompt: str) -> None:
    """Refuse emotions that stand in one prompt and are no blend: "make this sad text happy"."""
    degrees = STRONGER | WEAKER | MIDDLE | _FILLING
    for before, after in pairwise(wanted):
        between = words[before + 1 : after]
        if SPOKEN[words[before]] is SPOKEN[words[after]]:
            continue
        together = not between and words[before].endswith("ly")
        if not together and not (_JOINING & set(between) and set(between) <= _JOINING | degrees):
            kinds = sorted({str(SPOKEN[words[i]]) for i in wanted})
            raise EmotionError(
                f"the prompt {prompt!r} names several emotions ({', '.join(kinds)}); expected one, "
                "or a blend such as 'happy and surprised' or 'happy but a little sad'."
            )


def _blended(words: list[str], wanted: list[int], prompt: str) -> list[tuple[Emotion, float]]:
    """Return the emotions of a blend with their strengths, strongest first."""
    numbers = _numbers(words, wanted, prompt)
    strengths: dict[Emotion, float] = {}
    for index, position in enumerate(wanted):
        first = wanted[index - 1] + 1 if index else 0
        last = position + 1 if index + 1 < len(wanted) else len(words)
        number = numbers[index]
        if number is None:
            number = _strength(words[first:last], [position - first], prompt)
        emotion = SPOKEN[words[position]]
        strengths[emotion] = max(round(number, 4), strengths.get(emotion, 0.0))
    return sorted(strengths.items(), key=lambda item: -item[1])


def _numbers(words: list[str], wanted: list[int], prompt: str) -> list[float | None]:
    """Return the intensity that is written before each emotion, or after it, None where none is."""
    text = _normal(prompt)
    ends = [match.end() for match in re.finditer(_WORD, text) if _shortened(match[0]) in SPOKEN]
    spoken = [i for i, word in enumerate(words) if word in SPOKEN]
    positions = [ends[spoken.index(i)] for i in wanted]
    if _number(text[: positions[0]]) is not None:
        return [_number(text[a:b]) for a, b in pairwise([0, *positions])]
    return [_number(text[a:b]) for a, b in pairwise([*positions, len(text)])]


def _read(prompt: str) -> list[str]:
    """Return the words in lower case; "," stands for any mark that ends a clause."""
    return [_shortened(w) for w in re.findall(rf"{_WORD}|[,.;:!?](?=\s|$)", _normal(prompt))]


def _normal(prompt: str) -> str:
    text = unicodedata.normalize("NFKC", prompt).lower().replace("’", "'")
    return re.sub(r"[&+]", " and ", text)


def _shortened(word: str) -> str:
    """Return "so" for "sooo" and "happy" for "happyyy"; a clause's end as a comma."""
    if not word[0].isalpha():
        return ","
    known = {*SPOKEN, *STRONGER, *WEAKER, *MIDDLE}
    if word in known:
        return word
    for replacement in (r"\1\1", r"\1"):
        shorter = re.sub(r"(.)\1{2,}", replacement, word)
        if shorter in known:
            return shorter
    return word


def _denied(words: list[str], index: int) -> bool:
    """Whether "not", "instead of", "rather than" or "from ... to" turns an emotion down."""
    before: list[str] = []
    for word in reversed(words[max(0, index - 4) : index]):
        if word == "," or word in TURNS:
            break
        before.insert(0, word)
    pair = tuple(words[max(0, index - 2) : index])
    left = bool(before) and before[-1] == "from" and "to" in words[index:]
    return bool(NEGATIONS & set(before)) or left or pair in (("instead", "of"), ("rather", "than"))


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
    if said & STRONG_WORDS:
        intensity = 0.8
    elif said & WEAK_WORDS:
        intensity = 0.45
    steps = int("!!" in prompt)
    weaker = 1.0
    for i, word in enumerate(words):
        following = words[i + 1] if i + 1 < len(words) else ""
        if word in WEAKER or (word in ("kind", "sort") and following == "of"):
            weaker = min(weaker, 0.5)
        elif word in STRONGER and following in WEAKER:
            weaker = 1.0 / 3.0  # "very slightly" is less than "slightly"
        elif word in STRONGER and (word not in NEARBY or _leads(words, i + 1, wanted)):
            steps += 1
        elif word in MIDDLE and following != "than":
            intensity *= 0.9
    return (1.0 - (1.0 - intensity) * (2.0 / 3.0) ** steps) * weaker


def _leads(words: list[str], index: int, wanted: list[int]) -> bool:
    """Whether only words of degree stand between a place and the emotion."""
    while index < len(words) and words[index] in STRONGER | MIDDLE | WEAKER | {","}:
        index += 1
    return index in wanted
