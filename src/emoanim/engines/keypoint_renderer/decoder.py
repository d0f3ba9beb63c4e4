"""The SPADE decoder: paints the warped features, each norm modulated by them again.

Park et al., "Semantic image synthesis with spatially-adaptive normalization", CVPR 2019.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Decoder", "Spade", "SpadeBlock", "SpectralConv", "up2"]

_HIDDEN = 128
_SLOPE = 0.2


class SpectralConv(nn.Module):
    """A convolution divided by its largest singular value, estimated by the stored u and v."""

    def __init__(self, cin: int, cout: int, kernel: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight_orig = nn.Parameter(torch.empty(cout, cin, kernel, kernel))
        self.bias = nn.Parameter(torch.empty(cout)) if bias else None
        self.register_buffer("weight_u", torch.empty(cout))
        self.register_buffer("weight_v", torch.empty(cin * kernel * kernel))

    @property
    def weight(self) -> Tensor:
        """The weight that is convolved with."""
        u, v = self.get_buffer("weight_u"), self.get_buffer("weight_v")
        return self.weight_orig / torch.dot(u, torch.mv(self.weight_orig.flatten(1), v))

    def forward(self, x: Tensor) -> Tensor:
        """Convolve (b, cin, h, w)."""
        return functional.conv2d(x, self.weight, self.bias, padding=self.weight_orig.shape[-1] // 2)


class Spade(nn.Module):
    """Instance norm whose scale and offset are painted by a segmentation-like map."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.param_free_norm = nn.InstanceNorm2d(channels)
        self.mlp_shared = nn.Sequential(nn.Conv2d(256, _HIDDEN, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(_HIDDEN, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(_HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, seg: Tensor) -> Tensor:
        """Normalise x (b, c, h, w) and modulate it by seg (b, 256, h', w')."""
        hidden = self.mlp_shared(functional.interpolate(seg, size=x.shape[-2:], mode="nearest"))
        gamma, beta = self.mlp_gamma(hidden), self.mlp_beta(hidden)
        out: Tensor = self.param_free_norm(x) * (1 + gamma) + beta
        return out


class SpadeBlock(nn.Module):
    """Two modulated convolutions and a (modulated, projected) side path."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        middle = min(cin, cout)
        self.conv_0 = SpectralConv(cin, middle, 3)
        self.conv_1 = SpectralConv(middle, cout, 3)
        self.norm_0 = Spade(cin)
        self.norm_1 = Spade(middle)
        self.projects = cin != cout
        if self.projects:
            self.conv_s = SpectralConv(cin, cout, 1, bias=False)
            self.norm_s = Spade(cin)

    def forward(self, x: Tensor, seg: Tensor) -> Tensor:
        """Turn x (b, cin, h, w) into (b, cout, h, w)."""
        main = self.conv_0(functional.leaky_relu(self.norm_0(x, seg), _SLOPE))
        main = self.conv_1(functional.leaky_relu(self.norm_1(main, seg), _SLOPE))
        side: Tensor = self.conv_s(self.norm_s(x, seg)) if self.projects else x
        out: Tensor = side + main
        return out


class Decoder(nn.Module):
    """Six blocks at the size of the features, one at twice, one at four times that size."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Conv2d(256, 512, 3, padding=1)
        for i in range(6):
            self.add_module(f"G_middle_{i}", SpadeBlock(512, 512))
        self.up_0 = SpadeBlock(512, 256)
        self.up_1 = SpadeBlock(256, 64)
        self.conv_img = nn.Conv2d(64, 3, 3, padding=1)

    def forward(self, seg: Tensor) -> Tensor:
        """Paint (b, 256, h, w) as (b, 3, 4 h, 4 w) in [0, 1]."""
        x = self.fc(seg)
        for i in range(6):
            x = self.get_submodule(f"G_middle_{i}")(x, seg)
        x = self.up_1(up2(self.up_0(up2(x), seg)), seg)
        return torch.sigmoid(self.conv_img(functional.leaky_relu(x, _SLOPE)))


def up2(x: Tensor) -> Tensor:
    """Repeat every pixel twice along both axes."""
    return functional.interpolate(x, scale_factor=2.0, mode="nearest")
