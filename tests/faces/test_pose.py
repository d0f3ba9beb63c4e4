from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.faces import canonical_mesh, fit_pose


def turned(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """The canonical mesh seen by a camera, 8 px per cm, turned by angles in degrees."""
    y, p, r = (math.radians(v) for v in (yaw, pitch, roll))
    about_y = np.array([[math.cos(y), 0, -math.sin(y)], [0, 1, 0], [math.sin(y), 0, math.cos(y)]])
    about_x = np.array([[1, 0, 0], [0, math.cos(p), math.sin(p)], [0, -math.sin(p), math.cos(p)]])
    about_z = np.array([[math.cos(r), -math.sin(r), 0], [math.sin(r), math.cos(r), 0], [0, 0, 1]])
    face = canonical_mesh()[0] * (1.0, -1.0, -1.0)
    return 8.0 * face @ (about_z @ about_y @ about_x).T + (320.0, 240.0, 5.0)


def test_the_canonical_mesh() -> None:
    points, triangles = canonical_mesh()
    assert points.shape == (468, 3)
    assert points.dtype == np.float32
    assert triangles.shape == (898, 3)
    assert set(triangles.ravel()) == set(range(468))
    assert points[33, 0] < 0 < points[263, 0]  # the person's right eye is left in the image
    assert points[10, 1] > points[152, 1]  # forehead above chin
    assert points[1, 2] > points[234, 2]  # nose before ear
    with pytest.raises(ValueError, match="read-only"):
        points[0] = 0


def test_a_face_that_looks_into_the_camera() -> None:
    pose = fit_pose(turned(0, 0, 0).astype(np.float32))
    assert pose.rotation == pytest.approx(np.eye(3), abs=1e-5)
    assert pose.scale == pytest.approx(8)
    assert pose.translation == pytest.approx([320, 240, 5], abs=1e-3)
    assert pose.turn == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize(
    ("yaw", "pitch", "roll"), [(25, 0, 0), (0, 15, 0), (0, 0, -30), (-40, 0, 20), (0, -20, 10)]
)
def test_angles_come_back(yaw: float, pitch: float, roll: float) -> None:
    points = turned(yaw, pitch, roll)
    pose = fit_pose(points.astype(np.float32))
    assert np.linalg.det(pose.rotation) == pytest.approx(1)
    if roll == 0:
        assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((yaw, pitch, roll), abs=0.01)
    assert pose.turn == pytest.approx(max(abs(yaw), abs(pitch)), abs=0.05)
    face = canonical_mesh()[0] * (1.0, -1.0, -1.0)
    again = pose.scale * face @ pose.rotation.T + pose.translation
    assert again == pytest.approx(points, abs=1e-3)


def test_signs_as_seen_in_the_image() -> None:
    """The tip of the nose moves to where the face turns."""
    straight, right, up = turned(0, 0, 0), turned(20, 0, 0), turned(0, 20, 0)
    assert right[1, 0] > straight[1, 0]
    assert fit_pose(right.astype(np.float32)).yaw > 0
    assert up[1, 1] < straight[1, 1]
    assert fit_pose(up.astype(np.float32)).pitch > 0
    tilted = turned(0, 0, 20)
    assert tilted[263, 1] > tilted[33, 1]
    assert fit_pose(tilted.astype(np.float32)).roll == pytest.approx(20, abs=0.01)


def test_weights_leave_points_out() -> None:
    points = turned(10, 5, 0).astype(np.float32)
    jaw = canonical_mesh()[0][:, 1] < -5
    points[jaw] += np.array([0, 30, 10], np.float32)
    assert abs(fit_pose(points).pitch - 5) > 1
    assert fit_pose(points, (~jaw).astype(np.float32)).pitch == pytest.approx(5, abs=0.2)


def test_another_shape() -> None:
    with pytest.raises(ValueError, match=r"expected \(468, 3\)"):
        fit_pose(np.zeros((68, 2), np.float32))
