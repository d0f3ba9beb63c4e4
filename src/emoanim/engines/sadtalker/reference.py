"""Coefficients of a reference video, whose head motion or eyes are borrowed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Clip
from emoanim.engines.keypoint_renderer.landmarks import landmarks68
from emoanim.engines.sadtalker.mel import FPS
from emoanim.engines.sadtalker.picture import FacePicture, coefficients_of
from emoanim.errors import FaceError
from emoanim.faces import FaceFinder, FaceTracker

if TYPE_CHECKING:
    from emoanim.engines.sadtalker.networks import Networks

__all__ = ["reference_track"]


def reference_track(
    networks: Networks, clip: Clip, finder: FaceFinder, longest: float
) -> NDArray[np.float64]:
    """Return the coefficients of a clip at 25 frames per second, (n, 73).

    A frame in which the face is lost takes the last one's.

    Args:
        networks: see ``load``.
        clip: a person who speaks or listens.
        finder: of faces.
        longest: seconds that are read at most.

    Raises:
        FaceError: no frame shows a face.
    """
    tracker = FaceTracker(finder)
    rows: list[NDArray[np.float64]] = []
    for time, image in clip.frames(0.0, longest):
        due = int(time * FPS + 0.5) + 1 - len(rows)
        if due <= 0:
            continue
        face = tracker.update(image, time)
        if face is not None:
            height, width = image.shape[:2]
            box = (0, 0, width, height)
            picture = FacePicture(image, landmarks68(face.points), box, (width, height))
            coefficients = coefficients_of(networks.regressor, networks.device, picture)
        elif rows:
            coefficients = rows[-1]
        else:
            continue
        rows += [coefficients] * due
    if not rows:
        raise FaceError(
            "the reference video shows no face; expected a person facing the camera. "
            "Give another video, or none."
        )
    return np.stack(rows)
