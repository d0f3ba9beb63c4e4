"""Put an emotion into a text by adding to it; every word of the text stays, in its order."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from emoanim.engines.lexicon.patterns import (
    STRENGTHS,
    Pattern,
    Phrasebook,
    key_words,
)
from emoanim.engines.lexicon.places import (
    Place,
    capital,
    clausal,
    factual,
    joinable,
    ordered,
)
from emoanim.engines.lexicon.sentences import Sentence, lower_tokens
from emoanim.engines.lexicon.words import words

__all__ = ["Marked", "emphasise"]

SHORT_TEXT = 14
"""Words as which a shorter text counts when its growth is bounded (0.6 * 14: 8 words)."""
WORDS_PER_MARKER = 3.5
"""Density of what is added at full intensity, relative to the words allowed."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A rewritten text.

    Attributes:
        text: the words to say.
        added: what was added, by place, in order of importance.
    """

    text: str
    added: tuple[tuple[Place, Pattern], ...]


@dataclass(slots=True)
class _Draft:
    """Choices so far."""

    sentences: Sequence[Sentence]
    book: Phrasebook
    level: int
    rng: np.random.Generator
    source: str
    added: list[tuple[Place, Pattern]] = field(default_factory=list)
    suiting: dict[Place, list[Pattern]] = field(default_factory=dict)
    said: dict[str, list[int]] = field(default_factory=dict)
    keys: dict[int, frozenset[str]] = field(default_factory=dict)

    def add(self, place: Place, pattern: Pattern) -> None:
        """Choose a pattern for a place."""
        self.added.append((place, pattern))
        self.said.setdefault(pattern.text, []).append(place.sentence)
        self.keys[place.sentence] = self.keys.get(place.sentence, frozenset()) | pattern.keys

    def near(self, index: int) -> frozenset[str]:
        """Telling beginnings that a pattern for this sentence should not say again."""
        around = (self.keys.get(i, frozenset()) for i in range(index - 1, index + 2))
        return key_words(self.sentences[index].text).union(*around)


def emphasise(
    sentences: Sequence[Sentence],
    book: Phrasebook,
    intensity: float,
    growth: float,
    rng: np.random.Generator,
) -> Marked:
    """Rewrite sentences in the emotion of a phrase book.

    The number of patterns grows with the intensity in [0, 1] and with the length of the text; it
    is lower by what the text already says in that emotion. Their strength is mild below 0.4,
    strong from 0.75. ``growth`` bounds the words: at most ``(growth - 1) * max(n, 14)`` are added.
    """
    level = 0 if intensity < 0.4 else 1 if intensity < 0.75 else 2
    count = sum(len(s.text.split()) for s in sentences)
    allowance = int((growth - 1.0) * max(count, SHORT_TEXT) + 1e-9)
    source = " ".join(["", *(t for s in sentences for t in s.tokens), ""])
    draft = _Draft(sentences, book, level, rng, source)
    for place in ordered(sentences, rng):
        if found := _suiting(place, draft):
            draft.suiting[place] = found
    shortest = {place: min(p.length for p in found) for place, found in draft.suiting.items()}
    full = max(3, round(allowance / WORDS_PER_MARKER))
    present = sum(_present(s, book) for s in sentences)
    # What is there counts half as much again: a text in the emotion is left as it is.
    wanted = max(1, math.ceil(intensity * full - 0.25)) - math.ceil(1.5 * present)
    chosen: list[Place] = []
    reserved = 0
    for place, length in shortest.items():
        if len(chosen) < wanted and reserved + length <= allowance:
            chosen.append(place)
            reserved += length
    spent = 0
    for place in chosen:
        reserved -= shortest[place]
        share = max(shortest[place], allowance // len(chosen) + 2)
        pattern = _choose(place, draft, min(share, allowance - spent - reserved))
        spent += pattern.length
        draft.add(place, pattern)
    return Marked(_assemble(draft), tuple(draft.added))


def _present(sentence: Sentence, book: Phrasebook) -> int:
    """Count what shows the emotion already, unless denied or quoted: its words and phrases."""
    text = sentence.text
    for start, end in reversed(sentence.protected):
        text = text[:start] + text[end:]
    tokens = lower_tokens(text)
    said = f" {' '.join(tokens)} "
    total = sum(f" {phrase} " in said for phrase in book.phrases)
    if not words("negators") & set(tokens):
        for phrase in words("greeting_phrases"):
            said = said.replace(f" {phrase} ", " ")
        total += sum(t in book.markers for t in said.split())
    return total


def _suiting(place: Place, draft: _Draft) -> list[Pattern]:
    """Return every pattern that may stand at a place."""
    sentence = draft.sentences[place.sentence]
    form = "other" if sentence.form == "item" else sentence.form
    slots = {place.slot}
    if place.slot == "front":
        slots = {"opener"} if not _present(sentence, draft.book) else set()
        slots |= {"lead"} if slots and clausal(sentence) else set()
        slots |= {"that"} if slots and factual(sentence) else set()
    # Of good and bad at once, it is the bad that a pattern must not contradict.
    tones = place.tones if len(place.tones) == 1 else frozenset({"negative"})
    denied = words("negators") & set(sentence.tokens) and draft.book.markers & set(sentence.tokens)
    fits: Callable[[Pattern], bool] = _INNER.get(place.slot, _outer)(place, sentence)
    return [
        p
        for p in draft.book.patterns
        if p.slot in slots
        and form in p.forms
        and tones <= p.tones
        and not (denied and _explicit(p, draft.book))
        and fits(p)
    ]


def _outer(place: Place, sentence: Sentence) -> Callable[[Pattern], bool]:
    first = sentence.tokens[:1]

    def fits(pattern: Pattern) -> bool:
        tokens = pattern.tokens
        return place.slot == "reaction" or first not in (tokens[:1], tokens[-1:])

    return fits


def _inside(place: Place, sentence: Sentence) -> Callable[[Pattern], bool]:
    tokens = sentence.tokens
    near = key_words(sentence.text)

    def fits(pattern: Pattern) -> bool:
        plain = pattern.text in ("really", "so", "truly")
        if place.slot == "intensifier":
            if place.personal and not plain:
                return False
            if place.vowel is not None and (
                pattern.text == "so" or place.vowel != (pattern.text[0] in "aeiou")
            ):
                return False
        own = set(pattern.tokens)
        return not (pattern.keys & near if place.slot == "mid" else own & set(tokens))

    return fits


_INNER = {"mid": _inside, "intensifier": _inside, "verb": _inside}


def _choose(place: Place, draft: _Draft, limit: int) -> Pattern:
    """Take a pattern of at most ``limit`` words: if possible of the right strength and no echo."""
    fitting = [p for p in draft.suiting[place] if p.length <= limit]
    near = draft.near(place.sentence)
    fresh = [p for p in fitting if p.text not in draft.said]
    fresh = [p for p in fresh if not _spoken(p, draft)] or fresh
    clear = [p for p in fresh if not p.keys & near]
    if draft.level > 0 and not any(_explicit(p, draft.book) for _, p in draft.added):
        # From medium strength on the emotion is named or shown by an unmistakable word.
        clear = [p for p in clear if _explicit(p, draft.book)] or clear
    # Weaker before stronger: at the intensity asked for, nothing may shout.
    strengths = sorted(range(len(STRENGTHS)), key=lambda s: (abs(s - draft.level), s))
    for pool in (clear, fresh):
        for strength in strengths:
            options = [p for p in pool if p.strength == strength]
            if options:
                return _draw(options, draft.rng)
    # Everything was said once: take what was said farthest from here.
    return max(fitting, key=lambda p: min(abs(i - place.sentence) for i in draft.said[p.text]))


def _spoken(pattern: Pattern, draft: _Draft) -> bool:
    """Whether the speaker says it already."""
    return len(pattern.tokens) > 1 and f" {' '.join(pattern.tokens)} " in draft.source


def _explicit(pattern: Pattern, book: Phrasebook) -> bool:
    return bool(book.markers & set(pattern.tokens))


def _draw(options: list[Pattern], rng: np.random.Generator) -> Pattern:
    slots = sorted({p.slot for p in options})
    slot = slots[int(rng.integers(len(slots)))]
    options = [p for p in options if p.slot == slot]
    return options[int(rng.integers(len(options)))]


def _assemble(draft: _Draft) -> str:
    parts: list[str] = []
    for i, sentence in enumerate(draft.sentences):
        mine = [(place, pattern) for place, pattern in draft.added if place.sentence == i]
        text = sentence.text
        inner = [m for m in mine if m[0].slot not in ("front", "reaction")]
        for place, pattern in sorted(inner, key=lambda m: -m[0].offset):
            comma = "," if place.slot == "mid" else ""
            text = f"{text[: place.offset]}{pattern.text}{comma} {text[place.offset :]}"
        reaction = next((p.text for place, p in mine if place.slot == "reaction"), "")
        text = _end(text, sentence, draft, bool(mine), bool(reaction))
        front = next((p for place, p in mine if place.slot == "front"), None)
        if front is not None:
            text = _begin(front, text, sentence, draft.book.stop)
        parts.append(f"{text} {reaction}".rstrip() + sentence.gap)
    return "".join(parts)


def _begin(front: Pattern, text: str, sentence: Sentence, stop: str) -> str:
    if front.slot == "opener" and (front.text[-1] in ".!?" or not joinable(sentence)):
        ended = front.text if front.text[-1] in ".!?" else front.text + stop
        return f"{ended} {text[0].upper() + text[1:]}"
    if not capital(sentence):
        text = text[0].lower() + text[1:]
    return f"{front.text}{',' if front.slot == 'opener' else ''} {text}"


def _end(text: str, sentence: Sentence, draft: _Draft, marked: bool, followed: bool) -> str:
    """Give a sentence the end mark of the emotion; questions, quotes, abbreviations keep theirs."""
    lively = draft.level == 2 or (draft.level == 1 and marked)
    stop = draft.book.stop if lively else "."
    needs = followed or (sentence.last and (marked or draft.level == 2))
    if any(end == len(sentence.text) for _, end in sentence.protected):
        ended = text.rstrip("\"”’')]")[-1:] in (*".!?…", "")
        return text + stop if needs and not ended else text
    if sentence.form == "item" or text.endswith(("...", "…", "?")):
        return text
    if text[-1] in ".!":
        if text[-1] == "!" and draft.book.stop == "!":
            return text
        short = re.search(r"[\s(]((?:[^\W\d]\.)+|\w+\.)$", text)
        if short and (short.group(1).count(".") > 1 or _abbreviated(short.group(1))):
            return text
        return text[:-1] + stop
    if not needs:
        return text
    tokens = sentence.tokens
    if text[-1] in ",:;-–—" or (tokens and tokens[-1] in words("unfinished")):
        return re.sub(r"\s*[,:;–—-]+$", "", text) + "..." if followed else text
    return text + ("?" if sentence.form == "question" else stop)


def _abbreviated(word: str) -> bool:
    stem = word.rstrip(".").lower()
    return stem in words("abbreviations") or stem in words("titles")
