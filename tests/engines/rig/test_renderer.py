from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.emotions import Emotion
from emoanim.engines.rig.expressions.presets import PRESETS
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.mouth.branches import below_the_lips
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.engines.rig.units import in_fields

Image = NDArray[np.uint8]
Drawn = Any
Draw = Callable[..., Any]


@pytest.fixture(scope="module")
def drawn(drawn_face: Draw) -> Drawn:
    return drawn_face()


@pytest.fixture(scope="module")
def neutral(drawn: Drawn) -> FaceRenderer:
    """Of a face without expression."""
    return FaceRenderer(drawn.image, drawn.points, baseline={})


def _difference(a: Image, b: Image) -> NDArray[np.int16]:
    return np.abs(a.astype(np.int16) - b.astype(np.int16)).max(-1)


def _around(drawn: Drawn, vertices: tuple[int, ...], margin: float) -> tuple[slice, slice]:
    at = drawn.points[list(vertices), :2]
    low = (at.min(0) - margin * drawn.scale).astype(int)
    high = (at.max(0) + margin * drawn.scale).astype(int)
    return np.s_[low[1] : high[1], low[0] : high[0]]


def _dark(image: Image, drawn: Drawn) -> int:
    """Count dark pixels between and on the lips."""
    window = image[_around(drawn, INNER_UPPER + INNER_LOWER, 0.4)]
    return int((window.max(-1) < 75).sum())


def _branches(renderer: FaceRenderer, weights: dict[str, float]) -> NDArray[np.float32]:
    """Return the displacement of the face's nodes above the mouth line and below it."""
    total = in_fields(weights) + in_fields(renderer._taken)
    wanted = renderer._lips.wanted(in_fields(weights), renderer._rest, 0.0)
    made = []
    moves = (renderer._upper, renderer._lower)
    for fields, fix in zip(moves, renderer._lips.correction(total, wanted), strict=True):
        skin = np.tensordot(total, fields, 1)[..., :2]
        made.append(skin + (fix * renderer._face.skin)[..., None] * renderer._lips.down)
    return np.array(made)


def test_no_weights_on_a_neutral_face_change_nothing(drawn: Drawn, neutral: FaceRenderer) -> None:
    changed = _difference(neutral.render({}), drawn.image)
    mouth = _around(drawn, INNER_UPPER + INNER_LOWER, 0.3)
    assert changed[mouth].max() <= 3  # the drawn lips are parted by a fraction of a pixel
    changed[mouth] = 0
    assert changed.max() <= 1


def test_rendering_is_deterministic_and_leaves_the_portrait_alone(drawn: Drawn) -> None:
    before = drawn.image.copy()
    weights, head = {"12": 1.0, "26": 0.6, "43": 0.4}, (3, 5, 1, 0.2, 0.1, 0.5)
    first = FaceRenderer(drawn.image, drawn.points)
    second = FaceRenderer(drawn.image, drawn.points)
    once = first.render(weights, head)
    assert once.dtype == np.uint8
    assert once.shape == drawn.image.shape
    assert np.array_equal(once, first.render(weights, head))
    assert np.array_equal(once, second.render(weights, head))
    assert np.array_equal(drawn.image, before)


@pytest.mark.parametrize("emotion", list(Emotion))
def test_far_background_stays_as_it_is(
    emotion: Emotion, drawn: Drawn, neutral: FaceRenderer
) -> None:
    changed = _difference(neutral.render({**PRESETS[emotion], "26": 1.0}), drawn.image)
    low, high = drawn.points[:, :2].min(0), drawn.points[:, :2].max(0)
    side = 3.0 * drawn.scale
    beside = changed[: int(high[1] - side)]  # the neck below moves with the jaw
    assert beside[:, : int(low[0] - side)].max() == 0
    assert beside[:, int(high[0] + side) :].max() == 0
    assert changed[: int(low[1] - side)].max() == 0
    assert changed[-2:].max() == 0


def test_a_head_motion_stops_before_the_edge_of_the_picture(
    drawn: Drawn, neutral: FaceRenderer
) -> None:
    changed = _difference(neutral.render({}, (4, 8, 3, 0.5, 0.3, 1.0)), drawn.image)
    assert changed.max() > 30
    edge = np.concatenate([changed[0], changed[-1], changed[:, 0], changed[:, -1]])
    assert edge.max() <= 1


@pytest.mark.parametrize(
    ("head", "axis", "sign"),
    [((0, 8, 0, 0, 0, 0), 1, 1), ((6, 0, 0, 0, 0, 0), 0, -1), ((0, 0, 0, 1, 0, 0), 1, 1)],
)
def test_the_nose_goes_where_the_head_turns(
    head: tuple[float, ...], axis: int, sign: int, drawn: Drawn, neutral: FaceRenderer
) -> None:
    motion = _flow(drawn.image, neutral.render({}, head), drawn, (1, 4, 5))
    assert sign * motion[axis] > 0.3


def _flow(
    before: Image, after: Image, drawn: Drawn, vertices: tuple[int, ...]
) -> tuple[float, ...]:
    """Return rows and columns by which a patch moved, by exhaustive search."""
    y, x = _around(drawn, vertices, 2.0)
    patch = before[y, x].astype(float)
    best = min(
        (
            float(
                ((after[y.start + i : y.stop + i, x.start + j : x.stop + j] - patch) ** 2).mean()
            ),
            i,
            j,
        )
        for i in range(-14, 15)
        for j in range(-14, 15)
    )
    return best[1:]


@pytest.mark.parametrize("unit", ["12", "14", "10", "2"])
def test_one_sided_units_stay_one_sided(unit: str, drawn: Drawn, neutral: FaceRenderer) -> None:
    still = neutral.render({})
    left = _difference(neutral.render({unit + "L": 1.0}), still)
    right = _difference(neutral.render({unit + "R": 1.0}), still)
    middle = drawn.image.shape[1] // 2
    reach = round(1.9 * drawn.scale)
    assert left[:, : middle - reach].max() > 20
    assert left[:, middle + reach :].max() <= 2
    assert right[:, middle + reach :].max() > 20
    assert right[:, : middle - reach].max() <= 2


def test_the_motion_is_a_mirror_image_of_itself(neutral: FaceRenderer) -> None:
    left, right = _branches(neutral, {"12L": 1.0}), _branches(neutral, {"12R": 1.0})
    assert np.abs(left).max() == pytest.approx(np.abs(right).max(), rel=0.05)
    assert left[..., 1].sum() == pytest.approx(right[..., 1].sum(), rel=0.05)
    assert left[..., 0].sum() == pytest.approx(-right[..., 0].sum(), rel=0.05)


def test_the_jaw_opens_the_mouth_and_the_seal_closes_it(drawn: Drawn) -> None:
    painted = MouthInterior.painted(drawn.image, drawn.points)
    nothing = np.zeros_like(painted.teeth)
    black = MouthInterior(nothing, nothing, *np.zeros((2, 3), np.float32))
    renderer = FaceRenderer(drawn.image, drawn.points, mouth=black, baseline={})
    shut = _dark(renderer.render({}), drawn)
    opened = _dark(renderer.render({"26": 0.8, "25": 0.5}), drawn)
    sealed = _dark(renderer.render({"26": 0.8, "25": 0.5, "seal": 1.0}), drawn)
    half = _dark(renderer.render({"26": 0.8, "25": 0.5, "seal": 0.5}), drawn)
    assert opened > shut + 20
    assert shut + 5 < half < opened
    assert sealed <= shut + 5


def test_units_that_open_nothing_leave_the_lips_closed(drawn: Drawn, neutral: FaceRenderer) -> None:
    shut = _dark(neutral.render({}), drawn)
    for units in ({"12": 1.5, "6": 1.0}, {"15": 1.5}, {"20": 1.2}, {"17": 1.0}, {"18": 1.0}):
        # a wider mouth has a longer line between its lips
        assert _dark(neutral.render(units), drawn) <= 1.2 * shut, units


def test_an_open_mouth_is_closed_unless_its_expression_is_kept(drawn_face: Draw) -> None:
    open_ = drawn_face(gap=0.8)
    before = _dark(open_.image, open_)
    taken = _dark(FaceRenderer(open_.image, open_.points).render({}), open_)
    kept = FaceRenderer(open_.image, open_.points, cancel=0.0)
    assert before > 80
    assert taken < 0.2 * before
    changed = _difference(kept.render({}), open_.image)
    mouth = _around(open_, INNER_UPPER + INNER_LOWER, 0.2)
    assert changed[mouth].mean() < 6
    changed[mouth] = 0
    assert changed.max() <= 1


def test_no_teeth_glint_between_lips_that_close(drawn_face: Draw) -> None:
    smiling = drawn_face(gap=0.8, smile=0.6)
    ring = smiling.points[[*INNER_UPPER, *INNER_LOWER[-2:0:-1]], :2].round().astype(np.int32)
    image = smiling.image.copy()
    cv2.fillPoly(image, [ring], (245, 245, 240))
    renderer = FaceRenderer(image, smiling.points)
    mouth = _around(smiling, INNER_UPPER + INNER_LOWER, 0.4)
    for weights in ({}, {"25": 1.0, "26": 0.4, "seal": 1.0}, {"24": 0.6}):
        made = renderer.render(weights)
        assert made[mouth].min(-1).max() < 190, weights
    assert renderer.render({"25": 1.0, "26": 0.4})[mouth].min(-1).max() > 190


def test_a_smile_is_taken_away(drawn_face: Draw) -> None:
    smiling = drawn_face(smile=0.9)
    renderer = FaceRenderer(smiling.image, smiling.points)
    moved = _branches(renderer, {})[0]
    corner = renderer._face.grid.index(smiling.points[[61, 291], :2]).round().astype(int)
    down = moved[corner[:, 1], corner[:, 0], 1]
    assert renderer.baseline["12L"] > 0.8
    assert (down > 0.35 * smiling.scale).all()


@pytest.mark.parametrize("emotion", [*Emotion, None])
@pytest.mark.parametrize("kind", ["neutral", "smile", "open", "turned"])
def test_no_preset_folds_the_skin_over(
    emotion: Emotion | None, kind: str, drawn_face: Draw
) -> None:
    drawn = {
        "neutral": lambda: drawn_face(),
        "smile": lambda: drawn_face(smile=0.7),
        "open": lambda: drawn_face(gap=0.7),
        "turned": lambda: drawn_face(yaw=20.0),
    }[kind]()
    renderer = FaceRenderer(drawn.image, drawn.points)
    weights = {"26": 1.2, "25": 1.0} if emotion is None else dict(PRESETS[emotion])
    step = renderer._face.grid.step
    nodes = renderer._face.grid.nodes()
    below = below_the_lips(renderer._lips.slit, nodes, nodes)
    for moved, used in zip(_branches(renderer, weights), (~below, below), strict=True):
        by_y, by_x = np.gradient(moved, step, axis=(0, 1))
        area = (1 + by_x[..., 0]) * (1 + by_y[..., 1]) - by_x[..., 1] * by_y[..., 0]
        assert area[used].min() > 0.0


def test_a_blink_covers_the_iris_and_an_open_lid_does_not(
    drawn: Drawn, neutral: FaceRenderer
) -> None:
    window = _around(drawn, (33, 133, 159, 145), 0.0)
    ball = (drawn.image[window].max(-1) < 90).sum()
    shut = neutral.render({"43": 1.0})[window]
    wide = neutral.render({"5": 1.0})[window]
    assert (shut.max(-1) < 90).sum() < 0.35 * ball
    assert (wide.max(-1) < 90).sum() >= 0.95 * ball


def test_the_iris_keeps_its_place_when_the_lid_falls(drawn: Drawn, neutral: FaceRenderer) -> None:
    half = neutral.render({"43": 0.3})
    lower = drawn.points[145, :2] - (0, 0.30 * drawn.scale)
    x, y = (int(v) for v in lower)
    assert np.abs(half[y, x].astype(int) - drawn.image[y, x]).max() <= 12


@pytest.mark.parametrize("size", [128, 700])
def test_small_and_large_pictures(size: int, drawn_face: Draw) -> None:
    drawn = drawn_face(size)
    image = FaceRenderer(drawn.image, drawn.points).render(
        {"12": 1.0, "25": 1.0}, (0, 4, 0, 0, 0, 0)
    )
    assert image.shape == (size, size, 3)
    assert _difference(image, drawn.image).max() > 20


def test_a_face_that_leaves_the_picture(drawn_face: Draw) -> None:
    drawn = drawn_face(320)
    cut = drawn.points - np.array((60, 40, 0), np.float32)
    image = FaceRenderer(drawn.image[40:, 60:], cut).render(
        {"12": 1.0, "26": 1.0}, (0, 6, 0, 0, 0, 0)
    )
    assert image.shape == (280, 260, 3)


def test_a_grey_picture_stays_grey(drawn: Drawn) -> None:
    grey = np.repeat(drawn.image.mean(-1, keepdims=True).astype(np.uint8), 3, 2)
    renderer = FaceRenderer(grey, drawn.points)
    for emotion in Emotion:
        made = renderer.render(PRESETS[emotion])
        assert np.ptp(made, axis=-1).max() <= 1, emotion


def test_glasses_hold_the_skin_behind_them(drawn: Drawn) -> None:
    bare = FaceRenderer(drawn.image, drawn.points, glasses=False)
    behind = FaceRenderer(drawn.image, drawn.points, glasses=True)
    at = bare._face.grid.index(drawn.points[[6], :2]).round().astype(int)[0]
    free, held = (_branches(r, {"9": 1.0, "4": 1.0})[0][at[1], at[0]] for r in (bare, behind))
    assert np.linalg.norm(held) < 0.3 * np.linalg.norm(free)
