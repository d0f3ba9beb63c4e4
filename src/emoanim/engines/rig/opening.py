"""Drawing the lips at full resolution, each from its own branch, and what is between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.curves import Slit
from emoanim.engines.rig.mouth import MouthInterior
from emoanim.engines.rig.surface import Grid
from emoanim.engines.rig.units import smooth_step
from emoanim.engines.rig.warp import enlarged
from emoanim.extras import require

__all__ = ["Motion", "draw_mouth"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

THIN = 0.13
"""Lips that are less than half of that apart show a dark line, cm."""


@dataclass(frozen=True, slots=True, eq=False)
class Motion:
    """From where the content of a grid's nodes comes.

    Attributes:
        grid: the nodes.
        upper: (rows, columns, 2) pixels from a node to its source by the branch above the lips.
        lower: the same by the branch below; differs from ``upper`` around the mouth only.
        back: whichever holds.
    """

    grid: Grid
    upper: Array
    lower: Array
    back: Array


def draw_mouth(
    image: Image,
    made: Image,
    motion: Motion,
    slit: Slit,
    scale: float,
    mouth: MouthInterior,
    plane: Array,
    drop: float,
) -> None:
    """Draw the lips and the interior over a warped picture, in place.

    Args:
        image: the portrait.
        made: uint8, the pixels of ``motion.grid.box``.
        motion: of the skin and the head.
        slit: the inner edges of the lips in the portrait.
        scale: pixels per cm.
        mouth: the interior.
        plane: (2, 3) map from pixels to the plane of the interior.
        drop: of the lower teeth, cm.
    """
    cv2 = require("cv2", "rig")
    box = motion.grid.box(*image.shape[:2])
    window = _window(motion, slit, scale, box)
    if window is None:
        return
    left, top, right, bottom = window
    uppers = enlarged(motion.upper, motion.grid, *window)
    lowers = enlarged(motion.lower, motion.grid, *window)
    u, v = slit.local(uppers)
    above = slit.at(slit.upper, u) - v
    across, v = slit.local(lowers)
    under = v - slit.at(slit.lower, across)
    upper_share, lower_share = np.clip(above + 0.5, 0, 1), np.clip(under + 0.5, 0, 1)
    total = np.maximum(upper_share + lower_share, 1.0)
    upper_share, lower_share = upper_share / total, lower_share / total
    hole = (1.0 - upper_share - lower_share)[..., None]

    mixed = np.full((*above.shape, 3), 0.5, np.float32)
    for source, share in ((uppers, upper_share), (lowers, lower_share)):
        sampled = cv2.remap(image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        mixed += sampled * share[..., None]
    if float(hole.max()) > 0.01:
        x = np.arange(left, right, dtype=np.float32)
        y = np.arange(top, bottom, dtype=np.float32)
        pixels = np.stack(np.meshgrid(x, y), -1)
        inside = mouth.seen(pixels @ plane[:, :2].T + plane[:, 2], drop)
        # The lips keep light out: under the upper one, over the lower one, and in the corners.
        shade = 1.0 - 0.45 * np.exp(np.minimum(above, 0) / (0.10 * scale))
        shade *= 1.0 - 0.25 * np.exp(np.minimum(under, 0) / (0.08 * scale))
        shade *= 1.0 - 0.5 * np.clip(np.abs(u), 0, 1) ** 4
        shade = 1.0 - mouth.shadow * (1.0 - shade)
        # No light comes through lips that hardly part: what shows is the dark of the mouth line.
        thin = 1.0 - smooth_step(-(above + under) / (THIN * scale) - 0.5)
        inside += thin[..., None] * (mouth.cavity - inside)
        mixed += inside * shade[..., None] * hole
    rows, columns = slice(top - box[1], bottom - box[1]), slice(left - box[0], right - box[0])
    made[rows, columns] = np.clip(mixed, 0, 255)


def _window(
    motion: Motion, slit: Slit, scale: float, box: tuple[int, int, int, int]
) -> tuple[int, int, int, int] | None:
    """Return the pixels in which the lips may part: those near the slit in both branches."""
    grid = motion.grid
    nodes = grid.nodes()
    u, v = slit.local(nodes + motion.upper)
    above = slit.at(slit.upper, u) - v
    under = slit.local(nodes + motion.lower)[1] - slit.at(slit.lower, u)
    near = (np.abs(u) < 1.05) & (np.maximum(above, under) < 0.25 * scale)
    rows, columns = np.nonzero(near)
    if not len(rows):
        return None
    margin = 2 * grid.step + 2
    return (
        max(int(grid.left + columns.min() * grid.step - margin), box[0]),
        max(int(grid.top + rows.min() * grid.step - margin), box[1]),
        min(int(grid.left + columns.max() * grid.step + margin) + 1, box[2]),
        min(int(grid.top + rows.max() * grid.step + margin) + 1, box[3]),
    )
