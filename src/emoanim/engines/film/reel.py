"""A short film kept in memory, so that it can be walked in any direction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Image
from emoanim.engines.film.following import Seen
from emoanim.extras import require

__all__ = ["Reel"]

QUALITY = 97
"""Of the pictures that are kept, JPEG: what was a film loses nothing that is seen."""


@dataclass(slots=True, eq=False)
class _Kept:
    picture: NDArray[np.uint8]
    seen: Seen


class Reel:
    """Frames of a film in any order, their pictures compressed."""

    def __init__(self) -> None:
        self._kept: list[_Kept] = []

    def __len__(self) -> int:
        return len(self._kept)

    def add(self, seen: Seen) -> None:
        """Keep a frame."""
        cv2 = require("cv2", "rig")
        options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        done, picture = cv2.imencode(".jpg", cv2.cvtColor(seen.image, cv2.COLOR_RGB2BGR), options)
        if not done:
            raise ValueError(f"a frame of shape {seen.image.shape} cannot be kept.")
        self._kept.append(_Kept(picture, replace(seen, image=np.empty((0, 0, 3), np.uint8))))

    def known(self, index: int) -> Seen:
        """Return what is known of a frame, its picture left out."""
        return self._kept[index].seen

    def __getitem__(self, index: int) -> Seen:
        cv2 = require("cv2", "rig")
        cached = self._kept[index]
        image: Image = cv2.cvtColor(
            cv2.imdecode(cached.picture, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB
        )
        return replace(cached.seen, image=image)
