"""What is behind the lips, out of the frames of the film that show it best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.reel import Reel
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.engines.rig.mouth.teeth_edge import DENSITY
from emoanim.faces import frontality, mouth_openness, sharpness

__all__ = ["mouth_inside"]

Array = NDArray[np.float32]

CANDIDATES = 8
"""Frames whose interiors are compared."""
APART = 3
"""Frames between two of them, at least: neighbours show the same."""
OPEN, WIDE = 0.04, 0.12
"""Gap between the lips from which on it is worth a look, and beyond which more is no better."""
TEETH = 0.72
"""Least brightness of what is taken for teeth, over that of teeth painted in the face's light."""
MOST_TEETH = 0.6
"""Height of the upper teeth beyond which more is no better, cm."""
NARROW, BROAD = 1.8, 3.2
"""Width of a row of teeth below which it is none that a wider mouth could show, and from which on
more is no better, cm."""


def mouth_inside(reel: Reel, calmest: int) -> MouthInterior:
    """Return the person's own interior, or a painted one if the mouth never opens far enough.

    Args:
        reel: the film.
        calmest: the frame whose light and colours a painted one shall suit.
    """
    seen = reel[calmest]
    assert seen.points is not None
    painted = MouthInterior.painted(seen.image, seen.points)
    usual = _brightness(painted)
    interiors = [(0.0, painted)]
    for fitness, mouth in _taken_out(reel):
        bright = _brightness(mouth) / usual
        width = _width(mouth)
        if bright >= TEETH and width >= NARROW:  # else it is a tongue or a lip
            worth = min(mouth.shown, MOST_TEETH) * min(bright, 1.0) * min(width, BROAD)
            interiors.append((fitness * worth, mouth))
    return max(interiors, key=lambda each: each[0])[1]


def _brightness(mouth: MouthInterior) -> float:
    """Return how bright the brightest tenth of the upper teeth is at least, grey levels."""
    solid = mouth.teeth[mouth.teeth[..., 3] > 0.8][:, :3].mean(1)
    return float(np.percentile(solid, 90)) if len(solid) else 0.0


def _width(mouth: MouthInterior) -> float:
    """Return how wide the row of upper teeth is, cm."""
    return float((mouth.teeth[..., 3].max(0) > 0.6).sum()) / DENSITY


def _taken_out(reel: Reel) -> list[tuple[float, MouthInterior]]:
    promise = np.zeros(len(reel))
    for index, known in enumerate(reel.frames):
        points = known.points
        if points is not None and mouth_openness(points) > OPEN:
            shows = min(mouth_openness(points), WIDE) * frontality(points)
            promise[index] = shows * known.strength
    chosen: list[int] = []
    for index in np.argsort(-promise, kind="stable").tolist():
        if promise[index] <= 0 or len(chosen) == CANDIDATES:
            break
        if all(abs(index - other) >= APART for other in chosen):
            chosen.append(index)
    cutouts = []
    for index in chosen:
        seen = reel[index]
        assert seen.points is not None
        interior = MouthInterior.from_face(seen.image, seen.points)
        if interior is not None:
            cutouts.append((_fitness(seen.image, seen.points, promise[index]), interior))
    return cutouts


def _fitness(image: Image, points: Array, promise: float) -> float:
    return float(promise * min(sharpness(image, points), 0.5) ** 0.25)
