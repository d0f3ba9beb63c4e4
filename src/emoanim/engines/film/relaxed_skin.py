"""A person's skin without the folds of an expression, and how a frame gets it.

Brows that are raised or drawn and cheeks that smile leave folds in the pixels, which stay when the
geometry is brought to rest. A film has frames in which the same skin is calm. Their brightness, in
the band of folds only (neither the light of the face nor its pores), is kept on the plane of the
canonical face; in any other frame what goes beyond it is taken out by a ratio of brightness, after
the expression ratio images of Liu, Shan and Zhang (SIGGRAPH 2001). Contrast is only taken away,
never added, so that a fold that lies elsewhere than the mesh says leaves no ghost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.placement import Placement, placed
from emoanim.engines.rig.eyes.glasses import FIRM as FIRM_GLASSES
from emoanim.engines.rig.eyes.glasses import stiffness
from emoanim.engines.rig.geometry.turning import in_picture
from emoanim.engines.rig.skin.folds import beside_fold
from emoanim.engines.rig.units import LIP_CORNER, LIP_LINE, smooth_step
from emoanim.extras import require

__all__ = ["REGIONS", "RelaxedSkin", "SkinLook", "relaxed_skin", "skin_look"]

Array = NDArray[np.float32]

REGIONS = ("forehead", "glabella", "cheeks", "eyes")
"""Where folds are taken out: above the brows, between them, from nose to mouth, around the eyes."""
SPAN = (-7.2, 7.2, -7.0, 8.4)
"""Left, right, lowest and highest of the plane that is kept, canonical cm."""
STEP = 0.08
"""Distance of its samples, cm; frames are looked at as coarsely."""
FINE, WIDE = 0.05, 0.5
"""Standard deviations of what is finer than a fold, and of what is wider, cm."""
DARKER = (0.75, 0.45)
"""Logarithm of the brightness below the skin's around it from which on a pixel is none of it (hair,
brows, nostrils), and up to which it is wholly."""
AROUND = 1.8
"""How far around that is, standard deviation, cm."""
FEWEST = 8
"""Frames that are needed."""
CALM = 3
"""One in so many frames counts as calm in a region: those with the faintest folds."""
FIRM = 0.035
"""Spread of the calm frames, logarithm of brightness, at which their skin is half trusted."""
FEATURE = 0.11
"""What stands out by more even from calm skin is no fold but a mole or a scar, and is left."""
SOFT = 0.006
"""Differences of this size are taken out by half: they may be noise."""
MOST = 0.30
"""Bound of a change, logarithm of brightness."""
DEEP = 0.04
"""Logarithm by which a fold is brightened from which on its hue goes as well."""


@dataclass(frozen=True, slots=True, eq=False)
class RelaxedSkin:
    """Calm skin on the plane of the canonical face.

    Attributes:
        folds: float32 (rows, columns), logarithm of the brightness in the band of folds, lowest
            row first.
        known: float32 (len(REGIONS), rows, columns), in [0, 1]: where it belongs to a region and
            the calm frames agree.
    """

    folds: Array
    known: Array

    def over(
        self, image: Image, at: Placement, shares: NDArray[np.floating], colour: Array
    ) -> Image:
        """Return a frame with the folds of its expression taken out.

        Args:
            image: uint8 (h, w, 3) RGB; left as it is.
            at: where the face lies.
            shares: (len(REGIONS),) of the folds that go, in [0, 1].
            colour: (3,) exponents of a shadow's ratio for R, G, B.
        """
        if not np.any(shares):
            return image
        cv2 = require("cv2", "rig")
        box = at.grid.box(*image.shape[:2])
        if box[0] >= box[2] or box[1] >= box[3]:
            return image
        known = np.einsum("r,rij->ij", np.asarray(shares, np.float32), self.known)
        look = _looked(image, at)
        now = look.folds
        calm, share = (_on_plane(v, look.place) for v in (self.folds, known))
        # Between what is there and nothing: contrast goes, none comes.
        gone = np.clip(calm, np.minimum(now, 0), np.maximum(now, 0)) - now
        gone *= np.abs(gone) / (np.abs(gone) + SOFT)
        ratio = np.clip(gone, -MOST, MOST) * share * look.skin
        result = image.copy()
        part = result[box[1] : box[3], box[0] : box[2]]
        gain = np.exp(ratio[..., None] * colour + _hue(part, now, ratio, colour, look, at))
        gain = cv2.resize(gain, part.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        cv2.multiply(part, gain, dst=part, dtype=cv2.CV_8U)
        return result


@dataclass(frozen=True, slots=True, eq=False)
class SkinLook:
    """One frame's skin on the plane of the canonical face.

    Attributes:
        folds: float16 (rows, columns), logarithm of the brightness in the band of folds.
        skin: float16 (rows, columns), 1 where there is skin.
    """

    folds: NDArray[np.float16]
    skin: NDArray[np.float16]


def skin_look(image: Image, points: Array) -> SkinLook:
    """Look at the skin of a frame.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels.
    """
    at = placed(points, *image.shape[:2])
    look = _looked(image, at)
    there = _from_plane(at, look)
    folds, skin = (_sampled(v, there).astype(np.float16) for v in (look.folds, look.skin))
    return SkinLook(folds, skin)


def relaxed_skin(looks: Sequence[SkinLook], rim: float | None = None) -> RelaxedSkin | None:
    """Measure a person's calm skin.

    Args:
        looks: at frontal frames spread over a clip.
        rim: height up to which glasses cover the skin, cm; None without glasses.

    Returns:
        None for fewer than 8 looks.
    """
    if len(looks) < FEWEST:
        return None
    band = np.array([look.folds for look in looks], np.float32)
    skin = np.array([look.skin for look in looks], np.float32)
    folds = np.zeros(band.shape[1:], np.float32)
    known = _regions().copy()
    total = np.full(folds.shape, 1e-6, np.float32)
    for k, region in enumerate(_regions()):
        weight = region * skin
        strength = (np.abs(band) * weight).sum((1, 2)) / np.maximum(weight.sum((1, 2)), 1.0)
        # Where a region is hidden there are no folds either.
        strength[weight.sum((1, 2)) < 0.5 * np.median(weight.sum((1, 2)))] = np.inf
        calm = np.argsort(strength, kind="stable")[: max(len(band) // CALM, FEWEST // 2)]
        middle = np.median(band[calm], axis=0)
        spread = np.median(np.abs(band[calm] - middle), axis=0)
        agreed = 1.0 / (1.0 + (_soft(spread, 0.15) / FIRM) ** 4)
        bare = _soft((np.median(skin[calm], axis=0) > 0.7).astype(np.float32), 0.2)
        plain = 1.0 - np.clip(2.0 * _soft((np.abs(middle) > FEATURE).astype(np.float32), 0.2), 0, 1)
        known[k] *= agreed * np.clip(2 * bare - 1, 0, 1) * plain
        folds += middle * region
        total += region
    if rim is not None:
        known *= 1 - stiffness(_plane().reshape(-1, 2), rim).reshape(folds.shape) / FIRM_GLASSES
    return RelaxedSkin(np.asarray(folds / total, np.float32), np.asarray(known, np.float32))


@dataclass(frozen=True, slots=True, eq=False)
class _Look:
    """A frame's face, coarsely.

    Attributes:
        folds: (rows, columns) logarithm of the brightness in the band of folds.
        skin: (rows, columns) 1 where there is skin.
        place: (rows, columns, 2) on the canonical face, cm.
        corner: x and y of the first sample, pixels.
        step: between samples, pixels.
    """

    folds: Array
    skin: Array
    place: Array
    corner: tuple[float, float]
    step: tuple[float, float]


def _looked(image: Image, at: Placement) -> _Look:
    cv2 = require("cv2", "rig")
    scale = float(at.pose.scale)
    left, top, right, bottom = at.grid.box(*image.shape[:2])
    wide, high = right - left, bottom - top
    columns, rows = (max(round(v / max(scale * STEP, 1.0)), 2) for v in (wide, high))
    step = (wide / columns, high / rows)
    grey = cv2.cvtColor(image[top:bottom, left:right], cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (columns, rows), interpolation=cv2.INTER_AREA)
    light = np.log(small.astype(np.float32) + 8.0)
    turn = np.array(
        [[step[0], 0, left + step[0] / 2 - 0.5 - at.grid.left],
         [0, step[1], top + step[1] / 2 - 0.5 - at.grid.top]]
    ) / at.grid.step  # fmt: skip
    place = cv2.warpAffine(
        np.ascontiguousarray(at.place[..., :2]), turn, (columns, rows),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    each = scale / step[0]
    low, high_ = DARKER
    off = light - _widely_blurred(light, AROUND * each)
    skin = smooth_step((off + low) / (low - high_))
    clear = np.clip(2.0 * cv2.GaussianBlur(skin, (0, 0), 0.12 * each) - 1.0, 0, 1)
    corner = (left + step[0] / 2 - 0.5, top + step[1] / 2 - 0.5)
    return _Look(_band(light, skin, each), np.asarray(clear, np.float32), place, corner, step)


def _band(light: Array, skin: Array, each: float) -> Array:
    """Return what of the light lies in the band of folds.

    Args:
        light: (rows, columns) or (rows, columns, 3), logarithm.
        skin: (rows, columns), 1 where there is skin; only it counts for what is around.
        each: samples per cm.
    """
    cv2 = require("cv2", "rig")
    known = np.maximum(cv2.GaussianBlur(skin, (0, 0), WIDE * each), 1e-3)
    if light.ndim == 3:
        skin, known = skin[..., None], known[..., None]
    around = cv2.GaussianBlur(light * skin, (0, 0), WIDE * each) / known
    fine = cv2.GaussianBlur(light, (0, 0), max(FINE * each, 0.3))
    return np.asarray(fine - around, np.float32)


def _hue(
    part: Image, folds: Array, ratio: Array, colour: Array, look: _Look, at: Placement
) -> Array:
    """Return what takes out the hue of folds whose darkness goes, logarithm, (rows, columns, 3).

    A deep fold is redder or yellower than a shadow's ratio says; brightened alone it would stay as
    a coloured line.

    Args:
        part: the face's box of the frame.
        folds: the frame's, logarithm of the brightness in their band.
        ratio: logarithm of what brightens them.
        colour: exponents of a shadow's ratio.
        look: at the frame.
        at: where the face lies.
    """
    cv2 = require("cv2", "rig")
    result = np.zeros((*ratio.shape, 3), np.float32)
    rows, columns = (np.flatnonzero((ratio > DEEP).any(axis)) for axis in (1, 0))
    if not len(rows):
        return result
    each = float(at.pose.scale) / look.step[0]
    margin = round(2 * WIDE * each)
    inside = tuple(
        slice(max(int(v[0]) - margin, 0), int(v[-1]) + margin + 1) for v in (rows, columns)
    )
    small = cv2.resize(part, ratio.shape[::-1], interpolation=cv2.INTER_AREA)[inside]
    light = np.log(small.astype(np.float32) + 8.0)
    gone, dark = (v[inside][..., None] for v in (ratio, folds))
    share = np.clip(gone / np.maximum(-dark, 1e-3), 0, 1) * smooth_step(gone / DEEP)
    result[inside] = (
        np.clip(dark * colour - _band(light, look.skin[inside], each), -MOST, MOST) * share
    )
    return result


@cache
def _plane() -> Array:
    """Return the samples' places, (rows, columns, 2) cm, lowest row first."""
    left, right, low, high = SPAN
    x = np.arange(left, right + STEP / 2, STEP, dtype=np.float32)
    y = np.arange(low, high + STEP / 2, STEP, dtype=np.float32)
    return np.stack(np.meshgrid(x, y), -1).astype(np.float32)


@cache
def _regions() -> Array:
    """Return 1 inside each region, falling to 0 towards its edge, (len(REGIONS), rows, columns)."""
    at = _plane()
    x, y = np.abs(at[..., 0]), at[..., 1]
    arch = 5.55 - 0.06 * np.maximum(x - 3.0, 0) ** 2
    forehead = smooth_step((y - arch) / 0.5) * smooth_step((8.3 - y) / 0.5)
    forehead = forehead * smooth_step((5.6 - x) / 0.8)
    glabella = smooth_step((1.35 - x) / 0.6) * smooth_step((y - 3.0) / 0.4)
    glabella = glabella * (1 - forehead) * smooth_step((6.3 - y) / 0.4)
    cheeks = beside_fold(at) * smooth_step((-0.6 - y) / 0.5)
    mouth = smooth_step((LIP_CORNER + 0.35 - x) / 0.4) * smooth_step(
        (1.35 - np.abs(y - LIP_LINE)) / 0.4
    )
    nostrils = smooth_step((1.75 - x) / 0.3) * smooth_step((y + 2.0) / 0.3)
    cheeks = cheeks * (1 - mouth) * (1 - nostrils)
    under = smooth_step((1.85 - y) / 0.35) * smooth_step((y - 0.3) / 0.5)
    under = under * smooth_step((x - 1.3) / 0.4) * smooth_step((5.2 - x) / 0.5)
    beside = smooth_step((x - 4.9) / 0.4) * smooth_step((6.6 - x) / 0.5)
    beside = beside * smooth_step((y - 0.9) / 0.5) * smooth_step((3.9 - y) / 0.5)
    eyes = np.maximum(under, beside)
    return np.array([forehead, glabella, cheeks, eyes], np.float32)


def _widely_blurred(values: Array, spread: float) -> Array:
    """Return values blurred by many samples, on a coarser grid where that is as good."""
    cv2 = require("cv2", "rig")
    coarser = max(int(spread / 4), 1)
    size = tuple(max(v // coarser, 2) for v in values.shape[1::-1])
    small = cv2.resize(values, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), spread / coarser)
    return np.asarray(cv2.resize(small, values.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _on_plane(samples: Array, place: Array) -> Array:
    """Return what the plane's samples say at places, 0 beyond it."""
    cv2 = require("cv2", "rig")
    at = (place - np.array((SPAN[0], SPAN[2]), np.float32)) * np.float32(1 / STEP)
    seen = cv2.remap(samples, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT)
    return np.asarray(seen, np.float32)


def _from_plane(at: Placement, look: _Look) -> Array:
    """Return where a frame's look shows the plane's samples, (rows, columns, 2) of its samples."""
    cv2 = require("cv2", "rig")
    flat = _plane()
    where = in_picture(np.dstack([flat, np.full(flat.shape[:2], 3.0, np.float32)]), at.pose)[
        ..., :2
    ]
    turn = (at.pose.rotation * at.pose.scale)[:2, :2].astype(np.float32) * (1, -1)
    grid = (np.array(look.corner, np.float32), np.array(look.step, np.float32))
    index = (where - grid[0]) / grid[1]
    for _ in range(6):
        place = cv2.remap(
            look.place,
            index.astype(np.float32),
            None,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        index = index + ((flat - place) @ turn.T) / grid[1]
    return np.asarray(index, np.float32)


def _sampled(values: Array, index: Array) -> Array:
    cv2 = require("cv2", "rig")
    return np.asarray(cv2.remap(values, index, None, cv2.INTER_LINEAR), np.float32)


def _soft(values: Array, spread: float) -> Array:
    cv2 = require("cv2", "rig")
    return np.asarray(cv2.GaussianBlur(values, (0, 0), spread / STEP), np.float32)
