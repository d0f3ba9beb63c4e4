from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("cv2")

import cv2

from emoanim.engines.film.between import between
from emoanim.engines.film.following import Seen

RNG = np.random.default_rng(5)
GROUND = cv2.GaussianBlur(RNG.uniform(60, 200, (160, 200, 3)).astype(np.float32), (0, 0), 3)
GROUND = np.clip(4 * (GROUND - 130) + 120, 0, 255).astype(np.uint8)


def seen(image: np.ndarray, time: float, at: float = 0.0) -> Seen:
    points = np.full((468, 3), at, np.float32)
    return Seen(
        time,
        image,
        points,
        np.zeros((2, 5, 2), np.float32),
        np.zeros(14),
        np.zeros(14),
        np.zeros((9, 2)),
        1.0,
    )


def moved(by: float) -> np.ndarray:
    turn = np.array([[1, 0, by], [0, 1, 0]], np.float64)
    return cv2.warpAffine(GROUND, turn, (200, 160), borderMode=cv2.BORDER_REFLECT)


def test_what_moves_is_half_way() -> None:
    middle = between(seen(moved(0), 0.0), seen(moved(6), 0.04, 6.0), 0.5)
    inner = np.s_[20:-20, 20:-20]
    off = np.abs(middle.image[inner].astype(int) - moved(3)[inner]).mean()
    ghost = (moved(0)[inner].astype(int) + moved(6)[inner]) / 2
    assert off < 0.4 * np.abs(ghost - moved(3)[inner]).mean()
    assert middle.time == pytest.approx(0.02)
    assert middle.points == pytest.approx(np.full((468, 3), 3.0))


def test_what_is_not_understood_is_not_mixed() -> None:
    one, other = np.full((80, 80, 3), 40, np.uint8), np.full((80, 80, 3), 220, np.uint8)
    assert between(seen(one, 0), seen(other, 1), 0.3).image.mean() == pytest.approx(40, abs=2)
    assert between(seen(one, 0), seen(other, 1), 0.7).image.mean() == pytest.approx(220, abs=2)


def test_a_person_who_is_not_in_both_frames_is_where_the_nearer_one_has_them() -> None:
    gone = Seen(0.04, moved(6), None, None, np.zeros(14), np.zeros(14), np.zeros((9, 2)), 0.0)
    assert between(seen(moved(0), 0.0), gone, 0.3).points is not None
    assert between(seen(moved(0), 0.0), gone, 0.7).points is None


def test_nothing_is_between_two_shots() -> None:
    one, other = seen(moved(0), 0.0), replace(seen(moved(6), 0.04), shot=1)
    assert between(one, other, 0.3) is one
    assert between(one, other, 0.7) is other
