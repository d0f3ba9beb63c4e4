"""The expression a portrait already has, as action-unit weights.

A few distances tell it: where the corners of the mouth, the lips and the brows are, compared with a
neutral face. People differ in these distances as well, so that a small difference is put down to
the person and only a large one to an expression (least squares with a prior on both).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from operator import mul

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, OUTER_LOWER
from emoanim.engines.rig.units import FIELDS, LIP_LINE, fields
from emoanim.faces import HeadPose, canonical_mesh, fit_pose

__all__ = [
    "CORNER_HEIGHTS",
    "MEASURES",
    "UNITS",
    "aligned",
    "explained",
    "explains",
    "measured",
    "own_expression",
    "skull_pose",
    "unit_effects",
]

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]

# Vertices, axis (0 x, 1 y), what the mesh of a neutral face measures there beyond the canonical
# one, and the standard deviation of that over people, both in cm.
_MEASURES: tuple[tuple[tuple[int, ...], int, float, float], ...] = (
    ((61, 78), 0, -0.05, 0.20),
    ((291, 308), 0, 0.05, 0.20),
    ((61, 78), 1, 0.03, 0.18),
    ((291, 308), 1, 0.03, 0.18),
    ((0, 37, 267), 1, -0.10, 0.20),
    ((17, 84, 314), 1, 0.05, 0.30),
    ((107, 55), 1, 0.03, 0.28),
    ((336, 285), 1, 0.03, 0.28),
    ((70, 46), 1, 0.0, 0.28),
    ((300, 276), 1, 0.0, 0.28),
    ((52, 105), 1, 0.18, 0.28),
    ((282, 334), 1, 0.18, 0.28),
    ((50,), 1, 0.03, 0.18),
    ((280,), 1, 0.03, 0.18),
)
_UNITS: Mapping[str, float] = {
    "1": 0.4, "2L": 0.4, "2R": 0.4, "4": 0.4, "6": 0.5, "10L": 0.3, "10R": 0.3, "12L": 1.0,
    "12R": 1.0, "15": 0.4, "18": 0.4, "20": 0.4, "26": 0.6,
}  # fmt: skip
"""Units that are measured, with the standard deviation of their weights over portraits."""
MEASURES = len(_MEASURES)
"""How many distances are measured."""
CORNER_HEIGHTS = [2, 3]
"""Which of them are the heights of the left and the right corner of the mouth."""
DOUBT = 0.08
"""Weights up to here are not told from none."""
MOST = 2.1
"""Weights are never more: beyond it the mesh is less sure than the warp is clean."""
UNITS: tuple[str, ...] = tuple(_UNITS)
"""Their names, in the order of ``explained``."""
ROUNDS, FEW_ROUNDS = 80, 10
"""Of coordinate descent, which solves for weights that are not negative; the second from a good
start."""


def own_expression(points: NDArray[np.floating]) -> dict[str, float]:
    """Return the weights that best explain how a face differs from a neutral one.

    Args:
        points: (468, 3) mesh, pixels.
    """
    return {
        name: min(float(w) - DOUBT, MOST)
        for name, w in zip(UNITS, explained(points), strict=True)
        if w > DOUBT
    }


def explained(points: NDArray[np.floating], start: NDArray[np.floating] | None = None) -> Numbers:
    """Return the weights of ``UNITS`` that best explain a face, float64 (len(UNITS),), at least 0.

    Args:
        points: (468, 3) mesh, pixels.
        start: weights that are nearly right, those of the frame before in a film: saves time.
    """
    return explains(measured(points), start)


def measured(points: NDArray[np.floating]) -> Numbers:
    """Return the distances that tell an expression, float64 (MEASURES,), cm; 0 is a usual face.

    Args:
        points: (468, 3) mesh, pixels.
    """
    offset = aligned(np.asarray(points, np.float32)) - canonical_mesh()[0]
    return np.array([offset[list(v), axis].mean() - usual for v, axis, usual, _ in _MEASURES])


def explains(
    measures: Numbers, start: NDArray[np.floating] | None = None, *, spread: float = 1.0
) -> Numbers:
    """Return the weights of ``UNITS`` that best explain distances, float64 (len(UNITS),), >= 0.

    Args:
        measures: of ``measured``.
        start: weights that are nearly right.
        spread: of the measures, over that of different people: below 1 if the person is known.
    """
    rows, to_right = _normal_equations(spread)
    right = (to_right @ measures).tolist()
    # So few numbers are faster as plain floats.
    weights = [0.0] * len(right) if start is None else [float(w) for w in start]
    for _ in range(ROUNDS if start is None else FEW_ROUNDS):
        for k, row in enumerate(rows):
            rest = right[k] - sum(map(mul, row, weights)) + row[k] * weights[k]
            weights[k] = max(rest / row[k], 0.0)
    return np.array(weights)


@cache
def _normal_equations(spread: float) -> tuple[list[list[float]], Numbers]:
    """Return the rows of the matrix, and what makes measures the right side."""
    effects, precision = _model()
    precision = precision / spread**2
    wishes = np.array([1.0 / s**2 for s in _UNITS.values()])
    matrix = effects.T @ (precision[:, None] * effects) + np.diag(wishes)
    return matrix.tolist(), effects.T * precision


def skull_pose(points: Array) -> HeadPose:
    """Return the pose of what expressions and the jaw do not move."""
    firm = np.where(canonical_mesh()[0][:, 1] > LIP_LINE + 1.5, 1.0, 0.0).astype(np.float32)
    return fit_pose(points, firm)


def aligned(points: Array) -> Array:
    """Return the mesh in canonical cm."""
    pose = skull_pose(points)
    turned = (points - pose.translation) @ (pose.rotation / pose.scale)
    return np.asarray(turned * np.array((1, -1, -1), np.float32), np.float32)


@cache
def unit_effects() -> Numbers:
    """Return what every field at weight 1 changes in each measure, float64 (MEASURES, FIELDS)."""
    canonical = canonical_mesh()[0]
    low = np.zeros(len(canonical), bool)
    low[list(INNER_LOWER[1:-1] + OUTER_LOWER[1:-1])] = True
    upper, lower = fields(canonical)
    moved = np.where(low[:, None], lower, upper)
    return np.array([moved[:, list(v), axis].mean(1) for v, axis, _, _ in _MEASURES], np.float64)


@cache
def _model() -> tuple[Numbers, Numbers]:
    """Return what each unit changes in each measure, and the measures' precisions."""
    effects = unit_effects()[:, [FIELDS.index(name) for name in _UNITS]]
    return effects, np.array([1.0 / spread**2 for *_, spread in _MEASURES])
