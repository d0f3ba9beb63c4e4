"""What can be added to a sentence, by emotion, read from ``patterns/*.toml``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from emoanim.emotions import Emotion
from emoanim.engines.lexicon.sentences import FORMS, TONES, lower_tokens
from emoanim.engines.lexicon.words import words

__all__ = ["SLOTS", "STRENGTHS", "Pattern", "Phrasebook", "phrasebook"]

STRENGTHS = ("mild", "medium", "strong")
_SPOKEN = frozenset(FORMS) - {"item"}
SLOTS: dict[str, frozenset[str]] = {
    "opener": _SPOKEN,
    "that": frozenset({"statement"}),
    "lead": frozenset({"statement"}),
    "mid": frozenset({"statement", "other"}),
    "intensifier": frozenset({"statement", "other"}),
    "verb": frozenset({"statement", "other"}),
    "reaction": _SPOKEN - {"question"},
}
"""Where a pattern goes -> the sentence forms that it suits unless its group says otherwise.

opener: before the sentence; that, lead: before a clause that it takes in; mid: after a joining
"and", "but" or "so"; intensifier: before a gradable adjective, whose tone is what counts; verb:
before a verb of liking or wanting; reaction: after the sentence.
"""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One thing to say.

    Attributes:
        text: the words; an opener without end punctuation may be joined with a comma.
        slot: a key of ``SLOTS``.
        strength: index into ``STRENGTHS``.
        forms: sentence forms it suits.
        tones: tones it suits; for a sentence of mixed tone the negative counts.
    """

    text: str
    slot: str
    strength: int
    forms: frozenset[str]
    tones: frozenset[str]

    @property
    def length(self) -> int:
        """Number of words."""
        return len(self.text.split())

    @property
    def tokens(self) -> tuple[str, ...]:
        """Its words, lower case."""
        return lower_tokens(self.text)

    @property
    def keys(self) -> frozenset[str]:
        """Beginnings of the telling words, by which repetition is noticed."""
        return key_words(self.text)


@dataclass(frozen=True, slots=True)
class Phrasebook:
    """Every pattern of one emotion.

    Attributes:
        stop: end punctuation of what is added and, from medium strength, of statements.
        patterns: in file order.
        markers: words that show this emotion in a text.
        phrases: other sayings that show it, lower case.
    """

    stop: str
    patterns: tuple[Pattern, ...]
    markers: frozenset[str]
    phrases: frozenset[str]


@lru_cache(4096)
def key_words(text: str) -> frozenset[str]:
    """Return what its telling words begin with ("scared" and "scary" are one), lower case."""
    found = frozenset(re.findall(r"[a-z']+", text.lower().replace("’", "'")))
    return frozenset(word[:4] for word in found - words("unremarkable"))


@cache
def phrasebook(emotion: Emotion) -> Phrasebook:
    """Return the patterns of an emotion other than neutral."""
    folder = files(__package__).joinpath("patterns")
    data = tomllib.loads(folder.joinpath(f"{emotion}.toml").read_text(encoding="utf-8"))
    found = [
        Pattern(
            text,
            slot,
            STRENGTHS.index(group["strength"]),
            frozenset(group.get("forms", forms)),
            frozenset(group.get("tones", TONES)),
        )
        for slot, forms in SLOTS.items()
        for group in data.get(slot, ())
        for text in group["texts"]
    ]
    markers = frozenset(data["markers"].split())
    phrases = frozenset(
        " ".join(p.tokens)
        for p in found
        if p.slot in ("opener", "reaction")
        and len(p.tokens) > 1
        and (not markers & set(p.tokens) or words("negators") & set(p.tokens))
    )
    return Phrasebook(data["stop"], tuple(found), markers, phrases)
