"""What a user should know of the faces that a run starts from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import median

from emoanim.clips import Image
from emoanim.faces.drawings import SURELY_DRAWN, looks_drawn
from emoanim.faces.finder import Face, FaceFinder
from emoanim.faces.pose import fit_pose
from emoanim.faces.quality import lip_contrast, mouth_seen, skin_colour

__all__ = ["FaceCautions"]

_PALEST_LIPS = 0.05
"""Contrast of lips that are seen, over the lightness of the skin: the dark takes from both."""
_PALEST_GREY_LIPS = 0.02
"""The same in a picture without colours, where lips may be as bright as what is around them."""
_GREY = 0.06
"""Chroma of skin over its lightness, up to which a picture has no colours."""
_OFTEN_COVERED = 0.3
"""Share of the frames with a face from which a covered mouth is worth a note."""
_TURNED_AWAY = 38.0
"""Angle between a face and the camera from which on most of its far side is not seen, degrees."""
_DRAWN = (
    "the face looks drawn or painted; teeth, lids and shadows are made as a photograph shows them"
)


class FaceCautions:
    """Looks at faces one picture after another, and says what makes the result doubtful.

    Args:
        finder: that found them.
    """

    def __init__(self, finder: FaceFinder) -> None:
        self._finder = finder
        self._fit = self._several = self.free = 0
        self._drawn: list[float] = []
        self._turn = 0.0

    def add(self, image: Image, faces: Sequence[Face]) -> bool:
        """Look at the largest face of a picture; return whether its mouth seems to be covered.

        Args:
            image: uint8 (h, w, 3) RGB.
            faces: its faces, largest first.
        """
        self._fit += 1
        self._several += len(faces) > 1
        self._drawn.append(looks_drawn(image, faces[0].points))
        self._turn = max(self._turn, fit_pose(faces[0].points).turn)
        covered = self._mouth_covered(image, faces[0])
        self.free += not covered
        return covered

    def of_a_clip(self, looked: int) -> list[str]:
        """Return notes on a clip of which so many frames were looked at."""
        notes = []
        if self._several:
            notes.append(
                f"several faces in {self._several} of {looked} frames looked at; the largest is "
                "followed"
            )
        covered = self._fit - self.free
        if covered > _OFTEN_COVERED * self._fit:
            guessed = "" if self.free else "; the mouth of the still is a guess"
            notes.append(f"the mouth is covered in {covered} of {looked} frames looked at{guessed}")
        if self._fit < looked:
            notes.append(f"a usable face in {self._fit} of {looked} frames looked at")
        return notes + self._on_drawings()

    def of_a_picture(self) -> list[str]:
        """Return notes on a single picture."""
        notes = []
        if self._several:
            notes.append("several faces in the picture; the largest is taken")
        if self._fit > self.free:
            notes.append("the mouth is covered; what is made of it is a guess")
        if self._turn > _TURNED_AWAY:
            notes.append(
                f"the face is turned away by {self._turn:.0f} degrees; its far side is a guess. A "
                "picture of a face that looks at the camera serves better"
            )
        return notes + self._on_drawings()

    def _on_drawings(self) -> list[str]:
        return [_DRAWN] if self._drawn and median(self._drawn) >= SURELY_DRAWN else []

    def _mouth_covered(self, image: Image, face: Face) -> bool:
        """Whether the lips are not seen, or have the colour of what is around them."""
        close = self._finder.with_lips(image, face)
        if mouth_seen(face, close) < 0.5:
            return True
        light, red, yellow = map(float, skin_colour(image, face.points))
        grey = math.hypot(red, yellow) < _GREY * light
        palest = (_PALEST_GREY_LIPS if grey else _PALEST_LIPS) * light
        return lip_contrast(image, close.points) < palest
