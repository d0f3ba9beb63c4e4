"""Drawing the lips at full resolution, each from its own branch, and what is between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.curves import Slit
from emoanim.engines.rig.geometry.surface import Grid
from emoanim.engines.rig.geometry.warp import enlarged
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require

__all__ = ["FilmLook", "Motion", "blurred", "draw_mouth", "draw_own_mouth"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]
Box = tuple[int, int, int, int]

THIN = 0.13
"""Lips that are less than half of that apart show a dark line, cm."""
DIM, LIT = 0.75, 0.35
"""In a film, what is left of the light behind lips that hardly part, and how far apart they let all
of it in, cm."""
EDGE = 2.0
"""Width of an edge over the softness of the film."""
SEAM = 0.16
"""Around the slit, lips of a film are not brighter than elsewhere: what shines there are teeth, cm.
"""
DARK = np.array((0.40, 0.27, 0.26), np.float32)
"""What is left of the light on a picture's own teeth there, R, G, B."""


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


@dataclass(frozen=True, slots=True)
class FilmLook:
    """How a film looks around the mouth, which what is painted into it shall have as well.

    Attributes:
        softness: of its edges, standard deviation in pixels.
        lips: brightness of the lips in this frame, grey levels; None if no teeth lie at their edge.
    """

    softness: float
    lips: float | None = None


class Interior(Protocol):
    """Colours behind the lips."""

    def __call__(self, pixels: Array, sources: Sources, /) -> Array:
        """Return float32 (h, w, 3) RGB.

        Args:
            pixels: (h, w, 2) that are asked for.
            sources: from where the skin above and below the mouth line comes there.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """From where pixels come by the branch above the lips and by the one below.

    Attributes:
        upper, lower: (h, w, 2) pixels of the picture.
        across_upper, across_lower: (h, w) the same along the slit, 1 at its right corner.
        above, under: (h, w) pixels outside the slit's upper and lower edge, negative inside.
    """

    upper: Array
    lower: Array
    across_upper: Array
    across_lower: Array
    above: Array
    under: Array


def draw_mouth(
    image: Image,
    made: Image,
    motion: Motion,
    slit: Slit,
    scale: float,
    mouth: MouthInterior,
    plane: Array,
    drop: float,
    look: FilmLook | None = None,
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
        look: of the film that the picture is a frame of; None for a still.
    """

    def inside(pixels: Array, sources: Sources) -> Array:
        colours = mouth.seen(pixels @ plane[:, :2].T + plane[:, 2], drop)
        if look is not None:
            gap = -(sources.above + sources.under) / np.float32(scale)
            colours *= (DIM + (1 - DIM) * smooth_step(gap / LIT))[..., None]
        above, under = sources.above, sources.under
        # The lips keep light out: under the upper one, over the lower one, and in the corners.
        shade = 1.0 - 0.45 * np.exp(np.minimum(above, 0) / (0.10 * scale))
        shade *= 1.0 - 0.25 * np.exp(np.minimum(under, 0) / (0.08 * scale))
        shade *= 1.0 - 0.5 * np.clip(np.abs(sources.across_upper), 0, 1) ** 4
        shade = 1.0 - mouth.shadow * (1.0 - shade)
        colours *= shade[..., None]
        # No light comes through lips that hardly part: what shows is the line between them.
        thin = 1.0 - smooth_step(-(above + under) / (THIN * scale) - 0.5)
        colours = np.asarray(colours + thin[..., None] * (mouth.line - colours), np.float32)
        return colours if look is None else blurred(colours, look.softness)

    _draw(image, made, motion, slit, scale, inside, look)


def draw_own_mouth(image: Image, made: Image, motion: Motion, slit: Slit, scale: float) -> None:
    """Draw the lips and what the picture itself has between them over a warped picture, in place.

    Upper teeth stay where they are and the upper lip slides over them; the lower ones go with the
    lower lip. No lip shows more of the mouth than the picture does.

    Args:
        image: the picture.
        made: uint8, the pixels of ``motion.grid.box``.
        motion: of the skin.
        slit: the inner edges of the lips in the picture.
        scale: pixels per cm.
    """

    def inside(pixels: Array, sources: Sources) -> Array:
        cv2 = require("cv2", "rig")
        _, still = slit.local(pixels)
        with_upper, with_lower = (slit.local(s)[1] for s in (sources.upper, sources.lower))
        deep = np.maximum(-sources.above, 0), np.maximum(-sources.under, 0)
        low = smooth_step(deep[0] / np.maximum(deep[0] + deep[1], 1e-3))
        v = np.maximum(still, with_upper) * (1 - low) + with_lower * low
        u = np.asarray((sources.across_upper + sources.across_lower) / 2, np.float32)
        v = np.clip(v, slit.at(slit.upper, u), slit.at(slit.lower, u))
        at = slit.centre + (u * slit.half)[..., None] * slit.along + v[..., None] * slit.down
        seen = cv2.remap(
            image, at.astype(np.float32), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        # Lips that nearly close leave no light for the teeth between them.
        before = slit.at(slit.lower, u) - slit.at(slit.upper, u)
        now = deep[0] + deep[1]
        closed = 1.0 - np.clip(now / np.maximum(before, 1e-3), 0, 1)
        thin = closed * (1.0 - smooth_step(now / (THIN * scale) - 0.5))
        return np.asarray(seen * (1.0 - thin[..., None] * (1.0 - DARK)), np.float32)

    _draw(image, made, motion, slit, scale, inside)


def _draw(
    image: Image,
    made: Image,
    motion: Motion,
    slit: Slit,
    scale: float,
    interior: Interior,
    look: FilmLook | None = None,
) -> None:
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
    width = 1.0 if look is None else max(1.0, EDGE * look.softness)
    upper_share = np.clip(above / width + 0.5, 0, 1)
    lower_share = np.clip(under / width + 0.5, 0, 1)
    total = np.maximum(upper_share + lower_share, 1.0)
    upper_share, lower_share = upper_share / total, lower_share / total
    hole = (1.0 - upper_share - lower_share)[..., None]

    mixed = np.full((*above.shape, 3), 0.5, np.float32)
    branches = ((uppers, upper_share, above, u), (lowers, lower_share, under, across))
    for source, share, away, along in branches:
        sampled = cv2.remap(image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        if look is not None and look.lips is not None:
            sampled = _without_teeth(sampled, look.lips, away / np.float32(SEAM * scale), along)
        mixed += sampled * share[..., None]
    if float(hole.max()) > 0.01:
        pixels = Grid(left, top, 1.0, right - left, bottom - top).nodes()
        mixed += interior(pixels, Sources(uppers, lowers, u, across, above, under)) * hole
    rows, columns = slice(top - box[1], bottom - box[1]), slice(left - box[0], right - box[0])
    made[rows, columns] = np.clip(mixed, 0, 255)


def blurred(colours: Array, softness: float) -> Array:
    """Return colours as soft as a film's own, whose pixels are half a pixel soft already."""
    cv2 = require("cv2", "rig")
    sigma = float(np.sqrt(max(softness**2 - 0.5**2, 0.0)))
    if sigma < 0.2:
        return colours
    return np.asarray(cv2.GaussianBlur(colours, (0, 0), sigma), np.float32)


def _without_teeth(skin: Image, lips: float, away: Array, along: Array) -> Array:
    """Return the lips without the teeth that shine at their edge.

    Args:
        skin: (h, w, 3) what a branch of skin brings.
        lips: their own brightness, grey levels.
        away: (h, w) distance from the slit over ``SEAM``.
        along: (h, w) where along it, 1 at its right corner; beyond the corners is no lip.
    """
    colours = skin.astype(np.float32)
    excess = np.maximum(colours.mean(2) / max(lips, 1.0), 1.0)
    share = (1.0 - smooth_step(away - 0.5)) * smooth_step((0.95 - np.abs(along)) / 0.2)
    return np.asarray(colours / (1.0 + share * (excess - 1.0))[..., None], np.float32)


def _window(motion: Motion, slit: Slit, scale: float, box: Box) -> Box | None:
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
