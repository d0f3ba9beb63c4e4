"""Where the lips part and how far: the mouth line, contact, and the seal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.curves import Slit, slit
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.geometry.surface import Surface
from emoanim.engines.rig.units import FIELDS, LIP_LINE, OPENING, beside_mouth, smooth_step

__all__ = ["RIM", "UPPER_SHARE", "Lips", "clear_of_teeth", "lips"]

Array = NDArray[np.float32]

RIM = 0.03
"""Blurred edge of the lips, cm, on top of half a pixel."""
UPPER_SHARE = 0.35
"""Of what brings the lips together, the upper lip's part; the lower lip does the rest."""


@dataclass(frozen=True, slots=True, eq=False)
class Lips:
    """The lips of one portrait. Gaps are in pixels along ``down`` at the stations of the slit.

    Attributes:
        slit: the inner edges.
        down: (2,) the face's own downward direction in the picture, unit length.
        rest: (k,) gap in the portrait, at least 0.
        opened: (len(FIELDS), k) what a unit at weight 1 adds to the gap.
        parts: (len(FIELDS),) 1 for units that may part the lips.
        upper, lower: (k, rows, columns) how the skin follows when a station's lip moves by 1.
        upper_solved, lower_solved: (k, k) amounts that move the stations themselves by 1.
    """

    slit: Slit
    down: Array
    rest: Array
    opened: Array
    parts: Array
    upper: Array
    lower: Array
    upper_solved: Array
    lower_solved: Array

    def wanted(self, weights: Array, rest: float, seal: float) -> Array:
        """Return the gap that the lips shall have at the stations.

        Args:
            weights: of ``FIELDS``, without what cancels the portrait's own expression.
            rest: share of the portrait's own gap that stays.
            seal: 1 closes the lips whatever opens them.
        """
        gap = np.maximum((weights * self.parts) @ self.opened + rest * self.rest, 0)
        return np.asarray(gap * (1.0 - min(max(seal, 0.0), 1.0)), np.float32)

    def correction(self, weights: Array, wanted: Array) -> tuple[Array, Array]:
        """Return how far the upper and the lower lip's skin must move down, (rows, columns) px.

        Args:
            weights: of ``FIELDS``, all that moves the portrait.
            wanted: gap at the stations.
        """
        change = wanted - (self.rest + weights @ self.opened)
        up = self.upper_solved @ (-UPPER_SHARE * change)
        low = self.lower_solved @ ((1 - UPPER_SHARE) * change)
        return np.tensordot(up, self.upper, 1), np.tensordot(low, self.lower, 1)


def lips(
    points: Array,
    surface: Surface,
    upper_fields: Array,
    lower_fields: Array,
    *,
    closing: float = 1.0,
) -> Lips:
    """Measure the lips of a portrait.

    Args:
        points: (468, 3) pixels.
        surface: its grid.
        upper_fields: (len(FIELDS), rows, columns, 3) pixels at weight 1, above the mouth line.
        lower_fields: the same below it.
        closing: share of their gap that will be taken away.
    """
    rim = closing * (RIM * surface.pose.scale + 0.6)
    s = clear_of_teeth(slit(points, INNER_UPPER, INNER_LOWER), rim)
    down = surface.pose.rotation[:2, 1].astype(np.float32)
    down /= max(float(np.linalg.norm(down)), 1e-6)
    top = points[list(INNER_UPPER[1:-1]), :2]
    bottom = points[list(INNER_LOWER[1:-1]), :2]
    middle = ((top + bottom) / 2).astype(np.float32)
    u, _ = s.local(middle)
    rest = np.maximum(s.at(s.lower, u) - s.at(s.upper, u), 0)

    at_top = _sampled(upper_fields[..., :2] @ down, surface, top)
    at_bottom = _sampled(lower_fields[..., :2] @ down, surface, bottom)
    opened = at_bottom - at_top
    parts = np.array([name in OPENING for name in FIELDS], np.float32)

    position = surface.place
    x = _sampled(position[None, ..., 0], surface, middle)[0]
    slit_share = (1.0 - beside_mouth(position.reshape(-1, 3))).reshape(position.shape[:2])
    near = [np.exp(-0.5 * ((position[..., 0] - c) / 0.42) ** 2) for c in x]
    total = np.maximum(np.sum(near, 0), 1e-3)
    away = position[..., 1] - LIP_LINE
    above = np.exp(-0.5 * (np.clip(away - 0.35, 0, None) / 0.75) ** 2)
    below = np.exp(-0.5 * (np.clip(-away - 0.5, 0, None) / 1.3) ** 2)
    spread = np.stack([n / total for n in near]) * slit_share
    upper = (spread * above).astype(np.float32)
    lower = (spread * below).astype(np.float32)
    return Lips(
        s,
        down,
        rest.astype(np.float32),
        opened.astype(np.float32),
        parts,
        upper,
        lower,
        _solved(_sampled(upper, surface, top)),
        _solved(_sampled(lower, surface, bottom)),
    )


def clear_of_teeth(s: Slit, rim: float) -> Slit:
    """Return the slit of parted lips a little wider: their rim is mixed with what is behind."""
    share = smooth_step((s.lower - s.upper) / max(2 * rim, 1e-3) - 0.5)
    return replace(
        s,
        upper=(s.upper - rim * share).astype(np.float32),
        lower=(s.lower + rim * share).astype(np.float32),
    )


def _solved(effect: Array) -> Array:
    """Return amounts (k, k) that move the stations by 1 each, smooth rather than exact."""
    matrix = effect.T.astype(np.float64)
    stiff = 0.01 * np.trace(matrix.T @ matrix) / len(matrix) * np.eye(len(matrix))
    return np.asarray(np.linalg.solve(matrix.T @ matrix + stiff, matrix.T), np.float32)


def _sampled(fields: Array, surface: Surface, points: Array) -> Array:
    """Return fields (k, rows, columns) at pixels (n, 2), shape (k, n)."""
    at = surface.grid.index(points)
    column = np.clip(at[:, 0], 0, surface.grid.columns - 1.001)
    row = np.clip(at[:, 1], 0, surface.grid.rows - 1.001)
    c, r = column.astype(int), row.astype(int)
    fc, fr = column - c, row - r
    return np.asarray(
        fields[:, r, c] * (1 - fr) * (1 - fc)
        + fields[:, r, c + 1] * (1 - fr) * fc
        + fields[:, r + 1, c] * fr * (1 - fc)
        + fields[:, r + 1, c + 1] * fr * fc,
        np.float32,
    )
