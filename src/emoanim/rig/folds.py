"""What units do to the relief of the skin: folds and bulges as heights over the canonical face."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.rig.units import FIELDS

__all__ = ["relief"]

Array = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fold:
    """A soft groove along a line of the left or middle of the face, with a bulge on one side.

    Attributes:
        line: x, y in canonical cm.
        depth: of the groove, cm; negative is a ridge.
        width: standard deviation across, cm.
        bulge: height of the bulge beside it, cm.
        offset: x, y from the groove to the bulge, cm.
        units: weight of the fold by unit.
        mirrored: whether the right side has it too.
    """

    line: tuple[tuple[float, float], ...]
    depth: float
    width: float
    bulge: float
    offset: tuple[float, float]
    units: Mapping[str, float]
    mirrored: bool = True


_FOLDS = (
    Fold(  # from the nostril to beside the mouth
        ((-1.55, -1.35), (-2.05, -2.0), (-2.65, -2.75), (-3.15, -3.55), (-3.40, -4.2)),
        0.060, 0.22, 0.07, (-0.65, 0.35), {"12": 1.0, "10": 0.6, "9": 0.75, "6": 0.3},
    ),
    Fold(  # between the brows
        ((-0.55, 4.0), (-0.50, 4.7), (-0.62, 5.4)),
        0.045, 0.17, 0.035, (0.42, 0.0), {"4": 1.0, "9": 0.3},
    ),
    Fold(  # the corrugator's bulge at the inner end of the brow
        ((-1.2, 4.75), (-2.1, 4.7)), -0.05, 0.38, 0.0, (0.0, 0.0), {"4": 1.0, "9": 0.5},
    ),
    Fold(  # across the middle of the forehead
        ((-3.4, 6.35), (-2.2, 6.45), (0.0, 6.25), (2.2, 6.45), (3.4, 6.35)),
        0.030, 0.20, 0.025, (0.0, -0.42), {"1": 1.0}, False,
    ),
    Fold(
        ((-2.8, 7.35), (0.0, 7.15), (2.8, 7.35)),
        0.022, 0.20, 0.018, (0.0, -0.42), {"1": 0.8}, False,
    ),
    Fold(  # over the outer brow
        ((-2.6, 6.45), (-4.0, 6.25), (-5.2, 5.7)),
        0.026, 0.20, 0.022, (0.0, -0.42), {"2": 1.0},
    ),
    Fold(  # crow's feet
        ((-5.0, 2.95), (-5.6, 3.25)), 0.020, 0.15, 0.0, (0.0, 0.0), {"6": 1.0},
    ),
    Fold(((-5.05, 2.5), (-5.75, 2.4)), 0.020, 0.15, 0.0, (0.0, 0.0), {"6": 1.0}),
    Fold(  # under the lower lid
        ((-4.4, 1.75), (-3.2, 1.40), (-2.1, 1.65)),
        0.030, 0.18, 0.055, (0.0, 0.42), {"6": 0.8, "7": 0.6, "9": 0.4},
    ),
    Fold(  # at the root of the nose
        ((-0.35, 2.9), (-1.0, 2.3)), 0.035, 0.16, 0.025, (0.2, 0.35), {"9": 1.0},
    ),
    Fold(((-0.5, 2.1), (-1.2, 1.5)), 0.030, 0.16, 0.022, (0.2, 0.35), {"9": 0.9}),
    Fold(((-0.6, 3.35), (0.6, 3.35)), 0.028, 0.18, 0.025, (0.0, 0.4), {"9": 0.9, "4": 0.2}, False),
    Fold(  # from the corner of the mouth downwards
        ((-2.55, -4.5), (-2.95, -5.2), (-3.05, -6.0)),
        0.045, 0.20, 0.045, (-0.45, -0.1), {"15": 1.0, "17": 0.2},
    ),
    Fold(  # under the lower lip
        ((-1.5, -5.95), (0.0, -6.10), (1.5, -5.95)),
        0.050, 0.24, 0.090, (0.0, -0.75), {"17": 1.0, "24": 0.3, "15": 0.3}, False,
    ),
    Fold(  # the dimple beside the corner
        ((-2.75, -4.15), (-2.85, -4.5)), 0.085, 0.20, 0.05, (-0.45, 0.05), {"14": 1.0, "12": 0.25},
    ),
    Fold(  # the apple of the cheek
        ((-3.6, -0.9), (-4.4, -0.6)), -0.10, 0.85, 0.0, (0.0, 0.0), {"12": 0.7, "6": 0.8},
    ),
)  # fmt: skip


def relief(place: Array) -> Array:
    """Return the height that every field adds at weight 1, cm towards the outside.

    Args:
        place: (rows, columns, 3) on the canonical face, cm.

    Returns:
        float32 (len(FIELDS), rows, columns).
    """
    flat = place.reshape(-1, 3)[:, :2]
    found = np.zeros((len(FIELDS), len(flat)), np.float32)
    for fold in _FOLDS:
        for sign in (1.0, -1.0) if fold.mirrored else (1.0,):
            line = np.float32(fold.line) * np.float32((sign, 1))
            height = -fold.depth * _near(flat, line, fold.width)
            if fold.bulge:
                beside = line + np.float32((fold.offset[0] * sign, fold.offset[1]))
                height += fold.bulge * _near(flat, beside, 1.6 * fold.width)
            for k, name in enumerate(FIELDS):
                weight = fold.units.get(name.rstrip("LR"), 0.0)
                if weight and (name[-1] not in "LR" or _same_side(name, fold, sign)):
                    found[k] += weight * height
    return found.reshape(len(FIELDS), *place.shape[:2])


def _same_side(name: str, fold: Fold, sign: float) -> bool:
    return not fold.mirrored or (name.endswith("L") == (sign > 0))


def _near(points: Array, line: Array, width: float) -> Array:
    """Return a Gaussian of the distance to a line, fading along it towards its ends."""
    best = np.full(len(points), np.inf, np.float32)
    fade = np.zeros(len(points), np.float32)
    lengths = np.linalg.norm(np.diff(line, axis=0), axis=1)
    whole, passed = float(lengths.sum()), 0.0
    for a, b, length in zip(line[:-1], line[1:], lengths, strict=True):
        t = np.clip((points - a) @ (b - a) / length**2, 0, 1)
        apart = ((points - a - t[:, None] * (b - a)) ** 2).sum(1)
        nearer = apart < best
        best = np.where(nearer, apart, best)
        fade = np.where(nearer, np.sin(np.pi * (0.12 + 0.76 * (passed + t * length) / whole)), fade)
        passed += float(length)
    return np.asarray(np.exp(-0.5 * best / width**2) * fade, np.float32)
