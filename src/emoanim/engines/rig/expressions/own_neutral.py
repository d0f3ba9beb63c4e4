"""A person's own neutral face, measured over a clip.

One picture does not tell a raised brow from a brow that is high by nature; hundreds do. What stays
when the face is calmest is the person, and what goes beyond it is expression, which can then be
taken away wholly instead of in part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.expressions.anchors import CORNERS, anchors_of, lip_height, relaxed
from emoanim.engines.rig.expressions.expression import DOUBT, MOST, UNITS, explains, measured
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER

__all__ = ["OwnNeutral", "own_neutral"]

Numbers = NDArray[np.float64]

FEWEST = 12
"""Frames that are needed."""
CALM = 30.0
"""Percentage of the frames that count as calm: those with the least expression."""
KNOWN = 0.35
"""Spread of the measures around a person's own neutral, over that of different people."""
SHUT = 0.5
"""Where at least that share of the calm frames has closed lips, the mouth is measured on those."""
CLOSED_GAP = 0.045
"""Lips that are apart by less than that share of the eyes' distance are closed."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnNeutral:
    """What a person's face measures when it is calm.

    Attributes:
        measures: float64 (MEASURES,), cm (see
            ``emoanim.engines.rig.expressions.expression.measured``).
        lasting: float64 (len(UNITS),) the expression that even the calm face shows, as far as one
            must suppose it from other people's faces.
        anchors: float32 (ANCHORS, 2), cm, where brows and corners of the mouth are when relaxed
            (see ``emoanim.engines.rig.expressions.anchors``).
    """

    measures: Numbers
    lasting: Numbers
    anchors: NDArray[np.float32]

    def explained(self, measures: Numbers) -> Numbers:
        """Return the expression of a frame, float64 (len(UNITS),), at least 0.

        Args:
            measures: of the frame.
        """
        nothing = np.zeros(len(UNITS))
        more = explains(measures - self.measures, nothing, spread=KNOWN)
        less = explains(self.measures - measures, nothing, spread=KNOWN)
        return np.asarray(np.maximum(self.lasting + more - less, 0.0))

    def own_expression(self, points: NDArray[np.floating]) -> dict[str, float]:
        """Return the expression of a frame by unit, without what is too little to be sure of.

        Args:
            points: (468, 3) mesh, pixels.
        """
        weights = self.explained(measured(points))
        return {
            name: min(float(w) - DOUBT, MOST)
            for name, w in zip(UNITS, weights, strict=True)
            if w > DOUBT
        }


def own_neutral(meshes: Sequence[NDArray[np.floating]]) -> OwnNeutral | None:
    """Measure a person's neutral face.

    Brows and cheeks are measured on the frames with the least expression; lips on those of them in
    which the mouth is shut, since an open one is speech.

    Args:
        meshes: (468, 3) each, frontal frames spread over a clip, pixels.

    Returns:
        None for fewer than 12 frames.
    """
    if len(meshes) < FEWEST:
        return None
    measures = np.array([measured(points) for points in meshes])
    weights = np.array([explains(row) for row in measures])
    # The jaw and the pucker are speech: a face that talks may be calm.
    expressive = weights[:, [name not in ("18", "26") for name in UNITS]].sum(1)
    calm = expressive <= np.percentile(expressive, CALM)
    shut = np.array([_gap(points) < CLOSED_GAP for points in meshes])
    quiet = calm & shut if (calm & shut).sum() >= SHUT * calm.sum() else calm
    middle = np.median(measures[calm], axis=0)
    middle[:_LIPS] = np.median(measures[quiet], axis=0)[:_LIPS]
    at = np.array([anchors_of(points) for points in meshes])
    anchors = np.median(at[calm], axis=0)
    anchors[CORNERS] = np.median(at[quiet], axis=0)[CORNERS]
    lips = float(np.median([lip_height(meshes[k]) for k in np.flatnonzero(quiet).tolist()]))
    return OwnNeutral(middle, explains(middle), relaxed(anchors, lips))


_LIPS = 6
"""The first measures are of the lips."""


def _gap(points: NDArray[np.floating]) -> float:
    middle = len(INNER_UPPER) // 2
    apart = points[INNER_UPPER[middle], :2] - points[INNER_LOWER[middle], :2]
    eyes = float(np.linalg.norm(points[33, :2] - points[263, :2]))
    return float(np.linalg.norm(apart)) / max(eyes, 1e-6)
