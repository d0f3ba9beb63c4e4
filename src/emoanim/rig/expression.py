"""The expression a portrait already has, as action-unit weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emoanim.faces import canonical_mesh, fit_pose
from emoanim.rig.landmarks import INNER_LOWER, OUTER_LOWER
from emoanim.rig.units import FIELDS, LIP_CORNER, LIP_LINE, field

__all__ = ["own_expression"]

Array = NDArray[np.float32]

MEASURED: Mapping[str, float] = {
    "1": 0.35, "2L": 0.35, "2R": 0.35, "4": 0.35, "10L": 0.3, "10R": 0.3, "12L": 0.6, "12R": 0.6,
    "15": 0.4, "18": 0.4, "20": 0.3, "25": 0.5, "26": 0.6,
}  # fmt: skip
"""Units that are measured, with the standard deviation of their weights over portraits."""
IDENTITY = 0.28
"""Standard deviation by which neutral faces differ from the canonical one, cm."""
LENGTH = 1.8
"""Over which distance such differences are alike, cm."""
NOISE = 0.06
"""Standard deviation of a mesh point, cm."""


def own_expression(points: NDArray[np.floating]) -> dict[str, float]:
    """Return the weights that best explain how a face differs from the canonical one.

    What people differ in is told apart from what faces do by its covariance: a Gaussian process
    over the face for identity, the units' fields for expression (generalised least squares with
    a prior; weights below zero are dropped and the rest fitted again).

    Args:
        points: (468, 3) mesh, pixels.
    """
    gain, normal, prior = _model()
    difference = _aligned(np.asarray(points, np.float32)) - canonical_mesh()[0]
    right = gain @ difference.reshape(-1).astype(np.float64)
    active = np.ones(len(right), bool)
    weights = np.zeros(len(right))
    for _ in range(len(right)):
        weights[:] = 0
        matrix = normal[np.ix_(active, active)] + np.diag(prior[active])
        weights[active] = np.linalg.solve(matrix, right[active])
        if (weights >= 0).all():
            break
        active &= weights > 0
    return {
        name: float(np.clip(w, 0, 1.2))
        for name, w in zip(MEASURED, weights, strict=True)
        if w > 0.02
    }


def _aligned(points: Array) -> Array:
    """Return the mesh in canonical cm, aligned by what expressions do not move."""
    canonical = canonical_mesh()[0]
    firm = np.where(canonical[:, 1] > LIP_LINE + 1.5, 1.0, 0.05).astype(np.float32)
    pose = fit_pose(points, firm)
    turned = (points - pose.translation) @ (pose.rotation / pose.scale)
    return np.asarray(turned * np.float32((1, -1, -1)), np.float32)


@cache
def _model() -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return A' C^-1, A' C^-1 A and the prior's precision."""
    canonical = canonical_mesh()[0]
    low = (canonical[:, 1] < LIP_LINE) & (np.abs(canonical[:, 0]) < LIP_CORNER)
    low[list(INNER_LOWER[1:-1] + OUTER_LOWER[1:-1])] = True
    fields = []
    for name in MEASURED:
        assert name in FIELDS
        moved = np.where(
            low[:, None],
            field(name, canonical, lower=True),
            field(name, canonical, lower=False),
        )
        fields.append(moved.reshape(-1))
    design = np.array(fields, np.float64).T
    apart = ((canonical[:, None] - canonical[None]) ** 2).sum(-1).astype(np.float64)
    covariance = IDENTITY**2 * np.exp(-0.5 * apart / LENGTH**2) + NOISE**2 * np.eye(len(canonical))
    inverse = np.linalg.inv(covariance)
    split = design.reshape(len(canonical), 3, -1)
    gain = np.einsum("ij,jkl->lik", inverse, split).reshape(len(MEASURED), -1)
    prior = np.array([1.0 / s**2 for s in MEASURED.values()])
    return gain, gain @ design, prior
