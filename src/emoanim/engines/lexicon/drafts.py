"""Sentences on their way, and the chance by which moves are chosen for them."""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from emoanim.engines.lexicon.moves import Edit, Phrase
from emoanim.engines.lexicon.sentences import Sentence

__all__ = ["Chance", "Draft", "beside"]


@dataclass(slots=True)
class Draft:
    """A sentence on its way."""

    sentence: Sentence
    tags: frozenset[str]
    text: str
    edits: list[Edit] = field(default_factory=list)
    pauses: list[Edit] = field(default_factory=list)
    phrase: Phrase | None = None
    raised: bool = False

    @property
    def words(self) -> int:
        """Number of words of the sentence as it was said."""
        return len(self.sentence.text.split())

    @property
    def changed(self) -> bool:
        """Whether something was done to it."""
        return bool(self.edits or self.pauses or self.phrase)

    @property
    def echoed(self) -> bool:
        """Whether an edit says something again after it."""
        return any(". " in e.put or "! " in e.put for e in self.edits)

    @property
    def tagged(self) -> bool:
        """Whether an edit hangs a tag on its end, after which nothing is said."""
        return any(e.tag for e in self.edits)


@dataclass(frozen=True, slots=True)
class Chance:
    """Chance by seed, text and name: the same for every intensity."""

    seed: int
    text: str

    def __call__(self, *names: object) -> float:
        """Return a number in (0, 1)."""
        key = "\x1f".join(map(str, (self.seed, self.text, *names)))
        return (zlib.crc32(key.encode()) + 0.5) / 2**32

    def score(self, rank: int, *names: object) -> float:
        """Return a score by which the best is chosen with a weight of 5 to the rank."""
        return rank * math.log(5.0) - math.log(-math.log(self(*names)))


def beside(drafts: Sequence[Draft], i: int) -> list[Draft]:
    """Return the sentences before and after."""
    return [*drafts[max(0, i - 1) : i], *drafts[i + 1 : i + 2]]
