from __future__ import annotations

import json
import math

import numpy as np
import pytest

from emoanim.metrics import psnr, ssim


def frames(count=3, seed=0, shape=(24, 30, 3)):
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)


def test_psnr_by_hand():
    x = np.zeros((2, 4, 5), dtype=np.uint8)
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
    with pytest.raises(ValueError, match="expected the same of both"):
        metric(x, x[:2])
    for odd in (x[0, 0, 0], x[..., :2], x[None]):
        with pytest.raises(ValueError, match=r"expected \(h, w\), \(h, w, 3\), "):
            metric(odd, odd)
    with pytest.raises(ValueError, match="dtype complex128"):
        metric(x.astype(complex), x)
    with pytest.raises(ValueError, match="data_range 0 given"):
        metric(x, x, data_range=0)
    with pytest.raises(ValueError, match="data_range and peak given"):
        metric(x, x, data_range=255, peak=255)


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_the_range_comes_from_the_dtype_or_is_asked_for(metric):
    x, y = frames(), frames() // 2
    for given in (x / 255, (x / 255).astype(np.float32), x.astype(np.int64)):
        with pytest.raises(ValueError, match=r"without data_range.*Give data_range=1\.0"):
            metric(given, given)
    with pytest.raises(ValueError, match="float64 and uint8 given without data_range"):
        metric(x / 255, y)
    wanted = metric(x, y).value
    assert metric(x / 255, y / 255, data_range=1.0).value == pytest.approx(wanted)
    signed = metric(x / 127.5 - 1, y / 127.5 - 1, data_range=2.0)
    if metric is psnr:
        assert signed.value == pytest.approx(wanted)
    else:
        assert signed.value != pytest.approx(wanted, abs=0.1)
        assert "values below 0" in signed.notes[0]
    assert metric(x.astype(np.int64), y, data_range=255).value == wanted
    assert metric(x.astype(np.uint16) * 257, y.astype(np.uint16) * 257).value == pytest.approx(
        wanted
    )
    assert metric(x > 99, y > 99).value == metric((x > 99) * 1.0, (y > 99) * 1.0, peak=1).value
    with pytest.raises(ValueError, match="values from 0 to 255 given with data_range=1;"):
        metric(x, y, data_range=1.0)
    with pytest.raises(ValueError, match="values from nan to nan"):
        metric(x * np.nan, y, data_range=255)


@pytest.mark.parametrize("metric", [psnr, ssim])
@pytest.mark.parametrize("channels", [3, 4])
def test_one_picture_is_one_frame(metric, channels):
    x, y = frames(shape=(24, 30, channels)), frames(1, 1, (24, 30, channels))[0] // 4
    result = metric(x[0], y)
    assert (result.n, result.each.shape, result.notes[1:]) == (1, (1,), ())
    assert result.value == metric(x[:1], y[None]).value
    grey = metric(x[0, ..., 0], y[..., 0])
    assert grey.value == metric(x[:1, ..., 0], y[None, ..., 0]).value
    assert grey.value == metric(x[:1, ..., :1], y[None, ..., :1]).value


@pytest.mark.parametrize("metric", [psnr, ssim])
def test_channels_first_are_understood(metric):
    x, y = frames(5), frames(5) // 2
    first = metric(np.moveaxis(x, -1, 1), np.moveaxis(y, -1, 1))
    assert first.each.tolist() == metric(x, y).each.tolist()
    three = metric(np.moveaxis(x[0], -1, 0), np.moveaxis(y[0], -1, 0))
    assert (three.n, three.notes[0][:35]) == (3, "read as 3 grey frames of 30x24; of ")


def pictures(kind):
    """scikit-image's own samples, and a copy as a codec might leave it."""
    data = pytest.importorskip("skimage.data")
    image = {"colour": data.astronaut, "grey": data.camera, "cat": data.chelsea}[kind]()
    rows = np.roll(image, 1, axis=0).astype(np.float64)
    return image, np.round(0.9 * image + 0.1 * rows).astype(np.uint8)


@pytest.mark.parametrize("kind", ["colour", "grey", "cat"])
@pytest.mark.parametrize("form", ["uint8", "float64", "float32", "uint16"])
def test_scikit_images_samples_as_its_users_hold_them(kind, form):
    metrics = pytest.importorskip("skimage.metrics")
    util = pytest.importorskip("skimage.util")
    convert = {
        "uint8": util.img_as_ubyte,
        "uint16": util.img_as_uint,
        "float32": util.img_as_float32,
        "float64": util.img_as_float64,
    }[form]
    x, y = map(convert, pictures(kind))
    span = {"data_range": {"uint8": 255, "uint16": 65535}.get(form, 1.0)}
    channels = {"channel_axis": -1} if x.ndim == 3 else {}
    near = {"abs": 1e-4 if form == "float32" else 1e-9}
    if "uint" in form:  # theirs warns
        assert psnr(x, y).value == psnr(x, y, **span).value
    assert psnr(x, y, **span).value == pytest.approx(
        metrics.peak_signal_noise_ratio(x, y, **span), **near
    )
    theirs = metrics.structural_similarity(x, y, **channels, **span)
    assert ssim(x, y, variant="uniform7", **span).value == pytest.approx(theirs, **near)
    theirs = metrics.structural_similarity(
        x, y, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, **channels, **span
    )
    assert ssim(x, y, **span).value == pytest.approx(theirs, **near)


def test_of_a_picture_read_as_rows_nothing_is_left():
    """(h, w, 3) once counted as h frames of w x 3: 28.616 dB for 28.598, and no SSIM."""
    x, y = pictures("colour")
    assert psnr(x, y).n == ssim(x, y).n == 1
    assert psnr(x / 255, y / 255, data_range=1.0).value == pytest.approx(psnr(x, y).value)


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
