"""Where a sentence breaks into phrases, and for how long it rests there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from emoanim.engines.hibari.pacing import LEAST_PAUSE, Pacing
from emoanim.engines.hibari.reading import PAUSES, Sentence, Symbol

__all__ = ["Phrased", "phrased"]

_GAPS = {".": 0.32, "!": 0.3, "?": 0.34, "…": 0.5, ":": 0.25, ";": 0.22, ",": 0.12, "—": 0.15}
_LEAST_REST = 0.03
# A break of its own: seconds, the phrase's fewest words before it and the sentence's after it.
_BREAK, _SHORTEST, _FEWEST_LEFT = 0.2, 2.0, 2
_LEAST_BREAKS = 0.15
# A phrase begins at what joins clauses and hangs phrases on to them.
_OPENING = """
    about after although and as at because before behind but by during for from if in into like
    near nor of on or over since so than that though through till to under unless until when where
    whether which while who whom whose why with without yet
    """
_OPENERS = frozenset(_OPENING.split())


@dataclass(frozen=True, slots=True)
class Phrased:
    """A sentence with its rests.

    Attributes:
        sentence: with a comma put in wherever it rests without one.
        rests: index of a mark among its symbols -> seconds of rest there.
        gap: seconds of silence after it.
    """

    sentence: Sentence
    rests: dict[int, float]
    gap: float


def phrased(sentences: Sequence[Sentence], breaks: float, pacing: Pacing | None) -> list[Phrased]:
    """Return the sentences with their rests, before any emotion lengthens or shortens them.

    Args:
        sentences: as written.
        breaks: how readily a phrase breaks off, 0 (as written) to 1 (every three or four words).
        pacing: of the speaker, whose pauses are kept where the words are; None leaves the
            voice's own.
    """
    heads = [s for i, s in enumerate(sentences) if not _continues(sentences, i)]
    words = [w for s in heads for w in s.words]
    said = pacing.after(words) if pacing is not None else [None] * len(words)
    out: list[Phrased] = []
    first = after = 0
    for index, sentence in enumerate(sentences):
        if not _continues(sentences, index):
            first, after = after, after + len(sentence.words)
        here = said[first:after]
        gap = 0.0
        if index + 1 < len(sentences):
            gap = _GAPS.get(sentence.end, 0.3)
            known = here[-1] if here and not _continues(sentences, index + 1) else None
            gap = known if known is not None and known >= LEAST_PAUSE else gap
        out.append(replace(_broken(sentence, breaks, here), gap=gap))
    return out


def _continues(sentences: Sequence[Sentence], index: int) -> bool:
    """Tell whether a part goes on with the sentence before, which was too long for one."""
    if index == 0 or sentences[index - 1].end != ",":
        return False
    return sentences[index - 1].words == sentences[index].words


def _broken(sentence: Sentence, breaks: float, said: Sequence[float | None]) -> Phrased:
    """Give every mark the speaker's rest, and put a comma where they rest without one."""
    if not sentence.words:
        return Phrased(sentence, {}, 0.0)
    symbols: list[Symbol] = []
    rests: dict[int, float] = {}
    last = len(sentence.words) - 1
    since = 0
    for index, symbol in enumerate(sentence.symbols):
        symbols.append(symbol)
        if symbol.letter in PAUSES:
            before = next((s.word for s in reversed(symbols) if s.word >= 0), last)
            known = said[before]
            if before < last and known is not None:
                rests[len(symbols) - 1] = max(known, _LEAST_REST)
            since = 0
        elif _ends_word(sentence.symbols, index) and symbol.word < last:
            since += 1
            if not _marked(sentence.symbols, index):
                rest = _rest_after(sentence, symbol.word, since, breaks, said[symbol.word])
                if rest > 0.0:
                    symbols.append(Symbol(",", -1, 0.0))
                    rests[len(symbols) - 1] = rest
                    since = 0
    return Phrased(Sentence(tuple(symbols), sentence.words, sentence.end), rests, 0.0)


def _rest_after(
    sentence: Sentence, word: int, since: int, breaks: float, known: float | None
) -> float:
    """Return the seconds of rest after a word that no mark follows; 0 for none.

    Args:
        sentence: where it stands.
        word: its index.
        since: how many words the phrase has so far.
        breaks: how readily it breaks off.
        known: what the speaker did there.
    """
    rest = known if known is not None and known >= LEAST_PAUSE else 0.0
    enough = breaks > _LEAST_BREAKS and since >= _SHORTEST / breaks
    left = len(sentence.words) - 1 - word
    if enough and left >= _FEWEST_LEFT and sentence.words[word + 1].lower() in _OPENERS:
        rest = max(rest, _BREAK * breaks)
    return rest


def _ends_word(symbols: Sequence[Symbol], index: int) -> bool:
    word = symbols[index].word
    return word >= 0 and (index + 1 == len(symbols) or symbols[index + 1].word != word)


def _marked(symbols: Sequence[Symbol], index: int) -> bool:
    """Tell whether a mark of punctuation follows before the next word."""
    for symbol in symbols[index + 1 :]:
        if symbol.word >= 0:
            return False
        if symbol.letter in PAUSES:
            return True
    return False
