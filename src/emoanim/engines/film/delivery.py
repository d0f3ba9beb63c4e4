"""How an emotion lies on a film over time: it comes, peaks with the stress of speech, and goes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.emotions import PLAIN_INTENSITY, Emotion, EmotionPrompt
from emoanim.engines.film.film import Film
from emoanim.engines.film.following import Seen
from emoanim.engines.film.relaxed_skin import REGIONS
from emoanim.engines.rig.expressions.anchors import ANCHORS, BROW_ANCHORS, CORNERS
from emoanim.engines.rig.expressions.expression import UNITS
from emoanim.engines.rig.expressions.likeness import kept_alike
from emoanim.engines.rig.expressions.presets import emotion_units
from emoanim.engines.rig.eyes.lids import lid_motion
from emoanim.engines.rig.motion.envelopes import Curve, low_pass, pulse, smoothstep
from emoanim.engines.rig.motion.prosody import analyse

Array = NDArray[np.float32]

__all__ = [
    "LIPS_ONLY",
    "GivesWay",
    "expression_of",
    "follows_phones",
    "mean_of",
    "strengths",
    "taken",
]

LIPS_ONLY = frozenset(["18", "22", "26", "28"])
"""Units that are the lips' own business: what a film says is left to it."""

_BOUNDS: Mapping[str, float] = {
    "1": 1.6, "4": 1.45, "6": 0.9, "9": 1.1, "10": 1.0, "12": 1.6, "15": 1.05, "16": 0.9,
    "17": 0.8, "20": 1.4,
}  # fmt: skip
"""Most of a unit on a film: a face that moves needs less to be read than a still, and what is
stronger makes another person of it."""

_ONE_SIDED: Mapping[str, float] = {"12L": 1.5, "14L": 1.5}
"""Factors on a smile of one side: what a look at a still asks for on most people (see
``emoanim.engines.rig.expressions.closed_loop``), which a film has no time for."""

_WIDENED: Mapping[Emotion, float] = {Emotion.FEAR: 1.5}
"""Factor on raised upper lids, which fear is read by: a talking mouth says less of it than a still
one, and wide eyes cost little likeness."""

_PARTING = ("16", "25", "26")
_PARTED: Mapping[Emotion, float] = {Emotion.DISGUST: 0.6, Emotion.FEAR: 0.6}
"""Share of what parts the lips that an emotion keeps under new words. A smile shows its teeth all
the same."""
_FOLLOWS: Mapping[Emotion, float] = {Emotion.DISGUST: 0.8}
"""Share in which that goes with the phones: lips that are apart all the time say no consonants, and
those of disgust nearly close in pauses. Fear is no longer read if its lips close."""
_WHOLE_SMILE, _WIDEST = 1.2, {"6": 1.15, "12": 2.0}
"""Factor on a smile under new words, and most of it: it begins at a mouth at rest, while the
person's own words keep what they smile themselves."""

LIDS_OF_CHEEKS = lid_motion({"6": 1.0}, {}).lower / lid_motion({"7": 1.0}, {}).lower
"""Weight of unit 7 that raises the lower lids as far as unit 6 does: what the bound takes of raised
cheeks is left to the lids, since a smile without them is none of the eyes."""

FARTHEST = 0.40
"""Of the estimated distance to the person: the own expression that a film takes away adds to it."""

ONSET, DECAY = 0.6, 0.5
"""Seconds in which the expression comes at the start and goes at the end."""
FIRST, LAST = 0.65, 0.85
"""Strength in the first and the last frame, over that in between."""
PHRASE = 0.94
"""Strength in a pause, over that while speaking."""
PEAK = 0.12
"""What the strongest accent adds."""


def expression_of(prompt: EmotionPrompt, new_words: bool = False) -> dict[str, float]:
    """Return the action units of an emotion as they are laid on a film.

    Args:
        prompt: the emotion.
        new_words: lips are given to the expression by a speech, not by the film.
    """
    units = {n: weight * _ONE_SIDED.get(n, 1.0) for n, weight in emotion_units(prompt).items()}
    bounded = {n: min(weight, _BOUNDS.get(n, weight)) for n, weight in units.items()}
    if "5" in bounded:
        bounded["5"] *= _mean_over(prompt, _WIDENED, 1.0)
    if new_words:
        parted = _mean_over(prompt, _PARTED, 1.0)
        bounded |= {n: parted * bounded[n] for n in _PARTING if n in bounded}
        bounded |= {n: min(_WHOLE_SMILE * units[n], w) for n, w in _WIDEST.items() if n in units}
    lids = LIDS_OF_CHEEKS * max(units.get("6", 0.0) - bounded.get("6", 0.0), 0.0)
    if lids:
        bounded["7"] = bounded.get("7", 0.0) + lids
    return kept_alike(bounded, farthest=FARTHEST)


def follows_phones(prompt: EmotionPrompt) -> float:
    """Return the share in which what parts the lips goes with the phones of new words."""
    return _mean_over(prompt, _FOLLOWS, 0.0)


def _mean_over(prompt: EmotionPrompt, values: Mapping[Emotion, float], other: float) -> float:
    """Return the mean of a value of the emotions of a prompt, by their shares."""
    parts = zip(prompt.parts, prompt.shares, strict=True)
    return float(sum(share * values.get(part.emotion, other) for part, share in parts))


def strengths(audio: Audio, times: Curve) -> Curve:
    """Return the factor on the emotion's units at rising times, float64 (t,), about 0.55 to 1.1.

    Args:
        audio: the speech.
        times: seconds.
    """
    prosody = analyse(audio)
    step = float(times[1] - times[0]) if len(times) > 1 else 0.04
    speaking = prosody.at(1.0 - prosody.silent.astype(np.float64), times)
    arc = PHRASE + (1.0 - PHRASE) * low_pass(speaking, 0.3 / step)
    peaks = np.zeros(len(times))
    for accent in prosody.accents:
        peaks = np.maximum(peaks, accent.strength * pulse(times, accent.time, 0.3, 0.7))
    comes = FIRST + (1 - FIRST) * smoothstep(times / ONSET)
    goes = LAST + (1 - LAST) * smoothstep((audio.duration - times) / DECAY)
    return np.asarray(arc * (1.0 + PEAK * peaks) * np.minimum(comes, goes), np.float64)


_ALWAYS: Mapping[str, float] = {
    "1": 0.75, "2L": 0.75, "2R": 0.75, "4": 0.75, "6": 0.6, "12L": 0.85, "12R": 0.85, "15": 0.6,
}  # fmt: skip
"""Share of the person's own units that gives way to an emotion; the others are speech."""
_WELCOME: Mapping[Emotion, Mapping[str, float]] = {
    Emotion.ANGER: {"1": 1.0, "2L": 1.0, "2R": 1.0, "4": 0.3},
    Emotion.CONTEMPT: {"12L": 0.5, "2R": 0.4},
    Emotion.DISGUST: {"4": 0.3, "6": 0.3},
    Emotion.FEAR: {"1": 0.4, "2L": 0.4, "2R": 0.4, "4": 0.4},
    Emotion.HAPPY: {"1": 0.6, "2L": 0.3, "2R": 0.3, "4": 1.0, "6": 0.3, "12L": 0.4, "12R": 0.4},
    Emotion.NEUTRAL: dict.fromkeys(("1", "2L", "2R", "4", "6", "12L", "12R", "15"), 1.0),
    Emotion.SAD: {"1": 0.4, "15": 0.3, "4": 0.4},
    Emotion.SURPRISE: {"1": 0.3, "2L": 0.3, "2R": 0.3},
}
"""Other shares: smaller where the own expression goes along, so that both make no grimace."""


USUAL_LIDS, LIDS_TOWARDS, MOST_LIDS = 0.94, 0.7, 0.12
"""Distance of open lids over people, the share of the difference from it that is taken for an
expression, and the most of it; cm."""
BROWS_MORE, CORNERS_MORE = 1.7, 1.3
"""The mesh understates how far brows and corners are from where they usually are: moved by what it
says, they are measured half way there (a slope of .5 to .6 on three people)."""
LID_RISE = lid_motion({"5": 1.0}, {}).upper
"""Rise of the upper lid at weight 1 of unit 5, cm."""

_CALMED: Mapping[Emotion, tuple[float, float, float, float, float]] = {
    Emotion.ANGER: (0.9, 1.0, 0.65, 0.64, 1.0),
    Emotion.CONTEMPT: (0.9, 0.9, 0.6, 0.69, 0.3),
    Emotion.DISGUST: (0.9, 0.8, 0.6, 0.69, 0.5),
    Emotion.FEAR: (0.9, 1.0, 0.8, 0.63, 1.0),
    Emotion.HAPPY: (0.8, 0.4, 0.3, 1.0, 1.0),
    Emotion.NEUTRAL: (1.0, 1.0, 1.0, 0.52, 1.0),
    Emotion.SAD: (0.9, 1.0, 0.68, 0.64, 0.0),
    Emotion.SURPRISE: (0.8, 0.8, 0.3, 1.0, 1.0),
}
"""Shares of brows, corners and lower face that go to rest, what stays of the lips'
distance, and the share of the lids' way to a usual opening:
who is calm or low moves the mouth less, and a laughing mouth is no sad one whatever its corners."""
_SMOOTHED: Mapping[Emotion, tuple[float, float, float, float]] = {
    Emotion.ANGER: (1.0, 0.0, 0.3, 0.0),
    Emotion.CONTEMPT: (1.0, 0.8, 0.5, 0.8),
    Emotion.DISGUST: (1.0, 0.2, 0.2, 0.2),
    Emotion.FEAR: (0.3, 0.4, 1.0, 1.0),
    Emotion.HAPPY: (1.0, 1.0, 0.0, 0.0),
    Emotion.NEUTRAL: (1.0, 1.0, 1.0, 1.0),
    Emotion.SAD: (0.3, 0.2, 1.0, 0.5),
    Emotion.SURPRISE: (0.0, 1.0, 0.8, 1.0),
}
"""Shares of the own folds of ``REGIONS`` that go: all but those the emotion makes itself."""


@dataclass(frozen=True, slots=True, eq=False)
class GivesWay:
    """What of the person's own expression gives way to an emotion.

    Attributes:
        shares: (len(UNITS),) in [0, 1].
        brows: share of the way of the brows to where they are when relaxed.
        corners: the same of the corners of a mouth at rest.
        mouth: share of the way of the lower face to rest, where the person's own words stay.
        opening: share of the lips' distance that stays then.
        lids: share of the way of the open lids to where most people have them.
        skin: (len(REGIONS),) shares of the folds in the pixels that go.
    """

    shares: NDArray[np.float64]
    brows: float = 0.0
    corners: float = 0.0
    mouth: float = 0.0
    opening: float = 1.0
    lids: float = 0.0
    skin: NDArray[np.float64] = field(default_factory=lambda: np.zeros(len(REGIONS)))

    def of(self, own: NDArray[np.floating]) -> dict[str, float]:
        """Return the weights that go, of an expression in the order of ``UNITS``."""
        gone = (self.shares * own).tolist()
        return {name: weight for name, weight in zip(UNITS, gone, strict=True) if weight}

    def raised_lids(self, film: Film) -> float:
        """Return the weight of unit 5 that brings lids that hang or stare to a usual opening."""
        apart = USUAL_LIDS - film.person.open
        return self.lids * float(np.clip(LIDS_TOWARDS * apart, -MOST_LIDS, MOST_LIDS)) / LID_RISE

    def anchors(self, film: Film, seen: Seen) -> Array:
        """Return the way of brows and corners of the mouth in a frame, (ANCHORS, 2) cm.

        Args:
            film: of the person.
            seen: a frame in which they are seen.
        """
        way = np.empty((ANCHORS, 2), np.float32)
        relaxed = film.person.relaxed
        way[BROW_ANCHORS] = BROWS_MORE * self.brows * (relaxed - seen.anchors)[BROW_ANCHORS]
        way[CORNERS] = CORNERS_MORE * self.corners * (relaxed - film.rest.anchors)[CORNERS]
        return way


def taken(prompt: EmotionPrompt) -> GivesWay:
    """Return what an emotion takes from the person's own expression; less if it is faint.

    A blend takes the mean of what its emotions take, by their shares.
    """
    if prompt.others:
        return mean_of([taken(part) for part in prompt.parts], prompt.shares)
    welcome = _WELCOME.get(prompt.emotion, {})
    full = min(prompt.intensity / PLAIN_INTENSITY, 1.0)
    brows, corners, mouth, opening, lids = _CALMED[prompt.emotion]
    return GivesWay(
        full * np.array([welcome.get(n, _ALWAYS.get(n, 0.0)) for n in UNITS]),
        full * brows, full * corners, full * mouth, 1.0 - full * (1.0 - opening), full * lids,
        full * np.array(_SMOOTHED[prompt.emotion]),
    )  # fmt: skip


def mean_of(each: Sequence[GivesWay], shares: Sequence[float] | NDArray[np.float64]) -> GivesWay:
    """Return the mean of what several emotions take, by their shares of the face."""
    if len(each) == 1:
        return each[0]
    parts = [share * one.shares for one, share in zip(each, shares, strict=True)]
    faces = np.array([(one.brows, one.corners, one.mouth, one.opening, one.lids) for one in each])
    weights = np.asarray(shares, np.float64)
    brows, corners, mouth, opening, lids = (weights @ faces).tolist()
    skin = weights @ np.array([one.skin for one in each])
    units = np.asarray(np.sum(parts, axis=0), np.float64)
    return GivesWay(units, brows, corners, mouth, opening, lids, skin)
