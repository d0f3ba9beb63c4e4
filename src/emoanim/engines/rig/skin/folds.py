"""The folds that units make: how much darker the skin becomes, over the canonical face.

A fold is dark because it sees less of the sky, whatever the light's direction: darkest along a
line, with a short edge on the side of the skin that hangs over it and a long soft one on the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.units import FIELDS

__all__ = ["FROWN", "RAISED", "Lines", "beside_fold", "near_lines", "shadows"]

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fold:
    """A line on the left or in the middle of the face.

    Attributes:
        line: x, y in canonical cm.
        depth: darkening at weight 1, as a logarithm; negative for a ridge that catches light.
        short, long: standard deviations of the edges across the line, cm.
        towards: x, y of the direction in which the long edge lies.
        units: weight of the fold by unit.
        mirrored: whether the right side has it too.
    """

    line: tuple[tuple[float, float], ...]
    depth: float
    short: float
    long: float
    towards: tuple[float, float]
    units: Mapping[str, float]
    mirrored: bool = True


_FOLDS = (
    Fold(  # from the nostril to beside the mouth
        ((-1.75, -1.15), (-2.10, -1.9), (-2.70, -2.7), (-3.20, -3.5), (-3.45, -4.3)),
        0.18, 0.15, 0.40, (0.8, -0.6), {"12": 0.9, "10": 1.05, "9": 1.25, "6": 0.2},
    ),
    Fold(  # between the brows
        ((-0.50, 3.7), (-0.48, 4.5), (-0.65, 5.5)),
        0.21, 0.10, 0.20, (1.0, 0.0), {"4": 1.0, "9": 0.45},
    ),
    Fold(  # under the lowered inner brow
        ((-0.9, 3.75), (-1.7, 3.75), (-2.4, 3.9)),
        0.16, 0.20, 0.30, (0.0, -1.0), {"4": 1.0, "9": 0.8},
    ),
    Fold(  # across the forehead
        ((-3.2, 6.40), (-2.0, 6.45), (0.0, 6.20), (2.0, 6.45), (3.2, 6.40)),
        0.11, 0.12, 0.24, (0.0, -1.0), {"1": 1.0, "2": 0.2}, False,
    ),
    Fold(
        ((-2.8, 7.30), (0.0, 7.05), (2.8, 7.30)),
        0.08, 0.12, 0.24, (0.0, -1.0), {"1": 1.0, "2": 0.2}, False,
    ),
    Fold(  # over the outer brow
        ((-2.6, 6.45), (-4.0, 6.25), (-5.2, 5.6)), 0.08, 0.12, 0.24, (0.0, -1.0), {"2": 1.0},
    ),
    Fold(  # crow's feet
        ((-4.9, 2.95), (-5.7, 3.35)), 0.12, 0.08, 0.15, (0.0, -1.0), {"6": 1.0},
    ),
    Fold(((-5.0, 2.55), (-5.9, 2.55)), 0.13, 0.08, 0.15, (0.0, -1.0), {"6": 1.0}),
    Fold(((-4.9, 2.15), (-5.7, 1.80)), 0.10, 0.08, 0.15, (0.0, -1.0), {"6": 1.0}),
    Fold(  # the lower lid's bulge over its furrow
        ((-4.4, 2.05), (-3.3, 1.80), (-2.2, 2.0)), -0.10, 0.14, 0.16, (0.0, 1.0),
        {"6": 0.8, "7": 0.3},
    ),
    Fold(  # under the lower lid
        ((-4.5, 1.75), (-3.3, 1.35), (-2.1, 1.65)),
        0.13, 0.13, 0.28, (0.0, -1.0), {"6": 0.9, "7": 0.45, "9": 0.45},
    ),
    Fold(  # at the root of the nose
        ((-0.25, 2.95), (-0.75, 2.55), (-1.2, 1.95)),
        0.21, 0.11, 0.20, (-0.5, -0.8), {"9": 1.1},
    ),
    Fold(((-0.35, 2.1), (-0.85, 1.6), (-1.3, 1.0)), 0.17, 0.11, 0.20, (-0.5, -0.8), {"9": 1.1}),
    Fold(((-0.6, 3.3), (0.6, 3.3)), 0.16, 0.12, 0.2, (0.0, -1.0), {"9": 0.9, "4": 0.25}, False),
    Fold(  # beside the wing of the nose
        ((-1.35, -0.1), (-1.75, -0.7), (-1.75, -1.3)), 0.12, 0.14, 0.30, (-1.0, 0.2), {"9": 1.1},
    ),
    Fold(  # from the corner of the mouth downwards
        ((-2.50, -4.35), (-2.85, -5.0), (-3.05, -5.9)),
        0.18, 0.13, 0.34, (0.9, 0.3), {"15": 1.0, "17": 0.15},
    ),
    Fold(  # under the lower lip
        ((-1.5, -5.85), (0.0, -6.0), (1.5, -5.85)),
        0.12, 0.22, 0.26, (0.0, 1.0), {"17": 1.0, "24": 0.3, "15": 0.3}, False,
    ),
    Fold(  # the dimple beside the corner
        ((-2.75, -4.0), (-2.95, -4.35), (-2.9, -4.7)), 0.20, 0.14, 0.26, (1.0, 0.0),
        {"14": 1.0, "12": 0.3},
    ),
)  # fmt: skip


def shadows(position: Array) -> Array:
    """Return the logarithm of the brightness ratio of every field's folds at weight 1.

    Args:
        position: (rows, columns, 3) on the canonical face, cm.

    Returns:
        float32 (len(FIELDS), rows, columns), mostly below 0.
    """
    flat = position.reshape(-1, 3)[:, :2]
    darkness = np.zeros((len(FIELDS), len(flat)), np.float32)
    for fold in _FOLDS:
        for sign in (1.0, -1.0) if fold.mirrored else (1.0,):
            turned = np.array((sign, 1), np.float32)
            dark = fold.depth * _near(flat, np.array(fold.line, np.float32) * turned, fold, turned)
            for k, name in enumerate(FIELDS):
                weight = fold.units.get(name.rstrip("LR"), 0.0)
                if weight and (name[-1] not in "LR" or _same_side(name, fold, sign)):
                    darkness[k] -= weight * dark
    return darkness.reshape(len(FIELDS), *position.shape[:2])


Lines = tuple[tuple[tuple[float, float], ...], ...]

CHEEKS: Lines = (((-1.8, -0.6), (-2.1, -1.5), (-2.8, -2.7), (-3.3, -3.8), (-3.4, -5.2)),)
"""Where smiles fold the left cheek, canonical cm."""
FROWN: Lines = (
    ((-0.45, 3.3), (-0.48, 4.5), (-0.65, 5.9)), ((-0.1, 2.6), (0.0, 3.3), (0.0, 5.9)),
)  # fmt: skip
"""Where drawn brows furrow the skin."""
RAISED: Lines = tuple(
    ((-5.2, y - 0.5), (-3.2, y), (0.0, y - 0.2), (1.0, y - 0.1)) for y in (6.3, 7.1, 7.9)
)
"""Where raised brows furrow the forehead."""


def beside_fold(position: Array) -> Array:
    """Return 1 where smiles fold the cheeks, falling to 0 around it (see ``near_lines``)."""
    return near_lines(position, CHEEKS)


def near_lines(position: Array, lines: Lines) -> Array:
    """Return 1 near lines on the left half of the face and their mirror images, 0 away from them.

    Args:
        position: (rows, columns, 2 or 3) on the canonical face, cm.
        lines: x, y in canonical cm.

    Returns:
        float32 (rows, columns).
    """
    flat = position[..., :2].reshape(-1, 2)
    weight = np.zeros(len(flat), np.float32)
    for line in lines:
        band = Fold(line, 1.0, 0.55, 0.55, (1.0, 0.0), {})
        for sign in (1.0, -1.0):
            turned = np.array((sign, 1), np.float32)
            near = _near(flat, np.array(line, np.float32) * turned, band, turned)
            weight = np.maximum(weight, near)
    return np.asarray(np.clip(1.5 * weight, 0, 1), np.float32).reshape(position.shape[:2])


def _same_side(name: str, fold: Fold, sign: float) -> bool:
    return not fold.mirrored or (name.endswith("L") == (sign > 0))


def _near(points: Array, line: Array, fold: Fold, turned: Array) -> Array:
    """Return 1 on a line, falling across it and fading along it towards its ends."""
    best = np.full(len(points), np.inf, np.float32)
    fade = np.zeros(len(points), np.float32)
    side = np.zeros(len(points), np.float32)
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    whole, passed = float(lengths.sum()), 0.0
    towards = np.array(fold.towards, np.float32) * turned
    for a, b, length in zip(line[:-1], line[1:], lengths, strict=True):
        t = np.clip((points - a) @ (b - a) / length**2, 0, 1)
        away = points - a - t[:, None] * (b - a)
        apart = (away**2).sum(1)
        nearer = apart < best
        best = np.where(nearer, apart, best)
        side = np.where(nearer, away @ towards, side)
        along = np.sin(np.pi * (0.08 + 0.84 * (passed + t * length) / whole))
        fade = np.where(nearer, along, fade)
        passed += float(length)
    width = np.where(side > 0, fold.long, fold.short)
    return np.asarray(np.exp(-0.5 * best / width**2) * fade, np.float32)
