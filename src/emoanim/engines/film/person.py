"""What a clip tells about a person: skin and light, glasses and eyes.

Measured on frames spread over the clip. One frame may blink, laugh or lie in a shadow; the middle
of many does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.film.following import Seen
from emoanim.engines.film.lids import lid_gaps
from emoanim.engines.film.mouth_cover import UsualMouth
from emoanim.engines.film.relaxed_skin import RelaxedSkin, SkinLook, relaxed_skin, skin_look
from emoanim.engines.rig.expressions.anchors import anchors_of, lip_height, relaxed
from emoanim.engines.rig.expressions.expression import UNITS, explains
from emoanim.engines.rig.expressions.own_neutral import OwnNeutral, own_neutral
from emoanim.engines.rig.eyes.eyeball import Eyeball, eyeball
from emoanim.engines.rig.eyes.glasses import upper_rim, wears_glasses
from emoanim.engines.rig.eyes.lids import slits
from emoanim.engines.rig.skin.shading import light, shadow_colour, texture_gain
from emoanim.faces import fit_pose

__all__ = ["Person", "learnt"]

Array = NDArray[np.float32]

FRONTAL = 25.0
"""Heads turned further than that tell little about the face, degrees."""
AROUND = 0.35
"""How much around the face is looked at, over its size."""
FEW = 3
"""Of them are looked at where there are no others."""
OPEN = 70.0
"""Percentile of the lids' distance that counts as open."""


_FAST = np.array([name in ("1", "2L", "2R", "4", "6") for name in UNITS])
"""Units that come and go with an expression; the others are moved by speech as well, so that only
what lasts counts as an expression."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """What stays the same through a clip.

    Attributes:
        towards: where the light comes from (see ``emoanim.engines.rig.skin.shading.light``).
        folds: strength of folds that suits the skin.
        colour: (3,) exponents of a shadow's ratio for R, G, B.
        rim: height that the person's glasses reach, canonical cm; None without glasses.
        open: distance of the lids of open eyes, cm.
        neutral: how the face measures when it is calm; None if the clip is too short to tell.
        relaxed: (ANCHORS, 2) where brows and corners of the mouth are then, cm (see
            ``emoanim.engines.rig.expressions.anchors``).
        balls: white and lash band of the two eyes; None if they are not seen well enough.
        skin: calm skin; None if the clip is too short to tell.
        mouth: the usual colours around it; None if the clip is too short to tell.
    """

    towards: tuple[float, float]
    folds: float
    colour: Array
    rim: float | None
    open: float
    neutral: OwnNeutral | None
    relaxed: Array
    balls: tuple[Eyeball, Eyeball] | None
    skin: RelaxedSkin | None = None
    mouth: UsualMouth | None = None

    def expression(self, seen: Seen) -> NDArray[np.float64]:
        """Return the person's expression in a frame as weights of ``UNITS``.

        Args:
            seen: the frame.
        """
        fast, lasting = (self._explained(m.astype(np.float64)) for m in (seen.fast, seen.lasting))
        return np.where(_FAST, fast, lasting)

    def _explained(self, measures: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.neutral is not None:
            return self.neutral.explained(measures)
        return explains(measures, np.zeros(len(UNITS)))


def learnt(film: Iterable[Seen]) -> Person | None:
    """Measure a person.

    Args:
        film: some of its frames.

    Returns:
        None if the person is in none of them.
    """
    lights, folds, colours, rims, gaps = [], [], [], [], []
    balls: list[list[Eyeball]] = [[], []]
    meshes: list[Array] = []
    skins: list[SkinLook] = []
    count = 0
    for seen, points in _frontal(film):
        pose = fit_pose(points)
        count += 1
        meshes.append(points)
        lights.append(light(seen.image, points))
        folds.append(texture_gain(seen.image, points, pose.scale))
        colours.append(shadow_colour(seen.image, points))
        rims.append(upper_rim(seen.image, pose) if wears_glasses(seen.image, pose) else None)
        gaps.append(max(lid_gaps(points, pose.scale)))
        if count % 2:
            skins.append(skin_look(seen.image, points))
        if seen.irises is not None:
            for kept, rim, slit in zip(balls, seen.irises, slits(points), strict=True):
                ball = eyeball(seen.image, rim, slit, pose.scale)
                if ball is not None:
                    kept.append(ball)
    if not count:
        return None
    towards = np.median(np.array(lights), axis=0)
    neutral = own_neutral(meshes)
    heights = [height for height in rims if height is not None]
    rim = round(float(np.median(heights)), 1) if len(heights) > count / 2 else None
    known = min(len(b) for b in balls) >= max(count // 3, 1)
    return Person(
        (float(towards[0]), float(towards[1])),
        float(np.median(folds)),
        np.median(np.array(colours), axis=0).astype(np.float32),
        rim,
        float(np.percentile(gaps, OPEN)),
        neutral,
        neutral.anchors if neutral else _relaxed(meshes),
        (_usual(balls[0]), _usual(balls[1])) if known else None,
        relaxed_skin(skins, rim),
    )


def _relaxed(meshes: list[Array]) -> Array:
    lips = float(np.median([lip_height(m) for m in meshes]))
    return relaxed(np.median([anchors_of(m) for m in meshes], axis=0), lips)


def _frontal(film: Iterable[Seen]) -> Iterable[tuple[Seen, Array]]:
    """Yield the frames with a frontal face and their meshes; if there is none, a few others."""
    turned: list[tuple[Seen, Array]] = []
    frontal = False
    for whole in film:
        if whole.points is None:
            continue
        seen = _face_of(whole, whole.points)
        assert seen.points is not None
        if fit_pose(seen.points).turn < FRONTAL:
            frontal = True
            yield seen, seen.points
        elif len(turned) < FEW:
            turned.append((seen, seen.points))
    if not frontal:
        yield from turned


def _face_of(seen: Seen, points: Array) -> Seen:
    """Return the part of a frame around the face: a large picture takes long to measure."""
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    margin = AROUND * float((high - low).max())
    height, width = seen.image.shape[:2]
    left, top = (max(int(v - margin), 0) for v in low)
    right, bottom = (int(v + margin) + 1 for v in high)
    if left >= min(right, width) or top >= min(bottom, height):
        return seen
    corner = np.array((left, top), np.float32)
    return replace(
        seen,
        image=np.ascontiguousarray(seen.image[top:bottom, left:right]),
        points=points - np.append(corner, np.float32(0)),
        irises=None if seen.irises is None else seen.irises - corner,
    )


def _usual(balls: list[Eyeball]) -> Eyeball:
    """Return the middle of what several frames tell; sizes in cm at a scale of 1."""
    return Eyeball(
        centre=np.zeros(2, np.float32),
        radius=float(np.median([b.radius / b.scale for b in balls])),
        white=np.median([b.white for b in balls], axis=0).astype(np.float32),
        band=float(np.median([b.band / b.scale for b in balls])),
        scale=1.0,
    )
