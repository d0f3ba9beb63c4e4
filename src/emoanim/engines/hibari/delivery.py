"""Durations, pitch and energy of one sentence, as the cues of its emotion ask for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.hibari.network import STEP
from emoanim.engines.hibari.phone_times import LAG
from emoanim.engines.hibari.reading import PAUSES, Symbol
from emoanim.engines.hibari.register import VOICE_F0
from emoanim.sound.emotional_cues import Cues

__all__ = ["creak_curve", "energy_curve", "lengths", "pitch_curve", "rested", "timed"]

_LEAD, _TAIL = 5.0, 4.0
_BUMP = 0.07
_FINAL = 0.28
_CREAK = 0.35
_LEAST_STEPS = 8
_EASED = 0.3
_TREMOR_HZ = 5.5


def lengths(raw: NDArray[np.float64], symbols: Sequence[Symbol], cues: Cues) -> NDArray[np.float64]:
    """Return frames per symbol and pad, not yet whole: short pads, stressed vowels stretched."""
    length = raw.copy()
    length[0] = min(length[0], _LEAD)
    length[-1] = min(length[-1], _TAIL)
    for index, symbol in enumerate(symbols, 1):
        if symbol.letter not in PAUSES and symbol.weight > 0.0:
            length[index] *= 1.0 + cues.stretch * symbol.weight
    return length


def rested(
    length: NDArray[np.float64],
    symbols: Sequence[Symbol],
    rests: Mapping[int, float],
    pause: float,
) -> NDArray[np.float64]:
    """Return the lengths with every mark's rest.

    Args:
        length: frames per symbol and pad.
        symbols: without the pads.
        rests: frames of rest at some marks, by their index among the symbols.
        pause: factor on the rest of the others.
    """
    out = length.copy()
    for index, symbol in enumerate(symbols, 1):
        if symbol.letter in PAUSES:
            known = rests.get(index - 1)
            out[index] = out[index] * pause if known is None else known
    return out


def timed(length: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return whole frames, at least one each; the rounding error is carried on, not lost."""
    out = np.empty(len(length), np.int64)
    debt = 0.0
    for index, wanted in enumerate(length):
        out[index] = max(1, round(wanted + debt))
        debt = float(np.clip(wanted + debt - out[index], -2.0, 2.0))
    return out


def pitch_curve(
    f0: NDArray[np.float32],
    symbols: Sequence[Symbol],
    durations: NDArray[np.int64],
    cues: Cues,
    base: float,
    rng: np.random.Generator,
    spread: float = 1.0,
) -> NDArray[np.float64]:
    """Return pitch in Hz per step, 0 where unvoiced.

    Args:
        f0: the network's own pitch.
        symbols: the sentence.
        durations: frames per symbol and pad.
        cues: how to say it.
        base: median pitch in Hz that neutral speech is to have.
        rng: for the small differences between one accent and the next.
        spread: factor on the excursions of neutral speech.
    """
    voiced = f0 > 0
    if not voiced.any():
        return np.zeros(len(f0))
    own = 12.0 * np.log2(np.where(voiced, f0, VOICE_F0) / VOICE_F0)
    centre = float(np.median(own[voiced]))
    semitones = centre + (own - centre) * cues.spread * spread
    added = _contours(symbols, durations, voiced, cues) + cues.accent * _bumps(
        symbols, durations, len(f0), rng
    )
    semitones += added - added[voiced].mean() + cues.pitch
    if cues.tremor:
        time = np.arange(len(f0)) * STEP
        wander = np.cumsum(rng.standard_normal(len(f0))) * 0.05
        semitones += cues.tremor * np.sin(2 * np.pi * _TREMOR_HZ * time + wander)
    return np.where(voiced, base * 2.0 ** (semitones / 12.0), 0.0)


def energy_curve(
    energy: NDArray[np.float32],
    symbols: Sequence[Symbol],
    durations: NDArray[np.int64],
    cues: Cues,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return the energy per step that the network is to speak with."""
    bumps = _bumps(symbols, durations, len(energy), rng)
    middle = np.median(energy)
    # An unstressed first word ("The") would sink with the others, and is not heard at all there.
    begun = np.clip((np.arange(len(energy)) * STEP - _LEAD * 2.0 * STEP) / _EASED, 0.0, 1.0)
    swing = 1.0 + (cues.swing - 1.0) * begun
    return np.asarray(middle + (energy - middle) * swing + cues.punch * bumps, np.float32)


def _bumps(
    symbols: Sequence[Symbol],
    durations: NDArray[np.int64],
    count: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return a hill of the word's weight over every stressed vowel, float (count,)."""
    ends = np.cumsum(durations)
    position = np.arange(count) * 0.5
    width = _BUMP / (2.0 * STEP)
    hills = np.zeros(count)
    for index, symbol in enumerate(symbols, 1):
        if symbol.weight > 0.0:
            middle = ends[index] - durations[index] / 2.0 - LAG
            spread = max(width, float(durations[index]) / 2.0)
            height = symbol.weight * rng.uniform(0.75, 1.25)
            hills = np.maximum(hills, height * np.exp(-0.5 * ((position - middle) / spread) ** 2))
    return hills


def creak_curve(
    f0: NDArray[np.float64],
    symbols: Sequence[Symbol],
    durations: NDArray[np.int64],
    cues: Cues,
) -> NDArray[np.float64]:
    """Return how creaky the voice is per step, 0 to 1: it rises towards the end of a phrase."""
    curve = np.zeros(len(f0))
    if cues.creak:
        for first, last in _phrases(symbols, durations, f0 > 0):
            part = np.arange(first, last + 1)
            left = (last - part) * STEP
            curve[part] = cues.creak * np.clip(1.0 - left / _CREAK, 0.0, 1.0)
    return curve


def _contours(
    symbols: Sequence[Symbol],
    durations: NDArray[np.int64],
    voiced: NDArray[np.bool_],
    cues: Cues,
) -> NDArray[np.float64]:
    """Return the slope and the final movement of every phrase, in semitones."""
    curve = np.zeros(len(voiced))
    for first, last in _phrases(symbols, durations, voiced):
        part = np.arange(first, last + 1)
        curve[part] += cues.slope * ((part - first) / (last - first) - 0.5)
        left = (last - part) * STEP
        curve[part] += cues.final * (0.5 + 0.5 * np.cos(np.pi * np.minimum(left / _FINAL, 1.0)))
    return curve


def _phrases(
    symbols: Sequence[Symbol], durations: NDArray[np.int64], voiced: NDArray[np.bool_]
) -> Iterator[tuple[int, int]]:
    """Yield the first and last voiced step between one punctuation mark and the next."""
    steps = 2 * np.cumsum(durations)
    cuts = [steps[i] for i, s in enumerate(symbols, 1) if s.letter in PAUSES]
    start = 0
    for end in [*cuts, len(voiced)]:
        inside = np.flatnonzero(voiced[start:end]) + start
        start = end
        if len(inside) >= _LEAST_STEPS:
            yield int(inside[0]), int(inside[-1])
