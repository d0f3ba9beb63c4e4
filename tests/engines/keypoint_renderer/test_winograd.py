"""Fewer products, the same convolution."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch.nn import functional

from emoanim.engines.keypoint_renderer import winograd


@pytest.fixture(autouse=True)
def quiet():
    torch.manual_seed(5)
    with torch.inference_mode():
        yield


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(winograd, "_FEWEST", 1)


def pair(cin, cout, images, height, width):
    weight = torch.randn(cout, cin, 3, 3) / (9 * cin) ** 0.5
    return winograd.Conv3x3(weight, torch.randn(cout)), torch.randn(images, cin, height, width)


def direct(conv, x):
    return functional.conv2d(x.double(), conv.weight.double(), conv.bias.double(), padding=1)


@pytest.mark.parametrize(("images", "height", "width"), [(1, 4, 4), (2, 8, 12), (3, 20, 4)])
def test_it_convolves(few, monkeypatch, images, height, width):
    conv, x = pair(3, 5, images, height, width)
    monkeypatch.setattr(conv, "_plain", None)  # it must do without
    torch.testing.assert_close(conv(x).double(), direct(conv, x), rtol=0, atol=3e-6)


def test_strips_are_the_rows_of_the_whole(few, monkeypatch):
    conv, x = pair(3, 5, 2, 20, 8)
    monkeypatch.setattr(winograd, "_VALUES", 2 * 2 * 8 * 2)  # two rows of tiles
    found = list(conv.strips(x))
    assert [(rows.start, rows.stop) for rows, _ in found] == [(0, 8), (8, 16), (16, 20)]
    whole = torch.cat([made for _, made in found], 2)
    torch.testing.assert_close(whole, conv(x), rtol=0, atol=0)
    torch.testing.assert_close(whole.double(), direct(conv, x), rtol=0, atol=3e-6)


def test_it_is_as_exact_as_a_direct_convolution():
    conv, x = pair(256, 128, 1, 16, 16)
    true = direct(conv, x)
    own = (conv(x) - true).abs().max()
    plain = (functional.conv2d(x, conv.weight, conv.bias, padding=1) - true).abs().max()
    assert 0 < own < 3 * plain


@pytest.mark.parametrize(
    ("channels", "side", "dtype"),
    [(8, 8, torch.float32), (128, 6, torch.float32), (128, 8, torch.bfloat16)],
)
def test_elsewhere_it_is_an_ordinary_convolution(channels, side, dtype):
    conv, x = pair(channels, channels, 1, side, side)
    conv, x = conv.to(dtype), x.to(dtype)
    conv.to_values = conv.to_kernels = conv.to_tile = None  # it must do without
    expected = functional.conv2d(x, conv.weight, conv.bias, padding=1)
    torch.testing.assert_close(conv(x), expected)
    ((rows, made),) = conv.strips(x)
    assert rows == slice(0, side)
    torch.testing.assert_close(made, expected)
