"""What a sentence is about: what is good or bad in its words, and the scenes that it tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.scenes import Scene

__all__ = ["GRAVE", "Matter", "denied", "matters", "scenes_in"]

GRAVE = frozenset(("death", "illness", "harm"))
_REACH = 6
"""Words over which a negator reaches what follows it in its clause."""
_NEAR = 3
"""Words between something bad and what undoes it ("the tumor has shrunk")."""
_CLAUSE = re.compile(r"[,;:—–]|\s-\s|\b(?:but|because|although|though|so that|when|while|and)\b")
_ASIDE = re.compile(r"\b(?:about|since|until|before|after|during|despite)\b")
"""Words past which a denial does not reach: "never talked about the war" is no relief."""
_ASKED = re.compile(r"\bwhether\b|\b(?:ask|wonder)(?:s|ed|ing)? (?:\w+ ){0,2}if\b")
"""What somebody asks has not happened: "people ask whether I regret it"."""
_ASKED_HOW = re.compile(r"\b(?:ask|wonder)(?:s|ed|ing)? (?:\w+ ){0,2}(?:when|where|why|how)\b")
"""What is good in such a question has not happened either: "asked when we're coming home"."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Something good or bad that a sentence is about.

    Attributes:
        kind: of the pack's events.
        good: what it is to whoever it happens to, denial not counted.
        denied: whether it is said not to be.
        start: first character in the sentence.
        end: one past its last character.
    """

    kind: str
    good: bool
    denied: bool
    start: int
    end: int


def matters(text: str, pack: LanguagePack) -> list[Matter]:
    """Return the good and bad things in a text, the longest match at each place."""
    candidates = [
        (match.start(), match.end(), order, kind, good)
        for order, (kind, good, pattern) in enumerate(pack.events)
        for match in pattern.finditer(text)
    ]
    candidates.sort(key=lambda c: (c[0] - c[1], c[2], c[0]))
    taken: list[Matter] = []
    spans: list[tuple[int, int]] = []
    for start, end, _, kind, good in candidates:
        if any(start < b and end > a for a, b in spans):
            continue
        spans.append((start, end))
        asked = _ASKED.search(_CLAUSE.split(text[:start].lower())[-1])
        if good is not None and not asked and not (good and _unreal(text, start, pack)):
            undone = denied(text, start, pack) or (not good and _undone(text, start, end, pack))
            taken.append(Matter(kind, good, undone, start, end))
    return sorted(taken, key=lambda m: m.start)


def _undone(text: str, start: int, end: int, pack: LanguagePack) -> bool:
    """Whether something bad is said to have been lifted, avoided, shrunk, ..."""
    before = re.findall(r"[\w']+", _CLAUSE.split(text[:start].lower())[-1])[-_NEAR:]
    after = re.findall(r"[\w']+", _CLAUSE.split(text[end:].lower())[0])[:_NEAR]
    none: frozenset[str] = frozenset()
    return bool(
        pack.words.get("undone_before", none) & set(before)
        or pack.words.get("undone_after", none) & set(after)
    )


def _unreal(text: str, start: int, pack: LanguagePack) -> bool:
    """Whether something good is only wanted, or awaited: "before I could walk again"."""
    if _ASKED_HOW.search(re.split(r"[,;:]", text[:start].lower())[-1]):
        return True
    before = re.findall(r"[\w']+", _CLAUSE.split(text[:start].lower())[-1])[-_REACH:]
    return bool(pack.words.get("unreal_before", frozenset[str]()) & set(before))


def denied(text: str, start: int, pack: LanguagePack) -> bool:
    """Whether what begins there is denied in its clause."""
    before = _ASIDE.split(_CLAUSE.split(text[:start].lower())[-1])[-1]
    for phrase in pack.words.get("mild_negations", ()):
        before = before.replace(phrase, "")
    words = re.findall(r"[\w']+", before)[-_REACH:]
    return bool(pack.words["negators"] & set(words))


def scenes_in(
    bare: str, subjects: list[Matter], mine: bool, pack: LanguagePack
) -> Iterator[tuple[Scene, list[Matter]]]:
    """Yield the scenes of a sentence and its matters with them.

    What was read in the very words of a scene is left out. A good scene is none where the rest is
    bad, a bad one none where it is good, and neither where something is denied.
    """
    for scene in pack.scenes:
        match = scene.find.search(bare)
        if match is None or (mine and scene.theirs) or _ASKED.search(bare[: match.start()]):
            continue
        if scene.good and (denied(bare, match.start(), pack) or _unreal(bare, match.start(), pack)):
            continue
        start, end = match.span()
        rest = [
            m
            for m in subjects
            if m.good == scene.good or m.kind in GRAVE or m.start >= end or m.end <= start
        ]
        if any(m.denied or (m.good != scene.good) for m in rest):
            continue
        if all(m.kind != scene.kind for m in rest):
            rest.append(Matter(scene.kind, scene.good, False, start, end))
        subjects = rest
        yield scene, subjects
