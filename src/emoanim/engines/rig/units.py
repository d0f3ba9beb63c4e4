"""Facial action units (FACS, Ekman and Friesen 1978) as smooth displacement fields of the skin.

A field is a function of a place on the canonical face (cm; x to the image's right, y up, z towards
the camera), so it can be evaluated at any density. It is built from pushes: at a vertex, the skin
moves by so much, fading with a Gaussian. The lips part at the mouth line, therefore a field has two
branches: ``upper`` holds above the line, ``lower`` below it; beside the mouth both agree.
Lids are no part of it: they slide over the eyeball (see ``emoanim.engines.rig.eyes.lids``).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.landmarks import mirror
from emoanim.faces import canonical_mesh

__all__ = [
    "FIELDS",
    "LIP_CORNER",
    "LIP_LINE",
    "ONE_SIDED",
    "OPENING",
    "fields",
    "in_fields",
    "smooth_step",
]

Array = NDArray[np.float32]

LIP_CORNER = 2.25
"""Half the width of the mouth slit on the canonical face, cm."""
LIP_LINE = -4.27
"""Height of the mouth line on the canonical face, cm."""
CORNER = 78
"""Vertex of the left corner of the slit."""
JAW_AXIS = (0.5, -2.5)
"""Height and depth of the axis through the jaw joints, cm."""
JAW_ANGLE = math.radians(9.0)
"""How far the jaw turns at weight 1."""

BOTH, UPPER, LOWER = 0, 1, -1


@dataclass(frozen=True, slots=True)
class Push:
    """Skin around a vertex of the left or middle moves; unless in the middle, the right mirrors it.

    Attributes:
        vertices: of the mesh.
        by: x, y, z in cm.
        spread: standard deviation of the Gaussian, cm.
        lips: ``BOTH``, or ``UPPER`` or ``LOWER`` for one side of the mouth line only.
    """

    vertices: tuple[int, ...]
    by: tuple[float, float, float]
    spread: float
    lips: int = BOTH


_PUSHES: Mapping[str, tuple[Push, ...]] = {
    "1": (  # inner brow raiser
        Push((107, 55), (0.02, 0.62, 0), 1.0),
        Push((66, 65), (0, 0.40, 0), 0.9),
        Push((9,), (0, 0.30, 0), 0.9),
        Push((108, 69), (0, 0.26, 0), 1.3),
        Push((151,), (0, 0.22, 0), 1.3),
    ),
    "2": (  # outer brow raiser
        Push((70, 46), (-0.02, 0.45, 0), 0.9),
        Push((63, 53), (-0.02, 0.58, 0), 0.9),
        Push((105, 52), (0, 0.46, 0), 0.9),
        Push((66, 65), (0, 0.20, 0), 0.7),
        Push((68, 104), (0, 0.26, 0), 1.3),
    ),
    "4": (  # brow lowerer
        Push((107, 55), (0.30, -0.46, 0.12), 0.85),
        Push((66, 65), (0.24, -0.40, 0.04), 0.95),
        Push((105, 52), (0.14, -0.27, 0), 0.95),
        Push((63, 53), (0.05, -0.12, 0), 0.9),
        Push((9,), (0, -0.28, 0.10), 0.8),
        Push((168, 193), (0.06, -0.20, 0.04), 0.8),
        Push((108, 69), (0.05, -0.16, 0), 1.3),
    ),
    "5": (Push((27, 29, 28), (0, 0.06, 0), 0.5),),  # upper lid raiser
    "6": (  # cheek raiser
        Push((117, 118, 119), (0.02, 0.28, 0.12), 0.9),
        Push((50, 101), (-0.02, 0.34, 0.24), 1.0),
        Push((205,), (-0.03, 0.25, 0.22), 0.9),
        Push((226, 31), (0.06, 0.06, 0), 0.5),
        Push((46, 53), (0, -0.08, 0), 0.7),
    ),
    "7": (Push((23, 22, 24), (0, 0.05, 0.03), 0.5),),  # lid tightener
    "9": (  # nose wrinkler; a nose that moves much more makes a stranger, its folds tell the rest
        Push((48, 64, 49, 129), (-0.015, 0.11, 0.03), 0.5),
        Push((98,), (-0.01, 0.08, 0.02), 0.5),
        Push((2, 97), (0, 0.045, 0.01), 0.5),
        Push((122, 193), (0.015, 0.06, 0.02), 0.5),
        Push((107, 55), (0.06, -0.13, 0.03), 0.75),
        Push((4, 1), (0, 0.025, 0), 0.9),
        Push((203, 206), (-0.02, 0.15, 0.10), 0.65),
        Push((100, 101), (0.01, 0.11, 0.08), 0.8),
        Push((37, 39, 82, 81), (0, 0.14, 0.06), 0.55, UPPER),
        Push((0, 13), (0, 0.10, 0.04), 0.5, UPPER),
    ),
    "10": (  # upper lip raiser
        Push((203, 206), (-0.03, 0.28, 0.14), 0.7),
        Push((164, 167), (0, 0.24, 0.06), 0.6, UPPER),
        Push((2, 97), (0, 0.12, 0.02), 0.6),
        Push((39, 40, 81, 80), (0, 0.34, 0.08), 0.55, UPPER),
        Push((37, 82), (0, 0.32, 0.06), 0.5, UPPER),
        Push((0, 13), (0, 0.27, 0.05), 0.45, UPPER),
        Push((185, 191), (0, 0.18, 0), 0.45, UPPER),
    ),
    "12": (  # lip corner puller
        Push((61,), (-0.66, 0.48, -0.35), 0.85),
        Push((57, 186, 216), (-0.50, 0.46, -0.10), 0.85),
        Push((40, 91), (-0.38, 0.20, -0.16), 0.55),
        Push((39, 181), (-0.22, 0.06, -0.08), 0.5),
        Push((0, 17), (0, 0.02, -0.10), 0.4),
        Push((206,), (-0.20, 0.28, 0.12), 0.75),
        Push((205,), (-0.10, 0.28, 0.26), 0.9),
        Push((212, 43), (-0.34, 0.30, 0), 0.95),
        Push((214, 192), (-0.26, 0.22, 0.04), 1.15),
        Push((202, 204), (-0.16, 0.18, 0), 1.0),
        Push((50,), (-0.02, 0.12, 0.14), 0.9),
    ),
    "14": (  # dimpler
        Push((61,), (-0.34, 0.10, -0.35), 0.55),
        Push((57,), (-0.26, 0.06, -0.20), 0.5),
        Push((186, 212), (-0.12, 0.06, 0.10), 0.65),
    ),
    "15": (  # lip corner depressor
        Push((61,), (-0.04, -0.54, -0.08), 0.65),
        Push((57, 146), (-0.02, -0.48, -0.04), 0.65),
        Push((91,), (0, -0.18, 0), 0.5),
        Push((40,), (0, -0.10, 0), 0.45),
        Push((212, 43), (0, -0.34, 0.08), 0.9),
        Push((202, 204), (0, -0.18, 0.04), 1.0),
    ),
    "16": (  # lower lip depressor
        Push((84, 181), (-0.02, -0.34, 0.05), 0.55, LOWER),
        Push((17,), (0, -0.34, 0.05), 0.5, LOWER),
        Push((91,), (-0.05, -0.16, 0), 0.5, LOWER),
    ),
    "17": (  # chin raiser
        Push((17, 18), (0, 0.28, 0.20), 0.65, LOWER),
        Push((200, 199), (0, 0.26, 0.18), 0.9, LOWER),
        Push((84, 83), (0, 0.26, 0.16), 0.6, LOWER),
        Push((91,), (0, 0.08, 0.05), 0.45, LOWER),
        Push((0, 37), (0, 0.16, 0.10), 0.6, UPPER),
        Push((39, 40), (0, 0.08, 0.05), 0.6, UPPER),
    ),
    "18": (  # lip pucker
        Push((61,), (0.58, 0.0, 0.30), 0.6),
        Push((57, 43, 186), (0.32, 0.0, 0.12), 0.7),
        Push((40, 91), (0.30, 0, 0.28), 0.45),
        Push((39, 181), (0.14, 0, 0.36), 0.4),
        Push((0,), (0, 0.06, 0.40), 0.4),
        Push((17,), (0, -0.06, 0.40), 0.4),
    ),
    "20": (  # lip stretcher
        Push((61,), (-0.62, -0.19, -0.30), 0.75),
        Push((57, 212), (-0.46, -0.22, -0.20), 0.9),
        Push((91, 40), (-0.34, -0.08, -0.12), 0.55),
        Push((84, 37), (-0.14, 0, -0.04), 0.5),
        Push((214, 192), (-0.26, -0.12, 0), 1.15),
    ),
    "22": (  # lip funneler
        Push((61,), (0.48, 0, 0.30), 0.6),
        Push((57, 43, 186), (0.28, 0, 0.12), 0.7),
        Push((40,), (0.22, 0.10, 0.30), 0.45, UPPER),
        Push((39, 37), (0.06, 0.20, 0.40), 0.42, UPPER),
        Push((0,), (0, 0.20, 0.42), 0.4, UPPER),
        Push((91,), (0.22, -0.12, 0.30), 0.45, LOWER),
        Push((181, 84), (0.06, -0.26, 0.40), 0.42, LOWER),
        Push((17,), (0, -0.26, 0.42), 0.4, LOWER),
    ),
    "23": (  # lip tightener
        Push((61,), (0.20, 0, 0.02), 0.5),
        Push((37, 39), (0.03, -0.16, -0.10), 0.36, UPPER),
        Push((0,), (0, -0.16, -0.10), 0.32, UPPER),
        Push((84, 181), (0.03, 0.18, -0.10), 0.38, LOWER),
        Push((17,), (0, 0.18, -0.10), 0.34, LOWER),
    ),
    "24": (  # lip pressor
        Push((37, 39, 40), (0, -0.17, -0.10), 0.36, UPPER),
        Push((0,), (0, -0.17, -0.10), 0.32, UPPER),
        Push((84, 181, 91), (0, 0.17, -0.10), 0.38, LOWER),
        Push((17,), (0, 0.17, -0.10), 0.34, LOWER),
        Push((18, 83), (0, 0.10, 0.10), 0.5, LOWER),
    ),
    "25": (  # lips part
        Push((82, 81), (0, 0.13, 0.02), 0.45, UPPER),
        Push((13,), (0, 0.13, 0.02), 0.4, UPPER),
        Push((87, 178), (0, -0.26, 0.02), 0.55, LOWER),
        Push((14, 17), (0, -0.26, 0.02), 0.5, LOWER),
    ),
    "28": (  # lower lip under the upper teeth
        Push((14, 87, 178), (0, 0.20, -0.25), 0.45, LOWER),
        Push((17, 84, 181), (0, 0.34, -0.22), 0.5, LOWER),
        Push((18, 200), (0, 0.16, 0.06), 0.8, LOWER),
        Push((0, 37, 39), (0, 0.12, 0.04), 0.5, UPPER),
    ),
}

_FROM_CORNERS: Mapping[str, tuple[float, float]] = {
    "12": (1.0, 1.6), "15": (1.0, 2.8), "18": (1.0, 0.0), "20": (1.0, 1.6), "22": (1.0, 0.0),
}  # fmt: skip
"""Units that draw the lips by their corners: by which power of the way from the middle to the
corner the lips between move across and up or down; 0 leaves that to the pushes."""
LIPS_REACH = 0.75
"""How far above and below the mouth line that holds (standard deviation), cm."""

ONE_SIDED = ("2", "10", "12", "14")
"""Units that also exist as left and right halves, named with L and R."""
OPENING = ("10", "10L", "10R", "16", "22", "25", "26")
"""Units that may part the lips; all others leave closed lips closed."""

FIELDS: tuple[str, ...] = tuple(
    name
    for unit in (*_PUSHES, "26")
    for name in ((unit + "L", unit + "R") if unit in ONE_SIDED else (unit,))
)
"""Names of the stored fields; a two-sided unit with halves is their sum."""


def in_fields(weights: Mapping[str, float]) -> Array:
    """Return weights by unit as weights of ``FIELDS``, shape (len(FIELDS),).

    Names without a field ("43", "seal") are left out.
    """
    field_weights = np.zeros(len(FIELDS), np.float32)
    for k, name in enumerate(FIELDS):
        field_weights[k] = weights.get(name, 0.0)
        if name[-1] in "LR":
            field_weights[k] += weights.get(name[:-1], 0.0)
    return field_weights


def fields(at: Array) -> tuple[Array, Array]:
    """Return how far every unit at weight 1 moves the skin.

    Args:
        at: (n, 3) places on the canonical face, cm.

    Returns:
        The branches above and below the mouth line, float32 (len(FIELDS), n, 3), cm.
    """
    beside = beside_mouth(at)[:, None]
    displacements: dict[str, tuple[Array, Array]] = {"26": _jaw(at)}
    for unit, pushes in _PUSHES.items():
        parts = {
            lips: _blend([p for p in pushes if p.lips == lips], at) for lips in (BOTH, UPPER, LOWER)
        }
        if unit in _FROM_CORNERS:
            parts[BOTH] = _drawn_by_corners(parts[BOTH], unit, at)
        # A raised brow draws the lid's skin out; what comes down on the eye stops above the lashes.
        free = 1.0 - eye_region(at, 1.2 if unit in ("1", "2") else 1.0)[:, None]
        upper = (parts[BOTH] + parts[UPPER] + parts[LOWER] * beside) * free
        lower = (parts[BOTH] + parts[LOWER] + parts[UPPER] * beside) * free
        if unit in ONE_SIDED:
            for side in "LR":
                half = _half(at, left=side == "L")[:, None]
                displacements[unit + side] = upper * half, lower * half
        else:
            displacements[unit] = upper, lower
    return np.stack([displacements[n][0] for n in FIELDS]), np.stack(
        [displacements[n][1] for n in FIELDS]
    )


def beside_mouth(at: Array) -> Array:
    """Return 0 in the middle of the mouth, 1 from its corners outwards."""
    inside = np.clip(1.0 - (at[:, 0] / LIP_CORNER) ** 2, 0.0, 1.0)
    return np.asarray(1.0 - inside**0.75, np.float32)


def eye_region(at: Array, height: float = 1.0) -> Array:
    """Return 1 on the eyeballs and lid edges, which no skin field may bend, 0 away from them.

    Args:
        at: (n, 3) canonical cm.
        height: of the region over its middle, cm.
    """
    across = (np.abs(at[:, 0]) - 3.15) / 1.95
    up = at[:, 1] - 2.65
    up = np.where(up > 0, up / height, up)
    return np.asarray(np.exp(-((across**2 + up**2) ** 1.8)), np.float32)


def _blend(pushes: list[Push], at: Array) -> Array:
    """Blend pushes: their weighted sum, and where they are dense, their weighted mean."""
    points, other = canonical_mesh()[0], mirror()
    moved = np.zeros((len(at), 3), np.float32)
    share = np.zeros(len(at), np.float32)
    for push in pushes:
        for vertex in push.vertices:
            for v, sign in ((vertex, 1.0), (int(other[vertex]), -1.0)):
                if sign < 0 and v == vertex:
                    continue
                x, y, z = (at[:, k] - points[v, k] for k in range(3))
                near = np.exp((x * x + y * y + 0.25 * z * z) * np.float32(-0.5 / push.spread**2))
                across = 0.0 if other[v] == v else push.by[0] * sign
                for k, by in enumerate((across, push.by[1], push.by[2])):
                    if by:
                        moved[:, k] += near * np.float32(by)
                share += near
    return np.asarray(moved / np.maximum(share, 1.0)[:, None], np.float32)


def _drawn_by_corners(moved: Array, unit: str, at: Array) -> Array:
    """Let the lips follow their corners evenly: dense pushes alone move them in steps."""
    corner = canonical_mesh()[0][CORNER : CORNER + 1]
    at_corner = _blend([p for p in _PUSHES[unit] if p.lips == BOTH], corner)[0]
    along = np.clip(at[:, 0] / -LIP_CORNER, -1.0, 1.0)
    near = np.exp(-0.5 * ((at[:, 1] - LIP_LINE) / LIPS_REACH) ** 2)
    near *= smooth_step((LIP_CORNER + 0.1 - np.abs(at[:, 0])) / 0.5)
    result = moved.copy()
    for axis, power in enumerate(_FROM_CORNERS[unit]):
        if power:
            share = np.abs(along) ** power * (np.sign(along) if axis == 0 else 1.0)
            result[:, axis] += near * (at_corner[axis] * share - moved[:, axis])
    return result


def _half(at: Array, *, left: bool) -> Array:
    """Return the share of a half: 1 on its side, 0 on the other, both sum to 1."""
    right = 1.0 / (1.0 + np.exp(-at[:, 0] / 0.35))
    return np.asarray(1.0 - right if left else right, np.float32)


def _jaw(at: Array) -> tuple[Array, Array]:
    """Turn the jaw about its joints; the cheeks follow with a smooth ramp."""
    y, z = at[:, 1] - JAW_AXIS[0], at[:, 2] - JAW_AXIS[1]
    cos, sin = math.cos(JAW_ANGLE), math.sin(JAW_ANGLE)
    turned = np.stack([np.zeros_like(y), (cos - 1) * y - sin * z, sin * y + (cos - 1) * z], 1)
    beside = beside_mouth(at)
    upper = beside * smooth_step((-2.6 - at[:, 1]) / 3.9)
    lower = upper + 1.0 - beside
    return (
        np.asarray(turned * upper[:, None], np.float32),
        np.asarray(turned * lower[:, None], np.float32),
    )


def smooth_step(x: NDArray[np.floating]) -> Array:
    """Return 0 below 0, 1 above 1 and a smooth cubic between."""
    t = np.clip(x, 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), np.float32)
