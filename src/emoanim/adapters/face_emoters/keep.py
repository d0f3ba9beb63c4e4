"""The face emoter that changes nothing: the paper's baseline of an animator alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emoanim.clips import Frames, Image, Portrait
from emoanim.emotions import EmotionPrompt
from emoanim.errors import MissingExtraError
from emoanim.faces import FaceFinder, portrait_quality
from emoanim.registry.verbs import options_repr, verb

__all__ = ["KeepFaceEmoter"]

SMALLEST = 64.0
"""Faces below that many pixels show too little to be moved."""


class KeepFaceEmoter:
    """Frames as they are, whatever the emotion; only their fitness for animation is looked at.

    Args:
        finder: of faces, to share one that is loaded. Where none is installed the fitness of a
            frame is not known.
    """

    name = "keep"

    def __init__(self, finder: FaceFinder | None = None) -> None:
        self._finder = finder
        if finder is None:
            try:
                self._finder = FaceFinder()
            except MissingExtraError:
                self._finder = None

    __repr__ = options_repr

    @verb
    def emote(self, frames: Sequence[Image] | Frames, prompt: EmotionPrompt) -> list[Portrait]:
        """Return the frames as portraits, in order; the prompt changes nothing.

        Args:
            frames: uint8 (h, w, 3) RGB each.
            prompt: of no account.

        Raises:
            FaceError: a frame without a face of at least 64 pixels, where faces can be looked for.
        """
        return [self._portrait(np.asarray(frame, np.uint8)) for frame in frames]

    def rate(self, frames: Sequence[Image] | Frames) -> list[float | None]:
        """Return how fit each frame is for animation, in [0, 1]; None where it is not known.

        Args:
            frames: uint8 (h, w, 3) RGB each.

        Raises:
            FaceError: as ``emote``.
        """
        return [self._quality(np.asarray(frame, np.uint8)) for frame in frames]

    def _portrait(self, frame: Image) -> Portrait:
        quality = self._quality(frame)
        return Portrait(image=frame, original=frame, quality=quality, emoter=self.name)

    def _quality(self, frame: Image) -> float | None:
        if self._finder is None:
            return None
        face = self._finder.largest_face(frame, SMALLEST)
        return portrait_quality(frame, self._finder.with_eyes(frame, face).points)
