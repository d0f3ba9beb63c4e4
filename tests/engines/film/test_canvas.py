from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.film.canvas import Canvas
from emoanim.engines.film.film import Film
from emoanim.faces import mouth_openness

SMILE = {"12": 1.4, "6": 0.8}


@pytest.fixture(scope="module")
def film(still, swaying, finder):
    return Film(swaying(still), finder)


@pytest.fixture(scope="module")
def frame(film):
    return film.reel[3]


@pytest.fixture(scope="module")
def smiling(film, frame):
    return Canvas(film.person).render(frame.image, frame.points, frame.irises, SMILE)


def mesh(finder, image):
    return finder.with_lips(image, finder.largest_face(image)).points


def test_nothing_asked_is_the_frame_itself(film, frame) -> None:
    assert Canvas(film.person).render(frame.image, frame.points, frame.irises, {}) is frame.image


def test_a_smile_widens_the_mouth_and_lifts_its_corners(finder, frame, smiling) -> None:
    before, after = mesh(finder, frame.image), mesh(finder, smiling)
    wide = [np.linalg.norm(p[61, :2] - p[291, :2]) for p in (before, after)]
    assert wide[1] > 1.08 * wide[0]
    assert after[[61, 291], 1].mean() < before[[61, 291], 1].mean() - 1.0


def test_taking_the_smile_away_narrows_it(film, finder, frame) -> None:
    less = {unit: -0.7 * weight for unit, weight in SMILE.items()}
    made = Canvas(film.person).render(frame.image, frame.points, frame.irises, less)
    before, after = mesh(finder, frame.image), mesh(finder, made)
    assert np.linalg.norm(after[61] - after[291]) < np.linalg.norm(before[61] - before[291])


def test_lips_keep_their_distance(film, finder, frame) -> None:
    canvas = Canvas(film.person)
    before = mouth_openness(mesh(finder, frame.image))
    for units in (SMILE, {"15": 1.4, "17": 0.9}, {"9": 1.2, "10": 1.2}, {"20": 1.2}):
        made = canvas.render(frame.image, frame.points, frame.irises, units)
        assert mouth_openness(mesh(finder, made)) == pytest.approx(before, abs=0.025)


def test_nothing_changes_away_from_the_face(frame, smiling) -> None:
    changed = np.abs(smiling.astype(int) - frame.image).max(2) > 0
    rows, columns = np.nonzero(changed)
    height = np.ptp(frame.points[:, 1])
    low, high = frame.points[:, :2].min(0), frame.points[:, :2].max(0)
    assert columns.min() > low[0] - 0.3 * height
    assert columns.max() < high[0] + 0.3 * height
    assert rows.min() > low[1] - 0.3 * height
    assert changed.any()


def test_a_smaller_shift_of_the_mesh_moves_pixels_little(film, frame) -> None:
    """What is laid on hangs on the frame's own pixels: a trembling mesh must not show."""
    canvas = Canvas(film.person)
    image = frame.image
    there = canvas.render(image, frame.points, frame.irises, SMILE)
    moved = canvas.render(image, frame.points + np.float32(0.3), frame.irises, SMILE)
    shifted = np.abs(there.astype(int) - moved)
    assert shifted.mean() < 1.0


def test_a_smile_at_rest_is_known(film) -> None:
    from emoanim.engines.rig.expression import UNITS

    at_rest = dict(zip(UNITS, film.rest.expression(), strict=True))
    assert at_rest["12L"] > 0.5
    assert at_rest["12R"] > 0.5
    assert at_rest["15"] < 0.3
