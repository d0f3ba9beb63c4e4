"""A short film kept in memory, so that it can be walked in any direction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.following import Seen
from emoanim.extras import require
from emoanim.memory import give_back

__all__ = ["Reel"]

QUALITY = 97
"""Of the pictures that are kept, JPEG: what was a film loses nothing that is seen."""


NO_PICTURE: Image = np.empty((0, 0, 3), np.uint8)


class Reel:
    """Frames of a film in any order, their pictures compressed.

    Args:
        known: frames that were followed before, without their pictures.
        pictures: gives the pictures of all frames, in order; asked when one of them is, and they
            were put away or only ``known``.
    """

    def __init__(
        self,
        known: Iterable[Seen] = (),
        pictures: Callable[[], Iterable[Image]] | None = None,
    ) -> None:
        self._known = list(known)
        self._pictures: list[NDArray[np.uint8]] | None = None if self._known else []
        self._read = pictures
        self._turn = threading.Lock()

    def __len__(self) -> int:
        return len(self._known)

    @property
    def frames(self) -> Sequence[Seen]:
        """What is known of every frame, the pictures left out."""
        return self._known

    def add(self, seen: Seen) -> None:
        """Keep a frame."""
        assert self._pictures is not None
        self._pictures.append(_compressed(seen.image))
        self._known.append(replace(seen, image=NO_PICTURE))

    def put_away(self) -> None:
        """Let go of the pictures, if they can be read anew."""
        with self._turn:
            if self._read is not None:
                self._pictures = None
                give_back()

    def __getitem__(self, index: int) -> Seen:
        """Return a frame.

        Raises:
            ValueError: the clip does not have the frames any more that were followed.
        """
        cv2 = require("cv2", "rig")
        with self._turn:
            if self._pictures is None:
                again = self._read() if self._read is not None else ()
                self._pictures = [_compressed(image) for image in again]
            pictures = self._pictures
        if len(pictures) != len(self._known):
            raise ValueError(
                f"{len(self._known)} frames were followed and {len(pictures)} can be read; "
                "was the clip changed during the run?"
            )
        picture = cv2.imdecode(pictures[index], cv2.IMREAD_COLOR)
        return replace(self._known[index], image=cv2.cvtColor(picture, cv2.COLOR_BGR2RGB))


def _compressed(image: Image) -> NDArray[np.uint8]:
    cv2 = require("cv2", "rig")
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    done, picture = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), options)
    if not done:
        raise ValueError(f"a frame of shape {image.shape} cannot be kept.")
    compressed: NDArray[np.uint8] = picture
    return compressed
