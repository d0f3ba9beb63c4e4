"""What is behind the lips, borrowed from a picture of the person or painted.

The upper teeth stay with the skull; the lower teeth and the tongue move with the jaw; between them
it is dark.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Clip
from emoanim.engines.rig.expressions.expression import own_expression, skull_pose
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.mouth.teeth import line_colour, painted_floor, painted_teeth, tone
from emoanim.engines.rig.mouth.teeth_edge import DENSITY, SPAN, bite, teeth_edge
from emoanim.engines.rig.units import LIP_LINE, smooth_step
from emoanim.extras import require
from emoanim.faces import Face, FaceFinder, enclosed, frontality, mouth_openness, sharpness

__all__ = ["MouthInterior", "mouth_plane", "mouth_search_start"]

Array = NDArray[np.float32]
Image = NDArray[np.uint8]

DEPTH = 4.3
"""Canonical depth of the front teeth, cm."""
ENOUGH_TEETH = 0.30
"""Mean height of upper teeth over the mouth's width that makes an interior worth taking, cm."""
LEAST_GAP = 0.28
"""Lips further apart than this show something of the interior, cm."""
SEARCH_SPAN = 8.0
"""Seconds of a clip that are searched for a mouth."""
CANDIDATES = 8
"""Frames of a clip whose interiors are compared."""
JAW_DROP = 1.25
"""Drop of the lower incisors at weight 1 of unit 26, cm."""
BEHIND = 0.45
"""How far a borrowed interior is continued behind the lips, cm."""
SHADED = 0.3
"""Strength of the lips' shadow on a borrowed interior, which has most of it."""
LINE = 0.10
"""Height of the upper lip's inner edge in the mouth's plane, at rest, over people, cm."""


@dataclass(frozen=True, slots=True, eq=False)
class MouthInterior:
    """Layers of a mouth, seen from the front with the jaw closed.

    Attributes:
        teeth: float32 (h, w, 4) RGB and opacity in [0, 255] and [0, 1]; stays with the skull.
        floor: the same for lower teeth and tongue; moves with the jaw.
        cavity: (3,) RGB of the dark.
        line: (3,) RGB of the line between lips that hardly part.
        shadow: strength of the lips' shadow on it; weak where the layers hold one already.
        shown: mean height of the upper teeth that were borrowed, cm.
    """

    teeth: Array
    floor: Array
    cavity: Array
    line: Array
    shadow: float = 1.0
    shown: float = 0.0

    def seen(self, position: Array, drop: float) -> Array:
        """Return colours at places on the mouth's plane.

        Args:
            position: (h, w, 2) cm, x right, y down (see ``mouth_plane``).
            drop: how far the lower teeth are below their place, cm.

        Returns:
            float32 (h, w, 3) RGB.
        """
        teeth = _looked_up(self.teeth, position)
        floor = _looked_up(self.floor, position - np.array((0, drop), np.float32))
        deep = np.clip(0.55 + 0.45 * np.exp(-max(drop, 0.0) / 1.5), 0, 1)
        mixed = self.cavity * (1 - floor[..., 3:]) + floor[..., :3] * floor[..., 3:] * deep
        return np.asarray(
            mixed * (1 - teeth[..., 3:]) + teeth[..., :3] * teeth[..., 3:], np.float32
        )

    @classmethod
    def of(cls, image: Image, points: Array, *, kept: bool = False) -> MouthInterior:
        """Return the portrait's own interior if its open mouth shows it, else a painted one.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh, pixels.
            kept: the mouth stays as open as it is, so that its own interior suits in any case.
        """
        own = cls.from_face(image, points, 0.0 if kept else ENOUGH_TEETH)
        return cls.painted(image, points) if own is None else own

    @classmethod
    def painted(cls, image: Image, points: Array) -> MouthInterior:
        """Paint an interior in the light and the colours of a portrait.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh, pixels.
        """
        bright, hue, white = tone(image, points)
        tint = float(np.clip(np.ptp(hue) / 0.4, 0, 1))
        x, y = _axes()
        inner = points[[*INNER_UPPER, *INNER_LOWER], :2]
        line = _to_plane(inner, mouth_plane(points))
        x = x - line[[0, 10], 0].mean()
        # A smile lifts the lips off the teeth; where the line is at rest differs little.
        y = y - float(LINE + np.clip(line[3:8, 1].mean() - LINE, -0.15, 0.3) / 2)
        cavity = np.array((0.17, 0.085, 0.08), np.float32) * bright
        cavity = cavity.mean() + (cavity - cavity.mean()) * tint
        teeth = painted_teeth(x, y, bright, hue, white)
        floor = painted_floor(x, y, bright, hue, white)
        line = line_colour(image, points)
        return cls(teeth, floor, cavity.astype(np.float32), line)

    @classmethod
    def from_face(
        cls, image: Image, points: Array, least_teeth: float = ENOUGH_TEETH
    ) -> MouthInterior | None:
        """Take the interior out of a picture of the person with an open mouth.

        What the lips hide there is painted in the same colours.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh, pixels.
            least_teeth: mean height of the upper teeth that must show, cm; a mouth that shows
                few would be patched up from two sources as soon as it opens further.

        Returns:
            The interior; None if the lips are not at least ``LEAST_GAP`` apart or show too little.
        """
        cv2 = require("cv2", "rig")
        points = np.asarray(points, np.float32)
        plane = mouth_plane(points)
        ring = _to_plane(points[[*INNER_UPPER, *INNER_LOWER[-2:0:-1]], :2], plane)
        gap = ring[5, 1] - ring[15, 1]
        if -gap < LEAST_GAP:
            return None
        shape = _axes()[0].shape
        seen, mask = _frontal(image, plane, ring, shape)
        if mask.sum() < 0.02 * mask.size * LEAST_GAP:
            return None
        edge, below, beside, height = teeth_edge(seen, mask)
        if height < least_teeth:
            return None
        dark = seen[mask > 0.9]
        dark = dark[dark.mean(1) <= np.percentile(dark.mean(1), 8)].mean(0)
        own = mask
        seen, mask = _outwards(seen, mask)
        rows = np.arange(len(seen))[:, None]
        upper = mask * smooth_step((edge - rows) / 2 + 0.5)
        lower = mask * below * smooth_step((rows - edge) / 2 + 0.5)

        bare = cls.painted(image, points)
        drop = own_expression(points).get("26", 0.0) * JAW_DROP
        teeth = _laid_over(bare.teeth, seen, upper)
        teeth[..., 3] *= 1 - lower  # what was seen to be no tooth is none
        # Painted ones end where the person's own do in the middle, and before a corner's dark.
        beside = cv2.GaussianBlur(beside[None], (0, 0), 0.15 * DENSITY)
        possible = smooth_step((bite(edge, ring) - rows) / 3 + 0.5) * (1 - beside)
        teeth[..., 3] *= np.maximum(possible, own)
        down = np.array([[1, 0, 0], [0, 1, drop * DENSITY]], np.float32)
        at_rest = [
            cv2.warpAffine(
                a, down, shape[::-1], flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            )
            for a in (seen, lower.astype(np.float32))
        ]  # fmt: skip
        floor = _laid_over(bare.floor, *at_rest)
        cavity = np.minimum(dark, 1.4 * bare.cavity).astype(np.float32)
        return cls(teeth, floor, cavity, bare.line, SHADED, height)

    @classmethod
    def from_clip(
        cls,
        clip: Clip,
        finder: FaceFinder,
        around: float | None = None,
        *,
        span: float = SEARCH_SPAN,
        looks: int = 32,
    ) -> MouthInterior | None:
        """Take the interior out of the frame of a clip that shows the upper teeth best.

        Args:
            clip: of the person.
            finder: finds the faces.
            around: time of the portrait, seconds; the middle of the clip by default.
            span: seconds that are searched, half before and half after.
            looks: how many frames are looked at, spread evenly.

        Returns:
            The interior; None if the mouth never opens far enough.
        """
        start = mouth_search_start(clip, around, span)
        every = max(round(min(span, clip.duration) * clip.fps / looks), 1)
        seen: list[tuple[float, Image, Face]] = []
        for k, frame in enumerate(clip.frames(start, start + span)):
            if k % every:
                continue
            faces = finder.find(frame.image)
            fitness = _fitness(frame.image, faces[0].points) if faces else 0.0
            if fitness:
                seen.append((fitness, frame.image, faces[0]))
                seen = sorted(seen, key=lambda s: -s[0])[:CANDIDATES]
        interiors = [
            (f, cls.from_face(image, finder.with_lips(image, face).points))
            for f, image, face in seen
        ]
        ranked = [(f * min(m.shown, 0.6), m) for f, m in interiors if m is not None]
        return max(ranked, key=lambda r: r[0])[1] if ranked else None


def mouth_search_start(clip: Clip, around: float | None, span: float = SEARCH_SPAN) -> float:
    """Return the second at which the search for a mouth begins; it ends ``span`` seconds later."""
    middle = clip.duration / 2 if around is None else around
    return min(max(middle - span / 2, 0.0), max(clip.duration - span, 0.0))


def mouth_plane(points: Array) -> Array:
    """Return the affine map (2, 3) from pixels to the plane of the front teeth.

    Its unit is cm, x to the right and y down; its origin is where the canonical face has the middle
    of the mouth. It stays with the skull, whatever the lips and the jaw do.
    """
    pose = skull_pose(points)
    columns = pose.rotation[:2, :2] * pose.scale
    offset = pose.translation[:2] - pose.scale * pose.rotation[:2, 2] * DEPTH
    back = np.linalg.inv(columns)
    return np.column_stack([back, -back @ offset + (0.0, LIP_LINE)]).astype(np.float32)


def _fitness(image: Image, points: Array) -> float:
    """Return how well a frame shows the inside of the mouth: open, frontal, sharp."""
    gap = mouth_openness(points)
    if gap < 0.04:
        return 0.0
    return float(min(gap, 0.12) * frontality(points) * min(sharpness(image, points), 0.5) ** 0.25)


def _to_plane(points: Array, plane: Array) -> Array:
    return np.asarray(points @ plane[:, :2].T + plane[:, 2], np.float32)


def _frontal(
    image: Image, plane: Array, ring: Array, shape: tuple[int, ...]
) -> tuple[Array, Array]:
    """Return the mouth as the layers see it, and the share of the interior in each pixel."""
    cv2 = require("cv2", "rig")
    back = np.linalg.inv(np.vstack([plane, (0, 0, 1)]))
    layer = np.array([[1 / DENSITY, 0, SPAN[0]], [0, 1 / DENSITY, SPAN[2]], [0, 0, 1]])
    size = (shape[1], shape[0])
    seen = cv2.warpAffine(
        image, (back @ layer)[:2], size, flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)  # fmt: skip
    corners = (ring - np.array((SPAN[0], SPAN[2]), np.float32)) * DENSITY
    mask = np.where(enclosed(corners, (shape[0], shape[1])), 255, 0).astype(np.uint8)
    # The lips' own edge, half a pixel of the picture and more, is no interior.
    rim = max(round(0.05 * DENSITY), round(0.8 * DENSITY * float(np.linalg.norm(plane[:, 0]))))
    mask = cv2.erode(mask, np.ones((2 * rim + 1, 2 * rim + 1), np.uint8))
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), 1.5)
    return seen, np.asarray(soft, np.float32)


def _outwards(seen: Array, mask: Array) -> tuple[Array, Array]:
    """Continue the interior behind the lips: the nearest colour, fading over ``BEHIND`` cm."""
    cv2 = require("cv2", "rig")
    outside = (mask < 0.95).astype(np.uint8)
    away, labels = cv2.distanceTransformWithLabels(
        outside, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    inside = np.argwhere(outside == 0)
    nearest = np.zeros((len(inside) + 1, 2), np.intp)
    nearest[labels[inside[:, 0], inside[:, 1]]] = inside
    rows, columns = nearest[labels].transpose(2, 0, 1)
    filled = cv2.GaussianBlur(seen[rows, columns], (0, 0), 1.5)
    filled = np.where(outside[..., None] > 0, filled, seen)
    return filled, smooth_step(1.5 - 1.5 * away / (BEHIND * DENSITY))


def _laid_over(bare: Array, seen: Array, share: Array) -> Array:
    """Return a painted layer, its colours drawn to what was seen, with that on top."""
    result = bare.copy()
    both = (share > 0.8) & (bare[..., 3] > 0.8)
    if both.sum() > 20:
        ratio = np.median(seen[both], 0) / np.maximum(np.median(bare[both][:, :3], 0), 1.0)
        result[..., :3] *= np.clip(ratio, 0.7, 1.4)
    result[..., :3] = result[..., :3] * (1 - share[..., None]) + seen * share[..., None]
    result[..., 3] = np.maximum(result[..., 3], share)
    return np.clip(result, 0, (255, 255, 255, 1)).astype(np.float32)


def _axes() -> tuple[Array, Array]:
    left, right, top, bottom = SPAN
    x = np.arange(left, right, 1 / DENSITY, dtype=np.float32)
    y = np.arange(top, bottom, 1 / DENSITY, dtype=np.float32)
    grid = np.meshgrid(x, y)
    return grid[0], grid[1]


def _looked_up(layer: Array, position: Array) -> Array:
    cv2 = require("cv2", "rig")
    at = (position - np.array((SPAN[0], SPAN[2]), np.float32)) * np.float32(DENSITY)
    sampled = cv2.remap(
        layer, at.astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(sampled, np.float32)
