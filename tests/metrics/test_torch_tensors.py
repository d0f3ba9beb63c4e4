"""Tensors as they come out of a network, and the image metrics against torchmetrics."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from emoanim.arrays import as_array
from emoanim.metrics import (
    cpbd,
    csim,
    edd,
    edd_matrix,
    emotion_accuracy,
    fid,
    kid,
    lip_sync_error,
    lmd,
    lpips,
    motion_beats,
    moving_average,
    psnr,
    ssim,
)
from emoanim.metrics.classifier_outputs import read_scores

LABELS = ("anger", "happy", "neutral", "sad")
KINDS = ("float64", "float32", "float16", "bfloat16")


def logits(seed, count=40):
    made = torch.Generator().manual_seed(seed)
    return torch.randn(count, 4, generator=made, requires_grad=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", ["probs", "logits"])
def test_edd_takes_what_a_network_gives(kind, scale):
    pair = [logits(seed) for seed in (1, 2)]
    if scale == "probs":
        pair = [v.softmax(dim=1) for v in pair]
    given = [v.to(getattr(torch, kind)) for v in pair]
    assert all(v.requires_grad for v in given)
    plain = [v.detach().double().numpy() for v in given]
    options = {"kind": scale, "labels": LABELS, "target": "happy", "window": 1}
    # Rounding may tie what the other does not.
    assert edd(*given, **options).edd == pytest.approx(
        edd(*(v.detach().double().numpy() for v in pair), **options).edd, abs=0.02
    )
    if scale == "logits":
        assert edd(*given, **options).edd == edd(*plain, **options).edd
    rows = [list(v) for v in given]  # a list that a loop over frames filled
    assert edd(*rows, **options).edd == edd(*given, **options).edd


def test_rows_of_a_short_float_need_not_sum_to_one_exactly():
    row = np.array([0.35, 0.3, 0.2, 0.1625])  # 1.0125 is too much for any type
    short = torch.tensor([[0.501, 0.2505, 0.1245, 0.124]] * 9).bfloat16()
    assert abs(float(short[0].double().sum()) - 1.0) > 1e-3
    assert read_scores(as_array(short), "probs", None, "original").shape == (9, 4)
    with pytest.raises(ValueError, match="expected probabilities"):
        read_scores(short.double().numpy() + 1e-9, "probs", None, "original")
    with pytest.raises(ValueError, match="expected probabilities"):
        edd([row] * 9, [row] * 9, kind="probs")


@pytest.mark.parametrize("kind", KINDS)
def test_every_metric_takes_them(kind):
    made = torch.Generator().manual_seed(0)

    def some(*shape):
        return torch.rand(*shape, generator=made).to(getattr(torch, kind)).requires_grad_()

    a, b = some(30, 6), some(30, 6)
    assert csim(a, b).n == 30
    assert fid(a, b).value >= 0
    assert kid(a, b, subsets=2).n == 30
    assert lmd(some(9, 5, 2), some(9, 5, 2), part="mouth").n == 9
    assert lip_sync_error(some(60, 8), some(60, 8)).lse_d > 0
    assert moving_average(a, 5).shape == (26, 6)
    assert motion_beats(a[:, :3], 25.0).ndim == 1
    assert lpips([some(2, 3, 4, 4)], [some(2, 3, 4, 4)], [some(3)]).n == 2
    assert edd_matrix([a], [b], kind="scores").edd.shape == (1, 6)
    assert edd_matrix(a[None], b[None], kind="scores").edd.shape == (1, 6)
    assert emotion_accuracy(["happy", "sad"], some(2, 4), labels=LABELS)
    frames, others = some(2, 3, 72, 80), some(2, 3, 72, 80)
    assert psnr(frames, others, data_range=1.0).n == ssim(frames, others, data_range=1.0).n == 2
    assert cpbd(frames, data_range=1.0).each.shape == (2,)


def test_bfloat16_of_numpy():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    values = np.array([0.125, 0.75], ml_dtypes.bfloat16)
    assert as_array(values).dtype == np.float32
    assert edd(values, values + values, window=1).edd == 0.25


def test_an_array_stays_the_same_object():
    array = np.zeros(3)
    assert as_array(array) is array
    assert np.shares_memory(as_array(torch.from_numpy(array)), array)


def test_torch_is_not_imported():
    code = (
        "import sys, numpy as np; from emoanim.metrics import edd, psnr;"
        "edd(np.arange(9.0), np.arange(9.0)); x = np.zeros((9, 9)); psnr(x, x, data_range=1);"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def samples(kind):
    """The pictures of torchmetrics' own examples, and scikit-image's as a loader gives them."""
    if kind == "random":
        made = torch.Generator().manual_seed(123)
        preds = torch.rand(3, 3, 96, 128, generator=made)
        return preds, preds * 0.75
    data = pytest.importorskip("skimage.data")
    image = {"colour": data.astronaut, "cat": data.chelsea}[kind]()
    batch = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    return batch, torch.roll(batch, 1, dims=2) * 0.1 + batch * 0.9


@pytest.mark.parametrize("kind", ["random", "colour", "cat"])
def test_torchmetrics(kind):
    theirs = pytest.importorskip("torchmetrics.functional.image")
    x, y = samples(kind)
    whole = theirs.peak_signal_noise_ratio(x.double(), y.double(), data_range=1.0)
    assert psnr(x, y, data_range=1.0, pooled=True).value == pytest.approx(float(whole), abs=1e-5)
    each = theirs.peak_signal_noise_ratio(
        x.double(), y.double(), data_range=1.0, reduction="none", dim=(1, 2, 3)
    )
    np.testing.assert_allclose(psnr(x, y, data_range=1.0).each, each.numpy(), atol=1e-5)
    padded, places = theirs.structural_similarity_index_measure(
        x.double(), y.double(), data_range=1.0, reduction="none", return_full_image=True
    )
    found = ssim(x, y, data_range=1.0).each
    # Theirs counts windows that reach into a mirrored border, the paper's and ours do not.
    whole = places[..., 5:-5, 5:-5].mean(dim=(1, 2, 3))
    np.testing.assert_allclose(found, whole.numpy(), atol=3e-6)
    np.testing.assert_allclose(found, padded.numpy(), atol=2e-3)
    if len(x) == 1:  # a tensor without the batch's axis is one picture too
        assert psnr(x[0], y[0], data_range=1.0).value == psnr(x, y, data_range=1.0).value
        assert ssim(x[0], y[0], data_range=1.0).n == 1
    with pytest.raises(ValueError, match="without data_range"):
        psnr(x, y)
