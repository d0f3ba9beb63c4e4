"""When each word of a speech is heard, told from its sounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Phone, Speech, Word
from emoanim.language.letters import sounds_of
from emoanim.language.phones import spread

__all__ = ["spoken_words"]

_VOWELS = frozenset(
    ["AA", "AE", "AH", "AO", "AW", "AY", "EH", "ER", "EY", "IH", "IY", "OW", "OY", "UH", "UW"]
)
_MOST_CELLS = 60_000_000
"""Beyond this (about an hour of speech) words share the sounds by their numbers alone."""
_SKIP, _OTHER_VOWEL, _OTHER = 1.0, 0.4, 1.6


def spoken_words(speech: Speech) -> tuple[Word, ...]:
    """Return the words of a speech, as written, with their start and end in seconds.

    The sounds that spelling leads to expect are laid beside the speech's own; a speech without
    sounds gets them by the loudness of its audio.
    """
    written: list[tuple[str, tuple[str, ...]]] = []
    for token in speech.text.split():
        sounds = tuple(sounds_of(token))
        if not sounds and written:  # a dash or the like stays with the word before it
            written[-1] = (f"{written[-1][0]} {token}", written[-1][1])
        elif sounds:
            written.append((token, sounds))
    expected = [sound for _, sounds in written for sound in sounds]
    phones = speech.phones or spread(speech.audio, expected)
    heard = [p for p in phones if p.symbol != "SIL"]
    if not expected or not heard:
        return ()
    indices = _places(expected, [p.symbol for p in heard])
    words: list[Word] = []
    at = 0
    for token, sounds in written:
        first, last = indices[at], indices[at + len(sounds)] - 1
        words.append(_word(token, heard, first, max(first, last), words))
        at += len(sounds)
    return tuple(words)


def _word(token: str, heard: list[Phone], first: int, last: int, before: list[Word]) -> Word:
    first = min(first, len(heard) - 1)
    start = max(heard[first].start, before[-1].end if before else 0.0)
    return Word(token, start, max(start, heard[min(last, len(heard) - 1)].end))


def _places(expected: list[str], heard: list[str]) -> list[int]:
    """Return for each expected sound, and for the end, the heard one at which it begins."""
    n, m = len(expected), len(heard)
    if n * m > _MOST_CELLS:
        return [round(i * m / n) for i in range(n + 1)]
    costs = {
        symbol: np.array([_cost(symbol, other) for other in heard]) for symbol in set(expected)
    }
    steps = np.arange(m + 1) * _SKIP
    row = steps.copy()
    moves = np.zeros((n, m + 1), np.uint8)
    for i, symbol in enumerate(expected):
        both = np.concatenate([[np.inf], row[:-1] + costs[symbol]])
        alone = row + _SKIP
        least = np.minimum(both, alone)
        # Skipping heard sounds: the least over all earlier columns, each a step away.
        row = np.minimum.accumulate(least - steps) + steps
        moves[i] = np.where(row < least - 1e-9, 2, np.where(both <= alone, 0, 1))
    return _traced(moves, n, m)


def _traced(moves: NDArray[np.uint8], n: int, m: int) -> list[int]:
    indices = [0] * n + [m]
    i, j = n, m
    while i > 0:
        move = int(moves[i - 1, j])
        if move == 2:
            j -= 1
            continue
        i -= 1
        j -= move == 0
        indices[i] = j
    indices[0] = 0
    return indices


def _cost(one: str, other: str) -> float:
    if one == other:
        return 0.0
    return _OTHER_VOWEL if one in _VOWELS and other in _VOWELS else _OTHER
