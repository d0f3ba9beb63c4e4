"""Lips of a turned face: stretched like those of a frontal one, a corner leaves the cheek."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expressions.expression import skull_pose

__all__ = ["for_turned_lips"]

FRONTAL, TURNED = 10.0, 35.0
"""Yaw up to which lips take all, and from which on the shares below, degrees."""
_SHARES: Mapping[str, float] = {"16": 0.65, "20": 0.5, "25": 0.7}


def for_turned_lips(units: Mapping[str, float], points: NDArray[np.floating]) -> dict[str, float]:
    """Return the weights, those of the lips smaller the further a face is turned.

    Args:
        units: weights that are asked for.
        points: (468, 3) mesh, pixels.
    """
    yaw = abs(float(skull_pose(np.asarray(points, np.float32)).yaw))
    turned = min(max((yaw - FRONTAL) / (TURNED - FRONTAL), 0.0), 1.0)
    return {u: w * (1.0 - turned * (1.0 - _SHARES.get(u, 1.0))) for u, w in units.items()}
