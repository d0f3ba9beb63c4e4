from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import csim, lmd


def test_cosines_by_hand():
    x = np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    y = np.array([[5.0, 0.0], [0.0, -1.0], [0.0, 3.0]])
    result = csim(x, y, model="toy")
    assert result.each.tolist() == pytest.approx([1.0, -1.0, math.sqrt(0.5)])
    assert result.value == pytest.approx(math.sqrt(0.5) / 3)
    assert result.method == "cosine similarity of toy"
    assert csim(x[0], y).each.tolist() == pytest.approx([1.0, 0.0, 0.0])


def test_frames_without_a_face_are_left_out():
    x, y = np.ones((3, 2)), np.ones((3, 2))
    y[1] = np.nan
    y[2] = 0.0
    result = csim(x, y)
    assert (result.value, result.n, result.notes) == (
        pytest.approx(1.0),
        1,
        ("2 of 3 frames left out",),
    )
    assert csim(x, np.full((3, 2), np.nan)).reason == "no frame has a face on both sides"
    with pytest.raises(ValueError, match="one reference"):
        csim(x[:2], y)
    with pytest.raises(ValueError, match="one reference"):
        csim(x[0], y[0])


def test_landmark_distance_by_hand():
    x = np.zeros((2, 3, 2))
    y = x.copy()
    y[0, 0] = [3, 4]
    y[1, :] = [0, 1]
    result = lmd(x, y, part="mouth")
    assert result.each.tolist() == pytest.approx([5 / 3, 1.0])
    assert result.method == "M-LMD of 3 points in pixels"
    scaled = lmd(x, y, part="face", scale=50.0)
    assert scaled.value == pytest.approx(result.value / 50)
    assert scaled.method == "F-LMD of 3 points in units of 50 pixels"
    y[0, 1] = np.nan
    assert lmd(x, y, part="mouth").notes == ("1 of 2 frames left out",)
    assert math.isnan(lmd(x[:0], y[:0], part="mouth").value)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (np.zeros((2, 3, 2)), np.zeros((2, 4, 2)), {"part": "face"}, "same frames and points"),
        (np.zeros((2, 3)), np.zeros((2, 3)), {"part": "face"}, "expected"),
        (np.zeros((2, 3, 4)), np.zeros((2, 3, 4)), {"part": "face"}, "expected"),
        (np.zeros((2, 0, 2)), np.zeros((2, 0, 2)), {"part": "face"}, "expected"),
        (np.zeros((2, 3, 2)), np.zeros((2, 3, 2)), {"part": "nose"}, "part 'nose' given"),
        (np.zeros((2, 3, 2)), np.zeros((2, 3, 2)), {"part": "face", "scale": 0}, "scale 0 given"),
    ],
)
def test_landmark_distance_refuses(x, y, options, message):
    with pytest.raises(ValueError, match=message):
        lmd(x, y, **options)


def test_vectors(vectors):
    expected = json.loads((vectors / "head_csim_expected.json").read_text())["csim"]
    with np.load(vectors / "head_csim_inputs.npz") as file:
        np.testing.assert_allclose(csim(file["id_a"], file["id_b"]).each, expected, atol=1e-14)
