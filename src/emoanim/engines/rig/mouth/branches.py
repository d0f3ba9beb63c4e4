"""Skin that parts at the mouth line: from where each place's content comes, by both branches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.curves import Slit
from emoanim.engines.rig.geometry.surface import Grid
from emoanim.engines.rig.geometry.warp import inverse
from emoanim.engines.rig.mouth.opening import Motion
from emoanim.engines.rig.units import LIP_CORNER, LIP_LINE

__all__ = ["around", "below_the_lips", "branched"]

Array = NDArray[np.float32]


def branched(grid: Grid, position: Array, upper: Array, lower: Array, slit: Slit) -> Motion:
    """Return the motion of skin whose two branches differ between the corners of the mouth.

    Args:
        grid: the nodes.
        position: (rows, columns, 3) of the nodes on the canonical face, cm.
        upper: (rows, columns, 2) displacement above the mouth line, pixels.
        lower: the same below it, which counts around the mouth only.
        slit: the inner edges of the lips.
    """
    back_upper = inverse(upper, grid.step)
    near = (np.abs(position[..., 0]) < LIP_CORNER) & (position[..., 1] < LIP_LINE + 1.0)
    reach = int(np.abs(upper[near]).max() / grid.step) + 3 if near.any() else 0
    rows, columns = around(near, reach)
    back_lower, back = back_upper.copy(), back_upper.copy()
    back_lower[rows, columns] = inverse(lower, grid.step, rows, columns)
    nodes = grid.nodes()[rows, columns]
    below = below_the_lips(
        slit, nodes + back_upper[rows, columns], nodes + back_lower[rows, columns]
    )
    back[rows, columns][below] = back_lower[rows, columns][below]
    return Motion(grid, back_upper, back_lower, back)


def around(mask: NDArray[np.bool_], margin: int) -> tuple[slice, slice]:
    """Return the rows and columns around what is true."""
    neighbours = []
    for axis in (1, 0):
        at = np.nonzero(mask.any(axis))[0]
        size = mask.shape[1 - axis]
        low, high = (int(at[0]), int(at[-1])) if len(at) else (0, 0)
        neighbours.append(slice(max(low - margin, 0), min(high + margin + 1, size)))
    return neighbours[0], neighbours[1]


def below_the_lips(slit: Slit, from_upper: Array, from_lower: Array) -> NDArray[np.bool_]:
    """Return where the lower branch holds: where it is deeper in its lip than the upper."""
    u, v = slit.local(from_upper)
    above = slit.at(slit.upper, u) - v
    u, v = slit.local(from_lower)
    return np.asarray(v - slit.at(slit.lower, u) > above)
