"""A 7-class frame classifier, the second opinion."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoanim.emotions import Emotion
from emoanim.extras import require
from emoanim.faces import Face, FaceFinder, eye_levelled_crop
from emoanim.faces.interpreter import Network
from emoanim.registry.verbs import options_repr
from emoanim.scoring.face_reading import FaceClassifier, FaceReading
from emoanim.weights import fetch

__all__ = ["FacexClassifier"]

Image = NDArray[np.uint8]


class FacexClassifier(FaceClassifier):
    """The convolutional network of ``facex`` 1.1.0 (MIT): seven expressions, no contempt.

    It sees a grey crop (ITU-R BT.601) of 200x200 pixels in [0, 1], level with the eyes, tighter
    than the 8-class one's (scale 1.05, shift -0.03), and gives a softmax.

    Args:
        batch: frames that are held at a time.
        track: frames belong to one clip and one person is followed; False for unrelated stills.
        min_face: faces smaller than that, in pixels, count as none.
        finder: of faces, to share one that is loaded.
        weights: path of your own copy of the model.

    Raises:
        WeightsError: the model cannot be had or is not what it should be.
        SettingsError: a batch out of range.
    """

    name = "facex"
    labels: tuple[str, ...] = tuple(str(e) for e in Emotion if e is not Emotion.CONTEMPT)
    """Anger ... surprise, alphabetical, which is also the order of the network's classes."""

    SIZE = 200

    def __init__(
        self,
        *,
        batch: int = 4,
        track: bool = True,
        min_face: float = 32.0,
        finder: FaceFinder | None = None,
        weights: str | Path | None = None,
    ) -> None:
        self._network = Network(fetch("facex", path=weights))
        self._reading = FaceReading(finder, track=track, min_face=min_face, batch=batch)

    __repr__ = options_repr

    def scores(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the probabilities of grey face crops, (n, 7).

        Args:
            crops: uint8 (n, 200, 200), eyes level.
        """
        seen = crops.astype(np.float32) / np.float32(255.0)
        rows = [self._network(np.repeat(c[None, :, :, None], 3, axis=3))[0] for c in seen]
        return np.concatenate(rows)

    def _crop(self, image: Image, face: Face) -> Image:
        cv2 = require("cv2", "rig")
        crop = eye_levelled_crop(image, face.points, self.SIZE, 1.05, -0.03)
        return np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
