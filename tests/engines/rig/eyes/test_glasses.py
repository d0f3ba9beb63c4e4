"""Glasses drawn on the packaged portrait, and what only looks like them."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.demo import demo_portrait
from emoanim.engines.rig.eyes.glasses import USUAL_RIM, stiffness, upper_rim, wears_glasses
from emoanim.engines.rig.geometry.turning import in_picture
from emoanim.faces import FaceFinder, HeadPose, fit_pose

Image = NDArray[np.uint8]


@pytest.fixture(scope="module")
def portrait() -> tuple[Image, HeadPose]:
    image = demo_portrait()
    return image, fit_pose(FaceFinder().largest_face(image).points)


def drawn(
    portrait: tuple[Image, HeadPose], lines: list[NDArray[np.floating]], colour: int, width: float
) -> Image:
    """Return the portrait with lines through canonical places, their width in cm."""
    image, pose = portrait
    sharp = 4
    large = cv2.resize(image, None, fx=sharp, fy=sharp, interpolation=cv2.INTER_CUBIC)
    for line in lines:
        bulging = 5.4 - 0.09 * line[:, :1] ** 2
        places = in_picture(np.hstack([line, bulging]).astype(np.float32), pose)[:, :2] * sharp
        thick = max(round(width * pose.scale * sharp), 1)
        cv2.polylines(large, [np.round(places).astype(np.int32)], False, (colour,) * 3, thick)
    small = cv2.resize(large, image.shape[1::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


def frames(half_rim: bool = False) -> list[NDArray[np.floating]]:
    """Return a bridge and two rims, or the upper halves of them with pads."""
    around = np.linspace(0, np.pi if half_rim else 2 * np.pi, 40)
    rims = [
        np.stack([side * 3.2 + 2.1 * np.cos(around), 2.5 + 1.6 * np.sin(around)], 1)
        for side in (-1, 1)
    ]
    pads = [np.array([(side * 1.1, 2.6), (side * 1.2, 1.2)]) for side in (-1, 1)]
    return [np.array([(-1.2, 3.2), (0.0, 3.4), (1.2, 3.2)]), *rims, *(pads if half_rim else [])]


@pytest.mark.parametrize("half_rim", [False, True])
@pytest.mark.parametrize(("colour", "width"), [(20, 0.35), (40, 0.12), (255, 0.12)])
def test_glasses_are_seen(
    portrait: tuple[Image, HeadPose], half_rim: bool, colour: int, width: float
) -> None:
    assert wears_glasses(drawn(portrait, frames(half_rim), colour, width), portrait[1])


def test_a_heavy_rim_is_held_up_to_its_top(portrait: tuple[Image, HeadPose]) -> None:
    image, pose = portrait
    heavy = drawn(portrait, frames(), 20, 0.4)
    assert upper_rim(heavy, pose) == pytest.approx(2.5 + 1.6, abs=0.3)
    assert upper_rim(image, pose) == USUAL_RIM
    top, usual = (stiffness(np.array([(3.0, 4.1, 4.0)]), rim)[0] for rim in (4.1, USUAL_RIM))
    assert top > 0.8 > 0.5 > usual


def fold_between_brows() -> list[NDArray[np.floating]]:
    return [np.array([(-1.0, 3.4), (0.0, 3.2), (1.0, 3.4)])]


def shadows_beside_the_nose() -> list[NDArray[np.floating]]:
    return [np.array([(side * 1.2, 3.0), (side * 1.5, 1.0)]) for side in (-1, 1)]


@pytest.mark.parametrize("what", [list, fold_between_brows, shadows_beside_the_nose])
def test_a_bare_nose_wears_none(
    portrait: tuple[Image, HeadPose], what: Callable[[], list[NDArray[np.floating]]]
) -> None:
    assert not wears_glasses(drawn(portrait, what(), 60, 0.2), portrait[1])


def test_light_from_one_side_is_no_glasses(portrait: tuple[Image, HeadPose]) -> None:
    image, pose = portrait
    middle = in_picture(np.array([(0.3, 2.5, 5.4)], np.float32), pose)[0, 0]
    dark = image.copy()
    dark[:, int(middle) :] //= 4
    assert not wears_glasses(dark, pose)


def test_brows_above_glasses_move() -> None:
    at = np.array([(3.0, 2.5, 4.0), (3.0, 5.0, 4.0), (0.0, -4.3, 5.0)], np.float32)
    eye, brow, mouth = stiffness(at)
    assert eye > 0.8
    assert brow == mouth == 0.0
