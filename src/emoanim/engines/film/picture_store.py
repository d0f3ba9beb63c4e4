"""The pictures of a film, compressed, in memory or, where they are large, on disk."""

from __future__ import annotations

import tempfile
import threading
import weakref
from typing import IO

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.extras import require
from emoanim.memory import HD_PICTURE

__all__ = ["PictureStore"]

QUALITY = 97
"""JPEG: what was a film loses nothing that is seen."""

_Place = tuple[int, int]


class PictureStore:
    """Pictures that are added one after the other and read in any order, from any thread.

    Those beyond HD go into a temporary file that has no name and is gone with the store: twelve
    seconds of 1920x1080 take 100 to 400 MB. Where there is no room for it they stay in memory.
    """

    def __init__(self) -> None:
        self._kept: list[bytes | _Place] = []
        self._file: IO[bytes] | None = None
        self._full = False
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, image: Image) -> None:
        """Keep a picture, uint8 (h, w, 3) RGB."""
        data = _compressed(image)
        large = image.shape[0] * image.shape[1] > HD_PICTURE
        with self._turn:
            self._kept.append((large and self._written(data)) or data)

    def __getitem__(self, index: int) -> Image:
        """Return a picture, uint8 (h, w, 3) RGB."""
        cv2 = require("cv2", "rig")
        data = self._kept[index]
        if not isinstance(data, bytes):
            assert self._file is not None
            start, size = data
            with self._turn:
                self._file.seek(start)
                data = self._file.read(size)
        picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        image: Image = cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)
        return image

    def _written(self, data: bytes) -> _Place | None:
        """Return where a picture is in the file; None where it does not go in."""
        if self._full:
            return None
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the store
                weakref.finalize(self, self._file.close)
            start = self._file.seek(0, 2)
            self._file.write(data)
            self._file.flush()
        except OSError:
            self._full = True
            return None
        return start, len(data)


def _compressed(image: Image) -> bytes:
    cv2 = require("cv2", "rig")
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    done, picture = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"a frame of shape {image.shape} cannot be kept.")
    data: NDArray[np.uint8] = picture
    return data.tobytes()
