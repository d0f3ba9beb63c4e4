"""Light on the moved skin: how much brighter or darker its new relief makes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.surface import Grid, Surface
from emoanim.engines.rig.geometry.warp import enlarged_values
from emoanim.engines.rig.mouth.opening import Motion
from emoanim.engines.rig.skin.folds import shadows
from emoanim.engines.rig.units import FIELDS, LIP_LINE
from emoanim.extras import require
from emoanim.faces import canonical_mesh
from emoanim.faces.drawings import flat_share

__all__ = ["LIT", "Shading", "bounded", "light", "shaded_share", "shadow_colour", "texture_gain"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

DARKEST, BRIGHTEST = -0.6, 0.12
"""Limits of the logarithm of the brightness ratio."""
LIT = 0.3
"""Share of what brightens: light edges look drawn sooner than shadows."""
COLOUR = np.array((0.80, 1.05, 1.15), np.float32)
"""Shadows on skin are warmer than neutral grey: exponents of the ratio for R, G, B.

A grey picture has grey ones."""
OVEREXPOSED = (205.0, 250.0)
"""Red of the skin from which on a photograph holds less of it than there was, and where shadows
take half of what they take of it elsewhere: else they look like dirt."""
PLAIN = (0.25, 0.40)
"""Share of the skin without texture up to which it is shaded as ever, and from which not at all."""
COLOURFUL, LIPS_REDDER = 0.3, 0.6
"""Chroma of skin over its lightness from which on shadows have all their colour; lips have more."""
SMOOTH, FACING = 0.013, -0.5
"""Roughness of skin in a logarithm of light that is smooth; what faces the camera is looked at."""
ON_LIPS = {0, 17, 37, 267, 84, 314, 39, 269, 181, 405}
"""Vertices on the lips."""
ON_SKIN = {5, 11, 50, 280, 151, 108, 337, 69, 299, 205, 425, 199, 200, 116, 345, 123, 352, 187, 411}
"""Vertices on bare skin."""


@dataclass(frozen=True, slots=True, eq=False)
class Shading:
    """Logarithm of the brightness ratio that every field causes at weight 1.

    Attributes:
        grid: of the face.
        ratios: (len(FIELDS), rows, columns) on it.
        colour: (3,) exponents of the ratio for R, G, B.
        held: share of it for a negative weight, which takes a fold away that the portrait shows.
    """

    grid: Grid
    ratios: Array
    colour: Array
    held: float = 0.5

    @classmethod
    def of(
        cls, image: Image, points: Array, surface: Surface, upper: Array, lower: Array
    ) -> Shading:
        """Shade the folds of every field, and light what it moves outwards as the portrait is lit.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh, pixels.
            surface: of the portrait.
            upper: (len(FIELDS), rows, columns) how far out the branch above the mouth line moves
                the skin, cm.
            lower: the same below it.
        """
        cv2 = require("cv2", "rig")
        out = np.where(surface.place[..., 1] > LIP_LINE, upper, lower)
        towards = light(image, points)
        node = surface.grid.step / surface.pose.scale
        ratios = shadows(surface.place) * texture_gain(image, points, surface.pose.scale)
        for k, name in enumerate(FIELDS):
            if name != "26":
                slope_y, slope_x = np.gradient(cv2.GaussianBlur(out[k], (0, 0), 0.45 / node), node)
                lambert = -(towards[0] * slope_x + towards[1] * slope_y)
                ratios[k] += np.where(lambert > 0, LIT, 1.0) * lambert
            ratios[k] = cv2.GaussianBlur(ratios[k], (0, 0), 0.5)
        ratios *= surface.skin * np.exp(-surface.outside / 0.3)
        ratios *= shaded_share(image, points)
        return cls(surface.grid, ratios.astype(np.float32), shadow_colour(image, points))

    def apply(self, image: Image, corner: tuple[int, int], weights: Array, motion: Motion) -> None:
        """Shade a moved picture in place.

        Args:
            image: uint8 (h, w, 3).
            corner: x, y of its first pixel in the portrait.
            weights: of ``FIELDS``.
            motion: that it was moved by.
        """
        cv2 = require("cv2", "rig")
        share = np.where(weights > 0, weights, self.held * weights).astype(np.float32)
        ratio = (share @ self.ratios.reshape(len(share), -1)).reshape(self.ratios.shape[1:])
        at = self.grid.index(motion.grid.nodes() + motion.back)
        moved: Array = cv2.remap(
            ratio, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0
        )
        rows, columns = np.nonzero(np.abs(moved) > 2e-3)
        if not len(rows):
            return
        above, before = max(int(rows.min()) - 1, 0), max(int(columns.min()) - 1, 0)
        ratio = bounded(moved[above : int(rows.max()) + 2, before : int(columns.max()) + 2])
        grid = motion.grid
        part = Grid(
            grid.left + before * grid.step,
            grid.top + above * grid.step,
            grid.step,
            len(ratio[0]),
            len(ratio),
        )
        left, top, right, bottom = part.box(image.shape[0] + corner[1], image.shape[1] + corner[0])
        if right <= left or bottom <= top:
            return
        gain = enlarged_values(
            np.exp(ratio[..., None] * self.colour), part, left, top, right, bottom
        )
        window = image[top - corner[1] : bottom - corner[1], left - corner[0] : right - corner[0]]
        window[...] = cv2.multiply(window, gain, dtype=cv2.CV_8U)


def bounded(ratio: Array) -> Array:
    """Bend logarithms of brightness ratios so that none passes its limit."""
    limit = np.where(ratio < 0, DARKEST, BRIGHTEST).astype(np.float32)
    return np.asarray(limit * np.tanh(ratio / limit), np.float32)


def light(image: Image, points: Array) -> tuple[float, float]:
    """Return the light's direction in the picture over the mean brightness: x, y (down).

    Least squares of a Lambert surface, brightness = a + b . normal, over the mesh, drawn towards
    light from above, by which faces are read.
    """
    cv2 = require("cv2", "rig")
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    width = max(float(np.ptp(points[:, 0])), 1.0)
    soft = cv2.GaussianBlur(grey, (0, 0), width / 40)
    normals = _normals(points)
    height, across = grey.shape
    x = np.clip(points[:, 0].round().astype(int), 0, across - 1)
    y = np.clip(points[:, 1].round().astype(int), 0, height - 1)
    canonical = canonical_mesh()[0]
    use = (normals[:, 2] < -0.3) & (np.abs(canonical[:, 1] + 4.3) > 1.6)
    use &= ~((np.abs(canonical[:, 1] - 3.6) < 2.0) & (np.abs(canonical[:, 0]) > 1.0))
    value = soft[y, x][use] + 1.0
    design = np.column_stack([np.ones(use.sum()), normals[use]])
    ridge = np.diag([0.0, 3.0, 3.0, 3.0])
    wish = np.array([0.0, 0.0, -0.35 * value.mean(), -0.3 * value.mean()])
    coefficients = np.linalg.solve(design.T @ design + ridge, design.T @ value + ridge @ wish)
    b = coefficients[1:3] / value.mean()
    b[1] = min(b[1], -0.25)
    size = float(np.linalg.norm(b))
    b *= min(1.0, 0.6 / size) if size else 1.0
    return float(b[0]), float(b[1])


def shadow_colour(image: Image, points: Array) -> Array:
    """Return how shadows are coloured, by how colourful the picture is: exponents for R, G, B."""
    skin, lips = _lit(image, points, sorted(ON_SKIN)), _lit(image, points, sorted(ON_LIPS))
    # Pale skin has as little colour of its own as a grey picture; its lips tell them apart.
    colourful = max(_chroma(skin), LIPS_REDDER * _chroma(lips))
    share = min(colourful / COLOURFUL, 1.0)
    colour = 1 + share * (COLOUR - 1)
    low, high = OVEREXPOSED
    colour[0] *= 1 - 0.5 * share * np.clip((skin[0] - low) / (high - low), 0, 1)
    return np.asarray(colour, np.float32)


def _lit(image: Image, points: Array, vertices: Sequence[int]) -> Array:
    """Return the colour of the brighter half of some vertices: hair and shade are left out."""
    at = points[vertices, :2].round().astype(int)
    at = np.clip(at, 0, np.array(image.shape[1::-1]) - 1)
    colours = image[at[:, 1], at[:, 0]].astype(np.float32)
    brighter = np.argsort(colours.mean(axis=1))[len(colours) // 2 :]
    return np.asarray(np.median(colours[brighter], axis=0), np.float32)


def _chroma(colour: Array) -> float:
    return float(np.ptp(colour)) / max(float(colour.mean()), 1.0)


def shaded_share(image: Image, points: Array) -> float:
    """Return how much of the shadows suits a face: none a drawing filled with plain colours.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    full, none = PLAIN
    return float(np.clip((none - flat_share(image, points)) / (none - full), 0.0, 1.0))


def texture_gain(image: Image, points: Array, scale: float) -> float:
    """Return how strong folds may be: skin without texture of its own gets weak ones.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
        scale: pixels per cm.
    """
    cv2 = require("cv2", "rig")
    grey = np.log(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32) + 8.0)
    scale = max(float(scale), 1.0)
    fine = grey - cv2.GaussianBlur(grey, (0, 0), 0.35 * scale)
    marks = []
    normals = _normals(points)
    # Where the skin turns away, hair and the outline are nearer than half a centimetre.
    for vertex in (v for v in sorted(ON_SKIN) if normals[v, 2] < FACING):
        x, y = points[vertex, :2].round().astype(int)
        r = max(int(0.5 * scale), 1)
        patch = fine[max(y - r, 0) : y + r + 1, max(x - r, 0) : x + r + 1]
        if patch.size:
            marks.append(float(patch.std()))
    rough = float(np.percentile(marks, 20)) if marks else SMOOTH
    slope = 12.0 if rough > SMOOTH else 25.0
    return float(np.clip(0.75 + slope * (rough - SMOOTH), 0.65, 1.25))


def _normals(points: Array) -> Array:
    """Return unit normals of the vertices, towards the outside of the face (468, 3)."""
    triangles = canonical_mesh()[1]
    a, b, c = (points[triangles[:, k]] for k in range(3))
    faces = np.cross(b - a, c - a)
    normals = np.zeros_like(points)
    for k in range(3):
        np.add.at(normals, triangles[:, k], faces)
    normals /= np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-9)
    return np.asarray(-normals if normals[:, 2].mean() > 0 else normals, np.float32)
