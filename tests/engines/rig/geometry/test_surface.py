from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.film.placement import AROUND, placed
from emoanim.engines.rig.geometry.surface import face_map, head_surface


def test_skin_at_the_pictures_edge_stays(drawn_face) -> None:
    """The picture ends between the mouth and the chin: nothing is drawn in from beyond it."""
    points = drawn_face().points
    height, width = int(points[152, 1] + points[17, 1]) // 2, 4 * int(points[:, 0].max())
    face = face_map(points, AROUND, height, width)
    column = np.argmin(np.abs(face.grid.nodes()[0, :, 0] - points[152, 0]))
    assert face.outside[-1, column] == 0.0
    assert (face.skin[-1] == 0.0).all()
    assert face.skin[len(face.skin) // 2, column] == 1.0


def test_a_face_that_leaves_the_picture_has_a_grid_still(drawn_face) -> None:
    points = drawn_face().points
    beyond = points + np.array((5000, 5000, 0), np.float32)
    for laid in (placed(beyond, 300, 400), head_surface(beyond, 300, 400)):
        assert laid.grid.left <= 398
        assert laid.grid.top <= 298
        assert laid.grid.columns >= 2
        assert laid.grid.rows >= 2
        assert np.isfinite(laid.place).all()


def test_folds_end_sooner_than_the_skins_motion(drawn_face) -> None:
    points = drawn_face().points
    side = 2 * int(points[:, :2].max())
    at, face = placed(points, side, side), face_map(points, AROUND, side, side)
    assert at.skin == pytest.approx(face.skin, abs=1e-5)
    around = (face.outside > 0.8) & (face.outside < 1.0)
    assert at.skin[around].min() > 0.4
    assert at.shaded[around].max() < 0.1
    on_it = face.outside == 0.0
    assert at.shaded[on_it] == pytest.approx(face.skin[on_it], abs=1e-5)


def test_the_same_face_gives_the_same_bytes_wherever_it_lies_in_memory(drawn_face) -> None:
    points = drawn_face().points
    side = 2 * int(points[:, :2].max())
    laid, elsewhere = set(), []
    for size in range(1, 40_000, 2_001):
        elsewhere.append(bytearray(size))
        laid.add(face_map(points, AROUND, side, side).outside.tobytes())
    assert len(laid) == 1
