"""Cut a transcript into sentences and see what kind each one is, without a tagger.

Everything rests on small closed word lists: where they do not know, a sentence is "other" and
gets only what suits every sentence.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from emoanim.engines.lexicon.words import words

__all__ = ["FORMS", "TONES", "Sentence", "lower_tokens", "split", "tidy"]

FORMS = ("statement", "question", "imperative", "greeting", "other", "item")
TONES = ("plain", "positive", "negative")

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
        form: one of ``FORMS``.
        tones: of ``TONES``; both "positive" and "negative" if mixed.
        protected: spans of quotes, brackets and addresses, in characters of ``text``.
        last: whether the transcript ends here.
    """

    text: str
    gap: str
    form: str
    tones: frozenset[str]
    protected: tuple[tuple[int, int], ...]
    last: bool = False

    @property
    def tokens(self) -> tuple[str, ...]:
        """Its words, lower case."""
        return lower_tokens(self.text)

    def free(self, start: int, end: int) -> bool:
        """Whether a span lies outside quotes, brackets and addresses."""
        return all(end <= a or start >= b for a, b in self.protected)


@lru_cache(8192)
def lower_tokens(text: str) -> tuple[str, ...]:
    """Return the words in lower case with plain apostrophes."""
    return tuple(m.group().lower().replace("’", "'") for m in _WORD.finditer(text))


def tidy(text: str) -> str:
    """Return the text with single spaces and single end marks; quotes keep their marks."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(c for c in text if c in "\n\t" or unicodedata.category(c)[0] != "C")
    text = re.sub(r"[^\S\n]+", " ", text)
    text = re.sub(r" ?\n\s*", "\n", text).strip()
    kept: list[str] = []
    place = 0
    for start, end in [*_spans(text), (len(text), len(text))]:
        kept.append(_single_marks(text[place:start]))
        kept.append(text[start:end])
        place = end
    return "".join(kept)


def split(text: str) -> list[Sentence]:
    """Cut a tidy text into sentences; joined with their gaps they give it back."""
    spans = _spans(text)
    lower = not any(c.isupper() for c in text if c != "I")
    sentences: list[Sentence] = []
    start = 0
    for end in [*_ends(text, spans, lower), len(text)]:
        body = text[start:end].rstrip()
        if not body:
            continue
        after = len(text[end:]) - len(text[end:].lstrip())
        gap = text[start + len(body) : end + after]
        inner = tuple(
            (max(a, start) - start, min(b, end) - start) for a, b in spans if a < end and b > start
        )
        sentences.append(
            Sentence(body, gap, form(body, inner), tones(body), inner, end + after >= len(text))
        )
        start = end + after
    return sentences


def form(text: str, protected: tuple[tuple[int, int], ...] = ()) -> str:
    """Return which of ``FORMS`` a sentence has."""
    if _ITEM.match(text):
        return "item"
    tokens = lower_tokens(text)
    ending = text.rstrip("\"”’')]")
    if ending.endswith("?") and not any(a < len(ending) <= b for a, b in protected):
        return "question"
    if not tokens:
        return "other"
    if tokens[0] in words("greetings") or " ".join(tokens[:2]) in words("greeting_phrases"):
        return "greeting"
    if ending[-1] not in ".!…" and _asks(tokens):
        return "question"
    if tokens[0] in words("imperatives"):
        return "imperative"
    return "statement" if _states(tokens) else "other"


def tones(text: str) -> frozenset[str]:
    """Return the tones of a sentence by its evaluative words and negations."""
    tokens = lower_tokens(text)
    joined = f" {' '.join(tokens)} "
    for phrase in words("mild_negations"):
        joined = joined.replace(f" {phrase} ", " ")
    kept = joined.split()
    found: set[str] = set()
    for i, token in enumerate(kept):
        denied = any(t in words("negators") for t in kept[max(0, i - 4) : i])
        if token in words("positive"):
            found.add("negative" if denied else "positive")
        elif token in words("negative") or token in words("negators"):
            found.add("negative")
    return frozenset(found) or frozenset({"plain"})


def _spans(text: str) -> list[tuple[int, int]]:
    return [m.span() for m in _PROTECTED.finditer(text)]


def _single_marks(text: str) -> str:
    text = re.sub(r" +(?=[.,!?;:](?:[.,!?;:]| |$))", "", text)
    text = re.sub(r"\.{4,}", "...", text)
    text = re.sub(r"[!?]*\?[!?]*", "?", text)
    return re.sub(r"!{2,}", "!", text)


def _ends(text: str, spans: list[tuple[int, int]], lower: bool) -> list[int]:
    found = set()
    for line in re.finditer(r"\n", text):
        if not any(a < line.start() < b for a, b in spans):
            found.add(line.start())
    begin = 0
    for match in _END.finditer(text):
        inside = any(a < match.end() < b for a, b in spans)
        if not inside and _is_end(text, begin, match, lower):
            found.add(match.end())
            begin = match.end()
    return sorted(found)


def _is_end(text: str, begin: int, match: re.Match[str], lower: bool) -> bool:
    rest = text[match.end() :].lstrip()
    if not rest or "\n" in text[match.end() : len(text) - len(rest)]:
        return True
    first = lower_tokens(rest[:200])[:2] or ("",)
    opens = rest[0].isupper() or rest[0] in "\"“‘'([¿¡" or rest[0].isdigit() or lower
    mark = match.group()
    if mark[-1] in "\"”’')]":
        return opens and not (len(first) > 1 and first[1] in words("saying"))
    starter = first[0] in words("lowerable")
    if mark in ("...", "…"):
        return opens and starter
    if mark == ".":
        stem = re.split(r"[\s(\"“‘]", text[begin : match.start()])[-1].lower()
        if stem.isdigit() and not text[begin : match.start() - len(stem)].strip():
            return False
        if stem in words("titles") or (stem == "no" and rest[0].isdigit()):
            return False
        if re.fullmatch(r"[^\W\d](?:\.[^\W\d]+)*", stem) or stem in words("abbreviations"):
            return opens and not lower and (starter or first[0] in {"i", *words("contracted")})
    return opens


def _asks(tokens: tuple[str, ...]) -> bool:
    if len(tokens) < 2:
        return False
    if tokens[0] in words("asking"):
        return "'" in tokens[0] or any(t in words("auxiliaries") for t in tokens[1:3])
    return tokens[0] in words("auxiliaries") and tokens[1] in words("askable")


def _states(tokens: tuple[str, ...]) -> bool:
    if tokens[0] in words("contracted"):
        return len(tokens) > 1
    if len(tokens) < 2:
        return False
    if tokens[0] in words("subjects"):
        return tokens[1] not in {"and", "or", "of", "all", "who"}
    return tokens[0] in words("determiners") and any(t in words("finite") for t in tokens[1:7])
