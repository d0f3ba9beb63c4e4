from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from emoanim.clips import Audio, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film.film import Film
from emoanim.engines.film.lids import lids_of
from emoanim.engines.film.new_words import new_words
from emoanim.engines.film.relaxed_skin import REGIONS
from emoanim.engines.film.same_words import same_words
from emoanim.engines.film.speaking import Calm, SpeakingCanvas, _pointed
from emoanim.engines.rig.expressions.anchors import ANCHORS, BROW_ANCHORS
from emoanim.engines.rig.expressions.expression import UNITS, explained
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.mouth.opening import _without_teeth
from emoanim.faces import fit_pose, mouth_openness

SMILE = {"12": 1.4, "6": 0.8}
OWN_WORDS = Calm(mouth=0.0, opening=1.0)


@pytest.fixture(scope="module")
def film(still, swaying, finder):
    return Film(swaying(still), finder)


@pytest.fixture(scope="module")
def frame(film):
    return film.reel[3]


def laid(film, frame, units, taken=None, calm=OWN_WORDS):
    canvas = SpeakingCanvas(film.person, film.rest)
    return canvas.render(frame.image, frame.points, frame.irises, units, taken or {}, 1.0, calm)


@pytest.fixture(scope="module")
def smiling(film, frame):
    return laid(film, frame, SMILE)


def mesh(finder, image):
    return finder.with_lips(image, finder.largest_face(image)).points


def test_nothing_asked_is_the_frame_itself(film, frame) -> None:
    assert laid(film, frame, {}) is frame.image


def test_a_smile_widens_the_mouth_and_lifts_its_corners(finder, frame, smiling) -> None:
    before, after = mesh(finder, frame.image), mesh(finder, smiling)
    wide = [np.linalg.norm(p[61, :2] - p[291, :2]) for p in (before, after)]
    assert wide[1] > 1.08 * wide[0]
    assert after[[61, 291], 1].mean() < before[[61, 291], 1].mean() - 1.0


def test_taking_the_smile_away_narrows_it(film, finder, frame) -> None:
    less = {unit: -0.7 * weight for unit, weight in SMILE.items()}
    made = laid(film, frame, {}, less)
    before, after = mesh(finder, frame.image), mesh(finder, made)
    assert np.linalg.norm(after[61] - after[291]) < np.linalg.norm(before[61] - before[291])


def test_lips_keep_their_distance(film, finder, frame) -> None:
    before = mouth_openness(mesh(finder, frame.image))
    for units in (SMILE, {"15": 1.4, "17": 0.9}, {"9": 1.2}, {"20": 1.2}):
        made = laid(film, frame, units)
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
    there = laid(film, frame, SMILE)
    moved = laid(film, replace(frame, points=frame.points + np.float32(0.3)), SMILE)
    shifted = np.abs(there.astype(int) - moved)
    assert shifted.mean() < 1.0


def test_a_smile_at_rest_is_known(film) -> None:
    pixels = 20.0 * film.rest.points * (1, -1, -1)  # of any size; their y points down
    at_rest = dict(zip(UNITS, explained(pixels), strict=True))
    assert at_rest["12L"] > 0.5
    assert at_rest["12R"] > 0.5
    assert at_rest["15"] < 0.3


def test_lips_that_are_open_may_part_further_and_closed_ones_stay_closed(
    film, finder, frame
) -> None:
    parted = {"25": 1.0, "16": 0.6}
    before = mouth_openness(mesh(finder, frame.image))
    assert mouth_openness(mesh(finder, laid(film, frame, parted))) > 1.15 * before
    closed = frame.points.copy()
    middle = (closed[list(INNER_UPPER)] + closed[list(INNER_LOWER)]) / 2
    closed[list(INNER_UPPER)] = closed[list(INNER_LOWER)] = middle
    shut = replace(frame, points=closed)
    further, alike = (
        np.abs(laid(film, each, parted).astype(int) - laid(film, each, {"17": 1e-3})).mean()
        for each in (frame, shut)
    )
    assert alike < 0.7 * further


def test_eyes_widen_beyond_what_a_still_would_dare_at_once(film, frame) -> None:
    scale, irises = fit_pose(frame.points).scale, frame.irises
    weights = {"5": 2.4}
    lids = lids_of(
        frame.image, frame.points, irises, scale, film.person.open, film.person.balls, weights
    )
    assert 0.3 < max(motion.upper for _, motion in lids) <= 0.34


def test_lips_part_by_less_than_they_are_apart(film, finder, frame) -> None:
    narrow_face = laid(film, frame, {}, calm=Calm(mouth=0.0, opening=0.45))
    narrow = replace(frame, image=narrow_face, points=mesh(finder, narrow_face))
    for each in (frame, narrow):
        before = mouth_openness(each.points)
        parted = laid(film, each, {"25": 1.3, "16": 1.0, "26": 0.4})
        assert mouth_openness(mesh(finder, parted)) < 2.0 * before, "a hole with long teeth"


def test_lips_that_keep_less_of_their_distance_close_over_the_teeth(film, finder, frame) -> None:
    before = mouth_openness(mesh(finder, frame.image))
    calmer = laid(film, frame, {}, calm=Calm(mouth=0.0, opening=0.4))
    assert mouth_openness(mesh(finder, calmer)) < 0.75 * before
    shut = laid(film, frame, {}, calm=Calm(mouth=0.0, opening=0.0))
    lips = frame.points[[82, 13, 312, 87, 14, 317], :2].mean(0).round().astype(int)
    around = np.s_[lips[1] - 6 : lips[1] + 7, lips[0] - 10 : lips[0] + 11]
    teeth, left = ((i[around][..., 1] > 205).sum() for i in (frame.image, shut))
    assert teeth > 60, "the astronaut shows her teeth"
    assert left < 0.25 * teeth
    nearly = laid(film, frame, {}, calm=Calm(mouth=0.0, opening=0.075))
    assert (nearly[around][..., 1] < 110).sum() >= 4, "teeth shine through lips that nearly close"


def test_wide_lips_are_closed_by_no_larger_share_than_narrow_ones(film, finder, frame) -> None:
    wide = frame
    for _ in range(2):
        apart = laid(film, wide, {"26": 0.9, "25": 0.6, "16": 0.5})
        wide = replace(frame, image=apart, points=mesh(finder, apart))
    assert mouth_openness(wide.points) > 1.5 * mouth_openness(frame.points)
    left = []
    for each in (frame, wide):
        calmer = laid(film, each, {}, calm=Calm(mouth=0.0, opening=0.5))
        left.append(mouth_openness(mesh(finder, calmer)) / mouth_openness(mesh(finder, each.image)))
    assert left == pytest.approx([0.5, 0.5], abs=0.12)
    assert left[1] > left[0]


def test_anchors_move_brows_by_centimetres(film, finder, frame) -> None:
    way = np.zeros((ANCHORS, 2), np.float32)
    way[BROW_ANCHORS, 1] = 0.4
    raised = laid(film, frame, {}, calm=Calm(way, mouth=0.0, opening=1.0))
    grey = [cv2.cvtColor(i, cv2.COLOR_RGB2GRAY) for i in (frame.image, raised)]
    flow = cv2.DISOpticalFlow_create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM).calc(*grey, None)
    brows = frame.points[[105, 66, 334, 296], :2].round().astype(int)
    risen = -flow[brows[:, 1], brows[:, 0], 1].mean() / fit_pose(frame.points).scale
    assert risen == pytest.approx(0.4, abs=0.15)


def test_folds_in_the_pixels_give_way_if_the_emotion_says_so(film, frame) -> None:
    assert film.person.skin is not None
    flat = replace(film.person.skin, folds=0 * film.person.skin.folds)
    canvas = SpeakingCanvas(replace(film.person, skin=flat), film.rest)

    def rendered(calm):
        made = canvas.render(frame.image, frame.points, frame.irises, {}, {}, 1.0, calm)
        return np.abs(made.astype(int) - frame.image).sum()

    gone = replace(OWN_WORDS, skin=np.ones(len(REGIONS)))
    assert rendered(OWN_WORDS) == 0
    assert rendered(replace(OWN_WORDS, skin=np.zeros(len(REGIONS)))) == 0
    assert rendered(gone) > 500


@pytest.mark.parametrize("words", ["same", "new"])
def test_a_film_takes_folds_out_under_own_and_other_words(film, words, monkeypatch) -> None:
    calms = []
    rendered = SpeakingCanvas.render

    def watched(self, *args):
        calms.append(args[-1])
        return rendered(self, *args)

    monkeypatch.setattr(SpeakingCanvas, "render", watched)
    neutral = EmotionPrompt.parse("very neutral")
    sound = Audio(np.zeros(4000, np.float32), 16000)
    if words == "same":
        moving = same_words(film, Speech(sound, ""), neutral, ((0.0, 0.0), (0.25, 0.25)))
    else:
        moving = new_words(film, Speech(sound, ""), neutral)
    list(moving.frames)
    assert calms
    assert all(np.array_equal(calm.skin, np.ones(len(REGIONS))) for calm in calms)


def test_only_lips_lose_the_teeth_at_their_edge() -> None:
    skin = np.full((1, 5, 3), 240, np.uint8)
    away = np.array([[0.0, 0.0, 0.0, 3.0, 0.0]], np.float32)
    along = np.array([[0.0, 0.5, 1.1, 0.0, -1.0]], np.float32)
    light = _without_teeth(skin, 120.0, away, along).mean(2)[0]
    np.testing.assert_allclose(light, [120, 120, 240, 240, 240], atol=1)


def test_a_mouth_ends_in_points() -> None:
    top = np.column_stack([np.linspace(-20, 20, 9), np.zeros(9)]).astype(np.float32)
    shares = _pointed(top, top + np.float32((0, 5)))
    assert shares[4] == 1.0
    assert np.all(np.diff(shares[4:]) < 0)
    assert 0.5 < shares[0] < 0.75
    assert shares[0] == pytest.approx(shares[-1])
