"""Lids that slide over the eyeball: the ball's texture stays, the lid's skin stretches above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.eyes.closed_lid import BAND, closed_lid
from emoanim.engines.rig.eyes.eyeball import Eyeball, eyeball
from emoanim.engines.rig.eyes.lashes import Lashes, lashes_of
from emoanim.engines.rig.geometry.curves import Slit, samples, slit
from emoanim.engines.rig.geometry.landmarks import BROWS, LEFT_EYE, RIGHT_EYE
from emoanim.engines.rig.units import smooth_step
from emoanim.extras import require

__all__ = ["Eye", "LidMotion", "eye_of", "eyes", "lid_height", "lid_motion", "slits"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

# Rise of the upper and lower lid's middle at weight 1, cm.
_RISE: Mapping[str, tuple[float, float]] = {
    "1": (0.03, 0.0),
    "2": (0.03, 0.0),
    "4": (-0.06, 0.02),
    "5": (0.16, -0.02),
    "6": (-0.05, 0.13),
    "7": (-0.07, 0.14),
    "9": (-0.04, 0.09),
}
_GAZE: Mapping[str, tuple[float, float]] = {
    "61": (-1.0, 0.0), "62": (1.0, 0.0), "63": (0.0, 1.0), "64": (0.0, -1.0),
}  # fmt: skip
"""Units of the gaze: the picture's left and right, up, down."""
DEGREE = 0.0205
"""Way of the iris for a degree, cm: an eyeball is 2.35 cm wide."""
FARTHEST = 7.0
"""Degrees by which the iris moves at most: what it uncovers is stretched from what is seen."""
HIGHEST, BLIND = 0.26, 0.20
"""The upper lid never rises by more, cm: beyond it the eyes bulge; sooner where the ball is not
known."""
HIGHEST_KNOWN = 0.34
"""The same where its height above the iris is known, in a still and over a film, cm."""
LOWEST = 0.14
"""The lower lid, which a smile has raised, goes down by no more, cm."""
RELAXED = 0.5
"""Height of an open eye's upper lid over the middle of the iris, over the iris' radius; of half of
all portraits it is more than 0.58. A lid that hangs lower is opened to here."""
MOST_OPENED = 0.3
"""By no more than that, cm: what an eye that is nearly closed hides is not known."""
LID_FOLLOWS = 0.6
"""How much of the iris' way up or down the upper lid takes."""
LASHES = 0.05
"""The lid edge reaches this far onto the ball and carries the lashes, cm."""
LOWER_SHARE = 0.12
"""How much of the way the lower lid takes when the eye closes."""


@dataclass(frozen=True, slots=True)
class LidMotion:
    """How lids and iris move.

    Attributes:
        upper, lower: rise of the lids, cm.
        closed: share by which the eye then closes.
        right, up: way of the iris, cm.
        opened: share of a hanging lid's droop that is taken away.
    """

    upper: float
    lower: float
    closed: float
    right: float = 0.0
    up: float = 0.0
    opened: float = 0.0

    @property
    def still(self) -> bool:
        """Whether nothing moves."""
        moved = (self.upper, self.lower, self.closed, self.right, self.up)
        return max(map(abs, moved)) < 1e-3


def lid_motion(
    weights: Mapping[str, float],
    taken: Mapping[str, float],
    opened: float = 0.0,
    highest: float = HIGHEST,
) -> LidMotion:
    """Return what the units' weights do to the lids.

    Args:
        weights: what is asked for.
        taken: what is added to it because the portrait has the opposite.
        opened: share of a hanging lid's droop that is taken away.
        highest: the upper lid's rise is bounded by, cm.
    """
    total = {unit: weights.get(unit, 0.0) + taken.get(unit, 0.0) for unit in _RISE}
    upper = sum(total[unit] * rise[0] for unit, rise in _RISE.items())
    lower = sum(total[unit] * rise[1] for unit, rise in _RISE.items())
    closed = min(max(weights.get("43", 0.0), 0.0), 1.0)
    right, up = (
        DEGREE * min(max(sum(weights.get(u, 0.0) * way[k] for u, way in _GAZE.items()), -1), 1)
        * FARTHEST
        for k in (0, 1)
    )  # fmt: skip
    # The upper lid goes with the eye.
    upper += LID_FOLLOWS * up
    return LidMotion(min(upper, highest), min(max(lower, -LOWEST), 0.3), closed, right, up, opened)


@dataclass(frozen=True, slots=True, eq=False)
class Eye:
    """One eye of a portrait.

    Attributes:
        slit: its lid edges.
        scale: pixels per cm.
        above: distance from the upper lid edge to the brow, pixels.
        box: left, top, right, bottom in pixels: what the lids' motion can touch.
        ball: iris and white, if they are known; else the ball's top is drawn up under a raised lid.
        iris: its centre and radius, pixels, if it is seen: without it there is no gaze.
        droop: how far the upper lid hangs below that of an open eye, cm.
        lashes: of the upper lid; None leaves them on the skin when the eye closes.
    """

    slit: Slit
    scale: float
    above: float
    box: tuple[int, int, int, int]
    ball: Eyeball | None = None
    iris: tuple[Array, float] | None = None
    droop: float = 0.0
    lashes: Lashes | None = None

    def slid(self, image: Image, source: Array, motion: LidMotion) -> tuple[Image, Array]:
        """Return the eye's pixels with moved lids, and the share with which they count.

        Args:
            image: the portrait.
            source: (h, w, 2) where each pixel comes from if the lids rest.
            motion: of the lids.

        Returns:
            uint8 (h, w, 3), float32 (h, w, 1).
        """
        cv2 = require("cv2", "rig")
        s, scale = self.slit, np.float32(self.scale)
        u, v = s.local(source)
        top0, bottom0, top, bottom = (s.at(c, u) for c in (s.upper, s.lower, *self._moved(motion)))
        lash = np.float32(max(LASHES * self.scale, 0.6))
        lid = self._above(v, top0, top)
        under = self._below(v, bottom0, bottom)
        ball = v if self.ball is not None else self._drawn_up(v, top0, top, bottom0)
        if motion.lower < 0:
            ball = ball + self._drawn_down(v, top0, bottom0, bottom)
        turned = self._turned(source, motion)

        def looked_up(moved: Array, source: Array = source) -> Array:
            at = source + (moved - v)[..., None] * s.down
            sampled = cv2.remap(image, at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
            return np.asarray(sampled, np.float32)

        inside = np.abs(u) < 1.0
        soft = np.float32(max(0.05 * self.scale, 1.0))
        edge = lash * (1 + motion.closed) * np.sqrt(np.clip(1 - u * u, 0, 1))
        upper_share = np.where(inside, np.clip(0.5 + (top + edge - v) / soft, 0, 1), v < top)
        lower_share = np.where(
            inside, np.clip(0.5 + (v - bottom + 0.3 * edge) / soft, 0, 1), v >= top
        )
        lower_share = np.minimum(lower_share, 1 - upper_share)
        # The lid's shadow moves with it; the one baked into the ball stays, so only growth counts.
        fall = np.clip((top - top0) / (0.25 * scale), 0, 1)
        shade = 1 - 0.35 * fall * np.exp(-np.clip(v - top - edge, 0, None) / (0.10 * scale))
        seen = looked_up(ball, turned)
        if self.ball is not None and motion.upper > 0:
            seen = self.ball.uncovered(image, seen, s, turned, top0, top)
        lashes, turned_down = self.lashes, 0.0
        if lashes is not None and (turned_down := lashes.turned(motion.closed)) > 0.0:
            lid += turned_down * (v - lid)
        skin, below = looked_up(lid), looked_up(under)
        if lashes is not None and turned_down > 0.0:
            bare, counts = lashes.lid.at(source)
            counts *= turned_down
            skin += counts * (bare - skin)
            # Beyond the corners there is no edge.
            below += counts * smooth_step((np.abs(u) - 0.85) / 0.15)[..., None] * (bare - below)
        result = (
            skin * upper_share[..., None]
            + below * lower_share[..., None]
            + seen * ((1 - upper_share - lower_share) * shade)[..., None]
        )
        if lashes is not None and turned_down > 0.0:
            line = turned_down * lashes.line(u, v - top - edge)[..., None]
            result += line * (np.minimum(lashes.colour, result) - result)
        share = 1.0 - np.clip((np.abs(u) - 1.15) / 0.35, 0, 1)
        return np.clip(result + 0.5, 0, 255).astype(np.uint8), share[..., None].astype(np.float32)

    def _turned(self, source: Array, motion: LidMotion) -> Array:
        """Return where the ball's pixels come from when it turns; its corners stay."""
        if self.iris is None or not (motion.right or motion.up):
            return source
        centre, radius = self.iris
        way = np.array((motion.right, -motion.up), np.float32) * np.float32(self.scale)
        away = np.linalg.norm(source - way - centre, axis=-1)
        # As wide as the stretch must be, so that no pixel is passed by the next.
        soft = np.clip((away - 1.1 * radius) / (1.3 * radius), 0, 1)
        return np.asarray(source - (1 - soft * soft * (3 - 2 * soft))[..., None] * way, np.float32)

    def _moved(self, motion: LidMotion) -> tuple[Array, Array]:
        """Return the moved lid edges over the samples."""
        u = samples()
        profile = np.clip(1 - u * u, 0, 1) ** 0.7 * self.scale
        top, bottom = self.slit.upper, self.slit.lower
        opening = bottom - top
        rise = motion.upper if self.ball is not None else min(motion.upper, BLIND)
        rise += motion.opened * self.droop
        top = top - np.minimum(rise * profile, 0.45 * opening)
        bottom = bottom - motion.lower * profile
        left = np.maximum(bottom - top, 0)
        top = top + motion.closed * ((1 - LOWER_SHARE) * left + 0.06 * profile)
        bottom = bottom - motion.closed * LOWER_SHARE * left
        middle = 0.25 * top + 0.75 * bottom + 0.04 * motion.closed * profile
        return (
            np.where(top > bottom, middle, top).astype(np.float32),
            np.where(top > bottom, middle, bottom).astype(np.float32),
        )

    def _above(self, v: Array, rest: Array, edge: Array) -> Array:
        """Return where the upper lid's skin comes from.

        As the lid falls, the lashes, which lie over the skin, draw together at its edge and the
        skin above them unfolds; the brow stays.
        """
        fall = edge - rest
        band = np.float32(BAND * self.scale)
        share = np.clip(fall / (1.6 * band), 0, 1)
        drawn = band * (1 - 0.8 * share)
        reach = np.maximum(self.above + fall, drawn + 0.3 * (self.above - band))
        t = edge - v
        lash = t * (band / drawn)
        slope = (self.above - band) / (reach - drawn)
        skin = band + (t - drawn) * slope
        source = np.where(t < drawn, lash, np.where(t < reach, skin, t - fall))
        return np.asarray(rest - np.where(t < 0, t, source), np.float32)

    def _below(self, v: Array, rest: Array, edge: Array) -> Array:
        """Return where the lower lid's skin comes from."""
        rise = rest - edge
        reach = np.maximum(1.1 * self.scale + rise, 1.6 * np.abs(rise) + 1.0)
        t = np.clip((v - edge) / reach, -1, 1)
        return np.asarray(v + rise * _ride(t), np.float32)

    @staticmethod
    def _drawn_up(v: Array, rest: Array, edge: Array, bottom: Array) -> Array:
        """Return where the ball comes from: as it is; under a risen lid its top is drawn up."""
        risen = np.clip(rest - edge, 0, None)
        middle = rest + 0.55 * (bottom - rest)
        t = np.clip((middle - v) / np.maximum(middle - edge, 1e-3), 0, 1)
        return np.asarray(v + risen * t**2, np.float32)

    @staticmethod
    def _drawn_down(v: Array, top: Array, rest: Array, edge: Array) -> Array:
        """Return how far the ball's bottom is drawn down under a lowered lid, 0 or less."""
        middle = top + 0.45 * (rest - top)
        t = np.clip((v - middle) / np.maximum(edge - middle, 1e-3), 0, 1)
        return np.asarray(-np.clip(edge - rest, 0, None) * t**2, np.float32)


def slits(points: Array) -> tuple[Slit, Slit]:
    """Return the lid edges of the left and the right eye (of the image) from a mesh, pixels."""
    return slit(points, *LEFT_EYE), slit(points, *RIGHT_EYE)


def eyes(image: Image, points: Array, scale: float, irises: Array | None = None) -> tuple[Eye, Eye]:
    """Return the left and the right eye of a portrait.

    Args:
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) pixels.
        scale: pixels per cm.
        irises: (2, 5, 2) pixels, the left one first (see ``emoanim.faces.Face.irises``).
    """
    both = slits(points)
    balls: list[Eyeball | None] = [None, None]
    if irises is not None:
        balls = [eyeball(image, rim, s, scale) for rim, s in zip(irises, both, strict=True)]
    if None in balls:  # the eyes must look alike
        balls = [None, None]
    size = image.shape[:2]
    rims = (None, None) if irises is None else irises

    def eye(k: int) -> Eye:
        plain = eye_of(size, points, k, both[k], scale, balls[k], rims[k])
        painting = partial(closed_lid, image, points, k, both[k], scale, plain.above)
        lashes = lashes_of(image, both[k], scale, (-1.0, 1.0)[k], painting)
        return replace(plain, lashes=lashes)

    return eye(0), eye(1)


def eye_of(
    size: tuple[int, ...],
    points: Array,
    side: int,
    lids: Slit,
    scale: float,
    ball: Eyeball | None = None,
    rim: Array | None = None,
) -> Eye:
    """Return one eye.

    Args:
        size: height and width of the picture.
        points: (468, 3) pixels.
        side: 0 for the image's left, 1 for its right.
        lids: its lid edges.
        scale: pixels per cm.
        ball: what is known of iris and white.
        rim: (5, 2) pixels, centre and rim of the iris.
    """
    height, width = size
    _, v = lids.local(points[list(BROWS[side]), :2])
    above = max(float(np.min(lids.upper) - np.mean(v)) * 0.9, 1.8 * BAND * scale)
    reach = 1.4 * lids.half + 2
    x, y = float(lids.centre[0]), float(lids.centre[1])
    box = (
        max(int(x - reach), 0),
        max(int(y - above - 0.8 * scale), 0),
        min(int(x + reach) + 1, width),
        min(int(y + 1.9 * scale) + 1, height),
    )
    iris, droop = None, 0.0
    if rim is not None:
        radius = float(np.linalg.norm(rim[1:] - rim[0], axis=1).mean())
        iris = rim[0].astype(np.float32), radius
        lack = RELAXED * radius - lid_height(lids, rim[0])
        droop = min(max(lack / scale, 0.0), MOST_OPENED)
    return Eye(lids, scale, above, box, ball, iris, droop)


def lid_height(lids: Slit, centre: Array) -> float:
    """Return how far the upper lid's edge is above the middle of the iris, pixels.

    Args:
        lids: edges of the lids.
        centre: (2,) of the iris, pixels.
    """
    u, v = lids.local(np.asarray(centre, np.float32)[None])
    return float(v[0] - lids.at(lids.upper, u)[0])


def _ride(t: Array) -> Array:
    """Return 1 at the lid edge (t = 0) and on the ball's side, falling smoothly to 0 at t = 1."""
    x = np.clip((t - 0.06) / 0.94, 0, 1)
    return np.asarray(1 - x * x * (3 - 2 * x), np.float32)
