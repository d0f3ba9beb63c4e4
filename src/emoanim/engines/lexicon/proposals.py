"""Let a language model propose, never decide: its sentences stand where the meaning survives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emoanim.engines.lexicon.packs import ENGLISH, LanguagePack, load_pack, pack_for
from emoanim.engines.lexicon.restoring import restored
from emoanim.engines.lexicon.rewriting import rewriting
from emoanim.engines.lexicon.sentences import split, tidy
from emoanim.language.alignment import aligned
from emoanim.language.meaning import lost_meaning, numbers

__all__ = ["Original", "Proposal", "joined", "original", "vetted"]

_GROWTH = 1.4
_MOST = 1.5
"""Words of a proposal per word of its sentence, or four more."""
_SLACK = 4


@dataclass(frozen=True, slots=True)
class Original:
    """A text by sentences, and what rules make of each.

    Attributes:
        sentences: as they were said (raw text restored).
        gaps: the white space after each.
        ruled: the lexicon's sentences; those that were said where it has no words for them.
        by: "lexicon" or "transcript", for the record.
        english: whether meaning can be checked beyond numbers and questions.
    """

    sentences: tuple[str, ...]
    gaps: tuple[str, ...]
    ruled: tuple[str, ...]
    by: str
    english: bool


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model makes of one sentence; ``fault`` says why it cannot stand, "" if it can."""

    text: str
    fault: str


def original(text: str, language: str, emotion: str, intensity: float, seed: int) -> Original:
    """Cut a text into sentences and rewrite each by rules."""
    pack = pack_for(language)
    cutter = pack or load_pack(ENGLISH)
    clean = restored(tidy(text), cutter) if pack is not None else tidy(text)
    parts = split(clean, cutter)
    said = tuple(p.text for p in parts)
    gaps = tuple(p.gap for p in parts)
    english = language.lower().startswith("en")
    if pack is None or emotion not in pack.books:
        return Original(said, gaps, said, "transcript", english)
    rewritten = rewriting(clean, pack, emotion, intensity, _GROWTH, seed)
    return Original(said, gaps, rewritten.sentences, "lexicon", english)


def vetted(text: str, source: Original) -> list[Proposal]:
    """Return what a model's whole text makes of each sentence, with what is wrong with it."""
    cutter: LanguagePack = load_pack(ENGLISH)
    new = [s.text for s in split(tidy(text), cutter)]
    groups = aligned(new, source.sentences)
    checked = []
    for said, group in zip(source.sentences, groups, strict=True):
        proposed = " ".join(new[j] for j in group)
        checked.append(Proposal(proposed, _fault(proposed, said, source.english)))
    return checked


def _fault(proposed: str, said: str, english: bool) -> str:
    if not any(c.isalnum() for c in proposed):
        return "the sentence is gone"
    before, now = len(said.split()), len(proposed.split())
    if now > max(_MOST * before, before + _SLACK):
        return f"{now} words for {before}"
    if english:
        return lost_meaning(proposed, said, strict=True)
    if numbers(said) - numbers(proposed):
        return f"the number {sorted(numbers(said) - numbers(proposed))[0]} is gone"
    return "a question is no question any more" if proposed.count("?") < said.count("?") else ""


def joined(
    rounds: Sequence[Sequence[Proposal]], source: Original
) -> tuple[str, list[str], list[str]]:
    """Put the first proposal that can stand for each sentence together, else the rules' sentence.

    Returns:
        the text; by whom each sentence is ("model", "lexicon" or "transcript"); why not by the
        model, "" where it is.
    """
    texts, by, why = [], [], []
    for i, ruled in enumerate(source.ruled):
        tried = [each[i] for each in rounds]
        accepted = next((p.text for p in tried if not p.fault), None)
        texts.append((ruled if accepted is None else accepted) + source.gaps[i])
        by.append(source.by if accepted is None else "model")
        why.append(tried[-1].fault if accepted is None and tried else "")
    return "".join(texts).strip(), by, why
