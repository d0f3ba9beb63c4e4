"""Looking again at a rendered still: are the units that were asked for there?

The same units move one face more than another: a wide mouth, a beard, heavy lids. What the mesh and
the irises of the rendered face tell is compared with what they tell of other faces, and the units
of the mouth's corners and of the lids are made stronger or weaker by that, within bounds. Brows and
cheeks are left out: the mesh shows a fifth of their motion, too little to correct them by.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expressions.expression import (
    CORNER_HEIGHTS,
    aligned,
    measured,
    unit_effects,
)
from emoanim.engines.rig.eyes.lids import lid_height, lid_motion, slits
from emoanim.engines.rig.units import in_fields
from emoanim.faces import Face, canonical_mesh

__all__ = ["FaceState", "corrected", "face_state", "opening_eyes", "relaxing"]

ROUNDS = 2
"""Each needs a rendering and a look at it; the second corrects a fifth of what the first did."""
RESPONSE, LID_RESPONSE = 0.65, 0.5
"""Of the motion of the mouth's corners, and of the upper lids, a look at a rendered face shows so
much, median of 17 faces."""
WEAKEST, STRONGEST = 0.85, 1.5
"""Bounds of a unit's factor."""
CLEAR = 0.15
"""Corners that are asked to move less are not corrected, cm."""
ASYMMETRY, ONE_SIDED = 0.5, 0.9
"""Difference of the corners' heights, cm, that a one-sided smile at the second weight must show."""
DROOPING, STILL_UP = 1.2, 1.25
"""Where unit 15 has more than the first, corners that stay above a usual face's are lowered by the
second factor in each round."""
RELAXED, BOWED = -0.1, -0.25
"""Corners of the mouth that a face without expression shows no higher, on the skull and over the
middle of the lips, cm: what stays above both of a smile that was taken away is still seen as one.
"""
LOWERED = 0.35
"""How much lower a look at a rendered face shows them for 1 of a smile less, cm."""
MOST_RELAXED = 1.0
"""No more of it is taken away in addition."""
AS_WIDE = 0.7
"""Of unit 20 for each of it: a mouth that gets no smaller."""
CHEEKS, BROADEST = 0.6, 1.6
"""Of unit 6 that goes with each of a smile, up to the second of it: the mesh hardly shows that
cheeks and lower lids are raised."""
IRIS = 0.585
"""Radius of the iris, cm."""
USUAL = 0.6
"""Height of the upper lid over the middle of the iris, median of 34 faces, in radii."""
WIDEST = 1.22
"""Of a wide eye; beyond it the eyes bulge."""
AWAKE = 0.32
"""Of a lid that an emotion lowers: the pupil is seen."""

_RAISING, _LOWERING = ("12", "14"), ("15",)
_CORNERS, _LIPS = [[61, 78], [291, 308]], [13, 14]


@dataclass(frozen=True, slots=True)
class FaceState:
    """What a picture of a face tells of its units.

    Attributes:
        corners: float64 (2,) heights of the left and the right corner of the mouth over those of a
            usual face, cm.
        lids: height of the upper lids over the middle of the iris, in its radii, mean of both;
            None if the irises were not seen.
        bow: float64 (2,) heights of the corners over the middle of the lips, beyond those of the
            canonical face, cm.
    """

    corners: NDArray[np.float64]
    lids: float | None
    bow: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))


def face_state(face: Face) -> FaceState:
    """Measure a face whose lips and lids were put right."""
    lids = None
    if face.irises is not None:
        heights = []
        for slit, iris in zip(slits(face.points), face.irises, strict=True):
            radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
            heights.append(lid_height(slit, iris[0]) / max(radius, 1e-6))
        lids = float(np.mean(heights))
    raised = (aligned(face.points) - canonical_mesh()[0])[:, 1]
    bow = raised[_CORNERS].mean(1) - raised[_LIPS].mean()
    return FaceState(measured(face.points)[CORNER_HEIGHTS], lids, bow.astype(np.float64))


def corrected(
    units: Mapping[str, float],
    taken: Mapping[str, float],
    before: FaceState,
    look: Callable[[Mapping[str, float]], FaceState | None],
) -> dict[str, float]:
    """Return a factor for every unit that makes the rendered face show what was asked for.

    Args:
        units: weights that are asked for.
        taken: negative weights of the own expression that is taken away.
        before: the portrait.
        look: renders the portrait with weights and measures it; None if no face is seen.

    Returns:
        Factors within ``WEAKEST`` and ``STRONGEST``; 1 where nothing is known. That of "43", which
        closes the eyes, may be down to 0.
    """
    factors = dict.fromkeys(units, 1.0)
    asked = unit_effects()[CORNER_HEIGHTS] @ (in_fields(units) + in_fields(taken))
    for _ in range(ROUNDS if units else 0):
        now = look({name: factors[name] * weight for name, weight in units.items()})
        if now is None:
            break
        _correct_corners(factors, units, asked, before, now)
        _correct_lids(factors, units, before, now)
    return factors


def relaxing(now: FaceState | None) -> dict[str, float]:
    """Return weights that lower what is left of a smile, without making the mouth small.

    Args:
        now: the portrait with its own expression taken away, as it is seen; None if it is not.
    """
    if now is None:
        return {}
    above = np.minimum(now.corners - RELAXED, now.bow - BOWED)
    more = np.clip(above / LOWERED, 0.0, MOST_RELAXED)
    if not more.any():
        return {}
    return {"12L": -float(more[0]), "12R": -float(more[1]), "20": AS_WIDE * float(more.mean())}


def opening_eyes(own: Mapping[str, float]) -> dict[str, float]:
    """Return weights that lower the cheeks and lower lids that a smile has raised.

    Args:
        own: the portrait's own expression, weights by unit.
    """
    smile = min(max(own.get("12L", 0.0), own.get("12R", 0.0)), BROADEST)
    return {"6": -CHEEKS * smile} if smile > 0 else {}


def _correct_corners(
    factors: dict[str, float],
    units: Mapping[str, float],
    asked: NDArray[np.float64],
    before: FaceState,
    now: FaceState,
) -> None:
    ratios = []
    for way, moved in zip(asked, now.corners - before.corners, strict=True):
        shown = moved / way if abs(way) > CLEAR else RESPONSE
        ratios.append(RESPONSE / max(float(shown), 0.2))
    for side, ratio, way in zip("LR", ratios, asked, strict=True):
        apart = (now.corners[0] - now.corners[1]) * (1 if side == "L" else -1)
        wanted = ASYMMETRY * min(units.get("12" + side, 0.0) / ONE_SIDED, 1.0)
        lopsided = wanted / max(float(apart), 0.05)
        for name in _RAISING:
            if name + side in units:
                _scale(factors, name + side, max(ratio, lopsided) if way > CLEAR else lopsided)
    both = float(np.mean(ratios))
    upwards = asked.sum() > 0
    if now.corners.mean() > 0 and units.get("15", 0.0) > DROOPING:
        both = max(both, STILL_UP)  # a smile was taken away, or they are high by nature
    for name in _RAISING if upwards else _LOWERING:
        if name in units:
            _scale(factors, name, both)


def _correct_lids(
    factors: dict[str, float], units: Mapping[str, float], before: FaceState, now: FaceState
) -> None:
    if before.lids is None or now.lids is None:
        return
    closing = units.get("43", 0.0)
    if closing and now.lids < AWAKE:
        open_ = max(before.lids, AWAKE)
        _scale(factors, "43", (open_ - AWAKE) / max(open_ - now.lids, 1e-6), weakest=0.0)
    wide = lid_motion(units, {}).upper / IRIS
    if units.get("5", 0.0) and wide > 0 and not closing:
        wanted = min(max(before.lids, USUAL) + wide, WIDEST)
        got = max(now.lids - before.lids, 0.2 * wide)
        _scale(factors, "5", LID_RESPONSE * (wanted - before.lids) / got)


def _scale(factors: dict[str, float], name: str, ratio: float, weakest: float = WEAKEST) -> None:
    factors[name] = float(np.clip(factors[name] * ratio, weakest, STRONGEST))
