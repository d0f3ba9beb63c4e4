from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from emoanim.engines.rig.expressions.presets import PRESETS
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.engines.rig.skin.shading import shadow_colour, texture_gain
from emoanim.faces import OUTER_LIPS, enclosed

Draw = Callable[..., Any]


def _shadow(image: np.ndarray, drawn: Any) -> np.ndarray:
    """How much of each colour the fold beside the nose leaves."""
    after = FaceRenderer(image, drawn.points, cancel=0.0).render({"9": 1.5, "10": 1.0})
    dark = after.astype(float).sum(-1) - image.astype(float).sum(-1)
    dark[drawn.points[61, 1].astype(int) - int(0.5 * drawn.scale) :] = 0
    x, y = drawn.points[206, :2].round().astype(int)
    near = np.s_[y - 30 : y + 30, x - 30 : x + 30]
    worst = dark[near] <= np.percentile(dark[near], 5)
    return np.array(after[near][worst].mean(0) / image[near][worst].mean(0))


def _skin_of(drawn: Any, colour: tuple[int, int, int]) -> np.ndarray:
    """Skin of one colour, with texture as in a photograph but where the shadow is measured."""
    rows, columns = drawn.image.shape[:2]
    grains = np.random.default_rng(0).normal(-6, 3, (rows // 4 + 1, columns // 4 + 1))
    texture = np.repeat(np.repeat(grains, 4, axis=0), 4, axis=1)[:rows, :columns]
    x, y = drawn.points[206, :2].round().astype(int)
    texture[y - 36 : y + 36, x - 36 : x + 36] = 0
    return np.asarray((np.array(colour) + texture[..., None]).clip(0, 255).round(), np.uint8)


def test_shadows_on_skin_are_warm_and_warmer_where_red_is_overexposed(drawn_face: Draw) -> None:
    drawn = drawn_face(480)
    skin = _skin_of(drawn, (190, 150, 130))
    bright = _skin_of(drawn, (252, 200, 172))
    usual, over = _shadow(skin, drawn), _shadow(bright, drawn)
    assert usual[0] > usual[1] > usual[2]
    assert over[0] > usual[0] + 0.02
    assert over[1] == pytest.approx(usual[1], abs=0.03)


def test_a_grey_picture_has_grey_shadows(drawn_face: Draw) -> None:
    drawn = drawn_face(480)
    grey = _shadow(_skin_of(drawn, (190, 190, 190)), drawn)
    assert np.ptp(grey) < 0.01


def test_pale_skin_of_a_coloured_picture_has_warm_shadows(drawn_face: Draw) -> None:
    drawn = drawn_face(480)
    pale = _skin_of(drawn, (196, 190, 192))
    grey = shadow_colour(pale, drawn.points)
    pale[enclosed(drawn.points[list(OUTER_LIPS), :2], pale.shape[:2])] = (180, 60, 70)
    warm = shadow_colour(pale, drawn.points)
    assert np.ptp(grey) < 0.06
    assert warm[2] - warm[0] > 0.3


def test_hair_over_half_of_the_face_does_not_dull_its_shadows(drawn_face: Draw) -> None:
    drawn = drawn_face(480)
    bright = _skin_of(drawn, (250, 200, 180))
    clear = shadow_colour(bright, drawn.points)
    middle = drawn.points[:, 0].mean() - 0.3 * drawn.scale
    bright[:, int(middle) :] = (30, 28, 30)
    assert shadow_colour(bright, drawn.points) == pytest.approx(clear, abs=0.1)


def test_smooth_skin_gets_weak_folds(drawn_face: Draw) -> None:
    drawn = drawn_face(480)
    smooth = np.full_like(_skin_of(drawn, (200, 160, 140)), (200, 160, 140))
    grains = np.random.default_rng(0).normal(0, 8, smooth.shape[:2])[..., None]
    rough = (smooth + grains).clip(0, 255).astype(np.uint8)
    gains = [texture_gain(picture, drawn.points, drawn.scale) for picture in (smooth, rough)]
    assert gains[0] == pytest.approx(0.65)
    assert gains[1] > 0.9


@pytest.mark.parametrize(
    ("emotion", "has", "lacks"),
    [
        ("anger", ("4", "5", "7", "23", "24"), ("12", "26")),
        ("disgust", ("9", "10", "15", "17"), ("12", "5")),
        ("fear", ("1", "2", "4", "5", "20", "25", "26"), ("12", "6", "9")),
        ("happy", ("6", "12"), ("4", "15")),
        ("sad", ("1", "4", "15", "17"), ("12", "5")),
    ],
)
def test_presets_keep_to_the_prototypes_of_facs(
    emotion: str, has: tuple[str, ...], lacks: tuple[str, ...]
) -> None:
    units = {str(e): w for e, w in PRESETS.items()}[emotion]
    assert all(units.get(u, 0) > 0 for u in has)
    assert not any(units.get(u, 0) for u in lacks)
