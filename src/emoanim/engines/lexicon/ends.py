"""The end mark of a sentence in an emotion."""

from __future__ import annotations

import re

from emoanim.engines.lexicon.packs import LanguagePack
from emoanim.engines.lexicon.sentences import Sentence

__all__ = ["ended"]


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
    if text[-1] in ",:;-–—" or (tokens and tokens[-1] in pack.words["unfinished"]):
        return re.sub(r"\s*[,:;–—-]+$", "", text) + "..."
    return text + stop


def _abbreviated(word: str, pack: LanguagePack) -> bool:
    stem = word.rstrip(".").lower()
    return stem in pack.words["abbreviations"] or stem in pack.words["titles"]
