"""The fast forms compute what the plain ones do, at any size."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

import torch
from torch import nn

from emoanim.engines.keypoint_renderer import decoder, fast_decoder, layers, winograd


@pytest.fixture(autouse=True)
def seed():
    torch.manual_seed(3)
    with torch.inference_mode():
        yield


def close(a, b, limit=1e-5):
    torch.testing.assert_close(a, b, rtol=0, atol=limit * float(b.abs().max()))


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (7, 4)])
def test_a_convolution_after_upsampling_runs_on_the_small_map(size):
    conv = nn.Conv2d(3, 4, 3, padding=1)
    x = torch.randn(2, 3, *size)
    close(layers.UpsampledConv(conv.weight, conv.bias)(x), conv(decoder.up2(x)))
    close(
        layers.UpsampledConv(conv.weight, None)(x),
        conv(decoder.up2(x)) - conv.bias[:, None, None],
    )


@pytest.mark.parametrize("size", [(1, 1), (2, 5), (7, 4)])
def test_upsampling_by_four_needs_nine_kinds_of_pixels(size):
    conv = nn.Conv2d(3, 4, 3, padding=1)
    x = torch.randn(2, 3, *size)
    up = nn.functional.interpolate(x, scale_factor=4.0)
    close(fast_decoder._Upsampled4(conv.weight, conv.bias)(x), conv(up))


def test_norms_fold_into_their_convolutions():
    block = layers.DownBlock(3, 8, dims=3)
    block.norm.running_mean.normal_()
    block.norm.running_var.uniform_(0.5, 2)
    block.eval()
    x = torch.randn(1, 3, 2, 4, 4)
    before = block(x)
    block.conv, block.norm = layers.folded(block.conv, block.norm)
    assert isinstance(block.norm, nn.Identity)
    close(block(x), before)


def block_of(cin, cout):
    block = decoder.SpadeBlock(cin, cout)
    for name, module in block.named_modules():
        if isinstance(module, decoder.SpectralConv):
            nn.init.normal_(module.weight_orig, std=0.05)
            if module.bias is not None:
                nn.init.normal_(module.bias)
            u = torch.randn_like(module.weight_u)
            module.weight_u.copy_(u / u.norm())
            v = module.weight_orig.flatten(1).T @ module.weight_u
            module.weight_v.copy_(v / v.norm())
        assert name is not None
    return block.eval()


@pytest.mark.parametrize("size", [(4, 6), (16, 4)])
@pytest.mark.parametrize(("cin", "cout", "scale"), [(6, 6, 1), (6, 4, 2), (6, 2, 4)])
def test_a_spade_block(cin, cout, scale, size, monkeypatch):
    monkeypatch.setattr(winograd, "_FEWEST", 1)
    monkeypatch.setattr(winograd, "_VALUES", 2000)  # several strips
    block = block_of(cin, cout)
    seg = torch.randn(2, 256, *size)
    half = max(scale // 2, 1)
    x = torch.randn(2, cin, size[0] * half, size[1] * half)
    plain = block(decoder.up2(x) if scale > 1 else x, seg)
    close(fast_decoder._FastBlock(block, scale)(x, seg), plain, 2e-5)


def test_the_spectral_norm_divides_by_the_stored_vectors():
    conv = block_of(6, 4).conv_0
    sigma = conv.weight_u @ conv.weight_orig.flatten(1) @ conv.weight_v
    close(conv.weight * sigma, conv.weight_orig)
