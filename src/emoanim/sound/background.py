"""What is heard where nobody speaks: the room of a recording, to lay new speech into."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Recording
from emoanim.sound.signals import runs

__all__ = ["background", "bed"]

_MARGIN = 0.08
_LEAST_GAP, _LEAST = 0.15, 0.3
_BLOCK = 0.02
# What rises this far over the quietest of what is left is a breath or a word that was not heard.
_OVER = 9.0
_GRAIN = 0.5


def background(recording: Recording) -> list[NDArray[np.float32]]:
    """Return the stretches between the words, before the first and after the last.

    Breaths and whatever else rises 9 dB over the quietest tenth of them are cut out. Empty where
    the words have no times or less than 0.3 s is left.
    """
    words = recording.transcript.words if recording.transcript else ()
    if not words:
        return []
    starts = [0.0, *(w.end + _MARGIN for w in words)]
    ends = [*(w.start - _MARGIN for w in words), recording.duration]
    pieces = [
        recording.samples[int(a * recording.rate) : int(b * recording.rate)]
        for a, b in zip(starts, ends, strict=True)
        if b - a >= _LEAST_GAP
    ]
    pieces = _quiet(pieces, recording.rate)
    return pieces if sum(map(len, pieces)) >= _LEAST * recording.rate else []


def bed(recording: Recording, seconds: float, seed: int = 0) -> Audio | None:
    """Return so many seconds of the recording's own background; None if it shows none.

    Grains of half a second at most from random places, each faded into the next at equal power,
    so that nothing repeats audibly.
    """
    pieces = background(recording)
    if not pieces:
        return None
    rng = np.random.default_rng(seed)
    longest = max(map(len, pieces))
    size = min(int(_GRAIN * recording.rate), longest) // 2 * 2
    fit = [p for p in pieces if len(p) >= size]
    count = int(seconds * recording.rate)
    hop = size // 2
    window = np.sin(np.pi * (np.arange(size) + 0.5) / size)
    out = np.zeros(count + 2 * size)
    for at in range(0, count + hop, hop):
        piece = fit[rng.integers(len(fit))]
        start = rng.integers(len(piece) - size + 1)
        out[at : at + size] += window * piece[start : start + size]
    return Audio(out[hop : hop + count].astype(np.float32), recording.rate)


def _quiet(pieces: list[NDArray[np.float32]], rate: int) -> list[NDArray[np.float32]]:
    """Return the parts of the pieces that stay near the quietest of them."""
    block = max(1, int(_BLOCK * rate))
    levels = [
        10.0 * np.log10((p[: len(p) // block * block].reshape(-1, block) ** 2).mean(axis=1) + 1e-12)
        for p in pieces
    ]
    if not levels or not sum(map(len, levels)):
        return []
    limit = np.percentile(np.concatenate(levels), 10.0) + _OVER
    out = []
    for piece, level in zip(pieces, levels, strict=True):
        for first, last in runs(level <= limit):
            if (last - first) * _BLOCK >= _LEAST_GAP:
                out.append(piece[first * block : last * block])
    return out
