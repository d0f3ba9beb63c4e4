"""How a talk goes: which of its sentences carry weight, and how dark or glad it is at each.

A talk is read as a whole before anything is said of it. Each sentence gets tags beside its own
reading:

- "stake": it carries weight (what is told weighs, numbers, what never was, a turn, an opening or
  an end that say something), "link": it only leads from one to the next or speaks to the listener;
- "dark" or "glad": how the talk stands at that place, by the sentences around it, less by those
  beyond a turn; neither: as good as it is bad;
- "grim": death, illness or harm is near;
- "turn": it begins something else, "closing": one of the last two;
- "talk-dark", "talk-glad", "talk-taught", "talk-grudge", "talk-mourned": the talk on the whole,
  one that instructs, one that complains, one about somebody who is gone;
- "talk-fright", "talk-comic", "talk-joy": one of frights, one of what is foul, base or silly, one
  of small joys.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.sentences import Sentence

__all__ = ["TALK", "Arc", "arc_of"]

TALK = 6
"""Sentences of a text that is a talk."""
_WORTH = {
    "grave": -2.0, "bad": -1.0, "heavy": -1.5, "letdown": -0.5, "dim": -0.5, "tearful": -1.0,
    "good": 1.0, "family": 0.5, "relief": 0.5, "relief_of": 0.5, "bright": 0.7, "kind-deed": 1.2,
    "thanks": 0.7, "tender": 1.0, "fine": 0.5, "grudge": -0.7, "taken": -0.5, "harsh": -0.8,
    "sorrow": -0.8, "fright": -0.7, "filth": -0.7, "base": -0.7, "joyful": 0.6,
}  # fmt: skip
"""How dark or glad a sentence is by its tags."""
_GRIEFS = ("grave", "heavy", "tearful", "harsh", "sorrow", "fright")
_GRIEVED, _ALONE = 2, 0.35
"""Sentences from which grief weighs in a talk, and what is left of that of a single one."""
_FADE = 0.6
"""What is left of a sentence's mood at the next."""
_TURNED = 0.4
"""What is left of that across a turn."""
_DARK, _GLAD, _GRIM = -0.75, 0.6, -0.25
_WEIGHTS = {
    "grave": 1.5, "bad": 1.0, "good": 1.0, "dim": 0.6, "bright": 0.6, "heavy": 1.2, "family": 0.5,
    "relief": 1.0, "relief_of": 1.0, "letdown": 0.7, "kind-deed": 1.0, "telling": 1.0,
    "turn": 0.7, "own": 0.3, "dear": 0.4, "denied": 0.4, "said": 0.2, "tearful": 1.0,
    "short": -0.4, "grudge": 0.7, "taken": 0.6, "fine": 0.3,
    "harsh": 0.8, "sorrow": 0.8, "foulish": 0.6,
    "fright": 1.0, "filth": 1.0, "base": 1.0, "silly": 1.0, "joyful": 1.0,
    "talk-link": -3.0, "introduction": -0.7, "greeting": -1.5,
    "thanks": -0.5,
    "invitation": -2.0, "quoting": -3.0, "letme": -1.5, "teaching": -0.7, "question": -1.2,
    "background": -0.3, "hypothetical": -0.6, "comment": -0.4, "farewell": -2.0, "item": -5.0,
}  # fmt: skip
"""What a tag adds to the weight of a sentence."""
_CLOSING = 0.6
_LEAST = 0.9
"""Weight from which a sentence is at stake."""
_TAUGHT = 0.3
"""Share of instructions, or of complaints, from which a talk instructs, or complains."""
_MOURNED = frozenset(("death", "sorrow"))
_COMIC = frozenset(("silly", "filth", "base"))
"""Scenes that make a talk one of scorn or disgust, in which nothing is to be feared."""
_GRUDGES = frozenset(("grudge", "taken", "grievance", "failure", "delay"))


@dataclass(frozen=True, slots=True)
class Arc:
    """A talk as a whole: the tags of each sentence with those of the arc, and its weight."""

    tags: tuple[frozenset[str], ...]
    weights: tuple[float, ...]


def arc_of(
    sentences: Sequence[Sentence], tags: Sequence[frozenset[str]], pack: LanguagePack
) -> Arc | None:
    """Return the arc of a text; None where the pack has none."""
    if pack.talk is None:
        return None
    patterns = pack.talk.tags
    tags = [
        t | {name for name, pattern in patterns if pattern.search(_bare(s))}
        for s, t in zip(sentences, tags, strict=True)
    ]
    moods = _moods(tags, _WORTH)
    griefs = _moods(tags, {tag: _WORTH[tag] for tag in _GRIEFS})
    whole = sum(moods) / len(moods)
    taught = sum("instruction" in t for t in tags) / len(tags) >= _TAUGHT
    grudge = sum(bool(t & _GRUDGES) for t in tags) / len(tags) >= _TAUGHT
    them = sum("by-them" in t for t in tags) / len(tags) >= _TAUGHT
    mourned = them and any(t & _MOURNED and not t & {"people", "power"} for t in tags)
    fright = _many(tags, frozenset(("fright",)))
    comic = _many(tags, _COMIC)
    joy = _many(tags, frozenset(("joyful",)))
    general = {name for name, holds in (
        ("talk-dark", whole <= _DARK), ("talk-glad", whole >= _GLAD / 2),
        ("talk-taught", taught), ("talk-grudge", grudge),
        ("talk-mourned", mourned),
        ("talk-fright", fright > comic), ("talk-comic", comic > fright),
        ("talk-joy", joy > fright + comic),
    ) if holds}  # fmt: skip
    full, weights = [], []
    for i, (own, mood, grief) in enumerate(zip(tags, moods, griefs, strict=True)):
        closing = i >= len(tags) - 2
        weight = sum(_WEIGHTS.get(tag, 0.0) for tag in own) + 0.5 * abs(mood)
        weight += _CLOSING * closing
        weights.append(weight)
        arc = set(general)
        if len(tags) >= TALK:
            arc |= {"closing"} if closing else {"opening"} if i == 0 else set()
        arc |= {"link"} if own & {"talk-link", "invitation", "farewell", "quoting"} else set()
        arc |= {"stake"} if weight >= _LEAST and "link" not in arc else set()
        arc |= {"dark"} if mood <= _DARK else {"glad"} if mood >= _GLAD else set()
        arc |= {"grim"} if grief <= _GRIM else set()
        full.append(own | arc)
    return Arc(tuple(full), tuple(weights))


def _many(tags: Sequence[frozenset[str]], scenes: frozenset[str]) -> int:
    """Return how many sentences of a talk are such scenes; 0 for a single one."""
    count = sum(bool(t & scenes) for t in tags)
    return count if count > 1 else 0


def _bare(sentence: Sentence) -> str:
    return sentence.text.replace("’", "'").lower().strip(" .!?…\"'")


def _moods(tags: Sequence[frozenset[str]], worths: Mapping[str, float]) -> list[float]:
    """Return how dark (< 0) or glad (> 0) the talk is at each sentence, by what tags are worth."""
    worth = [_worth(t, worths) for t in tags]
    if sum(any(g in t for g in _GRIEFS) for t in tags) < _GRIEVED:
        worth = [w * _ALONE if any(g in t for g in _GRIEFS) else w
                 for w, t in zip(worth, tags, strict=True)]  # fmt: skip
    moods = []
    for i in range(len(tags)):
        mood = worth[i]
        for step in (-1, 1):
            left = 1.0
            j = i
            while 0 <= j + step < len(tags) and left > 0.05:
                later = max(j, j + step)
                left *= _FADE * (_TURNED if "turn" in tags[later] else 1.0)
                j += step
                mood += left * worth[j] * 0.7
        moods.append(math.copysign(min(abs(mood), 3.0), mood))
    return moods


def _worth(tags: frozenset[str], worths: Mapping[str, float]) -> float:
    worth = sum(worths.get(tag, 0.0) for tag in tags)
    if tags & {"instruction", "question", "hypothetical", "contested", "opinion"}:
        worth *= 0.3
    if "kind-deed" in tags and "kind-deed" in worths:
        worth = max(worth, 0.8)
    return worth
