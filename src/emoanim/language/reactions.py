"""What is told in a rewrite, without the cries and tags in which only a feeling is."""

from __future__ import annotations

import re

__all__ = ["stems", "told"]

_MOST = 6
"""Most words of a sentence that is a mere reaction: "I can't believe this." """
_TAG = re.compile(
    r",? (?:okay|ok|all right|you know|can you (?:even )?believe (?:it|that|this))\?(?=\s|$)", re.I
)
_IDIOM = re.compile(
    r",? (?:thank you very much|if you can believe it|believe (?:you )?me|you know|mind you)"
    r"(?=[,.!]|$)",
    re.IGNORECASE,
)
_FILLER = re.compile(r",? \b(?:um+|uh+|er)\b,?", re.IGNORECASE)
_CONTRADICTS = re.compile(
    r"\b(?:true|real|case|happen\w*|serious|mean it|yes|wrong|jok\w+|kidding|lie|lying|did|do|does"
    r"|was|were|will|would)\b"
)
"""What makes of a reaction a word on the matter: "It isn't true." """
_ENDS = re.compile(r"(?<=[.!?…])\s+")


def told(new: str, old: str) -> str:
    """Return a rewrite without what only reacts to what it tells.

    Left out are ", okay?" and the like, stock phrases with a "you" that is nobody, "um", and short
    sentences with a denial that share no word with the original and say nothing on its truth.
    """
    text = _IDIOM.sub("", _TAG.sub(".", new.replace("’", "'")))
    text = _FILLER.sub("", text) if not _FILLER.search(old) else text
    known = stems(old)
    kept = [s for s in _ENDS.split(text) if not _reacts(s, known)]
    return " ".join(kept) or text


def _reacts(sentence: str, known: set[str]) -> bool:
    plain = sentence.lower()
    return (
        len(sentence.split()) <= _MOST
        and re.search(r"\b(?:not|no|never)\b|n't\b", plain) is not None
        and not sentence.endswith("?")
        and not re.search(r"\d|(?<=[a-z] )[A-HJ-Z]", sentence)
        and bool(stems(sentence))  # "No, it is not." is no mere reaction
        and not stems(sentence) & known
        and not _CONTRADICTS.search(plain)
    )


def stems(text: str) -> set[str]:
    """Return the beginnings of the words of four letters and more, by which texts are compared."""
    return {w[:5] for w in re.findall(r"[a-z]{4,}", text.lower())}
