"""The shapes by which cues change a spectrum: effort, the fundamental's strength, formants.

All are functions of frequency alone, so that any representation of a spectrum can take them: dB to
add, or the frequency from which a bin takes its level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["effort_shape", "formant_source", "fundamental_shape", "opening_shape", "smooth"]

_F1, _F2, _F3 = 500.0, 1500.0, 3500.0
_SPAN = 500.0
_CLOSED, _OPEN, _OCTAVES = 350.0, 800.0, 0.35


def effort_shape(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain in dB of one dB of effort at each frequency in Hz.

    Nothing below 350 Hz, all from 1.4 to 5 kHz, half at 10 kHz: a raised-cosine step on the
    logarithm of frequency.
    """
    octaves = np.log2(np.maximum(frequency, 1.0))
    rise = np.clip((octaves - np.log2(350.0)) / 2.0, 0.0, 1.0)
    fall = np.clip(octaves - np.log2(5000.0), 0.0, 1.0)
    return np.asarray((0.5 - 0.5 * np.cos(np.pi * rise)) * (1.0 - 0.5 * fall))


def fundamental_shape(
    frequency: NDArray[np.float64], f0: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the gain in dB of one dB at the fundamental, float (t, k).

    All of it up to F0, from there straight down to nothing at 500 Hz (or at 1.5 F0 where that is
    higher); nothing where F0 is 0.

    Args:
        frequency: of the bins in Hz, (k,).
        f0: Hz per frame, (t,).
    """
    end = np.maximum(_SPAN, 1.5 * f0)
    share = np.clip((end[:, None] - frequency) / np.maximum(end - f0, 1.0)[:, None], 0.0, 1.0)
    return np.asarray(share * (f0 > 0)[:, None])


def opening_shape(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the gain in dB of one dB of an opening mouth at each frequency in Hz.

    Energy goes from where the first formant of a closed mouth lies to that of an open one: -1 at
    350 Hz, 1 at 800 Hz, bells a third of an octave wide, nothing at the fundamental and above F2.
    """
    octaves = np.log2(np.maximum(frequency, 1.0))
    opened, closed = (
        np.exp(-0.5 * ((octaves - np.log2(middle)) / _OCTAVES) ** 2) for middle in (_OPEN, _CLOSED)
    )
    return np.asarray(opened - closed)


def formant_source(
    frequency: NDArray[np.float64], f1: float, f2: float, still: float = 0.0
) -> NDArray[np.float64]:
    """Return the frequency in Hz from which each bin takes its level when formants move.

    500 Hz moves to ``500 * f1``, 1500 Hz to ``1500 * f2``; everything up to ``still`` and from
    3500 Hz on stays, straight between.
    """
    top = max(float(frequency[-1]), _F3 + 1.0)
    moved = (0.0, still, _F1 * f1, _F2 * f2, _F3, top)
    return np.interp(frequency, moved, (0.0, still, _F1, _F2, _F3, top))


def smooth(values: NDArray[np.floating], width: int) -> NDArray[np.float64]:
    """Return the moving mean along the first axis, ends repeated; ``width`` is odd."""
    half = width // 2
    pad = [(half + 1, half)] + [(0, 0)] * (values.ndim - 1)
    sums = np.cumsum(np.pad(values, pad, mode="edge"), axis=0, dtype=np.float64)
    return np.asarray((sums[width:] - sums[:-width]) / width)
