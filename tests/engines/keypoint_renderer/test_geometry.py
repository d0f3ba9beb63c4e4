"""Coordinates, angles and key points."""

from __future__ import annotations

import math

import numpy as np
import pytest

from emoanim.engines.keypoint_renderer.landmarks import landmarks68

pytest.importorskip("torch")

import torch

from emoanim.engines.keypoint_renderer import geometry


def test_the_grid_runs_from_end_to_end_as_x_y_z():
    cells = geometry.grid(2, 3, 5, like=torch.zeros(()))
    assert cells.shape == (2, 3, 5, 3)
    assert cells[0, 0, 0].tolist() == [-1, -1, -1]
    assert cells[1, 2, 4].tolist() == [1, 1, 1]
    assert cells[0, 1, 4].tolist() == [1, 0, -1]


def test_degrees_are_three_per_bin_from_minus_99():
    logits = torch.full((3, 66), -1e4)
    for row, column in enumerate((0, 33, 65)):
        logits[row, column] = 0
    assert geometry.degrees(logits).tolist() == pytest.approx([-99, 0, 96])


def test_one_axis_at_a_time():
    angle = torch.tensor([math.pi / 2])
    nil = torch.zeros(1)
    x, y, z = torch.eye(3)
    turned = geometry.rotation_matrix(angle, nil, nil)[0]  # yaw, about y
    torch.testing.assert_close(turned @ z, x, atol=1e-6, rtol=0)
    turned = geometry.rotation_matrix(nil, angle, nil)[0]  # pitch, about x
    torch.testing.assert_close(turned @ y, z, atol=1e-6, rtol=0)
    turned = geometry.rotation_matrix(nil, nil, angle)[0]  # roll, about z
    torch.testing.assert_close(turned @ x, y, atol=1e-6, rtol=0)


def test_the_trained_value_of_pi():
    assert geometry.radians(torch.tensor([180.0])).item() == pytest.approx(3.14)


def test_gaussians_peak_at_their_point():
    cells = geometry.grid(3, 5, 5, like=torch.zeros(()))
    heat = geometry.gaussians(torch.tensor([[[0.5, -1.0, 0.0]]]), cells)
    assert heat.shape == (1, 1, 3, 5, 5)
    assert heat[0, 0, 1, 0, 3] == 1
    assert heat[0, 0, 1, 1, 3].item() == pytest.approx(math.exp(-0.5 * 0.25 / 0.01), abs=1e-9)


def test_key_points_turn_shift_and_bend():
    canonical = torch.tensor([[[1.0, 0, 0], [0, 1, 0]]])
    rotation = torch.tensor([[[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]] * 2)
    shift = torch.tensor([[0.0, 0, 1], [0, 0, 2]])
    bend = torch.zeros(2, 6)
    bend[1, 3] = 5
    moved = geometry.move_keypoints(canonical, rotation, shift, bend)
    assert moved.tolist() == [[[0, 1, 1], [-1, 0, 1]], [[0, 1, 2], [4, 0, 2]]]


def test_landmarks_come_from_the_mesh():
    mesh = np.column_stack((np.arange(468.0), np.arange(468.0) * 2, np.zeros(468)))
    points = landmarks68(mesh)
    assert points.shape == (68, 2)
    assert points[[30, 36, 39, 42, 45, 48, 54], 0].tolist() == [4, 33, 133, 362, 263, 61, 291]
    assert points[27].tolist() == [87, 174]  # between 168 and 6
