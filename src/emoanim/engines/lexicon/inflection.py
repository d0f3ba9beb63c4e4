"""Patterns of words: "crash*" for its regular English endings, "(a|b)" for either."""

from __future__ import annotations

import re

__all__ = ["pattern_of"]

_VOWELS = "aeiou"


def pattern_of(phrase: str) -> str:
    """Return a regular expression for a phrase of lower-case words.

    A word that ends in "*" also matches its regular endings: "rob*" rob, robs, robbed, robbing;
    "carry*" carry, carries, carried; "fire*" fire, fires, fired, firing. "*" alone is any one word
    and "(a|b c)" one of several, also inside a word.
    """
    expanded = re.sub(r"([a-z]+)\*", lambda m: _endings(m.group(1)), phrase)
    expanded = re.sub(r"(?<!\S)\*(?!\S)", r"\\w[\\w'-]*(?:[.,]\\d+)*", expanded)
    return re.sub(r"\((?!\?)", "(?:", expanded)


def _endings(word: str) -> str:
    stem = word
    if word.endswith("e"):
        return f"{stem[:-1]}(?:e|es|ed|er|ers|ing)"
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return f"{stem[:-1]}(?:y|ies|ied|ying)"
    double = ""
    if len(word) > 2 and word[-1] not in "aeiouwxyh" and word[-2] in _VOWELS:
        double = f"|{stem[-1]}ed|{stem[-1]}ing"
    return f"{stem}(?:e|s|es|ed|ing|er|ers|ion|ions{double})?"
