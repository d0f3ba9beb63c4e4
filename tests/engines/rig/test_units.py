from __future__ import annotations

import numpy as np
import pytest

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.rig.expressions.presets import PRESETS, emotion_units
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER, mirror
from emoanim.engines.rig.units import FIELDS, LIP_LINE, ONE_SIDED, fields, in_fields
from emoanim.faces import canonical_mesh

POINTS = canonical_mesh()[0]
UPPER, LOWER = fields(POINTS)


def _at(name: str, vertex: int, *, lower: bool = False) -> np.ndarray:
    return (LOWER if lower else UPPER)[FIELDS.index(name), vertex]


def test_the_mirror_is_its_own_inverse_and_swaps_the_sides() -> None:
    other = mirror()
    assert np.array_equal(other[other], np.arange(468))
    assert np.allclose(POINTS[other] * (-1, 1, 1), POINTS, atol=1e-3)


@pytest.mark.parametrize("branch", [UPPER, LOWER])
def test_two_sided_fields_are_mirror_images_of_themselves(branch: np.ndarray) -> None:
    other = mirror()
    for k, name in enumerate(FIELDS):
        same = FIELDS.index(name[:-1] + "LR"["RL".index(name[-1])]) if name[-1] in "LR" else k
        assert np.allclose(branch[same][other] * (-1, 1, 1), branch[k], atol=2e-3), name


def test_halves_stay_on_their_side_and_add_up() -> None:
    far_right = POINTS[:, 0] > 2.0
    far_left = POINTS[:, 0] < -2.0
    for unit in ONE_SIDED:
        left, right = UPPER[FIELDS.index(unit + "L")], UPPER[FIELDS.index(unit + "R")]
        assert np.abs(left[far_right]).max() < 0.01
        assert np.abs(right[far_left]).max() < 0.01
        assert np.abs(left[far_left]).max() > 0.1


def test_weights_of_a_unit_reach_both_its_halves() -> None:
    weights = in_fields({"12": 1.0, "12L": 0.5, "1": 0.3, "43": 1.0, "seal": 1.0})
    assert weights[FIELDS.index("12L")] == pytest.approx(1.5)
    assert weights[FIELDS.index("12R")] == pytest.approx(1.0)
    assert weights[FIELDS.index("1")] == pytest.approx(0.3)
    assert weights.sum() == pytest.approx(2.8)


@pytest.mark.parametrize(
    ("unit", "vertex", "axis", "sign"),
    [
        ("1", 107, 1, +1),  # inner brow up
        ("2L", 70, 1, +1),  # outer brow up
        ("4", 107, 1, -1),  # brow down
        ("4", 107, 0, +1),  # and in
        ("6", 50, 1, +1),  # cheek up
        ("9", 129, 1, +1),  # nose wing up
        ("10L", 39, 1, +1),  # upper lip up
        ("12L", 61, 1, +1),  # corner up
        ("12L", 61, 0, -1),  # and out
        ("15", 61, 1, -1),  # corner down
        ("18", 61, 0, +1),  # corners in
        ("20", 61, 0, -1),  # corner out
    ],
)
def test_units_move_the_skin_as_facs_says(unit: str, vertex: int, axis: int, sign: int) -> None:
    assert _at(unit, vertex)[axis] * sign > 0.1


@pytest.mark.parametrize("unit", ["12", "15", "18", "20"])
@pytest.mark.parametrize(("row", "branch"), [(INNER_UPPER, UPPER), (INNER_LOWER, LOWER)])
def test_lips_follow_their_corners_without_a_step(
    unit: str, row: tuple[int, ...], branch: np.ndarray
) -> None:
    names = [unit + "L", unit + "R"] if unit in ONE_SIDED else [unit]
    moved = np.sum([branch[FIELDS.index(n), list(row)] for n in names], axis=0)
    x = POINTS[list(row), 0]
    slopes = np.diff(moved[:, 0]) / np.diff(x)
    assert np.abs(slopes).max() < 2.0 * np.abs(slopes).mean()  # steps: 3 to 4 times the mean
    steepest = np.abs(np.diff(moved[:, 1]) / np.diff(x))
    middle = np.abs(x[1:] + x[:-1]) / 2 < 1.2
    assert steepest[middle].max() <= steepest[~middle].max() + 0.02  # a bow, no notch


def test_the_jaw_takes_the_lower_lip_and_leaves_the_upper() -> None:
    assert _at("26", 14, lower=True)[1] < -0.9
    assert abs(_at("26", 13)[1]) < 0.02
    assert _at("26", 152, lower=True)[1] < -0.9
    assert np.abs(UPPER[FIELDS.index("26")][POINTS[:, 1] > 0]).max() < 0.02


def test_both_branches_agree_beside_the_mouth() -> None:
    line = np.linspace(-7, 7, 57, dtype=np.float32)
    places = np.stack([line, np.full_like(line, LIP_LINE), np.full_like(line, 4.0)], 1)
    upper, lower = fields(places)
    apart = np.abs(upper - lower).max((0, 2))
    assert apart[np.abs(line) > 2.3].max() < 1e-5
    assert apart[np.abs(line) < 1.0].min() > 0.5  # the jaw


def test_no_unit_bends_the_eyeball() -> None:
    balls = POINTS[[159, 145, 386, 374]]
    upper, lower = fields(balls)
    assert np.abs(upper).max() < 0.06
    assert np.abs(lower).max() < 0.06


def test_closed_lips_stay_on_one_line_under_the_corner_units() -> None:
    for unit in ("12L", "14L", "15", "20", "18"):
        k = FIELDS.index(unit)
        for u, v in zip(INNER_UPPER, INNER_LOWER, strict=True):
            gap = LOWER[k, v, 1] - UPPER[k, u, 1]
            assert abs(gap) < 0.3, (unit, u)


@pytest.mark.parametrize("emotion", list(Emotion))
def test_presets_name_known_units_and_grow_with_intensity(emotion: Emotion) -> None:
    known = {*FIELDS, *ONE_SIDED, "43"}
    assert set(PRESETS[emotion]) <= known
    weak = emotion_units(EmotionPrompt(emotion, 0.3))
    strong = emotion_units(EmotionPrompt(emotion, 1.0))
    assert strong == dict(PRESETS[emotion])
    assert set(weak) == set(strong)
    assert all(weak[u] < strong[u] for u in weak)
    assert all(0 < w <= 1.8 for w in strong.values())
    assert emotion_units(EmotionPrompt(emotion, 0.0)) == {}


def test_fear_is_not_surprise_and_contempt_is_one_sided() -> None:
    fear, surprise = PRESETS[Emotion.FEAR], PRESETS[Emotion.SURPRISE]
    assert fear["4"] > 0.5
    assert fear["20"] > 0.5
    assert fear["26"] <= 0.5 * surprise["26"]
    assert "4" not in surprise
    assert "12L" in PRESETS[Emotion.CONTEMPT]
    assert "12" not in PRESETS[Emotion.CONTEMPT]
