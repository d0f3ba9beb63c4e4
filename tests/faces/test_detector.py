from __future__ import annotations

import numpy as np
import pytest

from emoanim.faces.detector import Detection, _anchors, _letterboxed, merge, overlap_of


def at(x: float, y: float, size: float, score: float) -> Detection:
    box = np.array([x, y, x + size, y + size], np.float32)
    eyes = np.array([[x + size / 4, y + size / 3], [x + 3 * size / 4, y + size / 3]], np.float32)
    return Detection(box, eyes, score)


def test_overlap() -> None:
    a, b = at(0, 0, 10, 1).box, at(5, 0, 10, 1).box
    assert overlap_of(a, b) == pytest.approx(50 / 150)
    assert overlap_of(a, a) == pytest.approx(1)
    assert overlap_of(a, at(10, 0, 10, 1).box) == 0


def test_overlapping_detections_become_their_weighted_mean() -> None:
    merged = merge([at(0, 0, 100, 0.6), at(300, 0, 50, 0.8), at(4, 0, 100, 0.9)])
    assert [round(d.score, 2) for d in merged] == [0.9, 0.8]
    assert merged[0].box[0] == pytest.approx((0.6 * 0 + 0.9 * 4) / 1.5)
    assert merged[0].eyes[0, 0] == pytest.approx(25 + 2.4)
    assert merged[1].size == 50
    assert merge([]) == []


def test_anchors_run_row_by_row() -> None:
    anchors = _anchors(((16, 2), (8, 6)))
    assert anchors.shape == (896, 2)
    assert anchors[0] == pytest.approx([0.5 / 16, 0.5 / 16])
    assert anchors[2] == pytest.approx([1.5 / 16, 0.5 / 16])
    assert anchors[-1] == pytest.approx([7.5 / 8, 7.5 / 8])


@pytest.mark.parametrize("shape", [(100, 200, 3), (1024, 16, 3), (8, 8, 3)])
def test_the_whole_image_in_a_square(shape: tuple[int, int, int]) -> None:
    square, reach = _letterboxed(np.full(shape, 255, np.uint8), 128)
    assert square.shape == (1, 128, 128, 3)
    assert reach == max(shape[:2])
    white = (square == 1).all(-1).sum()
    assert white == pytest.approx(128 * 128 * shape[0] * shape[1] / reach**2, rel=0.05)
    assert set(np.unique(square)) <= {-1.0, 1.0}
