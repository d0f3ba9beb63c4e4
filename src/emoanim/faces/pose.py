"""The canonical face mesh and the head pose that a similarity fit to it gives."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

__all__ = ["HeadPose", "canonical_mesh", "fit_pose"]


@dataclass(frozen=True, slots=True, eq=False)
class HeadPose:
    """Where a head is and where it looks.

    ``points = scale * canonical * (1, -1, -1) @ rotation.T + translation`` maps the canonical
    mesh (cm, x to the image's right, y up, z towards the camera) to pixels (y down, z away).

    Attributes:
        rotation: float64 (3, 3), identity for a face that looks straight into the camera.
        translation: float64 (3,), pixels.
        scale: pixels per cm.
    """

    rotation: NDArray[np.float64]
    translation: NDArray[np.float64]
    scale: float

    @property
    def yaw(self) -> float:
        """Degrees, positive towards the right of the image."""
        return math.degrees(math.atan2(-self.rotation[0, 2], self.rotation[2, 2]))

    @property
    def pitch(self) -> float:
        """Degrees, positive upwards."""
        return math.degrees(math.asin(min(max(float(self.rotation[1, 2]), -1.0), 1.0)))

    @property
    def roll(self) -> float:
        """Degrees, clockwise on the screen."""
        return math.degrees(math.atan2(self.rotation[1, 0], self.rotation[0, 0]))

    @property
    def turn(self) -> float:
        """Degrees between the face's axis and the camera's, in [0, 180]."""
        return math.degrees(math.acos(min(max(float(self.rotation[2, 2]), -1.0), 1.0)))


@cache
def canonical_mesh() -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Return the canonical face: points float32 (468, 3) in cm and triangles int32 (898, 3).

    x points to the right of the image, y up, z towards the camera. The arrays are read-only.
    Geometry from MediaPipe (Apache-2.0).
    """
    with files("emoanim.faces").joinpath("canonical_mesh.npz").open("rb") as file:
        stored = np.load(file)
        points = stored["points"].astype(np.float32)
        triangles = stored["triangles"].astype(np.int32)
    points.flags.writeable = False
    triangles.flags.writeable = False
    return points, triangles


def fit_pose(points: NDArray[np.float32], weights: NDArray[np.float32] | None = None) -> HeadPose:
    """Return the similarity that brings the canonical mesh closest to a mesh (Umeyama 1991).

    Args:
        points: (468, 3) pixels, y down, z away from the camera.
        weights: (468,) non-negative, for instance 0 for the mouth and the jaw; equal by default.

    Raises:
        ValueError: another shape.
    """
    if np.shape(points) != (468, 3):
        raise ValueError(f"points of shape {np.shape(points)} given; expected (468, 3).")
    source = canonical_mesh()[0].astype(np.float64) * (1.0, -1.0, -1.0)
    target = np.asarray(points, np.float64)
    share = np.ones(468) if weights is None else np.asarray(weights, np.float64)
    share = share / share.sum()
    source_mean, target_mean = share @ source, share @ target
    a, b = source - source_mean, target - target_mean
    u, d, vt = np.linalg.svd((b * share[:, None]).T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = (u * sign) @ vt
    scale = float((d * sign).sum() / (share @ (a**2).sum(1)))
    return HeadPose(rotation, target_mean - scale * rotation @ source_mean, scale)
