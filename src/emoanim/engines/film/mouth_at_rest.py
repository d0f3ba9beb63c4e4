"""The mouth that a person has at rest, and how to bring every frame of the film back to it.

What the source says is taken away as geometry: each point of the lower face goes to where it is
when the person is silent. No guess about units is needed, so that a pout goes as well as a vowel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.film.atlas import plane
from emoanim.engines.rig.expressions.anchors import anchors_in
from emoanim.engines.rig.expressions.expression import aligned
from emoanim.engines.rig.geometry.landmarks import (
    INNER_LOWER,
    INNER_UPPER,
    OUTER_LOWER,
    OUTER_UPPER,
)
from emoanim.engines.rig.units import LIP_LINE, beside_mouth, smooth_step
from emoanim.faces import canonical_mesh

__all__ = ["MouthAtRest", "gap_of", "resting_mouth"]

Array = NDArray[np.float32]

SPREAD = 0.45
"""Standard deviation with which a point of the mesh takes the skin around it along, cm."""
HIGHEST = (-1.2, -2.6)
"""Heights on the canonical face above which nothing is taken away, and below which all is, cm."""
CLOSED = 25.0
"""Of the frames, the percentage with the smallest gap whose middle is the mouth at rest."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthAtRest:
    """The lower face at rest.

    Attributes:
        points: (468, 3) in the skull's axes, cm (see
            ``emoanim.engines.rig.expressions.expression.aligned``).
    """

    points: Array

    def back(self, mesh: Array) -> Array:
        """Return what brings a frame's lower face to rest, (468, 3) cm; 0 for the upper face.

        Args:
            mesh: (468, 3) pixels, its lips put right.
        """
        return np.asarray((self.points - aligned(mesh)) * _share()[:, None], np.float32)

    @property
    def anchors(self) -> Array:
        """Where the ``emoanim.engines.rig.expressions.anchors`` are, (ANCHORS, 2) cm."""
        return anchors_in(self.points)

    def fields(self, back: Array) -> tuple[Array, Array]:
        """Return that as displacements of the skin above and below the mouth line.

        Args:
            back: of ``back``.

        Returns:
            Two float32 (3 * samples,), cm, on the samples of ``emoanim.engines.film.atlas.plane``.
        """
        rows, vertices, upper, lower = _followers()
        displacements = []
        for share in (upper, lower):
            whole = np.zeros((plane().shape[0] * plane().shape[1], 3), np.float32)
            for axis, way in enumerate(np.ascontiguousarray(back[vertices].T)):
                # Without BLAS, see ``weighted``.
                whole[rows, axis] = np.einsum("sv,v->s", share, way, optimize=False)
            displacements.append(whole.reshape(-1))
        return displacements[0], displacements[1]


def resting_mouth(meshes: Sequence[Array]) -> MouthAtRest:
    """Measure a person's mouth at rest over a film.

    Args:
        meshes: of frames, their lips put right, pixels.
    """
    gaps = np.array([gap_of(m) for m in meshes])
    calm = np.flatnonzero(gaps <= np.percentile(gaps, CLOSED))
    at_rest = [aligned(meshes[i]) for i in calm.tolist()]
    return MouthAtRest(np.median(at_rest, axis=0).astype(np.float32))


def gap_of(mesh: Array) -> float:
    """Return the height of the gap between the lips in the middle, over the eyes' distance."""
    inner = [np.linalg.norm(mesh[u] - mesh[v]) for u, v in ((13, 14), (82, 87), (312, 317))]
    return float(np.mean(inner) / max(np.linalg.norm(mesh[33] - mesh[263]), 1e-6))


@cache
def _share() -> Array:
    """Return how far each point of the mesh is brought back, (468,)."""
    y = canonical_mesh()[0][:, 1]
    high, low = HIGHEST
    return smooth_step((high - y) / (high - low))


@cache
def _followers() -> tuple[NDArray[np.intp], NDArray[np.intp], Array, Array]:
    """Return samples around the mouth, points, and the share of each point's way that they go."""
    points = canonical_mesh()[0]
    vertices = np.flatnonzero(points[:, 1] < HIGHEST[0] + 4 * SPREAD)
    flat = plane().reshape(-1, 3)
    rows = np.flatnonzero(flat[:, 1] < HIGHEST[0] + 2 * SPREAD)
    at = flat[rows]
    apart = ((at[:, None, :2] - points[None, vertices, :2]) ** 2).sum(-1)
    near = np.exp(-0.5 * apart / SPREAD**2) + 1e-7 * np.exp(-0.5 * apart / 2.0**2)
    lower = np.zeros(len(points), bool)
    lower[list(INNER_LOWER[1:-1] + OUTER_LOWER[1:-1])] = True
    inner_y = points[:, 1]
    lower |= (inner_y < LIP_LINE - 0.2) & (np.abs(points[:, 0]) < 2.2)
    upper = np.zeros(len(points), bool)
    upper[list(INNER_UPPER[1:-1] + OUTER_UPPER[1:-1])] = True
    upper |= (inner_y > LIP_LINE + 0.2) & (np.abs(points[:, 0]) < 2.2)
    beside = beside_mouth(at)[:, None]
    followers = []
    for other in (lower, upper):  # between the corners a branch knows nothing of the other lip
        share = near * np.where(other[None, vertices], beside, 1.0)
        followers.append((share / share.sum(1, keepdims=True)).astype(np.float32))
    return rows, vertices, followers[0], followers[1]
