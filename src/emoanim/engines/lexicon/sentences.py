"""Cut a transcript into sentences; quotes, brackets and addresses are never cut or changed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from emoanim.engines.lexicon.packs import LanguagePack

__all__ = ["Sentence", "lower_tokens", "spans", "split", "tidy"]

_PROTECTED = re.compile(
    r"""
    "[^"]*(?:"|$) | “[^”]*(?:”|$) | ‘[^‘]*?’(?!\w)
    | (?<![\w.,!?])'(?!(?:cause|em|til|tis|twas|bout|round|n)\b)
      [^'\n]*(?:(?<=\w)'(?=\w)[^'\n]*)*'(?!\w)
    | \([^()]*\) | \[[^\][]*\]
    | https?://\S*\w/? | www\.\S*\w | \S+@\S+\.\w+
    | \b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|io)\b\S*\b
    """,
    re.VERBOSE,
)
_END = re.compile(r"(?:\.\.\.|…|[.!?])[\"”’')\]]*(?=\s|$)")
_ITEM = re.compile(r"(?:[-*•–]|\d+[.)])\s")
_WORD = re.compile(r"[^\W_]+(?:['’.@:/_-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a transcript.

    Attributes:
        text: from its first to its last character, without surrounding space.
        gap: the white space after it.
        protected: spans of quotes, brackets and addresses, in characters of ``text``.
        last: whether the transcript ends here.
    """

    text: str
    gap: str = ""
    protected: tuple[tuple[int, int], ...] = ()
    last: bool = True

    @property
    def tokens(self) -> tuple[str, ...]:
        """Its words, lower case."""
        return lower_tokens(self.text)

    @property
    def item(self) -> bool:
        """Whether it is a line of a list."""
        return bool(_ITEM.match(self.text))

    def free(self, start: int, end: int) -> bool:
        """Whether a span lies outside quotes, brackets and addresses."""
        return all(end <= a or start >= b for a, b in self.protected)


@lru_cache(8192)
def lower_tokens(text: str) -> tuple[str, ...]:
    """Return the words in lower case with plain apostrophes."""
    return tuple(m.group().lower().replace("’", "'") for m in _WORD.finditer(text))


def spans(text: str) -> list[tuple[int, int]]:
    """Return where quotes, brackets and addresses stand, in characters."""
    return [m.span() for m in _PROTECTED.finditer(text)]


def tidy(text: str) -> str:
    """Return the text with single spaces and single end marks; quotes keep their marks."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n\s*", "\n", text).strip()
    pieces: list[str] = []
    position = 0
    for start, end in [*spans(text), (len(text), len(text))]:
        pieces.append(_single_marks(text[position:start]))
        pieces.append(text[start:end])
        position = end
    return "".join(pieces)


def split(text: str, pack: LanguagePack) -> list[Sentence]:
    """Cut a tidy text into sentences; joined with their gaps they give it back."""
    protected = spans(text)
    lower = not any(c.isupper() for c in text if c != "I")
    sentences: list[Sentence] = []
    start = 0
    for end in [*_ends(text, protected, lower, pack), len(text)]:
        body = text[start:end].rstrip()
        if not body:
            continue
        after = len(text[end:]) - len(text[end:].lstrip())
        gap = text[start + len(body) : end + after]
        inner = tuple(
            (max(a, start) - start, min(b, end) - start)
            for a, b in protected
            if a < end and b > start
        )
        sentences.append(Sentence(body, gap, inner, end + after >= len(text)))
        start = end + after
    return sentences


def _single_marks(text: str) -> str:
    text = re.sub(r" +(?=[.,!?;:](?:[.,!?;:]| |$))", "", text)
    text = re.sub(r"\.{4,}", "...", text)
    text = re.sub(r"[!?]*\?[!?]*", "?", text)
    return re.sub(r"!{2,}", "!", text)


def _ends(
    text: str, protected: list[tuple[int, int]], lower: bool, pack: LanguagePack
) -> list[int]:
    ends = set()
    for line in re.finditer(r"\n", text):
        if not any(a < line.start() < b for a, b in protected):
            ends.add(line.start())
    begin = 0
    for match in _END.finditer(text):
        inside = any(a < match.end() < b for a, b in protected)
        if not inside and _is_end(text, begin, match, lower, pack):
            ends.add(match.end())
            begin = match.end()
    return sorted(ends)


def _is_end(text: str, begin: int, match: re.Match[str], lower: bool, pack: LanguagePack) -> bool:
    rest = text[match.end() :].lstrip()
    if not rest or "\n" in text[match.end() : len(text) - len(rest)]:
        return True
    first = lower_tokens(rest[:200])[:2] or ("",)
    opens = rest[0].isupper() or rest[0] in "\"“‘'([¿¡" or rest[0].isdigit() or lower
    mark = match.group()
    if mark[-1] in "\"”’')]":
        return opens and not (len(first) > 1 and first[1] in pack.words["saying"])
    starter = first[0] in pack.words["lowerable"]
    if mark in ("...", "…"):
        return opens and starter
    if mark == ".":
        stem = re.split(r"[\s(\"“‘]", text[begin : match.start()])[-1].lower()
        if stem.isdigit() and not text[begin : match.start() - len(stem)].strip():
            return False
        if stem in pack.words["titles"] or (stem == "no" and rest[0].isdigit()):
            return False
        if re.fullmatch(r"[^\W\d](?:\.[^\W\d]+)*", stem) or stem in pack.words["abbreviations"]:
            known = starter or first[0] in {"i", *pack.words["contracted"]}
            return opens and not lower and known
    return opens
