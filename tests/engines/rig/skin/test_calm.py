from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pytest

from emoanim.engines.rig.geometry.landmarks import OUTER_LOWER, OUTER_UPPER
from emoanim.engines.rig.geometry.surface import head_surface
from emoanim.engines.rig.geometry.turning import in_picture
from emoanim.engines.rig.skin.calm import BROW_FROM, BROW_FULL, FROM, FULL, Calm
from emoanim.engines.rig.units import in_fields
from emoanim.faces import fit_pose

Draw = Callable[..., Any]


@pytest.fixture(scope="module")
def folded(drawn_face: Draw) -> Any:
    """A smile with a dark fold beside the nose and lips that fade to the corners."""
    drawn = drawn_face(smile=0.9)
    ends = [tuple(int(v) for v in drawn.points[k, :2]) for k in (203, 206, 216)]
    for a, b in pairwise(ends):
        cv2.line(drawn.image, a, b, (120, 80, 60), 2, cv2.LINE_AA)
    return drawn


@pytest.fixture(scope="module")
def calm(folded: Any) -> Calm:
    surface = head_surface(folded.points, *folded.image.shape[:2])
    return Calm.of(folded.image, folded.points, surface, without(12, FULL))


def without(unit: int, weight: float) -> Any:
    """Return weights of fields that take a unit away."""
    return -in_fields({str(unit): weight})


def test_folds_of_a_smile_are_filled_and_the_eyes_are_left_alone(folded: Any, calm: Calm) -> None:
    made = calm.over(folded.image, without(12, FULL))
    x, y = folded.points[206, :2].round().astype(int)
    fold = np.s_[y - 2 : y + 3, x - 2 : x + 3]
    assert made[fold].min() > folded.image[fold].min() + 20
    above = slice(0, int(folded.points[1, 1] - 4 * folded.scale))
    assert np.array_equal(made[above], folded.image[above])


def test_the_lips_stay_red_and_the_portrait_untouched(folded: Any, calm: Calm) -> None:
    before = folded.image.copy()
    made = calm.over(folded.image, without(12, FULL))
    assert np.array_equal(folded.image, before)
    ring = np.zeros(before.shape[:2], np.uint8)
    corners = folded.points[[*OUTER_UPPER, *OUTER_LOWER[-2:0:-1]], :2].round().astype(np.int32)
    cv2.fillPoly(ring, [corners], 1)
    inside = cv2.erode(ring, np.ones((3, 3), np.uint8)) > 0
    was, now = (i[inside].astype(float).mean(0) for i in (before, made))
    assert np.abs(now - was).max() < 12


def test_it_fades_in_with_the_smile_that_is_taken_away(folded: Any, calm: Calm) -> None:
    assert calm.over(folded.image, without(12, FROM)) is folded.image
    changes = [
        np.abs(calm.over(folded.image, without(12, s)).astype(int) - folded.image).sum()
        for s in (FROM + 0.2, (FROM + FULL) / 2, FULL, FULL + 1)
    ]
    assert 0 < changes[0] < changes[1] < changes[2] == changes[3]


def test_a_mouth_at_the_edge_of_the_picture_is_no_error(folded: Any) -> None:
    low = int(folded.points[13, 1]) - 3
    image = np.ascontiguousarray(folded.image[:low])
    surface = head_surface(folded.points, *image.shape[:2])
    taken = without(12, FULL)
    assert Calm.of(image, folded.points, surface, taken).over(image, taken).shape == image.shape


def test_a_smile_of_one_side_loses_the_fold_of_that_side_only(folded: Any, calm: Calm) -> None:
    made = calm.over(folded.image, -in_fields({"12L": FULL}))
    changed = np.abs(made.astype(int) - folded.image).sum(-1)
    middle = int(folded.points[1, 0])
    assert changed[:, :middle].sum() > 20 * changed[:, middle + int(folded.scale) :].sum()


@pytest.mark.parametrize(
    ("unit", "ends"), [(4, ((-0.45, 3.9), (-0.5, 5.0))), (1, ((-2.0, 6.9), (2.0, 6.9)))]
)
def test_furrows_are_filled_for_brows_that_moved(
    drawn_face: Draw, unit: int, ends: tuple[tuple[float, float], ...]
) -> None:
    drawn = drawn_face()
    clean = drawn.image.copy()
    pose = fit_pose(drawn.points)
    places = np.array([(x, y, 5.5) for x, y in ends], np.float32)
    a, b = in_picture(places, pose)[:, :2].round().astype(int).tolist()
    cv2.line(drawn.image, a, b, (178, 135, 116), 2, cv2.LINE_AA)
    surface = head_surface(drawn.points, *drawn.image.shape[:2])
    calm = Calm.of(drawn.image, drawn.points, surface, without(unit, BROW_FULL))
    made = calm.over(drawn.image, without(unit, BROW_FULL))
    marked = (clean.astype(int) - drawn.image).sum(-1) > 45
    assert marked.sum() > 20
    before, after = (
        np.abs(i.astype(int) - clean).sum(-1)[marked].mean() for i in (drawn.image, made)
    )
    assert after < 0.5 * before
    assert calm.over(drawn.image, without(unit, 0.9 * BROW_FROM)) is drawn.image
    assert calm.over(drawn.image, without(26, 2.0)) is drawn.image
