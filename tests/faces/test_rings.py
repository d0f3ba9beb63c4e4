"""Rings of mesh points, and what they enclose."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.geometry import landmarks
from emoanim.faces import EYES, INNER_LIPS, OUTER_LIPS, OUTLINE, canonical_mesh, enclosed

pytest.importorskip("cv2")


def test_a_ring_encloses_its_corners_and_what_is_between():
    ring = np.array([[1.4, 1.0], [5.6, 1.0], [6.0, 3.4], [1.0, 2.6]])
    mask = enclosed(ring, (6, 8))
    assert mask.dtype == bool
    assert mask[1:4, 1:7].all()
    assert mask.sum() == 18
    assert not enclosed(ring + 100, (6, 8)).any()


def test_the_rings_are_the_rigs_lips_and_lids():
    around = {
        OUTER_LIPS: landmarks.OUTER_UPPER + landmarks.OUTER_LOWER,
        INNER_LIPS: landmarks.INNER_UPPER + landmarks.INNER_LOWER,
        EYES[0]: sum(landmarks.LEFT_EYE, ()),
        EYES[1]: sum(landmarks.RIGHT_EYE, ()),
    }
    for ring, edges in around.items():
        assert set(ring) == set(edges)


def test_a_ring_does_not_cross_itself():
    points = canonical_mesh()[0][:, :2] * (40, -40) + (400, 500)
    face = enclosed(points[list(OUTLINE)], (1000, 800))
    for inner, outer in ((INNER_LIPS, OUTER_LIPS), (OUTER_LIPS, OUTLINE), (EYES[0], OUTLINE)):
        x, y = points[list(inner)].T
        area = abs((x * np.roll(y, 1) - y * np.roll(x, 1)).sum()) / 2
        mask = enclosed(points[list(inner)], face.shape)
        # Twice the area of a ring that crosses itself is not what it covers.
        assert area == pytest.approx(mask.sum() - len(inner), rel=0.25)
        assert not (mask & ~enclosed(points[list(outer)], face.shape)).any()
