"""Finding faces, their 468-point mesh, and following one person through a clip."""

from __future__ import annotations

from emoanim.faces.choosing import find_person
from emoanim.faces.crop import eye_levelled_crop
from emoanim.faces.finder import Face, FaceFinder, shared_finder, square_of
from emoanim.faces.pose import HeadPose, canonical_mesh, fit_pose
from emoanim.faces.quality import (
    eye_openness,
    frontality,
    lip_contrast,
    mouth_openness,
    mouth_seen,
    portrait_quality,
    sharpness,
)
from emoanim.faces.rings import EYES, INNER_LIPS, OUTER_LIPS, OUTLINE, enclosed
from emoanim.faces.tracking import FaceTracker, faces_of

__all__ = [
    "EYES",
    "INNER_LIPS",
    "OUTER_LIPS",
    "OUTLINE",
    "Face",
    "FaceFinder",
    "FaceTracker",
    "HeadPose",
    "canonical_mesh",
    "enclosed",
    "eye_levelled_crop",
    "eye_openness",
    "faces_of",
    "find_person",
    "fit_pose",
    "frontality",
    "lip_contrast",
    "mouth_openness",
    "mouth_seen",
    "portrait_quality",
    "shared_finder",
    "sharpness",
    "square_of",
]
