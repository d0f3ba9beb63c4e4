from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.engines.rig.mouth.turned_lips import for_turned_lips
from emoanim.faces import canonical_mesh

FULL = {"1": 1.0, "15": 1.0, "16": 1.0, "20": 1.0, "25": 1.0}


def _points(yaw: float) -> NDArray[np.float64]:
    """Return the canonical face in pixels, turned by degrees."""
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    points = canonical_mesh()[0].astype(np.float64) @ turn.T
    return 20.0 * points * (1, -1, -1) + (256, 256, 0)


@pytest.mark.parametrize("yaw", [-8.0, 0.0, 8.0])
def test_a_face_towards_the_camera_takes_all(yaw: float) -> None:
    assert for_turned_lips(FULL, _points(yaw)) == FULL


@pytest.mark.parametrize("yaw", [-32.0, 32.0])
def test_turned_lips_are_stretched_and_parted_less_on_either_side(yaw: float) -> None:
    turned = for_turned_lips(FULL, _points(yaw))
    assert turned["1"] == turned["15"] == 1.0
    assert turned["20"] < turned["16"] < turned["25"] < 0.8


def test_the_more_a_face_is_turned_the_less() -> None:
    shares = [for_turned_lips(FULL, _points(yaw))["20"] for yaw in (5.0, 15.0, 25.0, 35.0, 50.0)]
    assert shares[0] == 1.0
    assert shares == sorted(shares, reverse=True)
    assert shares[-1] == pytest.approx(0.5)
