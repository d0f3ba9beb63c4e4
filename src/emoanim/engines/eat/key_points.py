"""From coefficients to the renderer's key points."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from emoanim.engines.keypoint_renderer.geometry import (
    degrees,
    move_keypoints,
    radians,
    rotation_matrix,
)

__all__ = ["expression_of", "hull_volume", "placed", "shifted"]

_COMPONENTS = 32


def hull_volume(points: NDArray[np.floating]) -> float:
    """Return the volume of the convex hull of a few points in space, (n, 3).

    Every triangle that has all points on one side is a facet; 15 points have 455 triangles. Points
    are taken to be in general position (no four of a facet in one plane).
    """
    p = np.asarray(points, dtype=np.float64)
    p = p - p.mean(0)
    triples = np.array(list(combinations(range(len(p)), 3)))
    a, b, c = (p[triples[:, k]] for k in range(3))
    normals = np.cross(b - a, c - a)
    sides = np.einsum("tk,tnk->tn", normals, p[None] - a[:, None])
    scale = 1e-12 * max(float(np.abs(sides).max()), 1e-30)
    facet = (sides <= scale).all(1) | (sides >= -scale).all(1)
    return float(np.abs(np.einsum("tk,tk->t", a, normals)[facet]).sum() / 6)


def expression_of(
    pca: Tensor, basis: Tensor, mean: Tensor, offset: Tensor, canonical: Tensor
) -> Tensor:
    """Return the expression (n, 45): components, mean and offset, times the face's volume.

    Args:
        pca: (n, 32).
        basis: (45, 45), of which the first 32 columns are used.
        mean: (45,).
        offset: (n or 1, 45).
        canonical: (n or 1, 15, 3).
    """
    volumes = [[hull_volume(points)] for points in canonical.cpu().numpy()]
    summed = pca @ basis[:, :_COMPONENTS].T + mean + offset
    return summed * summed.new_tensor(volumes)


def placed(
    canonical: Tensor, yaw: Tensor, pitch: Tensor, roll: Tensor, t: Tensor, exp: Tensor
) -> Tensor:
    """Return key points (n, 15, 3) from pose logits (n, 66), translation and expression."""
    angles = [radians(degrees(logits)) for logits in (yaw, pitch, roll)]
    return move_keypoints(canonical, rotation_matrix(*angles), t, exp)


def shifted(driving: Tensor, source: Tensor) -> Tensor:
    """Shift a clip's points (n, 15, 3) so that their mean is that of the source's (1, 15, 3)."""
    return driving + (source.mean((0, 1)) - driving.mean((0, 1)))
