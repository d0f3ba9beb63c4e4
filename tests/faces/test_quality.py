from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.faces import (
    Face,
    canonical_mesh,
    eye_openness,
    frontality,
    mouth_openness,
    sharpness,
)


def mesh() -> NDArray[np.float32]:
    return canonical_mesh()[0] * np.array([10, -10, -10], np.float32)


def test_frontality() -> None:
    assert frontality(mesh()) == pytest.approx(1, abs=1e-3)
    for degrees, expected in ((15, 0.75), (30, 0.5), (80, 0.0)):
        a = np.radians(degrees)
        turn = np.array([[np.cos(a), 0, -np.sin(a)], [0, 1, 0], [np.sin(a), 0, np.cos(a)]])
        assert frontality((mesh() @ turn.T).astype(np.float32)) == pytest.approx(expected, abs=0.01)


def test_eyes_count_by_the_one_that_is_less_open() -> None:
    points = mesh()
    width = np.linalg.norm(points[362] - points[263])
    before = eye_openness(points)
    assert 0.15 < before < 0.5
    for upper, lower in ((385, 380), (387, 373)):
        points[upper] = points[lower] + np.array([0, -0.05 * width, 0], np.float32)
    assert eye_openness(points) == pytest.approx(0.05, abs=1e-3)


def test_mouth() -> None:
    points = mesh()
    closed = mouth_openness(points)
    points[14, 1] += 0.2 * np.linalg.norm(points[33] - points[263])
    assert mouth_openness(points) == pytest.approx(closed + 0.2, abs=0.02)


def test_sharpness_falls_with_blur_and_not_with_light(
    portrait: NDArray[np.uint8], face: Face
) -> None:
    sharp = sharpness(portrait, face.points)
    blurred = sharpness(cv2.GaussianBlur(portrait, (0, 0), 2), face.points)
    darker = sharpness((portrait * 0.6).astype(np.uint8), face.points)
    assert blurred < 0.5 * sharp
    assert darker == pytest.approx(sharp, rel=0.1)


def test_a_smiling_portrait(face: Face) -> None:
    assert frontality(face.points) > 0.8
    assert eye_openness(face.points) > 0.2
    assert 0.05 < mouth_openness(face.points) < 0.25
