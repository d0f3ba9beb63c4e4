from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.faces import Face, canonical_mesh, eye_levelled_crop
from emoanim.faces.crop import Square, cut, eye_levelled_square


def flat_face(degrees: float = 0.0, scale: float = 10.0) -> NDArray[np.float32]:
    """The canonical mesh in pixels, turned clockwise about (200, 150)."""
    points = canonical_mesh()[0] * np.array([scale, -scale, -scale], np.float32)
    a = math.radians(degrees)
    turn = np.array([[math.cos(a), math.sin(a)], [-math.sin(a), math.cos(a)]], np.float32)
    points[:, :2] = points[:, :2] @ turn + np.array([200, 150], np.float32)
    return points


def test_cut_on_whole_pixels_copies_them() -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    assert np.array_equal(cut(image, Square(30, 20, 16), 16), image[12:28, 22:38])


def test_cut_turned_by_a_right_angle() -> None:
    """The upper side of the square runs down the image: the crop is turned back."""
    image = np.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    turned = cut(image, Square(30, 20, 16, math.pi / 2), 16)
    assert np.array_equal(turned, np.rot90(image[12:28, 22:38]))


def test_beyond_the_border_its_pixels_are_repeated() -> None:
    image = np.zeros((20, 20, 3), np.uint8)
    image[:, 0] = 200
    assert (cut(image, Square(0, 10, 8), 8)[:, :4] == 200).all()


def test_a_large_square_is_averaged() -> None:
    """Single bright pixels that plain bilinear sampling would hit or miss."""
    image = np.zeros((800, 800, 3), np.uint8)
    image[::2, ::2] = 200
    small = cut(image, Square(400, 400, 640), 64)
    assert np.abs(small.astype(int) - 50).max() <= 1
    outside = cut(image, Square(2000, 400, 640), 64)
    assert outside.shape == (64, 64, 3)


def test_large_and_small_squares_show_the_same_place() -> None:
    y, x = np.mgrid[0:1200, 0:1200]
    image = np.stack([x * 255 // 1200, y * 255 // 1200, 0 * x], -1).astype(np.uint8)
    square = Square(620, 540, 700, 0.4)
    fine, coarse = cut(image, square, 500), cut(image, square, 100)
    for row, column in ((10, 10), (50, 80), (90, 20)):
        expected = fine[row * 5 : row * 5 + 5, column * 5 : column * 5 + 5].mean((0, 1))
        assert coarse[row, column] == pytest.approx(expected, abs=2)


def test_square_to_image_undoes_the_cut() -> None:
    image = np.zeros((300, 300, 3), np.uint8)
    image[100:103, 200:203] = 255
    square = Square(160, 140, 220, -0.5)
    seen = cut(image, square, 220)[..., 0].astype(float)
    y, x = np.mgrid[0:220, 0:220] + 0.5
    middle = np.array([[(seen * x).sum(), (seen * y).sum()]]) / seen.sum() / 220
    assert square.to_image(middle.astype(np.float32))[0] == pytest.approx([201.5, 101.5], abs=0.1)


@pytest.mark.parametrize("degrees", [-70, -10, 0, 35])
def test_the_square_follows_the_eye_line(degrees: float) -> None:
    level = eye_levelled_square(flat_face(0))
    square = eye_levelled_square(flat_face(degrees))
    assert math.degrees(square.angle) == pytest.approx(degrees, abs=0.01)
    assert square.side == pytest.approx(level.side, rel=1e-4)
    points = flat_face(0)[:, :2]
    height = points[:, 1].max() - points[:, 1].min()
    assert level.side == pytest.approx(1.15 * height, rel=1e-4)
    middle = (points[:, 1].max() + points[:, 1].min()) / 2
    assert level.y == pytest.approx(middle - 0.02 * level.side, rel=1e-4)


def test_the_crop_of_a_turned_face_is_the_same(portrait: NDArray[np.uint8], face: Face) -> None:
    crop = eye_levelled_crop(portrait, face.points, 96)
    turn = cv2.getRotationMatrix2D((256, 220), 25, 1.0)
    turned = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    points = face.points.copy()
    points[:, :2] = points[:, :2] @ turn[:, :2].T.astype(np.float32) + turn[:, 2]
    again = eye_levelled_crop(turned, points, 96)
    assert np.abs(again.astype(float) - crop).mean() < 6
    assert np.abs(again[:, ::-1].astype(float) - crop).mean() > 15
