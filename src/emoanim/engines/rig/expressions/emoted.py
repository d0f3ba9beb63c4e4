"""What the rig knows of a still it made, for an animator that goes on from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["EmotedFace"]


@dataclass(frozen=True, slots=True, eq=False)
class EmotedFace:
    """The face of a still and the expression that was put on it.

    Attributes:
        points: float32 (468, 3), the original frame's mesh, pixels.
        irises: float32 (2, 5, 2) pixels; None if the eyes were not seen.
        units: the emotion's action-unit weights.
        baseline: the frame's own expression, which was taken away.
    """

    points: NDArray[np.float32]
    irises: NDArray[np.float32] | None
    units: Mapping[str, float]
    baseline: Mapping[str, float]
