"""Where the face lies in one frame: a coarse grid that knows its place on the canonical face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.surface import SkinGrid, face_map
from emoanim.engines.rig.geometry.turning import FLIP

__all__ = ["Placement", "placed"]

Array = NDArray[np.float32]

AROUND = (2.6, 3.0, 6.6)
"""How far skin that moves reaches beyond the mesh at the sides, the top and the bottom, cm."""


@dataclass(frozen=True, slots=True, eq=False)
class Placement(SkinGrid):
    """The face in one frame.

    Attributes:
        shaded: share of the skin's folds and light; falls faster outside the face.
    """

    shaded: Array

    def in_pixels(self, moved: Array) -> Array:
        """Return displacements on the canonical face, (..., 3) cm, as pixels (..., 2)."""
        turn = (self.pose.rotation * self.pose.scale).T.astype(np.float32) * FLIP[:, None]
        return np.ascontiguousarray((moved @ turn)[..., :2] * self.skin[..., None], np.float32)


def placed(points: Array, height: int, width: int) -> Placement:
    """Lay the grid over a face.

    Args:
        points: (468, 3) mesh, pixels.
        height: of the frame.
        width: of the frame.
    """
    face = face_map(points, AROUND, height, width)
    shaded = face.skin * np.exp(-face.outside / 0.3)
    return Placement(face.grid, face.pose, face.place, face.skin, shaded.astype(np.float32))
