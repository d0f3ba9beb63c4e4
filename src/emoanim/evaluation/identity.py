"""Is it the same person: distances between dlib's face embeddings.

Faces of one person lie nearer than 0.6 to each other (``emoanim.faces.recogniser``). A strong
expression moves them too, so the distance within the original clip stands beside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.faces.recogniser import SAME_PERSON, FaceRecogniser

__all__ = ["SAME_PERSON", "FaceRecogniser", "IdentityDistance", "identity_distance"]


@dataclass(frozen=True, slots=True)
class IdentityDistance:
    """How far apart the faces of two clips are.

    Attributes:
        distance: median Euclidean distance of embeddings over all pairs of an original and a
            generated face, or picture by picture; up to 0.6 for one person. NaN with a ``reason``
            if not measured.
        within: the same over pairs of original faces: what one clip differs by itself; NaN if it
            has one face only, or if its pictures may show different people.
        faces: faces compared, (original, generated).
        reason: why ``distance`` is NaN, None otherwise.
        paired: each picture was compared with the one in its place.
    """

    distance: float
    within: float
    faces: tuple[int, int]
    reason: str | None = None
    paired: bool = False

    @property
    def different(self) -> bool:
        """Whether these are hardly the same person."""
        return self.distance > SAME_PERSON


def identity_distance(
    original: NDArray[np.float64],
    generated: NDArray[np.float64],
    reason: str | None = None,
    *,
    paired: bool = False,
) -> IdentityDistance:
    """Compare the embeddings of two clips, or of two rows of pictures.

    Args:
        original: (n, 128).
        generated: (m, 128).
        reason: why there are none, if it is known.
        paired: row i of one belongs to row i of the other, n equals m.
    """
    x, y = original, generated
    counts = (len(x), len(y))
    if not len(x) or not len(y):
        return IdentityDistance(math.nan, math.nan, counts, reason or "a clip without embeddings")
    if paired:
        each = np.linalg.norm(x - y, axis=1)
        return IdentityDistance(float(np.median(each)), math.nan, counts, paired=True)
    across = np.linalg.norm(x[:, None] - y, axis=2)
    inside = np.linalg.norm(x[:, None] - x, axis=2)[np.triu_indices(len(x), 1)]
    within = float(np.median(inside)) if len(inside) else math.nan
    return IdentityDistance(float(np.median(across)), within, counts)
