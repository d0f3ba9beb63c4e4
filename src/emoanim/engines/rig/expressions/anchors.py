"""Places of the face that tell an expression, and what moving them does to the skin around them.

Brows and corners of the mouth sit at different heights on different people. Where they are can be
measured, and they can be put somewhere else directly, without a guess about units.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expressions.expression import aligned
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.units import eye_region
from emoanim.faces import canonical_mesh

__all__ = [
    "ANCHORS",
    "BROW_ANCHORS",
    "CORNERS",
    "anchor_fields",
    "anchors_in",
    "anchors_of",
    "lip_height",
    "relaxed",
]

Array = NDArray[np.float32]

_VERTICES: tuple[tuple[int, ...], ...] = (
    (70, 46, 63, 53), (105, 52, 66, 65), (107, 55), (9, 8),
    (336, 285), (334, 282, 296, 295), (300, 276, 293, 283),
    (61, 78), (291, 308),
)  # fmt: skip
ANCHORS = len(_VERTICES)
"""Outer, middle and inner part of the left brow, between the brows, the right brow likewise, the
left and the right corner of the mouth."""
BROW_ANCHORS, CORNERS = slice(0, 7), slice(7, 9)

_USUAL = np.array(
    [(0.0, 0.05), (0.0, 0.15), (0.0, 0.03), (0.0, 0.03), (0.0, 0.03), (0.0, 0.15), (0.0, 0.05),
     (-0.05, 0.03), (0.05, 0.03)]
)  # fmt: skip
"""Where relaxed faces have them, beyond the canonical face, the mean over people, cm. The height of
the corners is over that of the lips: some have a longer face."""
_TOWARDS = np.array([(0.0, 0.7)] * 2 + [(0.3, 0.7)] * 3 + [(0.0, 0.7)] * 2 + [(0.6, 0.85)] * 2)
"""Share of the difference from that which is taken for an expression that never leaves."""
_FARTHEST = np.array([0.25] * 7 + [0.35] * 2)[:, None]
"""It is no more than that, cm: people differ."""

ACROSS = 0.95
"""Standard deviation with which an anchor takes skin along, cm."""
BROW_LINE, BROW_HALF = 4.6, 0.5
"""Height of the brows on the canonical face and half the height that moves as a whole, cm."""
ABOVE, BELOW = 1.6, 0.7
"""How far skin goes along above and below that, cm."""
MOUTH_AROUND = 0.9
"""The same around the corners of the mouth, cm."""


def anchors_of(points: NDArray[np.floating]) -> Array:
    """Return where the anchors are on the skull, float32 (ANCHORS, 2), cm, x right and y up.

    Args:
        points: (468, 3) mesh, pixels.
    """
    return anchors_in(aligned(np.asarray(points, np.float32)))


def lip_height(points: NDArray[np.floating]) -> float:
    """Return the height of the middle of the lips on the skull, cm.

    Args:
        points: (468, 3) mesh, pixels.
    """
    return _lips_in(aligned(np.asarray(points, np.float32)))


def relaxed(calm: NDArray[np.floating], lips: float) -> Array:
    """Return where a person's anchors are when the face is relaxed, float32 (ANCHORS, 2), cm.

    Args:
        calm: where they are in the calmest frames of a clip. A face that never rests is put down
            to its build in part, and to an expression for the rest, within bounds.
        lips: height of the middle of the lips in frames with a shut mouth, cm.
    """
    canonical = canonical_mesh()[0]
    usual = anchors_in(canonical) + _USUAL
    usual[CORNERS, 1] += lips - _lips_in(canonical)
    apart = _TOWARDS * (np.asarray(calm, np.float64) - usual)
    return np.asarray(calm - _FARTHEST * np.tanh(apart / _FARTHEST), np.float32)


def anchor_fields(at: Array) -> Array:
    """Return the share of each anchor's way that the skin takes, float32 (ANCHORS, n).

    Args:
        at: (n, 3) places on the canonical face, cm.
    """
    here = anchors_in(canonical_mesh()[0])
    x, y = at[:, 0], at[:, 1]
    brows = np.exp(-0.5 * ((x - here[BROW_ANCHORS, :1]) / ACROSS) ** 2)
    brows /= np.maximum(brows.sum(0), 1.0)
    up, down = (np.clip(s * (y - BROW_LINE) - BROW_HALF, 0, None) for s in (1, -1))
    brows *= np.exp(-0.5 * ((up / ABOVE) ** 2 + (down / BELOW) ** 2)) * (1 - eye_region(at, 1.2))
    apart = (x - here[CORNERS, :1]) ** 2 + (y - here[CORNERS, 1:]) ** 2
    corners = np.exp(-0.5 * apart / MOUTH_AROUND**2)
    return np.concatenate([brows, corners]).astype(np.float32)


def anchors_in(points: Array) -> Array:
    """Return the anchors of a mesh on the skull, (468, 3) cm, as float32 (ANCHORS, 2)."""
    return np.array([points[list(group), :2].mean(0) for group in _VERTICES], np.float32)


def _lips_in(points: Array) -> float:
    middle = [INNER_UPPER[len(INNER_UPPER) // 2], INNER_LOWER[len(INNER_LOWER) // 2]]
    return float(points[middle, 1].mean())
