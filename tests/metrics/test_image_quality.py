from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import psnr, ssim


def frames(count=3, seed=0, shape=(24, 30, 3)):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def test_psnr_by_hand():
    x = np.zeros((2, 4, 4), dtype=np.uint8)
    y = x.copy()
    y[0] = 10
    y[1] = 20
    result = psnr(x, y)
    each = [10 * math.log10(255**2 / 100), 10 * math.log10(255**2 / 400)]
    assert result.each.tolist() == pytest.approx(each)
    assert float(result) == result.value == pytest.approx(np.mean(each))
    assert psnr(x, y, pooled=True).value == pytest.approx(10 * math.log10(255**2 / 250))
    assert psnr(x / 255, y / 255, peak=1.0).value == pytest.approx(result.value)
    assert (result.n, result.notes) == (2, ())


def test_identical_frames_are_counted_never_infinite():
    x = frames()
    y = x.copy()
    y[0, 0, 0] ^= 1
    result = psnr(x, y)
    assert (result.n, result.notes) == (1, ("2 identical frames left out",))
    assert math.isnan(result.each[1])
    capped = psnr(x, y, cap=100.0)
    assert capped.each[1] == 100.0
    assert capped.notes == ("2 identical frames counted as 100 dB",)
    same = psnr(x, x)
    assert math.isnan(same.value)
    assert same.reason == "every frame is identical to its reference"
    assert math.isnan(psnr(x, x, pooled=True).value)


def test_unaligned_frames_get_a_note():
    result = psnr(frames(), frames(seed=1))
    assert result.value < 15
    assert "hardly aligned" in result.notes[0]
    assert "hardly aligned" not in psnr(frames(), frames() // 2 + 50, pooled=True).notes


def test_ssim_of_equal_and_inverted_frames():
    x = frames()
    assert ssim(x, x).value == pytest.approx(1.0)
    assert ssim(x, x, variant="uniform7").value == pytest.approx(1.0)
    assert ssim(x, 255 - x).value < 0
    grey = x[..., 0]
    assert ssim(grey, grey // 2).n == 3


def test_ssim_agrees_with_scikit_image():
    metrics = pytest.importorskip("skimage.metrics")
    x, y = frames(1)[0], np.clip(frames(1)[0].astype(int) + frames(1, 1)[0] // 8, 0, 255)
    y = y.astype(np.uint8)
    wang = metrics.structural_similarity(
        x, y, channel_axis=2, data_range=255, gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False,
    )  # fmt: skip
    uniform = metrics.structural_similarity(x, y, channel_axis=2, data_range=255)
    assert ssim(x[None], y[None]).value == pytest.approx(wang, abs=1e-12)
    assert ssim(x[None], y[None], variant="uniform7").value == pytest.approx(uniform, abs=1e-12)


def test_undefined_values_say_why():
    small = frames(shape=(10, 40, 3))
    assert "smaller than the 11-pixel window" in ssim(small, small).reason
    assert ssim(small, small, variant="uniform7").n == 3
    none = frames(0)
    assert psnr(none, none).reason == ssim(none, none).reason == "no frames given"
    assert math.isnan(psnr(none, none).value)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_what_cannot_be_compared_is_refused(metric):
    x = frames()
    with pytest.raises(ValueError, match="expected both"):
        metric(x, x[:2])
    with pytest.raises(ValueError, match="expected both"):
        metric(x[0, 0], x[0, 0])
    with pytest.raises(ValueError, match="expected both"):
        metric(x[..., :2], x[..., :2])
    with pytest.raises(ValueError, match="peak 0 given"):
        metric(x, x, peak=0)


def test_an_unknown_variant_is_refused():
    with pytest.raises(ValueError, match="variant 'ms' given"):
        ssim(frames(), frames(), variant="ms")


def test_vectors(vectors):
    expected = json.loads((vectors / "psnr_ssim_expected.json").read_text())
    with np.load(vectors / "psnr_ssim_frames.npz") as clip:
        x, y = clip["reference"], clip["generated"]
    near = {"rtol": 0, "atol": 1e-12}
    np.testing.assert_allclose(psnr(x, y).each, expected["psnr_skimage_per_frame"], **near)
    assert psnr(x, y, pooled=True).value == pytest.approx(expected["psnr_pooled_mse"], abs=1e-12)
    np.testing.assert_allclose(
        ssim(x, y).each, expected["ssim_skimage_wang_gaussian_sigma1.5"], **near
    )
    np.testing.assert_allclose(
        ssim(x, y, variant="uniform7").each, expected["ssim_skimage_default_uniform7"], **near
    )
