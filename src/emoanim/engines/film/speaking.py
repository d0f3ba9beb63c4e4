"""A frame of the film that says something else: its mouth at rest, then the lips of the new words.

The lips are two branches of skin that meet at the mouth line, as on a still (see
``emoanim.engines.rig``); what is between them is the person's own, from another frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.atlas import anchored, looked_up, parted, relief, weighted
from emoanim.engines.film.canvas import shade, slide
from emoanim.engines.film.lids import lids_of
from emoanim.engines.film.mouth_at_rest import MouthAtRest
from emoanim.engines.film.mouth_tones import lip_light
from emoanim.engines.film.person import Person
from emoanim.engines.film.placement import Placement, placed
from emoanim.engines.rig.geometry.curves import slit
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.geometry.turning import FLIP
from emoanim.engines.rig.geometry.warp import enlarged
from emoanim.engines.rig.mouth.branches import branched
from emoanim.engines.rig.mouth.inside import JAW_DROP, MouthInterior, mouth_plane
from emoanim.engines.rig.mouth.lip_line import UPPER_SHARE, clear_of_teeth
from emoanim.engines.rig.mouth.opening import FilmLook, draw_mouth, draw_own_mouth
from emoanim.engines.rig.units import (
    FIELDS,
    LIP_LINE,
    OPENING,
    beside_mouth,
    in_fields,
    smooth_step,
)
from emoanim.extras import require

__all__ = ["OTHER_WORDS", "Calm", "SpeakingCanvas"]

Array = NDArray[np.float32]

RIM = 0.03
"""Blurred edge of the lips, cm, on top of half a pixel."""
STATION = 0.42
"""Standard deviation over which a station of the lips moves its neighbourhood, cm."""
ROUNDS = 4
"""Of bringing the lips to the gap that is wanted."""
UNDERSTATED = 1.15
"""The mesh says that lips which are apart from rest are nearer to it than they are."""
COVERS = 0.15
"""Of what parts the lips of own words again, the upper lip's part: it stays over the teeth."""
OPENED = 0.12
"""Own words part the lips further only where they are open: from that distance on fully, cm."""
STRETCHED = 0.8
"""And by no more than that share of the gap: what the frame shows between narrow lips becomes a
hole and long teeth in a wide one."""
ANCHORED = frozenset(["1", "2L", "2R", "4", "12L", "12R", "15"])
"""Units of the own expression that anchors and the mouth at rest stand for: of what is taken away
only their folds are left."""
POINTED = 0.3
"""How pointed the corners of a mouth are that says other words: a power."""
_PARTS = np.array([name in OPENING for name in FIELDS], np.float32)
_JAW = FIELDS.index("26")


@dataclass(frozen=True, slots=True, eq=False)
class Calm:
    """How a frame's own expression and speech give way, beyond what units say.

    Attributes:
        anchors: (ANCHORS, 2) way of brows and corners of the mouth, cm (see
            ``emoanim.engines.rig.expressions.anchors``); None leaves them where they are.
        mouth: share of the lower face's way to rest.
        opening: share of the lips' distance that stays; None where other words are said.
        skin: (len(REGIONS),) shares of the folds in the pixels that go (see
            ``emoanim.engines.film.relaxed_skin``); None leaves them.
    """

    anchors: Array | None = None
    mouth: float = 1.0
    opening: float | None = None
    skin: NDArray[np.float64] | None = None

    @property
    def leaves_all(self) -> bool:
        """Whether nothing gives way."""
        still = self.anchors is None or not self.anchors.any()
        still = still and (self.skin is None or not self.skin.any())
        return still and self.opening == 1.0 and self.mouth == 0.0


OTHER_WORDS = Calm()


class SpeakingCanvas:
    """Puts an expression and the lips of speech on any frame of one person's film.

    Rendering changes nothing in it: threads can share one.

    Args:
        person: whose film it is.
        rest: the person's mouth at rest.
        mouth: what is behind the lips of other words; None if only the own ones are said.
        softness: of the film's edges, standard deviation in cm.
    """

    def __init__(
        self,
        person: Person,
        rest: MouthAtRest,
        mouth: MouthInterior | None = None,
        softness: float = 0.0,
    ) -> None:
        self._person, self._rest, self._mouth = person, rest, mouth
        self._softness = softness
        self._upper, self._lower = parted(person.rim)
        self._anchors = anchored(person.rim)
        self._opening = self._lower - self._upper
        self._relief = relief(person.towards, person.folds)

    def render(
        self,
        image: Image,
        points: Array,
        irises: Array | None,
        asked: Mapping[str, float],
        taken: Mapping[str, float],
        strength: float = 1.0,
        calm: Calm = OTHER_WORDS,
    ) -> Image:
        """Return a frame that shows an expression and speaks.

        Args:
            image: uint8 (h, w, 3) RGB.
            points: (468, 3) mesh with its lips put right, pixels.
            irises: (2, 5, 2) pixels.
            asked: action units of expression and speech; "seal" closes the lips.
            taken: negative weights that take the upper face's own expression away.
            strength: share of all that; at 0 the frame is as it was.
            calm: what else gives way.
        """
        cv2 = require("cv2", "rig")
        if calm.leaves_all and not any({**asked, **taken}.values()):
            return image
        height, width = image.shape[:2]
        at = placed(points, height, width)
        if calm.skin is not None and self._person.skin is not None:
            gone = strength * calm.skin
            image = self._person.skin.over(image, at, gone, self._person.colour)
        wanted = in_fields(asked)
        total = np.asarray((wanted + in_fields(taken)) * strength, np.float32)
        moving, moved_anchors = total, np.zeros_like(self._upper[0])
        if calm.anchors is not None:
            others = {name: w for name, w in taken.items() if name not in ANCHORED}
            moving = np.asarray((wanted + in_fields(others)) * strength, np.float32)
            moved_anchors = self._moved(strength * calm.anchors)
        back = strength * calm.mouth * self._rest.back(points)
        if calm.opening is not None:
            back = np.float32(UNDERSTATED) * back
        skins = [
            looked_up(weighted(moving, units) + rest + moved_anchors, at.place)
            for units, rest in zip((self._upper, self._lower), self._rest.fields(back), strict=True)
        ]
        pixels = [at.in_pixels(s) for s in skins]
        scale = at.pose.scale
        own = None if calm.opening is None else 1.0 - strength * (1.0 - calm.opening)
        # Teeth that shine at the edge of lips which close are seen as a white line.
        rim = strength * (RIM * scale + 0.6) * (1.0 if own is None else 2.0 - min(own, 1.0))
        line = clear_of_teeth(slit(points, INNER_UPPER, INNER_LOWER), rim)
        opened = weighted(wanted * _PARTS, self._opening)
        seal = min(max(asked.get("seal", 0.0), 0.0), 1.0)
        _part_lips(pixels, at, points, opened, strength, seal, rim, own)
        motion = branched(at.grid, at.place, pixels[0], pixels[1], line)

        box = at.grid.box(height, width)
        source = enlarged(motion.back, at.grid, *box)
        warped = cv2.remap(image, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        weights = {k: asked.get(k, 0.0) + taken.get(k, 0.0) for k in {*asked, *taken}}
        lids = lids_of(
            image, points, irises, scale, self._person.open, self._person.balls,
            {k: strength * w for k, w in weights.items()},
        )  # fmt: skip
        slide(image, warped, source, box, lids, scale)
        if own is not None or self._mouth is None:
            draw_own_mouth(image, warped, motion, line, scale)
        else:
            drop = max(float(wanted[_JAW]) * JAW_DROP, 0.0)
            look = FilmLook(self._softness * scale, lip_light(image, points, scale))
            plane = mouth_plane(points)
            draw_mouth(image, warped, motion, line, scale, self._mouth, plane, drop, look)
        shade(warped, at, total, motion.back, box, self._relief, self._person.colour)
        result = image.copy()
        result[box[1] : box[3], box[0] : box[2]] = warped
        return result

    def _moved(self, way: Array) -> Array:
        """Return the displacement of the skin around the anchors, (3 * samples,) cm."""
        moved = np.zeros((self._anchors.shape[1], 3), np.float32)
        for axis in (0, 1):
            moved[:, axis] = weighted(way[:, axis], self._anchors)
        return moved.reshape(-1)


def _part_lips(
    pixels: list[Array],
    at: Placement,
    points: Array,
    opened: Array,
    strength: float,
    seal: float,
    rim: float,
    stays: float | None,
) -> None:
    """Move the lips' skin in place until they are as far apart as speech wants them.

    Args:
        pixels: displacements above and below the mouth line, (rows, columns, 2).
        at: where the face lies.
        points: (468, 3) pixels.
        opened: (3 * samples,) cm by which the units that may part the lips part them.
        strength: share of all that; the rest of the gap is the frame's own.
        seal: 1 closes the lips.
        rim: of the lips, pixels.
        stays: share of the frame's own gap, for own words; None for others.
    """
    down = at.pose.rotation[:2, 1].astype(np.float32)
    down /= max(float(np.linalg.norm(down)), 1e-6)
    top = points[list(INNER_UPPER[1:-1]), :2].astype(np.float32)
    bottom = points[list(INNER_LOWER[1:-1]), :2].astype(np.float32)
    own = np.maximum((bottom - top) @ down, 0.0)
    line = np.asarray((top + bottom) / 2, np.float32)
    middle = _sampled(at.place, at, line)
    gap = _sampled(looked_up(opened, at.place) @ _downwards(at, down), at, line)
    wanted = np.maximum(gap, 0.0) * (1.0 - seal) * strength
    if stays is None:
        wanted *= _pointed(top, bottom)
        wanted += (1 - strength) * own
    else:
        wanted *= smooth_step(own.max() / np.float32(OPENED * at.pose.scale))
        most = np.float32(max(STRETCHED * own.max(), 1e-3))
        wanted = most * np.tanh(wanted / most)
        # In proportion: lips that go with the original's are understood.
        wanted += own * stays
        # The slit is wider than the lips' edges by the rim, which goes as they close.
        wanted -= 2 * rim * (1 - stays) ** 2 * smooth_step(own / (2 * rim) - 0.5)
    position = at.place
    near = np.exp(-0.5 * ((position[..., :1] - middle[:, 0]) / STATION) ** 2)
    near /= np.maximum(near.sum(-1, keepdims=True), 1e-3)
    open_ = (1.0 - beside_mouth(position.reshape(-1, 3))).reshape(position.shape[:2])
    away = position[..., 1] - LIP_LINE
    above = np.exp(-0.5 * (np.clip(away - 0.35, 0, None) / 0.75) ** 2) * open_ * at.skin
    below = np.exp(-0.5 * (np.clip(-away - 0.5, 0, None) / 1.3) ** 2) * open_ * at.skin
    upper_share = UPPER_SHARE if stays is None else COVERS
    for _ in range(ROUNDS):
        now = own + (_sampled(pixels[1], at, bottom) - _sampled(pixels[0], at, top)) @ down
        change = near @ (wanted - now).astype(np.float32)
        pixels[0] -= (upper_share * change * above)[..., None] * down
        pixels[1] += ((1 - upper_share) * change * below)[..., None] * down


def _pointed(top: Array, bottom: Array) -> Array:
    """Return factors on a gap at stations of the lips: it ends in points at the corners."""
    middle = (top + bottom) / 2
    across = np.linalg.norm(middle - middle[len(middle) // 2], axis=1)
    # The stations next to the corners are a tenth of the mouth's width from them.
    u = np.clip(0.86 * across / max(float(across.max()), 1e-3), 0, 1)
    return np.asarray((1.0 - u**2) ** POINTED, np.float32)


def _downwards(at: Placement, down: Array) -> Array:
    """Return (3,) what each axis of the canonical face adds downwards in the picture, pixels."""
    turn = at.pose.rotation[:2, :].astype(np.float32) * np.float32(at.pose.scale)
    return np.asarray((down @ turn) * FLIP, np.float32)


def _sampled(values: Array, at: Placement, points: Array) -> Array:
    """Return values of the nodes (rows, columns, ...) at pixels (n, 2), linearly between."""
    cv2 = require("cv2", "rig")
    index = np.ascontiguousarray(at.grid.index(points)[None], np.float32)
    sampled = cv2.remap(values, index, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled[0], np.float32)
