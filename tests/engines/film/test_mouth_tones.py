from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from emoanim.engines.film.following import followed
from emoanim.engines.film.mouth_tones import lip_light, softness_of, toned
from emoanim.engines.film.reel import Reel
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.engines.rig.mouth.teeth_edge import SPAN
from emoanim.faces import fit_pose

DULL, DIM = (120, 90, 80), (60, 35, 30)


@pytest.fixture(scope="module")
def seen(still, swaying, finder):
    return next(iter(followed(swaying(still, duration=0.5).frames(), finder)))


@pytest.fixture(scope="module")
def dim_reel(still, swaying, finder) -> Reel:
    """A film whose mouth is open and dim, its teeth dull."""
    reel = Reel()
    for each in followed(swaying(still, duration=0.5).frames(), finder):
        ring = each.points[[*INNER_UPPER, *INNER_LOWER[::-1]], :2].round().astype(np.int32)
        cv2.fillPoly(each.image, [ring], DIM)
        top = each.points[list(INNER_UPPER), :2].round().astype(np.int32)
        cv2.fillPoly(each.image, [np.vstack([top, top[::-1] + np.int32((0, 4))])], DULL)
        reel.add(each)
    return reel


def test_softness_is_that_of_the_blur(seen) -> None:
    scale = fit_pose(seen.points).scale
    measured = [
        softness_of(cv2.GaussianBlur(seen.image, (0, 0), sigma), seen.points, scale) * scale
        for sigma in (1.0, 1.5, 2.0)
    ]
    assert measured[0] < measured[1] < measured[2]
    assert measured == pytest.approx([1.0, 1.5, 2.0], rel=0.4)


def test_closed_lips_have_no_teeth_at_their_edge(seen) -> None:
    scale = fit_pose(seen.points).scale
    points = seen.points.copy()
    points[14] = points[13]
    assert lip_light(seen.image, points, scale) is None
    points[14, 1] = points[13, 1] + 0.5 * scale
    assert 20 < lip_light(seen.image, points, scale) < 200


def test_a_painted_mouth_is_as_dim_as_the_films_own(dim_reel) -> None:
    frame = dim_reel[0]
    painted = MouthInterior.painted(frame.image, frame.points)
    own = toned(painted, dim_reel)

    def brightest(mouth: MouthInterior) -> float:
        return float(np.percentile(mouth.teeth[mouth.teeth[..., 3] > 0.8][:, :3].mean(1), 90))

    assert brightest(painted) > 150
    assert brightest(own) < 0.75 * brightest(painted)
    assert own.cavity.mean() >= painted.cavity.mean()
    assert own.cavity.mean() < np.mean(DULL)


def test_borrowed_teeth_keep_their_colours(dim_reel) -> None:
    frame = dim_reel[0]
    borrowed = replace(MouthInterior.painted(frame.image, frame.points), shown=0.4)
    np.testing.assert_array_equal(toned(borrowed, dim_reel).teeth, borrowed.teeth)


def test_lower_teeth_end_in_the_dark_at_the_sides(dim_reel) -> None:
    frame = dim_reel[0]
    painted = MouthInterior.painted(frame.image, frame.points)
    own = toned(painted, dim_reel)
    side = np.abs(np.linspace(SPAN[0], SPAN[1], painted.floor.shape[1]))
    np.testing.assert_array_equal(own.floor[:, side < 0.6, 3], painted.floor[:, side < 0.6, 3])
    assert painted.floor[:, side > 1.7, 3].max() > 0.5
    assert own.floor[:, side > 1.7, 3].max() == 0.0
