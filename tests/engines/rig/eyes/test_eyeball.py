from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.engines.rig.eyes.eyeball import eyeball
from emoanim.engines.rig.eyes.lids import LOWEST, MOST_OPENED
from emoanim.engines.rig.geometry.curves import slit
from emoanim.engines.rig.geometry.landmarks import LEFT_EYE, RIGHT_EYE
from emoanim.engines.rig.renderer import FaceRenderer

Draw = Callable[..., Any]
RADIUS = 0.45  # of the drawn iris, cm
WIDE = {"5": 1.6, "1": 1.0}


@pytest.fixture(scope="module")
def drawn(drawn_face: Draw) -> Any:
    return drawn_face(640)


@pytest.fixture(scope="module")
def irises(drawn: Any) -> NDArray[np.float32]:
    return np.stack([_iris(drawn, eye) for eye in (LEFT_EYE, RIGHT_EYE)])


def _iris(drawn: Any, eye: tuple[tuple[int, ...], tuple[int, ...]]) -> NDArray[np.float32]:
    upper, lower = eye
    centre = drawn.points[list(upper[3:6] + lower[3:6]), :2].mean(0)
    rim = RADIUS * drawn.scale * np.array([(1, 0), (0, -1), (-1, 0), (0, 1)])
    return np.vstack([centre, centre + rim]).astype(np.float32)


def _column(image: NDArray[np.uint8], iris: NDArray[np.float32], scale: float) -> Any:
    """Brightness over the iris' middle, from well above it to its centre."""
    x, y = iris[0].round().astype(int)
    top = y - round((RADIUS + 0.45) * scale)
    return image[top : y + 1, x - 2 : x + 3].mean((1, 2))


def test_a_wide_eye_shows_white_above_the_iris(drawn: Any, irises: Any) -> None:
    wide = FaceRenderer(drawn.image, drawn.points, irises=irises).render(WIDE)
    drawn_up = FaceRenderer(drawn.image, drawn.points).render(WIDE)
    for iris in irises:
        white, without = (_column(i, iris, drawn.scale)[::-1] for i in (wide, drawn_up))
        high = int(np.argmax(white > 90))  # from its centre upwards to where it ends
        assert high / drawn.scale == pytest.approx(RADIUS, abs=0.1)
        assert white[high : high + 3].max() > 120
        assert np.argmax(without > 90) > high + 3  # unless its place is known it is drawn up


def test_lids_at_rest_and_lowered_leave_the_ball(drawn: Any, irises: Any) -> None:
    known = FaceRenderer(drawn.image, drawn.points, irises=irises, cancel=0.0)
    unknown = FaceRenderer(drawn.image, drawn.points, cancel=0.0)
    for weights in ({}, {"43": 0.6}, {"7": 1.0}):
        assert np.array_equal(known.render(weights), unknown.render(weights))


def test_dark_glasses_have_no_white(drawn: Any, irises: Any) -> None:
    dark = np.full_like(drawn.image, 30)
    lids = slit(drawn.points, *LEFT_EYE)
    assert eyeball(drawn.image, irises[0], lids, drawn.scale) is not None
    assert eyeball(dark, irises[0], lids, drawn.scale) is None


def test_an_eye_outside_the_picture_or_tiny_has_none(drawn: Any, irises: Any) -> None:
    lids = slit(drawn.points, *LEFT_EYE)
    below = drawn.image[:, : int(lids.centre[0] - 2 * lids.half)]
    assert eyeball(below, irises[0], lids, drawn.scale) is None
    small = slit(drawn.points / 40, *LEFT_EYE)
    assert eyeball(drawn.image[::40, ::40], irises[0] / 40, small, drawn.scale / 40) is None


def test_eyes_that_are_hidden_alike_or_not_move_alike(drawn: Any, irises: Any) -> None:
    winking = drawn.image.copy()
    x, y = irises[0][0].round().astype(int)
    reach = round(1.6 * drawn.scale)
    winking[y - reach : y + reach, x - reach : x + reach] = 60
    one = FaceRenderer(winking, drawn.points, irises=irises, cancel=0.0).render(WIDE)
    none = FaceRenderer(winking, drawn.points, cancel=0.0).render(WIDE)
    assert np.array_equal(one, none)


def test_a_hanging_lid_is_opened_unless_the_expression_is_kept(drawn: Any, irises: Any) -> None:
    low = irises - np.float32(0.30 * drawn.scale) * np.array((0, 1), np.float32)  # under the lid
    calm, kept = (FaceRenderer(drawn.image, drawn.points, irises=low, cancel=c) for c in (1.0, 0.0))
    usual = FaceRenderer(drawn.image, drawn.points, irises=irises).render({})
    x, y = irises[0][0].round().astype(int)
    eye = np.s_[y - round(0.6 * drawn.scale) : y + 1, x - 3 : x + 4]
    assert np.abs(calm.render({})[eye].astype(int) - usual[eye]).mean() > 3
    assert np.array_equal(kept.render({})[eye], drawn.image[eye])
    assert all(0.1 < e.droop <= MOST_OPENED for e in calm._eyes)
    still = FaceRenderer(drawn.image, drawn.points, irises=low, baseline={})  # nothing else moves
    assert np.abs(still.render({})[eye].astype(int) - drawn.image[eye]).mean() > 3
    shut = calm.render({"43": 1.0})[eye].astype(int)
    blink = kept.render({"43": 1.0})[eye]
    assert np.abs(shut - blink).mean() < 12  # a blink closes an opened eye as well


def test_a_lowered_lower_lid_shows_more_of_the_ball_and_no_skin(drawn: Any, irises: Any) -> None:
    face = FaceRenderer(drawn.image, drawn.points, irises=irises, cancel=0.0)
    ends = []
    for image in (face.render({}), face.render({"6": -1.5})):
        for iris in irises:
            x, y = (iris[0] + (0.65 * drawn.scale, 0)).round().astype(int)
            blue = image[y : y + round(drawn.scale), x - 1 : x + 2, 2].mean(1)
            ends.append(int(np.argmax(blue < 190)) / drawn.scale)  # where the white ends
    lowered = np.array(ends[2:]) - ends[:2]
    assert (lowered > 0.5 * LOWEST).all()
    assert (lowered < LOWEST + 0.1).all()
