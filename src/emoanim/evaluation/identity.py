"""Is it the same person: distances between dlib's face embeddings.

The network (ResNet-29, 99.4 % on LFW, by its author) gives 128 numbers per face; faces of one
person lie nearer than 0.6 to each other. A strong expression moves them too, so the distance within
the original clip stands beside.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.extras import install_command, require
from emoanim.faces import Face
from emoanim.weights import fetch

__all__ = ["SAME_PERSON", "FaceRecogniser", "IdentityDistance", "identity_distance"]

Image = NDArray[np.uint8]

SAME_PERSON = 0.6
"""Largest distance between two faces of one person, by the network's author."""

WEIGHT = "dlib_face_recognition_resnet_model_v1.dat"

_MARKS = (263, 362, 33, 133, 2)
"""Mesh points of dlib's five: outer and inner corner of the left eye, of the right, nose base."""


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


class FaceRecogniser:
    """dlib's face recognition network, without the package ``face_recognition``.

    Args:
        weights: path of your own copy of the network.

    Raises:
        MissingExtraError: dlib is not installed.
        WeightsError: the network cannot be had or is not what it should be.
    """

    def __init__(self, weights: str | Path | None = None) -> None:
        self._dlib = require("dlib", "identity")
        try:
            path = fetch(WEIGHT, path=weights)
        except WeightsError as error:
            raise WeightsError(f"{error} Or install: {install_command('identity')}") from error
        self._network = self._dlib.face_recognition_model_v1(str(path))

    def embed(self, image: Image, face: Face) -> NDArray[np.float64]:
        """Return the embedding of a face, (128,).

        dlib cuts the face out level and in its own proportions, from five points of the mesh.

        Args:
            image: uint8 (h, w, 3) RGB.
            face: found in it.
        """
        dlib = self._dlib
        marks = [dlib.point(*(round(float(v)) for v in face.points[i, :2])) for i in _MARKS]
        box = dlib.rectangle(*(round(v) for v in face.box))
        shape = dlib.full_object_detection(box, marks)
        embedding = self._network.compute_face_descriptor(np.ascontiguousarray(image), shape)
        return np.asarray(embedding, np.float64)


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
