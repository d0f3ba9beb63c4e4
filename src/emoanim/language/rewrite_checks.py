"""Checks that a model's text can be read out in place of the transcript."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from emoanim.clips import Transcript
from emoanim.language.guess import (
    COMMON_WORDS,
    DENSE_SCRIPTS,
    guessed,
    primary_subtag,
    script_of,
)

__all__ = ["Bounds", "Fault", "find_fault", "plain"]

# Characters of speech in a second, quick but clear; scripts without spaces say more with each.
_PACE = 16.0
_DENSE_PACE = 6.0
# Words that any text may be longer or shorter by: one exclamation weighs much in a short sentence.
_SLACK = 8

_REFUSALS = re.compile(
    r"^(?:i(?:'m| am) (?:very |really |so )?(?:sorry|afraid),? (?:but )?(?:i|that|this)\b.{0,40}"
    r"(?:can(?:not|'t)|unable|not able|won't)"
    r"|(?:sorry,? (?:but )?)?i (?:can(?:not|'t)|won't|am unable to|'m unable to) "
    r"(?:help|assist|comply|rewrite|do that|fulfil|fulfill|provide|process)"
    r"|as an? (?:ai|language model)|je suis désolé,? (?:mais )?je ne peux"
    r"|lo siento,? (?:pero )?no puedo|es tut mir leid,? (?:aber )?ich kann)",
    re.IGNORECASE,
)
_PREFACE = re.compile(
    r"^(?:[\w ]{1,20}[,!.] )?(?:here(?:'s| is)|this is|the|your)?[^.!?\n]{0,30}"
    r"\b(?:rewritten|rewrite|revised|modified|text|version|transcript)\b[^.!?\n]{0,40}:",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"(?P<direction>\([^)]*\)|\[[^\]]*\]|\*[^*\n]+\*)|(?P<tag></?[a-zA-Z][^>\n]*>)"
    r"|(?P<markup>```|[*_#`~|{}<>\[\]]|^\s*(?:[-•]|\d+[.)])\s+|---)",
    re.MULTILINE,
)
_QUOTES = (('"', '"'), ("“", "”"), ("«", "»"), ("„", "“"), ("'", "'"))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long the text may be.

    Attributes:
        shortest: least words per word of the transcript.
        longest: most words per word of the transcript.
        seconds: the speech has to fit these; None for no such bound.
    """

    shortest: float = 0.5
    longest: float = 2.2
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a text, as a clause; ``refusal`` if the model declined."""

    what: str
    refusal: bool = False


def plain(text: str) -> str:
    """Return a model's text without blanks or quotation marks around it."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    for left, right in _QUOTES:
        inner = text[1:-1]
        if len(text) > 2 and text[0] == left and text[-1] == right and left not in inner:
            return inner.strip()
    return text


def find_fault(text: str, transcript: Transcript, bounds: Bounds) -> Fault | None:
    """Return the first reason why a text cannot be read out; None if there is none."""
    said = " ".join(transcript.text.split())
    if not any(c.isalnum() for c in text):
        return Fault("the text is empty")
    if _REFUSALS.match(text.replace("’", "'")) and not _REFUSALS.match(said.replace("’", "'")):
        return Fault("the model declines instead of rewriting", refusal=True)
    if _PREFACE.match(text) and not _PREFACE.match(said):
        return Fault("there is a preface before the words")
    marks = _markup(text, said)
    return (
        marks
        or _language(text, said, transcript.language)
        or _length(text, said, bounds)
        or _unrelated(text, said)
    )


def _markup(text: str, said: str) -> Fault | None:
    for match in _MARKS.finditer(text):
        if match.group() not in said:
            kind = "a stage direction" if match["direction"] else "markup"
            return Fault(f"there is {kind} in it ({match.group().strip()[:30]!r})")
    symbols = [c for c in text if unicodedata.category(c) == "So" and c not in said]
    return Fault(f"there is a symbol in it ({symbols[0]!r})") if symbols else None


def _length(text: str, said: str, bounds: Bounds) -> Fault | None:
    now, before = _size(text), _size(said)
    if now > max(before * bounds.longest, before + _SLACK):
        return Fault(f"the text has {now} words for {before}, which is too long")
    if now < min(before * bounds.shortest, before - 2):
        return Fault(f"the text has {now} words for {before}, which is too short")
    if bounds.seconds is not None:
        dense = script_of(text) in DENSE_SCRIPTS
        seconds = len(text) / (_DENSE_PACE if dense else _PACE)
        if seconds > bounds.seconds:
            return Fault(
                f"the text takes about {seconds:.1f} s to say, and {bounds.seconds:.1f} s are there"
            )
    return None


def _language(text: str, said: str, language: str) -> Fault | None:
    script, expected = script_of(text), script_of(said)
    if script != expected:
        return Fault(f"the text is in another script ({script.lower()}, not {expected.lower()})")
    guess = guessed(text)
    wanted = primary_subtag(language)
    if guess and wanted in COMMON_WORDS and guess != wanted and guessed(said) in ("", wanted):
        return Fault(f"the text is in another language ({guess}, not {wanted})")
    return None


def _unrelated(text: str, said: str) -> Fault | None:
    """A long text of which no word is left was not rewritten but answered."""
    stems, wanted = _stems(text), _stems(said)
    if len(wanted) >= 5 and not stems & wanted:
        return Fault("the text keeps none of what was said")
    return None


def _stems(text: str) -> set[str]:
    common = frozenset[str]().union(*COMMON_WORDS.values())
    words = re.findall(r"[^\W_]+", text.lower())
    if script_of(text) in DENSE_SCRIPTS:
        return {c for word in words for c in word}
    return {w[:5] for w in words if w not in common}


def _size(text: str) -> int:
    """Return the number of words; of characters in scripts without spaces."""
    if script_of(text) in DENSE_SCRIPTS:
        return sum(c.isalnum() for c in text)
    return len(re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text))
