"""Where something can be added to a sentence, and in which order places are used."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from emoanim.engines.lexicon.sentences import Sentence, tones
from emoanim.engines.lexicon.words import words

__all__ = ["Place", "capital", "clausal", "factual", "joinable", "ordered"]

_AND = re.compile(r"(,)? (?:and|but|so) (?=([a-z]+(?:['’][a-z]+)?)\b)", re.IGNORECASE)
_PAIR = re.compile(r"([A-Za-z]+(?:['’][a-z]+)?) (?=([a-z]+)\b)")
_NAMES_TOO = frozenset({"will", "may", "art"})


@dataclass(frozen=True, slots=True)
class Place:
    """A place for one pattern.

    Attributes:
        sentence: its index.
        slot: "front" (an opener, or a clause that takes the sentence in) or a slot of a pattern.
        offset: character of the sentence before which an inner pattern goes.
        tones: tones that the pattern must suit.
        vowel: for an intensifier after "a" or "an": whether it must begin with a vowel sound.
        personal: whether the adjective is said of the speaker or the listener.
    """

    sentence: int
    slot: str
    offset: int
    tones: frozenset[str]
    vowel: bool | None = None
    personal: bool = False


def ordered(sentences: Sequence[Sentence], rng: np.random.Generator) -> list[Place]:
    """Return every place, the first to be used first: the ends, then spread over the text."""
    sides: list[list[Place]] = []
    inner: list[Place] = []
    for i, sentence in enumerate(sentences):
        front = Place(i, "front", 0, sentence.tones)
        reaction = Place(i, "reaction", len(sentence.text), sentence.tones)
        spoken = sentence.form != "item"
        # After a colon comes what was announced: nothing may stand between.
        sides.append(
            [
                p
                for p in (front, reaction)
                if spoken and not (p is reaction and _announces(sentence))
            ]
        )
        if spoken:
            inner += [*_mids(i, sentence), *_degrees(i, sentence), *_verbs(i, sentence)]
    if not any(sides):
        # A bare list: react to the whole of it.
        sides[-1] = [Place(len(sentences) - 1, "reaction", 0, frozenset({"plain"}))]
    head = next(i for i, s in enumerate(sides) if s)
    tail = next(i for i in reversed(range(len(sides))) if sides[i])
    ends = [sides[head][0], sides[tail][-1]]
    if rng.random() < 0.5:
        ends.reverse()
    first, second = [], []
    for i in rng.permutation(len(sides)):
        rest = [p for p in sides[i] if p not in ends]
        if rest:
            pick = int(rng.integers(len(rest)))
            first.append(rest.pop(pick))
            second += rest
    inner = [inner[i] for i in rng.permutation(len(inner))]
    # One inner place for every two further sides keeps the added sentences from crowding.
    mixed: list[Place] = []
    queue = iter(inner)
    for i, place in enumerate(first):
        mixed.append(place)
        if i % 2 == 0:
            mixed += [p for p in [next(queue, None)] if p is not None]
    if len(sentences) == 1:
        mixed = [*inner, *first]
        queue = iter(())
    return list(dict.fromkeys([*ends, *mixed, *queue, *second]))


def capital(sentence: Sentence) -> bool:
    """Whether the first letter must keep its case: "I", a name, or what might be one."""
    match = re.match(r"[^\W\d_]+(?:['’]\w+)?", sentence.text)
    if match is None or match.group()[0].islower():
        return False
    word = match.group()
    tokens = sentence.tokens
    if word[0] == "I" and (len(word) == 1 or word[1] in "'’"):
        return True
    if tokens[0] in _NAMES_TOO and not (len(tokens) > 1 and tokens[1] in words("askable")):
        return True
    return tokens[0] not in words("lowerable") or (len(word) > 1 and not word[1:].islower())


def joinable(sentence: Sentence) -> bool:
    """Whether words and a comma may go straight before the sentence."""
    if not sentence.text[0].isalnum() or not sentence.free(0, 1):
        return False
    return not capital(sentence) or bool(re.match(r"I(?:['’]\w+)?\b", sentence.text))


def clausal(sentence: Sentence) -> bool:
    """Whether "..., but" may take the sentence in."""
    return sentence.form == "statement" and joinable(sentence)


def factual(sentence: Sentence) -> bool:
    """Whether "I'm glad that" may: a plain fact, no plan, wish, opinion or feeling."""
    tokens = sentence.tokens
    return (
        clausal(sentence)
        and not words("modal") & set(tokens)
        and not words("mental") & set(tokens[:4])
        and not (tokens[0] in {"i", "i'm", "we're"} and "negative" in sentence.tones)
        and tokens[0] not in ("here's", "that", "that's")
    )


def _announces(sentence: Sentence) -> bool:
    return sentence.text[-1] in ":;" and not sentence.last


def _mids(index: int, sentence: Sentence) -> Iterator[Place]:
    if sentence.form not in ("statement", "other"):
        return
    free = 0  # recognisers without punctuation make one sentence of many: not at every "and"
    for match in _AND.finditer(sentence.text):
        word = match.group(2).lower().replace("’", "'")
        conjunction = match.group().strip(" ,").lower()
        comma = bool(match.group(1)) and "," not in sentence.text[: match.start()]
        pronoun = word in words("subjects") and word != "you"
        begins = word in words("contracted") or (pronoun and (comma or conjunction != "and"))
        if begins and match.end() >= free and sentence.free(match.start(), match.end() + 1):
            yield Place(index, "mid", match.end(), sentence.tones)
            free = match.end() + 80


def _degrees(index: int, sentence: Sentence) -> Iterator[Place]:
    for match in _pairs(sentence):
        before = match.group(1).lower().replace("’", "'")
        word = match.group(2)
        if before not in words("copulas") and before not in ("a", "an"):
            continue
        following = sentence.text[match.end() + len(word) :]
        if re.match(r" (?:enough|as|than)\b|-", following):
            continue
        for tone in ("positive", "negative", "plain"):
            if word in words(f"gradable_{tone}"):
                vowel = {"a": False, "an": True}.get(before)
                subject = sentence.text[: match.start()].split()
                near = [before, *(s.lower() for s in subject[-1:])]
                personal = any(re.match(r"(?:i|we|you)(?:['’]|$)", n) for n in near)
                yield Place(index, "intensifier", match.end(), frozenset({tone}), vowel, personal)


def _verbs(index: int, sentence: Sentence) -> Iterator[Place]:
    for match in _pairs(sentence):
        if match.group(1).lower() in ("i", "we") and match.group(2) in words("verbs"):
            yield Place(index, "verb", match.end(), tones(match.group(2)))


def _pairs(sentence: Sentence) -> Iterator[re.Match[str]]:
    """Yield neighbouring words where a degree can be raised without changing what is claimed."""
    unsure = {"if", "whether", "unless", "than"} | words("negators")
    if sentence.form not in ("statement", "other") or unsure & set(sentence.tokens):
        return
    for match in _PAIR.finditer(sentence.text):
        if sentence.free(match.start(), match.end() + len(match.group(2))):
            yield match
