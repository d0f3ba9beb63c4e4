from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.rig.expressions.expression import UNITS, explained, measured
from emoanim.engines.rig.expressions.own_neutral import own_neutral
from emoanim.engines.rig.units import FIELDS, fields
from emoanim.faces import canonical_mesh


def moved(drawn, **weights):
    """Return the mesh with units on it."""
    mesh = drawn.points.copy()
    for unit, weight in weights.items():
        field = fields(canonical_mesh()[0])[0][FIELDS.index(unit.removeprefix("au"))]
        mesh = mesh + weight * field * (1, -1, -1) * drawn.scale
    return mesh.astype(np.float32)


@pytest.fixture(scope="module")
def high_brows(drawn_face):
    """Return frames of a person whose brows are high by nature; every third raises them more."""
    drawn = drawn_face()
    calm = {"au2L": 0.5, "au2R": 0.5}
    raised = {"au2L": 1.1, "au2R": 1.1}
    return [moved(drawn, **(raised if k % 3 == 0 else calm)) for k in range(30)]


def test_a_raise_is_told_from_high_brows(high_brows) -> None:
    neutral = own_neutral(high_brows)
    assert neutral is not None
    k = UNITS.index("2L")
    alone = explained(high_brows[0])[k] - explained(high_brows[1])[k]
    known = (
        neutral.explained(measured(high_brows[0])) - neutral.explained(measured(high_brows[1]))
    )[k]
    assert known > 1.5 * alone  # one picture has to doubt what a clip knows
    assert known < 0.75


def test_what_always_shows_is_supposed_as_from_one_picture(high_brows) -> None:
    neutral = own_neutral(high_brows)
    np.testing.assert_allclose(
        neutral.explained(measured(high_brows[1])), explained(high_brows[1]), atol=0.05
    )


def test_less_than_the_lasting_expression_is_less(drawn_face) -> None:
    drawn = drawn_face()
    smiling, serious = (moved(drawn, au12L=w, au12R=w) for w in (1.0, 0.3))
    neutral = own_neutral([smiling] * 20)
    k = UNITS.index("12L")
    assert neutral.lasting[k] > 0.5
    assert neutral.explained(measured(serious))[k] < neutral.lasting[k] - 0.3


def test_an_open_mouth_is_not_measured_where_shut_ones_are(drawn_face) -> None:
    shut, talking = drawn_face().points, drawn_face(gap=1.2).points
    mixed = own_neutral([shut] * 8 + [talking] * 12)
    alone = own_neutral([shut] * 12)
    np.testing.assert_allclose(mixed.measures[:6], alone.measures[:6], atol=0.03)


def test_few_frames_tell_nothing(drawn_face) -> None:
    assert own_neutral([drawn_face().points] * 11) is None


def test_own_expression_names_what_is_sure(high_brows) -> None:
    named = own_neutral(high_brows).own_expression(high_brows[0])
    assert named["2L"] > 0.3
    assert all(w > 0 for w in named.values())
