"""What a recording says and where: words, stressed vowels, phrases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Phone, Word
from emoanim.sound.vocoder import PERIOD

__all__ = ["PLOSIVES", "VOWELS", "Spoken", "bare"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOWELS = _words("AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW")
PLOSIVES = _words("B CH D G JH K P T")
"""Sounds with a burst, which is not stretched."""

LINKERS = _words(
    """
    and but or so because that which who when where while if than as in on at for with from
    by about into after before until through
    """
)
"""Words that may open a phrase; "of" and "to" often belong to the word before."""

_LIGHT = LINKERS | _words(
    """
    of to
    a an the i you he she it we they me him her us them my your his its our their this these is am
    are was were be been do does did have has had will would can could should i'm i've i'd i'll
    it's we're you're there
    """
)
_LEAST_PAUSE = 0.1
_BUMP = 0.06
_REACH = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """The words of a recording in its frames.

    Attributes:
        phones: with times, gapless, pauses as SIL.
        words: with times as in the sounds, in order; empty if they are not known.
        stressed: places in ``phones`` of the strongest vowel of every word that carries meaning.
        stress: float (t,), 0 to 1: a hill over each of them.
        ends: float (t,), seconds from each frame to the end of its phrase.
    """

    phones: tuple[Phone, ...]
    words: tuple[Word, ...]
    stressed: frozenset[int]
    stress: NDArray[np.float64]
    ends: NDArray[np.float64]

    @classmethod
    def of(
        cls,
        phones: Sequence[Phone],
        words: Sequence[Word],
        level: NDArray[np.float64],
        breaks: Sequence[float],
    ) -> Spoken:
        """Read a recording.

        Args:
            phones: its sounds.
            words: its words.
            level: dB per frame, (t,).
            breaks: seconds at which a phrase will end that went on in the recording.
        """
        time = np.arange(len(level)) * PERIOD
        stressed = frozenset(_stressed(phones, words, level))
        stress = np.zeros(len(level))
        for index in stressed:
            phone = phones[index]
            width = max(_BUMP, (phone.end - phone.start) / 2.0)
            middle = (phone.start + phone.end) / 2.0
            stress = np.maximum(stress, np.exp(-0.5 * ((time - middle) / width) ** 2))
        pauses = [p.start for p in phones[1:] if p.symbol == "SIL" and _long(p)]
        stops = np.array(sorted([*pauses, *breaks, len(level) * PERIOD]))
        ends = stops[np.minimum(np.searchsorted(stops, time), len(stops) - 1)] - time
        return cls(tuple(phones), tuple(words), stressed, stress, ends)


def bare(word: str) -> str:
    """Return a word in lower case without marks around it."""
    return word.lower().replace("’", "'").strip(" .,;:!?…\"'()-—")


def _long(pause: Phone) -> bool:
    return pause.end - pause.start >= _LEAST_PAUSE


def _stressed(
    phones: Sequence[Phone], words: Sequence[Word], level: NDArray[np.float64]
) -> list[int]:
    stressed = []
    for word in words:
        inside = [
            (_loudest(phone, level), index)
            for index, phone in enumerate(phones)
            if phone.symbol in VOWELS
            and word.start - _REACH <= (phone.start + phone.end) / 2.0 <= word.end + _REACH
        ]
        if inside and bare(word.text) not in _LIGHT:
            stressed.append(max(inside)[1])
    return stressed


def _loudest(phone: Phone, level: NDArray[np.float64]) -> float:
    first = min(int(phone.start / PERIOD), len(level) - 1)
    return float(level[first : max(first + 1, int(phone.end / PERIOD))].max())
