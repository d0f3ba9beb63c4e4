from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.expressions.anchors import (
    ANCHORS,
    BROW_ANCHORS,
    CORNERS,
    anchor_fields,
    anchors_in,
    anchors_of,
    lip_height,
    relaxed,
)
from emoanim.engines.rig.expressions.own_neutral import own_neutral
from emoanim.faces import canonical_mesh

LIPS = float(canonical_mesh()[0][[13, 14], 1].mean())


def test_anchors_do_not_depend_on_size_and_place(drawn_face) -> None:
    points = drawn_face().points
    moved = (2.5 * points + (40, 10, 0)).astype(np.float32)
    assert anchors_of(moved) == pytest.approx(anchors_of(points), abs=1e-3)


def test_a_relaxed_face_is_its_own_target() -> None:
    usual = anchors_in(canonical_mesh()[0])
    assert relaxed(usual, LIPS) == pytest.approx(usual, abs=0.15)


def test_a_face_that_never_rests_is_relaxed_in_part_and_within_bounds() -> None:
    usual = relaxed(anchors_in(canonical_mesh()[0]), LIPS)
    high = usual.copy()
    high[:, 1] += 0.3
    towards = (high - relaxed(high, LIPS))[:, 1]
    assert np.all((towards > 0.1) & (towards < 0.3))
    caricature = usual.copy()
    caricature[:, 1] += 3.0
    assert np.all((caricature - relaxed(caricature, LIPS))[:, 1] < 0.4)


def test_fields_move_their_own_part_and_spare_the_eyes() -> None:
    points = canonical_mesh()[0]
    shares = anchor_fields(points)
    assert shares.shape == (ANCHORS, len(points))
    assert shares[BROW_ANCHORS].sum(0)[[52, 105, 107, 9, 336, 334]] == pytest.approx(1.0, abs=0.25)
    assert shares[CORNERS][:, [61, 291]].max(0) == pytest.approx(1.0, abs=0.1)
    assert shares[:, [159, 145, 386, 374]].max() < 0.05, "lids are not skin"
    assert shares[BROW_ANCHORS][:, [61, 291, 152]].max() < 0.02


def test_the_clip_tells_the_target(drawn_face) -> None:
    drawn = drawn_face()
    neutral = own_neutral([drawn.points] * 20)
    assert neutral is not None
    target = relaxed(anchors_of(drawn.points), lip_height(drawn.points))
    assert neutral.anchors == pytest.approx(target, abs=1e-3)


def test_low_lips_have_low_corners_and_no_smile() -> None:
    usual = anchors_in(canonical_mesh()[0])
    lower = usual.copy()
    lower[CORNERS, 1] -= 0.3
    as_a_droop = relaxed(lower, LIPS)[CORNERS, 1]
    as_a_long_face = relaxed(lower, LIPS - 0.3)[CORNERS, 1]
    assert np.all(as_a_long_face < as_a_droop - 0.08)
