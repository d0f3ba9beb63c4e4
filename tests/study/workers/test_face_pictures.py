"""What figure 2 shows of a frame."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Image
from emoanim.faces import shared_finder
from emoanim.study.workers.face_pictures import face_picture


@pytest.mark.parametrize("place", [(40, 900), (560, 60), (0, 0)])
def test_a_small_face_in_a_wide_frame_fills_the_picture(
    portrait: Image, place: tuple[int, int]
) -> None:
    top, left = place
    wide = np.full((720, 1280, 3), 128, np.uint8)
    wide[top : top + 160, left : left + 160] = portrait[::2, ::2][:160, 48:208]
    finder = shared_finder()
    before = finder.find(wide)[0].size
    picture = face_picture(wide, finder)
    assert picture.shape[0] == picture.shape[1] <= 223
    again = finder.find(picture)
    assert again
    assert again[0].size / picture.shape[0] > 0.4 > 2 * before / 1280


def test_without_a_face_or_a_finder_the_whole_frame_is_shown(portrait: Image) -> None:
    empty = np.full((360, 640, 3), 90, np.uint8)
    assert face_picture(empty, shared_finder()).shape == (72, 128, 3)
    assert face_picture(portrait, None).shape == (128, 128, 3)
