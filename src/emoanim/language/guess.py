"""Which language and script a text is in, told from its letters and commonest words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

__all__ = ["COMMON_WORDS", "DENSE_SCRIPTS", "guessed", "primary_subtag", "script_of"]

COMMON_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "i the and of to is that it you was for this with have are not my we be on at what "
        "a so do he she they but if as me your all just will can don ll ve re am our been has",
        "de": "der die das und ich nicht ist es ein eine wir mit auf zu den sie für auch war aber",
        "fr": "le la les et je ne pas est un une nous que dans pour vous des ce sur avec il mais",
        "es": "el la los y que no es un una en por con para se lo como muy pero del las está mi",
        "it": "il la che e non è un una di per con sono del gli mi ma anche questo come nel ho",
        "pt": "os e que não é um uma em por com para se do da mas muito isso está eu na ele você",
        "nl": "de het een en ik niet is dat we van met op te zijn voor ook maar die wij je",
        "pl": "nie jest się w na że z jak ale tak mnie czy był dla po co już ja wszystko jestem",
        "sv": "och det är inte jag en ett att vi som på med för den av har till så om men",
    }.items()
}
"""Language -> its commonest words, lower case."""

DENSE_SCRIPTS = frozenset(["CJK", "HANGUL", "THAI"])
"""Scripts that say in one character what others say in several."""

_LEAST_WORDS = 6


def guessed(text: str) -> str:
    """Return the language of a text of six words or more; "" if it is not clear."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    if len(words) < _LEAST_WORDS:
        return ""
    counts = {each: sum(w in common for w in words) for each, common in COMMON_WORDS.items()}
    best, second = sorted(counts, key=lambda each: -counts[each])[:2]
    return best if counts[best] >= 3 and counts[best] > 1.5 * counts[second] else ""


def primary_subtag(language: str) -> str:
    """Return the language alone of a code such as "en-GB" or "pt_BR" (BCP 47), lower case."""
    return language.lower().replace("_", "-").partition("-")[0]


def script_of(text: str) -> str:
    """Return the script of most letters by its Unicode name, such as "LATIN"; "" for none.

    The scripts of Japanese and Chinese count as one, "CJK".
    """
    counts: dict[str, int] = {}
    for c in text:
        if c.isalpha():
            name = unicodedata.name(c, "").partition(" ")[0]
            name = "CJK" if name in ("HIRAGANA", "KATAKANA") else name
            counts[name] = counts.get(name, 0) + 1
    return max(counts, key=lambda name: counts[name]) if counts else ""
