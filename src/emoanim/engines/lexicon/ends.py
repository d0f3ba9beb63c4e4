"""The end mark of a sentence in an emotion."""

from __future__ import annotations

import re

from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.sentences import Sentence

__all__ = ["cut_off", "ended"]

_WHOLE = re.compile(
    r"\b(?:that was that|(?:where|what|who|how|when) (?:\S+ ){1,4}(?:is|was|are|were|am))$",
    re.IGNORECASE,
)
"""Ends that look cut off and are not: "where his horse is"."""


def ended(text: str, sentence: Sentence, stop: str, needed: bool, pack: LanguagePack) -> str:
    """Return the text with the end mark ``stop``; questions, quotes, abbreviations keep theirs.

    A text without a mark gets one if it is ``needed``, and trails away if it was cut off.
    """
    if any(end == len(sentence.text) for _, end in sentence.protected):
        mark = text.rstrip("\"”’')]")[-1:]
        return text + stop if needed and mark not in (*".!?…", "") else text
    if sentence.item or text.endswith(("...", "…", "?")):
        return text
    if text[-1] in ".!":
        short = re.search(r"[\s(]((?:[^\W\d]\.)+|\w+\.)$", text)
        if short and (short.group(1).count(".") > 1 or _abbreviated(short.group(1), pack)):
            return text
        return text[:-1] + stop
    if not needed:
        return text
    tokens = sentence.tokens
    if text[-1] in ",:;-–—" or cut_off(text, tokens[-1] if tokens else "", pack):
        return re.sub(r"\s*[,:;–—-]+$", "", text) + "..."
    return text + stop


def _abbreviated(word: str, pack: LanguagePack) -> bool:
    stem = word.rstrip(".").lower()
    return stem in pack.words["abbreviations"] or stem in pack.words["titles"]


def cut_off(text: str, last: str, pack: LanguagePack) -> bool:
    """Whether a text without an end mark stops at a word after which more was to come."""
    return last in pack.words["unfinished"] and not _WHOLE.search(text)
