"""Phones to lip shapes, with the coarticulation that makes them speech and not a slide show.

Every phone pulls every lip unit towards a target with a strength of its own (a "dominance",
after Cohen and Massaro 1993), fully within its core and less and less around it; where phones
overlap the pulls are averaged. So a vowel's rounding starts over the consonants before it, a
short vowel between closed consonants is undershot, and a pause, which pulls to rest, is still.
Closures are no matter of averages: p, b and m meet the lips in at least one frame each, f and v
bring the lower lip to the teeth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Phone
from emoanim.engines.rig.motion.envelopes import Curve, low_pass, smoothstep
from emoanim.engines.rig.motion.prosody import RATE, Prosody
from emoanim.sound.signals import runs

__all__ = ["LIP_UNITS", "SILENCE", "Lips", "lips_from_phones", "lips_from_sound", "trimmed"]

SILENCE = "SIL"
LIP_UNITS = ("26", "25", "18", "22", "20", "28", "10", "16", "24", "seal")
"""Jaw, lip part, pucker, funneler, stretch, lower lip to teeth, upper lip, lower lip, press."""

_PAUSE = 0.25
_LAG = 0.085
_ROUND_LAG = 0.125
_MARGIN = 0.2
_ROUNDING, _FORM = (2, 3), (2, 3, 4)
_SEAL, _TUCK = LIP_UNITS.index("seal"), LIP_UNITS.index("28")


class _Shape(NamedTuple):
    """Targets of one phone in the order of LIP_UNITS without seal, and how firmly it pulls.

    A "b" is firm about closing but doesn't care whether the lips are round or spread, so the form
    of the lips (pucker, funneler, stretch) has a pull of its own.
    """

    targets: tuple[float, ...]
    jaw_pull: float
    lip_pull: float
    form_pull: float


def _vowel(jaw: float, part: float, pucker: float, funnel: float, stretch: float) -> _Shape:
    return _Shape((jaw, part, pucker, funnel, stretch, 0.0, 0.06, 0.10 * jaw, 0.0), 1.0, 0.9, 0.9)


def _consonant(
    jaw: float,
    part: float,
    *,
    pucker: float = 0.0,
    funnel: float = 0.0,
    stretch: float = 0.0,
    tuck: float = 0.0,
    up: float = 0.0,
    down: float = 0.0,
    press: float = 0.0,
    pull: tuple[float, float, float] = (0.5, 0.2, 0.1),
) -> _Shape:
    return _Shape((jaw, part, pucker, funnel, stretch, tuck, up, down, press), *pull)


_BILABIALS = frozenset("PBM")
_LABIODENTALS = frozenset("FV")
# A full jaw drop parts the lips by some 1.5 cm.
_VOWELS: dict[str, _Shape] = {
    "AA": _vowel(0.84, 0.66, 0.00, 0.05, 0.00),
    "AE": _vowel(0.74, 0.66, 0.00, 0.00, 0.28),
    "AH": _vowel(0.54, 0.54, 0.00, 0.04, 0.05),
    "AO": _vowel(0.72, 0.58, 0.14, 0.34, 0.00),
    "EH": _vowel(0.56, 0.58, 0.00, 0.00, 0.24),
    "ER": _vowel(0.31, 0.44, 0.22, 0.34, 0.00),
    "IH": _vowel(0.34, 0.50, 0.00, 0.00, 0.24),
    "IY": _vowel(0.20, 0.50, 0.00, 0.00, 0.46),
    "UH": _vowel(0.30, 0.40, 0.38, 0.28, 0.00),
    "UW": _vowel(0.18, 0.30, 0.78, 0.25, 0.00),
}
_DIPHTHONGS = {
    "AW": ("AA", "UH"),
    "AY": ("AA", "IH"),
    "EY": ("EH", "IY"),
    "OW": ("AO", "UW"),
    "OY": ("AO", "IH"),
}
_CLOSED = _consonant(0.05, 0.0, press=0.12, pull=(1.6, 2.5, 0.12))
_TO_TEETH = _consonant(0.09, 0.20, tuck=1.0, up=0.22, pull=(1.4, 2.0, 0.25))
_HISS = _consonant(0.05, 0.46, stretch=0.24, down=0.18, pull=(1.3, 0.55, 0.35))
_HUSH = _consonant(0.08, 0.42, pucker=0.22, funnel=0.58, down=0.1, pull=(1.3, 1.1, 1.1))
_TONGUE = _consonant(0.14, 0.36, stretch=0.06, pull=(0.6, 0.22, 0.1))
_BACK = _consonant(0.20, 0.38, pull=(0.4, 0.15, 0.05))
_DENTAL = _consonant(0.17, 0.42, stretch=0.05, pull=(0.8, 0.35, 0.15))
_CONSONANTS: dict[str, _Shape] = {
    **dict.fromkeys(("P", "B", "M"), _CLOSED),
    **dict.fromkeys(("F", "V"), _TO_TEETH),
    **dict.fromkeys(("S", "Z"), _HISS),
    **dict.fromkeys(("SH", "ZH", "CH", "JH"), _HUSH),
    **dict.fromkeys(("T", "D", "N"), _TONGUE),
    **dict.fromkeys(("K", "G", "NG", "HH"), _BACK),
    **dict.fromkeys(("TH", "DH"), _DENTAL),
    "L": _consonant(0.22, 0.42, pull=(0.7, 0.25, 0.12)),
    "R": _consonant(0.16, 0.36, pucker=0.25, funnel=0.36, pull=(0.7, 0.8, 0.8)),
    "W": _consonant(0.09, 0.18, pucker=0.88, funnel=0.12, pull=(1.2, 1.8, 1.8)),
    "Y": _consonant(0.14, 0.42, stretch=0.34, pull=(0.7, 0.5, 0.5)),
}
_REST = _Shape((0.0,) * 9, 1.3, 1.3, 1.3)


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """What the lips do, frame by frame.

    Attributes:
        weights: float64 (t, k), columns as in LIP_UNITS.
        activity: float64 (t,), 1 while speech is made, 0 at rest.
    """

    weights: Curve
    activity: Curve


def lips_from_phones(phones: Sequence[Phone], prosody: Prosody, times: NDArray[np.float64]) -> Lips:
    """Return the lip units at ``times`` (evenly spaced, s) for phones in order of time.

    Symbols may carry stress digits ("AA1"); one that is unknown pulls nowhere.
    """
    heard = [
        Phone(p.symbol.upper().rstrip("012"), p.start, p.end)
        for p in trimmed(phones, prosody)
        if p.end > p.start
    ]
    end = max([prosody.duration, *(p.end for p in heard)])
    grid = np.arange(int(np.ceil(end * RATE)) + 2) / RATE
    parts = _split_diphthongs(_with_pauses(heard, float(grid[-1])))
    count = len(LIP_UNITS) - 1
    pulled, pull = np.zeros((len(grid), count)), np.full((len(grid), count), 1e-3)
    for part in parts:
        shape = _shape(part)
        if shape is None:
            continue
        targets = np.array(shape.targets)
        if part.symbol in _VOWELS:
            openness = _openness(part, prosody)
            targets[[0, 1, 7]] *= (openness, 0.45 + 0.55 * openness, openness)
        strengths = np.full(count, shape.lip_pull)
        strengths[0], strengths[list(_FORM)] = shape.jaw_pull, shape.form_pull
        if part.symbol == SILENCE:
            strengths *= float(smoothstep((part.end - part.start - 0.08) / (_PAUSE - 0.08)))
        near = _around(part, len(grid))
        weight = np.empty((near.stop - near.start, count))
        weight[:] = _kernel(part, grid[near], _LAG)[:, None]
        weight[:, _ROUNDING] = _kernel(part, grid[near], _ROUND_LAG)[:, None]
        weight *= strengths
        pulled[near] += weight * targets
        pull[near] += weight
    curves = low_pass(pulled / pull, 1.4)
    sealed = np.zeros(len(grid))
    for phone in heard:
        if phone.symbol in _BILABIALS:
            start, stop = _closure(phone)
            near = _around(phone, len(grid))
            # The lips take 60 ms to meet and 40 ms to part.
            meet = smoothstep((grid[near] - start) / 0.06 + 1.0)
            leave = smoothstep(1.0 - (grid[near] - stop) / 0.04)
            sealed[near] = np.maximum(sealed[near], meet * leave)
    fine = np.column_stack([curves, sealed])
    weights = np.stack([np.interp(times, grid, c) for c in fine.T], axis=1)
    _force_contacts(weights, heard, times)
    return Lips(weights, np.interp(times, grid, _activity(parts, grid)))


def lips_from_sound(prosody: Prosody, times: NDArray[np.float64]) -> Lips:
    """Estimate the lip units from the sound alone, for a voice whose phones are unknown.

    Loudness opens the jaw, hiss closes it and spreads the lips, a dark spectrum rounds them, and a
    short dip between loud parts, as nasals and stops make it, closes them.
    """
    loud = np.where(prosody.silent, 0.0, np.clip((prosody.level + 30.0) / 30.0, 0.0, 1.1))
    hiss = np.clip(2.2 * prosody.high, 0.0, 1.0)
    dark = np.clip((520.0 - prosody.centre) / 300.0, 0.0, 1.0) * np.clip(loud, 0.0, 1.0)
    active = low_pass((~prosody.silent).astype(np.float64), 4.0)
    jaw = 0.62 * loud**1.4 * (1.0 - 0.85 * hiss) * (1.0 - 0.35 * dark)
    beside = np.minimum(_highest(prosody.level, 12), _highest(prosody.level, -12))
    dip = (beside - prosody.level > 9.0) & (hiss < 0.4)
    # A dip may also be a t or a k: the lips come close, but they don't press.
    seal = 0.8 * smoothstep(1.6 * low_pass((dip & ~prosody.silent).astype(np.float64), 2.0))
    zero = np.zeros_like(jaw)
    part = 0.5 * np.clip(1.4 * loud, 0.0, 1.0)
    columns = (jaw, part, 0.55 * dark, 0.25 * dark, 0.3 * hiss * loud, zero, zero, 0.1 * jaw, zero)
    smooth = low_pass(np.column_stack(columns) * (1.0 - 0.8 * seal)[:, None], 2.2)
    fine = np.column_stack([smooth, seal]) * smoothstep(1.5 * active)[:, None]
    weights = np.stack([prosody.at(c, times) for c in fine.T], axis=1)
    return Lips(weights, prosody.at(active, times))


def trimmed(phones: Sequence[Phone], prosody: Prosody) -> list[Phone]:
    """Cut away what lies in true silence: aligners let a last phone run on into a pause."""
    # 30 ms of margin: the analysis window is wide, and a stop's closure belongs to its phone.
    gaps = [(a / RATE + 0.03, b / RATE - 0.03) for a, b in runs(prosody.silent)]
    phones_left: list[Phone] = []
    for phone in phones:
        pieces = [(phone.start, phone.end)]
        for low, high in gaps if phone.symbol != SILENCE else ():
            pieces = (
                [
                    (a, b)
                    for start, end in pieces
                    for a, b in ((start, min(end, low)), (max(start, high), end))
                    if b > a
                ]
                if low < phone.end and high > phone.start
                else pieces
            )
        if pieces:
            # What lies before the pause is the phone, unless that is only a sliver.
            best = max(pieces, key=lambda p: p[1] - p[0])
            phones_left.append(Phone(phone.symbol, *best))
    return phones_left


def _shape(phone: Phone) -> _Shape | None:
    if phone.symbol == SILENCE:
        return _REST
    return _VOWELS.get(phone.symbol) or _CONSONANTS.get(phone.symbol)


def _around(part: Phone, count: int) -> slice:
    """Return the grid's part in which a phone can be felt; no lag is longer than the margin."""
    first = int((part.start - _MARGIN) * RATE)
    return slice(
        min(max(first, 0), count), min(max(int((part.end + _MARGIN) * RATE) + 2, 0), count)
    )


def _kernel(part: Phone, grid: Curve, lag: float) -> Curve:
    """How strongly a phone is felt: 1 in its core, falling to 0 within ``lag`` s around it."""
    quarter = 0.25 * min(part.end - part.start, 0.16)
    if part.symbol == SILENCE:
        quarter = 0.0
    before = (part.start + quarter - grid) / (lag + quarter)
    # What was said lingers less than what is to come is prepared.
    after = (grid - part.end + quarter) / (0.8 * _LAG + quarter)
    return smoothstep(1.0 - np.maximum(before, after))


def _openness(part: Phone, prosody: Prosody) -> float:
    """Long and loud vowels open fully, short and soft ones less."""
    duration = part.end - part.start
    reach = 1.12 * (1.0 - float(np.exp(-duration / 0.06)))
    first = min(int(part.start * RATE), len(prosody.level) - 1)
    level = float(prosody.level[first : max(int(part.end * RATE), first + 1)].max())
    return reach * float(np.clip(1.06 + level / 28.0, 0.55, 1.2))


def _with_pauses(phones: Sequence[Phone], end: float) -> list[Phone]:
    """Fill the gaps between phones with silence."""
    filled: list[Phone] = []
    clock = 0.0
    for phone in phones:
        if phone.start > clock + 1e-6:
            filled.append(Phone(SILENCE, clock, phone.start))
        filled.append(phone)
        clock = max(clock, phone.end)
    if end > clock:
        filled.append(Phone(SILENCE, clock, end))
    # Neighbouring silences are one pause, and count as long as they are together.
    merged: list[Phone] = []
    for phone in filled:
        if merged and phone.symbol == SILENCE == merged[-1].symbol:
            merged[-1] = Phone(SILENCE, merged[-1].start, phone.end)
        else:
            merged.append(phone)
    if merged and merged[-1].symbol == SILENCE:
        merged[-1] = Phone(SILENCE, merged[-1].start, max(merged[-1].end, end + _PAUSE))
    if merged and merged[0].symbol == SILENCE:
        merged[0] = Phone(SILENCE, merged[0].start - _PAUSE, merged[0].end)
    return merged


def _split_diphthongs(phones: Sequence[Phone]) -> list[Phone]:
    parts: list[Phone] = []
    for phone in phones:
        if phone.symbol in _DIPHTHONGS:
            first, second = _DIPHTHONGS[phone.symbol]
            middle = phone.start + 0.58 * (phone.end - phone.start)
            parts += [Phone(first, phone.start, middle), Phone(second, middle, phone.end)]
        else:
            parts.append(phone)
    return parts


def _closure(phone: Phone) -> tuple[float, float]:
    """When the lips touch: all of an m, the first part of a p or b, whose rest is the burst."""
    share = 0.8 if phone.symbol == "M" else 0.6
    return phone.start, phone.start + max(share * (phone.end - phone.start), 0.03)


def _force_contacts(weights: Curve, phones: Sequence[Phone], times: NDArray[np.float64]) -> None:
    """Give every closure, however short, a frame in which it is complete (in place)."""
    step = times[1] - times[0] if len(times) > 1 else 1.0
    jaw, tuck, seal = weights[:, 0], weights[:, _TUCK], weights[:, _SEAL]
    shut: list[int] = []
    for phone in phones:
        if phone.symbol not in _BILABIALS | _LABIODENTALS:
            continue
        middle = sum(_closure(phone)) / 2.0
        frame = int(np.argmin(np.abs(times - middle)))
        if abs(times[frame] - middle) > step:
            continue
        jaw[frame] = min(jaw[frame], 0.12)
        if phone.symbol in _LABIODENTALS:
            tuck[frame] = max(tuck[frame], 0.9)
        else:
            seal[frame] = 1.0
            shut.append(frame)
    # Between two closures the vowel must be seen, if there is a frame for it.
    for first, second in pairwise(shut):
        vowels = [
            (p.start + p.end) / 2.0
            for p in phones
            if (p.symbol in _VOWELS or p.symbol in _DIPHTHONGS)
            and times[first] - step < p.start
            and p.end < times[second] + step
        ]
        if vowels and second - first >= 2:
            nearest = int(np.argmin(np.abs(times - vowels[0])))
            frame = min(max(nearest, first + 1), second - 1)
            seal[frame] = min(seal[frame], 0.25)


def _activity(parts: Sequence[Phone], grid: Curve) -> Curve:
    """1 while speaking, 0 in pauses, with the lips ahead of the sound by some 80 ms."""
    active = np.zeros(len(grid))
    for part in parts:
        if part.symbol != SILENCE:
            near = _around(part, len(grid))
            rise = (grid[near] - part.start) / 0.10 + 1.0
            fall = 1.0 - (grid[near] - part.end) / 0.14
            active[near] = np.maximum(active[near], smoothstep(rise) * smoothstep(fall))
    return active


def _highest(level: Curve, reach: int) -> Curve:
    """Return the highest level within the next (or last, if negative) ``reach`` samples."""
    span = abs(reach)
    padded = np.pad(level, (span, span), mode="edge")
    view = np.lib.stride_tricks.sliding_window_view(padded, span + 1)
    highest = view.max(axis=1)
    return np.asarray(highest[span:] if reach > 0 else highest[: len(level)], dtype=np.float64)
