"""Give a raw transcript its capitals, commas and end marks back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from emoanim.clips import Word
from emoanim.engines.lexicon.ends import cut_off
from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.reading import asking
from emoanim.engines.lexicon.sentences import lower_tokens

__all__ = ["is_raw", "restored"]

_LONG = 30
"""Words after which a sentence of a raw text is cut at the next clause."""
_TALK, _LONG_IN_TALK = 60, 14
"""Words from which a raw text is a talk, and after which a sentence of one is cut."""
_BREATH = 25
"""Words of a sentence without a comma that gets some."""
_PAUSE = 0.5
"""Seconds of silence after which a clause that begins is a sentence."""
_NAMES = 6
"""Words of a raw text per word whose capital a recogniser may have known."""
_TIGHT = 4
"""Least words between two marks."""


def is_raw(text: str) -> bool:
    """Whether a text looks like the bare words of a recogniser: no capitals, hardly a mark."""
    words = text.split()
    capitals = sum(w[0].isupper() and w not in ("I", "I'm", "I've", "I'll", "I'd") for w in words)
    marks = len(re.findall(r"[.!?](?:\s|$)", text))
    if len(words) < 3 or "\n" in text:
        return False
    bare = text[0].islower() and marks == 0 and capitals <= len(words) // _NAMES
    return bare or (capitals == 0 and marks <= 1 + len(words) // 40)


def _lower(text: str) -> bool:
    """Whether a text has its end marks but no capitals."""
    words = text.split()
    marks = len(re.findall(r"[.!?](?:\s|$)", text))
    return "\n" not in text and marks > 1 + len(words) // 40 and text == text.lower()


def restored(
    text: str, pack: LanguagePack, times: Sequence[Word] = (), breaths: bool = True
) -> str:
    """Return a raw text as sentences; one that isn't raw keeps all, with a first capital.

    Args:
        text: tidy.
        pack: of its language.
        times: of its words, if known: a pause before a clause begins a sentence.
        breaths: whether a long sentence without a comma gets some though the text isn't raw.
    """
    if "names" not in pack.words:
        return text
    if _lower(text):
        ends = re.split(r"(?<=[.!?]) ", capitalised(text, pack))
        text = " ".join(part[0].upper() + part[1:] for part in ends)
    if not is_raw(text):
        keeps = "\n" in text or not breaths
        return text if keeps else " ".join(_breathing(text, pack))
    words = text.split()
    gaps = _gaps(words, times)
    ended = [w[-1] in ".!?" for w in words]
    sentences: list[list[str]] = [[]]
    for i, word in enumerate(words):
        current = sentences[-1]
        if current and (ended[i - 1] or _begins(words, i, len(current), gaps[i], pack)):
            current = []
            sentences.append(current)
        current.append(word)
    return " ".join(_finished(s, pack) for s in sentences)


def _breathing(text: str, pack: LanguagePack) -> list[str]:
    """Return the words of a text, with commas before the clauses of a long sentence without any."""
    words = text.split()
    ends = [i for i, w in enumerate(words) if w.rstrip("\"”’')")[-1:] in (".", "!", "?")]
    begin = 0
    for end in [*ends, len(words) - 1]:
        part = words[begin : end + 1]
        if len(part) >= _BREATH and not any(re.search(r"[,;:\"“”]", w) for w in part):
            words[begin : end + 1] = _commas(part, pack)
        begin = end + 1
    return words


def _gaps(words: Sequence[str], times: Sequence[Word]) -> list[float]:
    """Return the silence before each word in seconds; 0 where no times are known."""
    if len(times) != len(words):
        return [0.0] * len(words)
    return [0.0, *(max(0.0, b.start - a.end) for a, b in pairwise(times))]


def _clause(words: Sequence[str], i: int, pack: LanguagePack) -> bool:
    """Whether a clause with a subject of its own begins at a word."""
    names = pack.words
    if words[i] in names["joiners"] and i + 3 < len(words):
        then = words[i + 1] == "then"
        return words[i + 1 + then] in names["clause_subjects"]
    return False


def _whole(words: Sequence[str], i: int, length: int, pack: LanguagePack) -> bool:
    """Whether a clause with a subject, a verb and what it does begins where none was due.

    "the clinic i missed the last bus": "the book i lent you" has nothing after its verb.
    """
    names = pack.words
    before = words[max(0, i - _TIGHT) : i]
    return (
        length > _TIGHT
        and len(words) - i >= _TIGHT
        and words[i] in names["clause_pronouns"]
        and words[i + 2] in names["clause_objects"]
        and words[i + 1] not in names["going_on"]
        and not names["going_on"] & set(before)
        and not names["governing"] & set(before[-2:])
    )


def _begins(words: Sequence[str], i: int, length: int, gap: float, pack: LanguagePack) -> bool:
    if _whole(words, i, length, pack):
        return True
    if i + 1 >= len(words) or words[i - 1] in pack.words["unfinished"]:
        return False
    if gap >= _PAUSE and length >= _TIGHT and words[i] in pack.words["openers"]:
        return True
    longest = _LONG_IN_TALK if len(words) >= _TALK else _LONG
    return length >= longest and _clause(words, i, pack) and len(words) - i >= _TIGHT


def _finished(words: list[str], pack: LanguagePack) -> str:
    text = capitalised(" ".join(_commas(words, pack)), pack)
    for pattern, put in pack.commas:
        text = pattern.sub(put, text)
    text = text[0].upper() + text[1:]
    if text[-1] in ".!?…":
        return text
    if cut_off(text, words[-1].strip(","), pack) and words[-2:] != ["come", "on"]:
        return text.rstrip(",;:-") + "..."
    return text.rstrip(",;:-") + ("?" if asking(lower_tokens(text), pack) else ".")


def _commas(words: Sequence[str], pack: LanguagePack) -> list[str]:
    """Return the words with a comma before each clause that has a subject of its own."""
    names = pack.words
    said: list[str] = []
    since = 0
    for i, word in enumerate(words):
        since += 1
        following = words[i + 1].lower() if i + 1 < len(words) else ""
        subject = following in names["clause_subjects"]
        starts = (word in names["joiners"] or word in names["comma_before"]) and subject
        if i and since > _TIGHT and starts and said[-1][-1] not in ",.;:" and i + 2 < len(words):
            said[-1] += ","
            since = 0
        said.append(word)
    return said


def capitalised(text: str, pack: LanguagePack) -> str:
    """Return the text with capitals for "I" and for names that the pack knows."""
    names, upper = pack.words["names"], pack.words["upper"]

    def fix(match: re.Match[str]) -> str:
        word = match.group()
        stem = re.sub(r"'s?$", "", word.replace("’", "'"))
        if stem == "i" or word.startswith(("i'", "i’")):
            return "I" + word[1:]
        if stem in upper:
            return stem.upper() + word[len(stem) :]
        return word[0].upper() + word[1:] if stem in names else word

    text = re.sub(r"[a-z]+(?:['’][a-z]+)*", fix, text)
    for phrase in pack.words["name_phrases"]:
        title = " ".join(w if w in ("de",) else w.capitalize() for w in phrase.split())
        text = re.sub(rf"\b{phrase}\b", title, text, flags=re.IGNORECASE)
    return text
