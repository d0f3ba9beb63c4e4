"""A short film at hand, so that it can be walked in any direction."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from emoanim.clips import Image
from emoanim.engines.film.following import Seen
from emoanim.engines.film.picture_store import PictureStore
from emoanim.memory import give_back

__all__ = ["NO_PICTURE", "Reel"]

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
        self._pictures: PictureStore | None = None if self._known else PictureStore()
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
        self._pictures.add(seen.image)
        self._known.append(replace(seen, image=NO_PICTURE))

    def know_better(self, frames: Iterable[Seen]) -> None:
        """Put in what the whole film tells of every frame."""
        self._known = [replace(seen, image=NO_PICTURE) for seen in frames]

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
        with self._turn:
            if self._pictures is None:
                self._pictures = PictureStore()
                for image in self._read() if self._read is not None else ():
                    self._pictures.add(image)
            pictures = self._pictures
        if len(pictures) != len(self._known):
            raise ValueError(
                f"{len(self._known)} frames were followed and {len(pictures)} can be read; "
                "was the clip changed during the run?"
            )
        return replace(self._known[index], image=pictures[index])
