from __future__ import annotations

import hashlib
import json
import math

import numpy as np
import pytest

from emoanim.metrics import check_weights, extract_features, fid, kid


def features(count, width=6, seed=0, shift=0.0):
    return np.random.default_rng(seed).normal(size=(count, width)) + shift


def test_fid_of_known_gaussians():
    x = features(4000, 3)
    x -= x.mean(axis=0)
    x @= np.linalg.inv(np.linalg.cholesky(np.cov(x, rowvar=False))).T
    y = x * [2.0, 3.0, 1.0] + [1.0, 0.0, 0.0]
    # |mu|^2 + sum of (sigma - 1)^2
    result = fid(x, y, features="identity")
    assert result.value == pytest.approx(1 + 1 + 4)
    assert result.method == "FID of identity, 4000 real and 4000 generated images"
    assert result.notes == ()


def test_fid_of_equal_sets_is_not_negative():
    x = features(50)
    result = fid(x, x)
    assert 0.0 <= result.value < 1e-10
    assert "50 images are below 2048" in result.notes[0]
    assert "no full rank" in fid(features(5), features(9)).notes[1]
    assert fid([[0.0], [2.0]], [[1.0], [3.0]]).value == 1.0


def test_kid_by_hand_and_its_bias():
    x, y = features(4, 2), features(4, 2, 1)

    def kernel(a, b):
        return (a @ b / 2 + 1) ** 3

    off = [(i, j) for i in range(4) for j in range(4) if i != j]
    expected = (
        np.mean([kernel(x[i], x[j]) for i, j in off])
        + np.mean([kernel(y[i], y[j]) for i, j in off])
        - 2 * np.mean([kernel(a, b) for a in x for b in y])
    )
    result = kid(x, y, subsets=3)
    assert result.value == pytest.approx(expected)
    assert "3 subsets of 4" in result.method
    same = kid(features(1000), features(1000, seed=1), subsets=20, subset_size=50)
    assert abs(same.value) < 3 * same.each.std() / math.sqrt(20)
    assert kid(features(60), features(60, seed=1, shift=0.5), subsets=2).value > 0.5
    assert (
        same.value == kid(features(1000), features(1000, seed=1), subsets=20, subset_size=50).value
    )


@pytest.mark.parametrize("metric", [fid, kid])
def test_undefined_and_refused(metric):
    assert "1 images on the smaller side" in metric(features(1), features(9)).reason
    assert math.isnan(metric(features(0), features(9)).value)
    with pytest.raises(ValueError, match="expected \\(N, d\\) and \\(M, d\\)"):
        metric(features(9), features(9, 5))
    with pytest.raises(ValueError, match="NaN or infinite features"):
        metric(features(9), features(9) * np.nan)


def test_impossible_subsets_are_refused():
    with pytest.raises(ValueError, match="0 subsets of 1000"):
        kid(features(9), features(9), subsets=0)
    with pytest.raises(ValueError, match="100 subsets of 1 given"):
        kid(features(9), features(9), subset_size=1)


class Means:
    """The mean colour as a feature."""

    name = "mean colour"

    def features(self, batch):
        return batch.mean(axis=(1, 2))


class Broken(Means):
    def features(self, batch):
        return batch.mean()


def test_extractors_are_pluggable():
    images = np.random.default_rng(0).integers(0, 256, (7, 4, 4, 3), dtype=np.uint8)
    found = extract_features(Means(), [images[:4], images[4:]])
    np.testing.assert_array_equal(found, images.mean(axis=(1, 2)))
    with pytest.raises(ValueError, match=r"mean colour gave features of shape \(\) for 7 images"):
        extract_features(Broken(), [images])
    with pytest.raises(ValueError, match="no images given"):
        extract_features(Means(), [])


def test_weights_are_checked(tmp_path):
    file = tmp_path / "weights.bin"
    file.write_bytes(b"weights")
    digest = hashlib.sha256(b"weights").hexdigest()
    assert check_weights(file, digest) == file
    assert check_weights(str(file), digest[:8].upper()) == file
    with pytest.raises(ValueError, match=f"has the SHA-256 {digest}; expected 6726825d"):
        check_weights(file, "6726825d")
    with pytest.raises(ValueError, match="there is no such file"):
        check_weights(tmp_path / "none", digest)
    for wrong in ("abc", "not hexadecimal"):
        with pytest.raises(ValueError, match="expected 8 to 64 hexadecimal digits"):
            check_weights(file, wrong)


def test_vectors(vectors):
    expected = json.loads((vectors / "fid_expected.json").read_text())
    with np.load(vectors / "fid_features.npz") as sets:
        found = {
            name: fid(sets[f"{name}__real"], sets[f"{name}__fake"]).value
            for name in ("d16", "d64_N_lt_d", "identical")
        }
    assert found["d16"] == pytest.approx(expected["d16"]["pytorch_fid_0_3_0"], abs=1e-12)
    rough = expected["d64_N_lt_d"]["pytorch_fid_0_3_0"]
    assert found["d64_N_lt_d"] == pytest.approx(rough, rel=5e-9)
    assert 0.0 <= found["identical"] < 1e-12
