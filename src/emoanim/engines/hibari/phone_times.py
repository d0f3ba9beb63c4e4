"""The network's letters as speech sounds with times."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Phone
from emoanim.engines.hibari.alphabet import ARPABET
from emoanim.engines.hibari.reading import Symbol

__all__ = ["LAG", "phones"]

LAG = 2.2
"""Frames by which a letter's frames come after its sound."""

_AFTER = frozenset("ː̃ʰʲ")
_LEAST_PAUSE = 3


def phones(symbols: Sequence[Symbol], durations: NDArray[np.int64], unit: float) -> list[Phone]:
    """Return the sounds of one sentence from 0 on.

    A stress mark's time belongs to the sound after it, a length mark's to the one before; a space
    or punctuation mark of three frames or more is a pause, a shorter one belongs to the sound
    before. "ɜɹ" and "əɹ" are ER.

    What is heard comes ``LAG`` frames before the letter's own frames: that is how the network was
    trained. The times returned are those of the sound.

    Args:
        symbols: the letters without the pads.
        durations: frames of every letter and of the pads at both ends, int (n + 2,).
        unit: seconds of a frame.
    """
    spans: list[tuple[str, int]] = [("SIL", int(durations[0]))]
    frames_before = 0
    letters = [s.letter for s in symbols]
    for index, count in enumerate(durations[1:-1].tolist()):
        symbol = symbols[index]
        sound = ARPABET.get(symbol.letter)
        if symbol.letter == "ə" and letters[index + 1 : index + 2] == ["ɹ"]:
            sound = "ER"
        if sound is not None:
            spans.append((sound, count + frames_before))
            frames_before = 0
        elif symbol.letter in _AFTER:
            _extend(spans, count)
        elif symbol.word >= 0:
            frames_before += count
        elif spans[-1][0] == "SIL" or count < _LEAST_PAUSE:
            _extend(spans, count)
        else:
            spans.append(("SIL", count))
    _extend(spans, frames_before)
    spans.append(("SIL", int(durations[-1])))
    out: list[Phone] = []
    at = 0
    total = int(durations.sum())
    for sound, count in _joined(spans):
        start, at = at, at + count
        end = total if at == total else max(0.0, at - LAG)
        if end > 0.0:
            out.append(Phone(sound, max(0.0, start - LAG) * unit, end * unit))
    return out


def _extend(spans: list[tuple[str, int]], count: int) -> None:
    sound, before = spans[-1]
    spans[-1] = (sound, before + count)


def _joined(spans: list[tuple[str, int]]) -> list[tuple[str, int]]:
    out: list[tuple[str, int]] = []
    for sound, count in spans:
        if count == 0:
            continue
        if out and sound == "SIL" == out[-1][0]:
            _extend(out, count)
        elif sound == "R" and out and out[-1][0] == "ER":
            out[-1] = ("ER", out[-1][1] + count)
        else:
            out.append((sound, count))
    return out
