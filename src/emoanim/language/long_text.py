"""A long text in parts that a speech service takes, cut where a speaker would pause."""

from __future__ import annotations

import itertools
import re

__all__ = ["parts_of"]

_ENDS = (
    r"(?<=[.!?…。！？])[\"'”’»)]*\s*(?=\S)",  # sentences
    r"(?<=[,;:—、，；])\s*(?=\S)",  # clauses
    r"\s+",  # words
)


def parts_of(text: str, longest: int) -> list[str]:
    """Cut a text into parts of at most ``longest`` characters, as few as will do.

    Cuts lie between sentences; in a sentence that is too long between clauses, then between
    words. Only blanks at the cuts are lost. A single word that is too long is cut anywhere.
    """
    return _cut(" ".join(text.split()), longest, 0)


def _cut(text: str, longest: int, level: int) -> list[str]:
    if len(text) <= longest:
        return [text] if text else []
    if level == len(_ENDS):
        return [text[i : i + longest] for i in range(0, len(text), longest)]
    edges = sorted({0, len(text), *(m.end() for m in re.finditer(_ENDS[level], text))})
    out: list[str] = []
    start = 0
    for here, after in itertools.pairwise(edges):
        if len(text[start:after].rstrip()) <= longest:
            continue
        if here > start:
            out.append(text[start:here].strip())
            start = here
        piece = text[start:after].strip()
        if len(piece) > longest:
            out += _cut(piece, longest, level + 1)
            start = after
    rest = text[start:].strip()
    return [*out, rest] if rest else out
