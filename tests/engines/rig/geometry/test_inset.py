from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.engines.rig.geometry.inset import inset
from emoanim.engines.rig.renderer import FaceRenderer

Image = NDArray[np.uint8]
SCREEN = (400, 700)
PLACE = (350, 70)
"""Left and top of the webcam's picture in the screen's."""


def _without_grid(drawn: Any) -> Image:
    """Return the drawn face before a plain wall."""
    grid = (np.abs(drawn.image.astype(int) - (110, 130, 150)) < 8).all(-1)
    return np.where(grid[..., None], np.uint8((70, 90, 120)), drawn.image)


def _screen(drawn: Any) -> tuple[Image, NDArray[np.float32]]:
    """Put a face into a screen recording, as a webcam shows it."""
    screen = np.full((*SCREEN, 3), 244, np.uint8)
    screen[::12, 20:330] = 30
    height, width = drawn.image.shape[:2]
    left, top = PLACE
    screen[top : top + height, left : left + width] = _without_grid(drawn)
    return screen, drawn.points + np.float32([left, top, 0])


def test_a_webcam_in_a_screen_recording_is_a_frame_of_its_own(
    drawn_face: Callable[..., Any],
) -> None:
    screen, points = _screen(drawn_face(320))
    left, top, right, bottom = inset(screen, points)
    assert (left, top) == pytest.approx(PLACE, abs=2)
    assert (right, bottom) == pytest.approx((PLACE[0] + 319, PLACE[1] + 319), abs=2)


def test_a_picture_without_borders_is_the_frame(drawn_face: Callable[..., Any]) -> None:
    drawn = drawn_face(320)
    plain = _without_grid(drawn)
    grain = np.random.default_rng(1).normal(0, 25, plain.shape)
    grainy = np.clip(plain + grain, 0, 255).astype(np.uint8)
    for picture in (plain, grainy):
        assert inset(picture, drawn.points) == (0, 0, 319, 319)


@pytest.mark.parametrize("head", [(4, 6, 3, 0.4, 0.2, 0), (0, 0, 0, 0, 0, 0)])
def test_nothing_beyond_a_border_moves(
    drawn_face: Callable[..., Any], head: tuple[float, ...]
) -> None:
    screen, points = _screen(drawn_face(320))
    moved = FaceRenderer(screen, points).render({"26": 0.5, "12": 0.6}, head)
    left, top = PLACE
    outside = np.ones(SCREEN, bool)
    outside[top : top + 320, left : left + 320] = False
    assert np.array_equal(moved[outside], screen[outside])
    border = moved[top + 20 : top + 300, left : left + 2].astype(int)
    assert np.abs(border - screen[top + 20 : top + 300, left : left + 2]).max() <= 4
    assert not np.array_equal(moved, screen)
