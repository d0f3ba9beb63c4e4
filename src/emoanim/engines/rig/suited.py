"""Weights that one face's mouth takes well.

Units move everybody's skin by the same way. On a narrow mouth corners that go down so far make an
arch, and of a turned one the far corner leaves the cheek: both look like masks, not like feelings.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expression import aligned, skull_pose

__all__ = ["mouth_width", "suited"]

LEFT, RIGHT = 78, 308
"""Vertices of the corners of the slit."""
USUAL, LEAST = 4.6, 0.7
"""Width of a mouth whose corners go down all their way, median of 60 faces, cm, and the least share
of it that narrower ones take."""
FRONTAL, TURNED = 10.0, 35.0
"""Yaw up to which a mouth takes all, and from which on the shares below, degrees."""
_TURNED: Mapping[str, float] = {"15": 0.65, "16": 0.65, "20": 0.5, "25": 0.7}
"""Shares of the units that draw the far corner of a turned mouth out of the cheek."""


def mouth_width(points: NDArray[np.floating]) -> float:
    """Return the way from corner to corner across the face, cm.

    Args:
        points: (468, 3) mesh, pixels.
    """
    corners = aligned(np.asarray(points, np.float32))[[LEFT, RIGHT], 0]
    return float(corners[1] - corners[0])


def suited(units: Mapping[str, float], points: NDArray[np.floating]) -> dict[str, float]:
    """Return the weights, those of the mouth smaller where this one takes less.

    Args:
        units: weights that are asked for.
        points: (468, 3) mesh, pixels.
    """
    yaw = abs(float(skull_pose(np.asarray(points, np.float32)).yaw))
    turned = min(max((yaw - FRONTAL) / (TURNED - FRONTAL), 0.0), 1.0)
    shares = {unit: 1.0 - turned * (1.0 - share) for unit, share in _TURNED.items()}
    shares["15"] *= min(max((mouth_width(points) / USUAL) ** 2, LEAST), 1.0)
    return {unit: shares.get(unit, 1.0) * weight for unit, weight in units.items()}
