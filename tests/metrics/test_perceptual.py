from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import lpips


def test_by_hand():
    # Unit vectors at 90 degrees: each channel differs by 1.
    x, y = np.zeros((1, 2, 1, 1)), np.zeros((1, 2, 1, 1))
    x[0, 0], y[0, 1] = 3.0, 0.5
    result = lpips([x], [y], [[0.25, 0.5]], network="toy")
    assert result.value == pytest.approx(0.75)
    assert result.method == "LPIPS, toy"
    assert lpips([x, x], [x, x], [[1, 1], [1, 1]]).value == 0.0
    assert lpips([x, x], [y, y], [[0.25, 0.5], [1, 1]]).value == pytest.approx(2.75)


def test_undefined_and_refused():
    none = np.zeros((0, 2, 1, 1))
    assert math.isnan(lpips([none], [none], [[1, 1]]).value)
    x = np.zeros((1, 2, 3, 3))
    for arguments in (([], [], []), ([x], [x, x], [[1, 1]])):
        with pytest.raises(ValueError, match="one of each per layer"):
            lpips(*arguments)
    for arguments in (([x[0]], [x[0]], [[1, 1]]), ([x], [x[:, :1]], [[1, 1]]), ([x], [x], [[1]])):
        with pytest.raises(ValueError, match="for layer 0; expected"):
            lpips(*arguments)


def test_vectors(vectors):
    expected = json.loads((vectors / "lpips_expected.json").read_text())["lpips_0_1_4_alex_v0_1"]
    with np.load(vectors / "lpips_features.npz") as file:
        maps = [[file[f"{name}{i}"] for i in range(5)] for name in ("a", "b", "lin")]
    np.testing.assert_allclose(lpips(*maps).each, expected, atol=2e-8)
