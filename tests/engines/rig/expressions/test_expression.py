from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from emoanim.engines.rig.expressions.expression import own_expression, skull_pose
from emoanim.engines.rig.units import FIELDS, LIP_LINE, fields
from emoanim.faces import canonical_mesh

Draw = Callable[..., Any]


def test_a_neutral_face_has_next_to_no_expression(drawn_face: Draw) -> None:
    assert all(w < 0.35 for w in own_expression(drawn_face().points).values())


def test_a_smile_is_a_smile_on_both_sides(drawn_face: Draw) -> None:
    found = own_expression(drawn_face(smile=0.9).points)
    assert found["12L"] > 0.8
    assert found["12R"] > 0.8
    assert "15" not in found


@pytest.mark.parametrize("unit", ["1", "12L", "2R"])
def test_a_unit_put_on_the_neutral_mesh_is_found_again(unit: str, drawn_face: Draw) -> None:
    neutral = drawn_face().points
    scale = drawn_face().scale
    moved = fields(canonical_mesh()[0])[0][FIELDS.index(unit)] * (1, -1, -1) * scale
    before, after = own_expression(neutral), own_expression(neutral + moved.astype(np.float32))
    gain = {u: after.get(u, 0) - before.get(u, 0) for u in set(after) | set(before)}
    assert max(gain, key=lambda u: gain[u]) == unit
    assert gain[unit] > 0.15


def test_the_skull_stays_where_it_is_when_the_jaw_drops(drawn_face: Draw) -> None:
    drawn = drawn_face()
    mesh, jaw = canonical_mesh()[0], FIELDS.index("26")
    upper, lower = fields(mesh)
    jaw = np.where(mesh[:, 1:2] < LIP_LINE, lower[jaw], upper[jaw]) * (1, -1, -1) * drawn.scale
    still, open_ = skull_pose(drawn.points), skull_pose(drawn.points + jaw.astype(np.float32))
    assert np.abs(still.translation - open_.translation).max() < 0.15 * drawn.scale
