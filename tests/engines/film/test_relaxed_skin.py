"""Folds that are drawn between the brows in some frames, and a mole that all frames have."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from emoanim.engines.film.placement import placed
from emoanim.engines.film.relaxed_skin import REGIONS, relaxed_skin, skin_look

ALL = np.ones(len(REGIONS))
COLOUR = np.ones(3, np.float32)
FOLDS, MOLE = ((-0.4, 4.6), (0.4, 4.4)), (-3.2, 1.1)


@pytest.fixture(scope="module")
def large(still):
    return cv2.resize(still, (640, 640), interpolation=cv2.INTER_CUBIC)


@pytest.fixture(scope="module")
def points(finder, large):
    return finder.largest_face(large).points


def drawn(image, points, folded: bool, hue=(1.0, 1.0, 1.0)):
    """Return the picture with a mole, and with folds of a hue between the brows or without."""
    at = placed(points, *image.shape[:2])
    box = at.grid.box(*image.shape[:2])
    size = (box[2] - box[0], box[3] - box[1])
    x, y = (cv2.resize(np.ascontiguousarray(at.place[..., k]), size) for k in (0, 1))
    dark = 0.35 * np.exp(-0.5 * ((x - MOLE[0]) ** 2 + (y - MOLE[1]) ** 2) / 0.15**2)
    dark = dark[..., None] * np.ones(3)
    for across, _ in FOLDS if folded else ():
        fold = 0.25 * np.exp(-0.5 * ((x - across) / 0.1) ** 2) * (np.abs(y - 4.5) < 0.9)
        dark = dark + fold[..., None] * np.array(hue)
    result = image.copy()
    part = result[box[1] : box[3], box[0] : box[2]]
    part[...] = np.clip(part * np.exp(-dark) + 0.5, 0, 255)
    return result


def depth(image, points, spot, channel: int | None = None) -> float:
    """Return how much darker a spot is than the skin on both sides, logarithm."""
    at = placed(points, *image.shape[:2])
    light = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if channel is None else image[..., channel]
    grey = np.log(light + 8.0)

    def lightness(x: float, y: float) -> float:
        apart = np.hypot(at.place[..., 0] - x, at.place[..., 1] - y)
        row, column = np.unravel_index(int(np.argmin(apart)), apart.shape)
        u, v = at.grid.nodes()[row, column].round().astype(int)
        return float(grey[v - 1 : v + 2, u - 1 : u + 2].mean())

    x, y = spot
    return (lightness(x - 0.4, y) + lightness(x + 0.4, y)) / 2 - lightness(x, y)


@pytest.fixture(scope="module")
def calm_and_folded(large, points):
    return drawn(large, points, False), drawn(large, points, True)


@pytest.fixture(scope="module")
def skin(calm_and_folded, points):
    looks = [skin_look(image, points) for image in calm_and_folded]
    learnt = relaxed_skin([looks[k % 2] for k in range(12)])
    assert learnt is not None
    return learnt


def relaxed_frame(skin, image, points, shares=ALL):
    return skin.over(image, placed(points, *image.shape[:2]), shares, COLOUR)


def test_folds_go_and_a_mole_stays(skin, calm_and_folded, points) -> None:
    folded = calm_and_folded[1]
    after = relaxed_frame(skin, folded, points)
    for spot in FOLDS:
        assert depth(folded, points, spot) > 0.1
        assert depth(after, points, spot) < 0.45 * depth(folded, points, spot)
    assert depth(after, points, MOLE) > 0.8 * depth(folded, points, MOLE)


def test_the_hue_of_a_fold_goes_with_its_darkness(skin, large, points) -> None:
    """Only brightened, a brown line of a smile would stay as an orange one."""
    folded = drawn(large, points, True, hue=(0.6, 1.0, 1.9))
    after = relaxed_frame(skin, folded, points)
    for spot in FOLDS:
        before, now = (
            depth(image, points, spot, 2) - depth(image, points, spot, 0)
            for image in (folded, after)
        )
        assert before > 0.1
        assert abs(now) < 0.6 * before


def test_a_calm_frame_stays_as_it_is(skin, calm_and_folded, points) -> None:
    calm = calm_and_folded[0]
    change = np.abs(relaxed_frame(skin, calm, points).astype(int) - calm)
    assert change.max() <= 6
    assert change.mean() < 0.1


def test_eyes_lips_and_surroundings_are_not_touched(skin, calm_and_folded, points) -> None:
    folded = calm_and_folded[1]
    change = np.abs(relaxed_frame(skin, folded, points).astype(int) - folded).max(-1)
    for ring in ((33, 160, 158, 133, 153, 144), (61, 39, 0, 269, 291, 405, 17, 181)):
        inside = np.zeros(change.shape, np.uint8)
        cv2.fillPoly(inside, [points[list(ring), :2].round().astype(np.int32)], 1)
        assert change[inside > 0].max() == 0
    outside = np.ones(change.shape, np.uint8)
    cv2.fillConvexPoly(outside, cv2.convexHull(points[:, :2].round().astype(np.int32)), 0)
    assert change[cv2.erode(outside, np.ones((15, 15))) > 0].max() == 0


def test_shares_bound_what_goes(skin, calm_and_folded, points) -> None:
    folded = calm_and_folded[1]
    assert relaxed_frame(skin, folded, points, 0 * ALL) is folded
    half, full = (
        depth(relaxed_frame(skin, folded, points, share * ALL), points, FOLDS[0])
        for share in (0.5, 1.0)
    )
    assert full < half < depth(folded, points, FOLDS[0])
    others = np.array([name != "glabella" for name in REGIONS], np.float64)
    kept = relaxed_frame(skin, folded, points, others)
    assert depth(kept, points, FOLDS[1]) == pytest.approx(depth(folded, points, FOLDS[1]), abs=0.01)


def test_no_contrast_is_added(large, points) -> None:
    """Folds that the calm frames have and a frame has not are not drawn on it."""
    learnt = relaxed_skin([skin_look(drawn(large, points, True), points)] * 8)
    calm = drawn(large, points, False)
    after = relaxed_frame(learnt, calm, points)
    assert depth(after, points, FOLDS[0]) < depth(calm, points, FOLDS[0]) + 0.02


def test_glasses_are_left_alone(calm_and_folded, points) -> None:
    looks = [skin_look(image, points) for image in calm_and_folded] * 4
    bare, behind = relaxed_skin(looks), relaxed_skin(looks, rim=3.4)
    eyes = REGIONS.index("eyes")
    assert behind.known[eyes].sum() < 0.3 * bare.known[eyes].sum()


def test_too_few_frames_tell_nothing(calm_and_folded, points) -> None:
    assert relaxed_skin([skin_look(calm_and_folded[0], points)] * 7) is None


def test_frames_that_disagree_tell_nothing(large, points) -> None:
    """Where the mesh does not fit, the same skin lies elsewhere in each frame."""
    rng = np.random.default_rng(0)
    noisy = []
    for _ in range(12):
        soft = cv2.GaussianBlur(rng.standard_normal(large.shape[:2]).astype(np.float32), (0, 0), 4)
        wrong = np.exp(0.25 * soft / soft.std())[..., None]
        noisy.append(np.clip(large * wrong, 0, 255).astype(np.uint8))
    learnt = relaxed_skin([skin_look(image, points) for image in noisy])
    steady = relaxed_skin([skin_look(large, points)] * 12)
    assert learnt.known.sum() < 0.3 * steady.known.sum()
