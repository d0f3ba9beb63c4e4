"""Convolutions with their norm, and the up- and down-sampling blocks made of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["ConvNorm", "DownBlock", "UpBlock3d", "UpsampledConv", "folded"]


class ConvNorm(nn.Module):
    """A 3-wide convolution, batch norm and (leaky) ReLU in 2 or 3 dimensions."""

    def __init__(self, cin: int, cout: int, *, dims: int = 2, slope: float = 0.0) -> None:
        super().__init__()
        convs: dict[int, type[nn.Conv2d] | type[nn.Conv3d]] = {2: nn.Conv2d, 3: nn.Conv3d}
        self.conv: nn.Module = convs[dims](cin, cout, 3, padding=1)
        self.norm: nn.Module = (nn.BatchNorm2d if dims == 2 else nn.BatchNorm3d)(cout)
        self.slope = slope

    def forward(self, x: Tensor) -> Tensor:
        """Turn (b, cin, ...) into (b, cout, ...)."""
        return functional.leaky_relu_(self.norm(self.conv(x)), self.slope)


class DownBlock(ConvNorm):
    """Convolution, norm, ReLU, then the mean of each 2x2 (depth is kept)."""

    def forward(self, x: Tensor) -> Tensor:
        """Turn (b, cin, [d,] h, w) into (b, cout, [d,] h/2, w/2)."""
        x = super().forward(x)
        return functional.avg_pool2d(x, 2) if x.dim() == 4 else functional.avg_pool3d(x, (1, 2, 2))


class UpBlock3d(ConvNorm):
    """Nearest up-sampling of height and width by 2, then convolution, norm and ReLU."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__(cin, cout, dims=3)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (b, cin, d, h, w) into (b, cout, d, 2h, 2w)."""
        return super().forward(
            functional.interpolate(x, scale_factor=(1.0, 2.0, 2.0), mode="nearest")
        )


class UpsampledConv(nn.Module):
    """A 3-wide convolution of a map that was up-sampled by 2 (nearest), computed on the small map.

    Of two neighbours along an axis the first sees the pixels (i-1, i, i) and the second (i, i, i+1)
    of the small map. So each is a 2-wide convolution whose taps are sums of the original's, and the
    four phases of a plane are four 2x2 convolutions: 16 products instead of 36.

    Args:
        weight: (cout, cin, 3, 3).
        bias: (cout,).
    """

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        rows = _two_taps(weight, -2)
        phases = [part for row in rows for part in _two_taps(row, -1)]
        stacked = torch.cat(phases).contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(stacked, requires_grad=False)
        repeated = None if bias is None else bias.detach().repeat(4)
        self.bias = None if repeated is None else nn.Parameter(repeated, requires_grad=False)

    def forward(self, x: Tensor) -> Tensor:
        """Turn (b, cin, h, w) into (b, cout, 2h, 2w)."""
        y = functional.conv2d(x, self.weight, self.bias, padding=1)
        count = y.shape[1] // 4
        height, width = x.shape[-2:]
        out = torch.empty(
            (len(y), count, 2 * height, 2 * width),
            dtype=y.dtype,
            device=y.device,
            memory_format=torch.channels_last,
        )
        for phase in range(4):
            row, column = divmod(phase, 2)
            part = y[:, phase * count : (phase + 1) * count]
            part = part[..., row : row + height, column : column + width]
            out[..., row::2, column::2] = part
        return out


def folded(conv: nn.Module, norm: nn.Module) -> tuple[nn.Module, nn.Module]:
    """Return a convolution that does the batch norm after it too, and what is left of the norm."""
    assert isinstance(conv, nn.Conv2d | nn.Conv3d)
    assert isinstance(norm, nn.BatchNorm2d | nn.BatchNorm3d)
    return nn.utils.fusion.fuse_conv_bn_eval(conv, norm), nn.Identity()


def _two_taps(weight: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    a, b, c = weight.detach().unbind(dim)
    return torch.stack((a, b + c), dim), torch.stack((a + b, c), dim)
