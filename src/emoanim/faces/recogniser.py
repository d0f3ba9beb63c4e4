"""Who is it: dlib's face embeddings.

The network (ResNet-29, 99.4 % on LFW, by its author) gives 128 numbers per face; faces of one
person lie nearer than 0.6 to each other.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.extras import install_command, require
from emoanim.faces.finder import Face
from emoanim.weights import fetch

__all__ = ["SAME_PERSON", "WEIGHT", "FaceRecogniser"]

Image = NDArray[np.uint8]

SAME_PERSON = 0.6
"""Largest distance between two faces of one person, by the network's author."""

WEIGHT = "dlib_face_recognition_resnet_model_v1.dat"

_MARKS = (263, 362, 33, 133, 2)
"""Mesh points of dlib's five: outer and inner corner of the left eye, of the right, nose base."""


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
