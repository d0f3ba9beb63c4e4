from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from emoanim.adapters.face_emoters.rig import RigFaceEmoter
from emoanim.demo import demo_portrait
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.rig.expressions.closed_loop import (
    BOWED,
    BROADEST,
    CHEEKS,
    LID_RESPONSE,
    MOST_RELAXED,
    RELAXED,
    RESPONSE,
    STRONGEST,
    WEAKEST,
    FaceState,
    corrected,
    face_state,
    opening_eyes,
    relaxing,
)
from emoanim.engines.rig.expressions.expression import CORNER_HEIGHTS, unit_effects
from emoanim.engines.rig.expressions.presets import PRESETS
from emoanim.engines.rig.units import in_fields
from emoanim.faces import FaceFinder

CALM = FaceState(np.zeros(2), 0.6)


def face(corners: float, lids: float = 1.0):
    """Return a look at a face that shows so much of what other faces show."""

    def look(units: Mapping[str, float]) -> FaceState:
        moved = unit_effects()[CORNER_HEIGHTS] @ in_fields(units)
        rise = 0.16 * units.get("5", 0.0) / 0.585
        shut = units.get("43", 0.0)
        return FaceState(corners * RESPONSE * moved, 0.6 + lids * LID_RESPONSE * rise - 0.8 * shut)

    return look


def test_a_usual_face_is_left_alone() -> None:
    units = {"6": 1.0, "12": 1.5, "25": 1.0}
    assert corrected(units, {}, CALM, face(1.0)) == pytest.approx(dict.fromkeys(units, 1.0))


@pytest.mark.parametrize(("share", "least", "most"), [(0.75, 1.2, 1.5), (1.15, 0.84, 0.95)])
def test_corners_that_move_less_are_moved_more(share: float, least: float, most: float) -> None:
    for units, name in (({"12": 1.5, "6": 1.0}, "12"), ({"15": 1.5, "1": 1.0}, "15")):
        factors = corrected(units, {}, CALM, face(share))
        assert least < factors.pop(name) < most
        assert set(factors.values()) == {1.0}


def test_what_is_left_of_a_smile_is_taken_away_and_the_mouth_stays_wide() -> None:
    level = np.full(2, 1.0)
    units = relaxing(FaceState(np.array([RELAXED + 0.1, RELAXED - 0.1]), None, level))
    assert units["12L"] < 0 == units["12R"]
    high = relaxing(FaceState(np.full(2, 2.0), None, level))
    assert high["12L"] == high["12R"] == -MOST_RELAXED
    corners = unit_effects()[:4] @ in_fields(high)
    narrower = unit_effects()[:4] @ in_fields({"12": -MOST_RELAXED})
    assert np.abs(corners[:2]).max() < 0.5 * np.abs(narrower[:2]).max()
    assert corners[2:].max() < -0.3
    assert relaxing(FaceState(np.full(2, RELAXED), 0.6, level)) == {} == relaxing(None)
    hanging = np.full(2, BOWED)
    assert relaxing(FaceState(np.full(2, 2.0), 0.6, hanging)) == {}, "these corners hang already"


def test_the_cheeks_go_down_with_a_smile() -> None:
    assert opening_eyes({"12L": 1.0, "12R": 0.2}) == {"6": -CHEEKS} == opening_eyes({"12R": 1.0})
    assert opening_eyes({"12L": 9.0}) == {"6": -CHEEKS * BROADEST}
    assert opening_eyes({"4": 1.0}) == {}


def test_corners_that_stay_up_come_down_further() -> None:
    high = FaceState(np.full(2, 0.9), 0.6)
    factors = corrected(
        {"15": 1.5, "1": 1.5}, {"12": -1.0}, high, lambda _: FaceState(CALM.corners + 0.2, 0.6)
    )
    assert factors == {"15": STRONGEST, "1": 1.0}


def test_a_smile_on_one_side_is_large_enough_on_a_stiff_face() -> None:
    units = dict(PRESETS[Emotion.CONTEMPT])
    factors = corrected(units, {}, CALM, face(0.5))
    assert factors["12L"] == factors["14L"] == STRONGEST
    assert factors["2R"] == 1.0


def test_wide_eyes_show_white_and_do_not_bulge() -> None:
    units = {"5": 1.8, "1": 1.0}
    assert corrected(units, {}, CALM, face(1.0, lids=0.6))["5"] > 1.3
    bulging = FaceState(np.zeros(2), 1.1)
    assert corrected(units, {}, bulging, lambda _: FaceState(np.zeros(2), 1.4))["5"] == WEAKEST


def test_lowered_lids_leave_the_pupil_and_sleepy_ones_are_not_lowered() -> None:
    units = {"15": 1.0, "43": 0.5}
    shut = 0.5 * corrected(units, {}, CALM, face(1.0))["43"]
    assert 0.25 < face(1.0)({"43": shut}).lids < 0.4
    sleepy = FaceState(np.zeros(2), 0.2)
    assert corrected(units, {}, sleepy, lambda _: FaceState(np.zeros(2), 0.1))["43"] == 0.0


def test_a_face_that_is_lost_changes_nothing() -> None:
    assert corrected({"12": 1.0}, {}, CALM, lambda _: None) == {"12": 1.0}


@pytest.mark.parametrize("emotion", ["contempt", "fear"])
def test_on_a_picture_it_is_bounded_and_shows_more(emotion: str) -> None:
    finder = FaceFinder()
    frame = demo_portrait()
    prompt = EmotionPrompt(Emotion(emotion), 1.0)
    looks = []
    for closed in (False, True):
        still = RigFaceEmoter(finder=finder, closed_loop=closed).emote([frame], prompt)[0]
        seen = finder.with_lips(still.image, finder.largest_face(still.image))
        looks.append((still, face_state(finder.with_eyes(still.image, seen))))
    (plain, before), (still, after) = looks
    for unit, weight in plain.state.units.items():
        assert 0.5 <= still.state.units[unit] / weight <= STRONGEST + 1e-6
    if emotion == "contempt":
        plain_apart, apart = (s.corners[0] - s.corners[1] for s in (before, after))
        assert apart > max(plain_apart, 0.3)
    else:
        assert after.lids is not None
        assert after.lids > 0.85
    assert before.lids is not None
