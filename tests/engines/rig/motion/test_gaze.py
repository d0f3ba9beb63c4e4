from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.eyes.lids import DEGREE, FARTHEST, lid_motion
from emoanim.engines.rig.geometry.landmarks import LEFT_EYE, RIGHT_EYE
from emoanim.engines.rig.motion.gaze import gaze_curves
from emoanim.engines.rig.renderer import FaceRenderer

TIMES = (np.arange(500) + 0.5) / 25.0
STILL = np.zeros((500, 6))


def across(curves):
    return FARTHEST * (curves["62"] - curves["61"])


@pytest.mark.parametrize("seed", range(5))
def test_the_eyes_fixate_and_jump(seed) -> None:
    curve = across(gaze_curves(TIMES, STILL, 1.0, np.random.default_rng(seed)))
    steps = np.abs(np.diff(curve))
    assert 5 < (steps > 0.2).sum() < 60  # saccades in 20 s
    assert (steps < 1e-9).mean() > 0.8  # and nothing between them
    assert np.abs(curve).max() <= FARTHEST


def test_the_eyes_stay_on_the_camera_while_the_head_turns() -> None:
    head = STILL.copy()
    head[:, 1] = 4.0 * np.sin(TIMES)
    rng = np.random.default_rng(0), np.random.default_rng(0)
    turned = across(gaze_curves(TIMES, head, 1.0, rng[0]))
    still = across(gaze_curves(TIMES, STILL, 1.0, rng[1]))
    within = np.abs(turned) < FARTHEST - 1e-6
    np.testing.assert_allclose((turned - still)[within], -0.75 * head[within, 1], atol=1e-9)
    assert within.mean() > 0.8


def test_no_motion_no_gaze() -> None:
    curves = gaze_curves(TIMES, STILL, 0.0, np.random.default_rng(0))
    assert all(not curve.any() for curve in curves.values())


def test_the_lid_goes_with_an_eye_that_looks_down() -> None:
    down, up = lid_motion({"64": 1.0}, {}), lid_motion({"63": 1.0}, {})
    assert down.upper < 0 < up.upper
    assert lid_motion({"62": 9.0}, {}).right == pytest.approx(FARTHEST * DEGREE)


def test_the_iris_goes_where_the_eye_looks(drawn_face) -> None:
    drawn = drawn_face(640)
    irises = []
    for upper, lower in (LEFT_EYE, RIGHT_EYE):
        centre = drawn.points[list(upper[3:6] + lower[3:6]), :2].mean(0)
        rim = 0.45 * drawn.scale * np.array([(1, 0), (0, -1), (-1, 0), (0, 1)])
        irises.append(np.vstack([centre, centre + rim]))
    face = FaceRenderer(drawn.image, drawn.points, irises=np.array(irises, np.float32), cancel=0.0)

    def middle(image):
        """Return the middle of what is dark in the left eye, pixels."""
        x, y = irises[0][0].astype(int)
        reach = int(0.9 * drawn.scale)
        part = image[y - 3 : y + 4, x - reach : x + reach].mean((0, 2))
        dark = np.clip(150 - part, 0, None)
        return (dark * np.arange(len(dark))).sum() / dark.sum()

    ahead, left, right = (middle(face.render(u)) for u in ({}, {"61": 1}, {"62": 1}))
    way = FARTHEST * DEGREE * drawn.scale
    assert ahead - left == pytest.approx(way, rel=0.3)
    assert right - ahead == pytest.approx(way, rel=0.3)
