"""The SPADE decoder with less work: the same image from fewer products.

* Spectral norms are folded into the weights.
* Shared convolutions of the up-sampled map run on the small map (see ``UpsampledConv``); of a map
  that was up-sampled by 4 the two inner pixels of four are equal, so nine phases are enough.
* Instance norm and nearest up-sampling commute: statistics are taken of the small map, once for
  both norms of the same input.
* The offset of a projected side path goes through a 1x1 convolution without an activation, so the
  two convolutions are one.
* 3x3 convolutions of many channels multiply a quarter of the pairs (see ``Conv3x3``). Scale and
  offset are one of them, applied strip by strip, so that no whole map of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoanim.engines.keypoint_renderer.decoder import Decoder, Spade, SpadeBlock, SpectralConv, up2
from emoanim.engines.keypoint_renderer.layers import UpsampledConv
from emoanim.engines.keypoint_renderer.winograd import Conv3x3

__all__ = ["FastDecoder"]

_SLOPE = 0.2
_EPS = 1e-5


class _Conv(nn.Module):
    """A convolution of fixed weights, channels-last."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        weight = weight.detach().contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(weight, requires_grad=False)
        offset = None if bias is None else bias.detach().clone()
        self.bias = None if offset is None else nn.Parameter(offset, requires_grad=False)
        self.padding = (weight.shape[-2] // 2, weight.shape[-1] // 2)

    def forward(self, x: Tensor) -> Tensor:
        return functional.conv2d(x, self.weight, self.bias, padding=self.padding)


class _Upsampled4(nn.Module):
    """A 3x3 convolution of a map that was up-sampled by 4, on the small map.

    Along an axis the pixels of a group of four see (i-1, i), (i), (i) and (i, i+1). So there are
    an outer kind with two taps at either end and an inner one with one tap, and a plane needs
    a 2x2 convolution for its corners, two for its edges and a 1x1 for its middle.
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        rows = _kinds(weight, -2)
        parts = {(r, c): k for r, row in enumerate(rows) for c, k in enumerate(_kinds(row, -1))}
        self.corners = _stacked([parts[0, 0], parts[0, 2], parts[2, 0], parts[2, 2]], bias)
        self.sides = _stacked([parts[1, 0], parts[1, 2]], bias)
        self.ends = _stacked([parts[0, 1], parts[2, 1]], bias)
        self.middle = _stacked([parts[1, 1]], bias)

    def forward(self, x: Tensor) -> Tensor:
        count = self.middle.out
        height, width = x.shape[-2:]
        out = torch.empty(
            (len(x), height, 4, width, 4, count), dtype=x.dtype, device=x.device
        ).permute(0, 5, 1, 3, 2, 4)
        corners = self.corners(functional.pad(x, (1, 1, 1, 1))).split(count, 1)
        for k, part in enumerate(corners):
            row, column = divmod(k, 2)
            out[..., 3 * row, 3 * column] = part[..., row : row + height, column : column + width]
        for k, part in enumerate(self.sides(functional.pad(x, (1, 1, 0, 0))).split(count, 1)):
            out[..., 1:3, 3 * k] = part[..., k : k + width, None]
        for k, part in enumerate(self.ends(functional.pad(x, (0, 0, 1, 1))).split(count, 1)):
            out[..., 3 * k, 1:3] = part[..., k : k + height, :, None]
        out[..., 1:3, 1:3] = self.middle(x)[..., None, None]
        full = out.permute(0, 2, 4, 3, 5, 1).reshape(len(x), 4 * height, 4 * width, count)
        return full.permute(0, 3, 1, 2)


class _FastSpade(nn.Module):
    """Scale and offset of one norm."""

    def __init__(self, spade: Spade, scale: int, project: Tensor | None = None) -> None:
        super().__init__()
        shared = spade.mlp_shared[0]
        assert isinstance(shared, nn.Conv2d)
        assert shared.bias is not None
        kinds = {1: Conv3x3, 2: UpsampledConv, 4: _Upsampled4}
        self.shared = kinds[scale](shared.weight, shared.bias)
        gamma, beta = spade.mlp_gamma, spade.mlp_beta
        assert gamma.bias is not None
        assert beta.bias is not None
        offset_weight, offset_bias = beta.weight.detach(), beta.bias.detach()
        if project is not None:
            matrix = project.flatten(1)
            offset_weight = torch.einsum("of,fihw->oihw", matrix, offset_weight)
            offset_bias = matrix @ offset_bias
        # One is added to the scale here, once, instead of to every pixel.
        weight = torch.cat((gamma.weight.detach(), offset_weight))
        self.both = Conv3x3(weight, torch.cat((gamma.bias.detach() + 1, offset_bias)))
        self.widths = [len(gamma.weight), len(offset_weight)]
        self.scale = scale

    def strips(self, normed: Tensor, seg: Tensor) -> Iterator[tuple[slice, Tensor, Tensor]]:
        """Yield rows, the scaled map there, and the offset; a small normed map is up-sampled."""
        hidden = functional.relu_(self.shared(seg))
        factor = hidden.shape[2] // normed.shape[2]
        for rows, strip in self.both.strips(hidden):
            scale, offset = torch.split(strip, self.widths, 1)
            part = normed[..., rows.start // factor : rows.stop // factor, :]
            yield rows, scale.mul_(up2(part) if factor > 1 else part), offset

    def modulate(self, normed: Tensor, seg: Tensor) -> Tensor:
        """Return the modulated map after its activation."""
        height, width = (self.scale * side for side in seg.shape[2:])
        out = normed.new_empty((len(normed), height, width, self.widths[0])).permute(0, 3, 1, 2)
        for rows, scaled, offset in self.strips(normed, seg):
            out[..., rows, :] = functional.leaky_relu_(scaled.add_(offset), _SLOPE)
        return out


class _FastBlock(nn.Module):
    def __init__(self, block: SpadeBlock, scale: int) -> None:
        super().__init__()
        self.conv_0 = _conv3x3(block.conv_0)
        self.conv_1 = _conv3x3(block.conv_1)
        self.norm_0 = _FastSpade(block.norm_0, scale)
        self.norm_1 = _FastSpade(block.norm_1, scale)
        self.projects = block.projects
        if block.projects:
            weight = block.conv_s.weight.detach()
            self.conv_s = _Conv(weight, None)
            self.norm_s = _FastSpade(block.norm_s, scale, weight)

    def forward(self, x: Tensor, seg: Tensor) -> Tensor:
        """Read x at half the block's size (the same size for the first six)."""
        normed = _normed(x)
        main = self.conv_0(self.norm_0.modulate(normed, seg))
        out: Tensor = self.conv_1(self.norm_1.modulate(_normed(main), seg))
        if not self.projects:
            return out.add_(x)
        for rows, scaled, offset in self.norm_s.strips(normed, seg):
            out[..., rows, :] += self.conv_s(scaled).add_(offset)
        return out


class FastDecoder(nn.Module):
    """Paints what ``Decoder`` paints.

    Args:
        plain: a loaded decoder; its weights are folded and laid out anew.
    """

    def __init__(self, plain: Decoder) -> None:
        super().__init__()
        assert plain.fc.bias is not None
        self.fc = Conv3x3(plain.fc.weight, plain.fc.bias)
        blocks = [plain.get_submodule(f"G_middle_{i}") for i in range(6)]
        scales = [1] * 6 + [2, 4]
        self.blocks = nn.ModuleList()
        for block, scale in zip((*blocks, plain.up_0, plain.up_1), scales, strict=True):
            assert isinstance(block, SpadeBlock)
            self.blocks.append(_FastBlock(block, scale))
        self.conv_img = _Conv(plain.conv_img.weight, plain.conv_img.bias)

    def forward(self, seg: Tensor) -> Tensor:
        """Paint (b, 256, h, w) as (b, 3, 4 h, 4 w) in [0, 1]."""
        seg = seg.contiguous(memory_format=torch.channels_last)
        x = self.fc(seg)
        for block in self.blocks:
            x = block(x, seg)
        return torch.sigmoid_(self.conv_img(functional.leaky_relu_(x, _SLOPE)))


class _Stacked(_Conv):
    """Several unpadded convolutions of the same input as one."""

    def __init__(self, weight: Tensor, bias: Tensor | None, out: int) -> None:
        super().__init__(weight, bias)
        self.padding = (0, 0)
        self.out = out


def _stacked(weights: list[Tensor], bias: Tensor | None) -> _Stacked:
    repeated = None if bias is None else bias.repeat(len(weights))
    return _Stacked(torch.cat(weights), repeated, len(weights[0]))


def _kinds(weight: Tensor, dim: int) -> tuple[Tensor, Tensor, Tensor]:
    a, b, c = weight.detach().unbind(dim)
    return (
        torch.stack((a, b + c), dim),
        (a + b + c).unsqueeze(dim),
        torch.stack((a + b, c), dim),
    )


def _conv3x3(conv: SpectralConv) -> Conv3x3:
    assert conv.bias is not None
    return Conv3x3(conv.weight, conv.bias)


def _normed(x: Tensor) -> Tensor:
    """Instance norm without parameters."""
    variance, mean = torch.var_mean(x, (2, 3), correction=0, keepdim=True)
    scale = torch.rsqrt(variance + _EPS)
    return torch.addcmul(-mean * scale, x, scale)
