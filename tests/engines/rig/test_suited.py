from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.suited import mouth_width, suited
from emoanim.faces import canonical_mesh

FULL = {"1": 1.0, "15": 1.0, "16": 1.0, "20": 1.0, "25": 1.0}


def _points(yaw: float = 0.0, narrower: float = 0.0) -> np.ndarray:
    """Return the canonical face in pixels, turned by degrees, its mouth narrower by cm."""
    points = canonical_mesh()[0].astype(np.float64).copy()
    mouth = (np.abs(points[:, 0]) < 3.2) & (points[:, 1] < -2.6) & (points[:, 1] > -6.0)
    points[mouth, 0] *= 1.0 - narrower / 4.5
    angle = np.radians(yaw)
    turn = np.array(
        [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
    )
    return 20.0 * (points @ turn.T) * (1, -1, -1) + (256, 256, 0)


def test_a_usual_mouth_takes_all() -> None:
    shares = suited(FULL, _points(narrower=-0.5))
    assert shares["15"] == 1.0
    assert shares["1"] == shares["16"] == shares["20"] == shares["25"] == 1.0


def test_corners_of_a_narrow_mouth_go_down_less() -> None:
    assert mouth_width(_points(narrower=0.7)) < mouth_width(_points()) - 0.5
    narrow, usual = suited(FULL, _points(narrower=0.7)), suited(FULL, _points())
    assert narrow["15"] < 0.8 * usual["15"]
    assert narrow["20"] == usual["20"]


@pytest.mark.parametrize("yaw", [-32.0, 32.0])
def test_a_turned_mouth_is_drawn_out_less_on_either_side(yaw) -> None:
    turned = suited(FULL, _points(yaw))
    assert turned["20"] < 0.65
    assert turned["16"] < 0.8
    assert turned["1"] == 1.0


def test_the_more_a_face_is_turned_the_less() -> None:
    shares = [suited(FULL, _points(yaw))["20"] for yaw in (5.0, 15.0, 25.0, 35.0, 50.0)]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(0.5)
