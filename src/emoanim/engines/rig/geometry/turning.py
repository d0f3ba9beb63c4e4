"""The head's rigid motion about the neck."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.faces import HeadPose

__all__ = ["FLIP", "Turning", "in_picture"]

Array = NDArray[np.float32]

FLIP = np.array((1, -1, -1), np.float32)
"""From canonical axes (y up, z towards the camera) to those of the picture."""
NECK = np.array((0.0, -9.5, -5.0), np.float32)
"""What the head turns about, canonical cm."""
CAMERA = 60.0
"""Distance of the camera for a motion towards it, cm."""


@dataclass(frozen=True, slots=True, eq=False)
class Turning:
    """One motion of the head, in pixels: ``rotation`` about ``pivot``, ``shift``, then ``zoom``."""

    rotation: Array
    pivot: Array
    shift: Array
    zoom: float

    @classmethod
    def of(cls, head: Sequence[float], pose: HeadPose) -> Turning:
        """Return the motion of pitch, yaw, roll (degrees) and x, y, z (cm) from a pose."""
        pitch, yaw, roll = (math.radians(a) for a in head[:3])
        shift = np.array(head[3:6], np.float32) * FLIP * np.float32(pose.scale)
        return cls(_rotation(pitch, yaw, roll), in_picture(NECK, pose), shift, head[5] / CAMERA)

    def carried(self, points: Array) -> Array:
        """Return points (..., 3) after the motion."""
        apart = (points - self.pivot) @ self.rotation.T
        apart *= np.float32(1 + self.zoom)
        return np.asarray(apart + (self.pivot + self.shift), np.float32)

    def turned(self, moves: Array) -> Array:
        """Return small displacements (..., 3) as they look after the motion."""
        return np.asarray(moves @ (self.rotation.T * np.float32(1 + self.zoom)), np.float32)


def in_picture(position: Array, pose: HeadPose) -> Array:
    """Return canonical places (..., 3) in cm as pixels and depth."""
    turned = (position * FLIP) @ pose.rotation.T * pose.scale + pose.translation
    return np.asarray(turned, np.float32)


def _rotation(pitch: float, yaw: float, roll: float) -> Array:
    """Return the rotation in the picture's axes (x right, y down, z away)."""
    cx, sx, cy, sy = math.cos(pitch), math.sin(pitch), math.cos(yaw), math.sin(yaw)
    cz, sz = math.cos(roll), math.sin(roll)
    about_x = np.array([[1, 0, 0], [0, cx, sx], [0, -sx, cx]])
    about_y = np.array([[cy, 0, -sy], [0, 1, 0], [sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x, np.float32)
