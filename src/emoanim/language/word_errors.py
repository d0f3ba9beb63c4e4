"""How many words of a text were misheard: the word error rate."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

__all__ = ["word_error_rate"]

_UNSPACED = frozenset(["ja", "lo", "my", "th", "yue", "zh"])


def word_error_rate(said: str, heard: str, language: str = "en") -> float:
    """Return the word error rate: the fewest words to change, add and leave out, over those said.

    Case and punctuation do not count; in languages without spaces characters are counted. 0 is
    without error; it can exceed 1 where much was added.

    Args:
        said: the text that should be heard; without words the rate is 0 if none is heard, else 1.
        heard: what was heard.
        language: ISO 639-1 code.

    >>> word_error_rate("We meet on Monday.", "we met on monday")
    0.25
    """
    wanted, recognised = (_words(text, language) for text in (said, heard))
    if not wanted:
        return float(bool(recognised))
    return _edits(wanted, recognised) / len(wanted)


def _words(text: str, language: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", text).casefold().replace("'", "").replace("’", "")
    letters = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in plain)
    return list("".join(letters.split())) if language in _UNSPACED else letters.split()


def _edits(a: Sequence[str], b: Sequence[str]) -> int:
    """Return Levenshtein's distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]
