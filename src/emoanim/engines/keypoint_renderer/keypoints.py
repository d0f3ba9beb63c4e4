"""Canonical key points of a face image."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoanim.engines.keypoint_renderer.geometry import grid
from emoanim.engines.keypoint_renderer.layers import DownBlock, UpBlock3d

__all__ = ["AntiAlias", "KeypointDetector"]

_TEMPERATURE = 0.1
_DEPTH = 16
_WIDTHS = (64, 128, 256, 512, 1024)


class AntiAlias(nn.Module):
    """A 13x13 Gaussian per channel, then every 4th pixel."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.empty(channels, 1, 13, 13))

    def forward(self, x: Tensor) -> Tensor:
        """Filter (b, c, h, w) to (b, c, h/4, w/4)."""
        weight = self.get_buffer("weight")
        return functional.conv2d(x, weight, stride=4, padding=6, groups=len(weight))


class _Predictor(nn.Module):
    """Down in two dimensions, turned into a volume, up in three."""

    def __init__(self) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleDict()
        for i, (cin, cout) in enumerate(pairwise((3, *_WIDTHS))):
            self.down_blocks[f"down{i}"] = DownBlock(cin, cout)
        self.conv = nn.Conv2d(_WIDTHS[-1], _WIDTHS[-1] * _DEPTH, 1)
        self.up_blocks = nn.ModuleDict()
        widths = (*reversed(_WIDTHS), 32)
        for i, (cin, cout) in enumerate(pairwise(widths)):
            self.up_blocks[f"up{i}"] = UpBlock3d(cin, cout)

    def forward(self, x: Tensor) -> Tensor:
        for block in self.down_blocks.values():
            x = block(x)
        x = self.conv(x).unflatten(1, (_WIDTHS[-1], _DEPTH))
        for block in self.up_blocks.values():
            x = block(x)
        return x


class KeypointDetector(nn.Module):
    """Finds 15 points in the face's own, unrotated space."""

    def __init__(self) -> None:
        super().__init__()
        self.down = AntiAlias(3)
        self.predictor = _Predictor()
        self.kp = nn.Conv3d(32, 15, 3, padding=1)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Read (b, 3, 256, 256) in [0, 1].

        Returns:
            The points (b, 15, 3) and the raw map that they come from (b, 15, 16, 64, 64).
        """
        raw = self.kp(self.predictor(self.down(images)))
        weights = torch.softmax(raw.flatten(2) / _TEMPERATURE, 2).reshape(raw.shape)
        cells = grid(raw.shape[2], raw.shape[3], raw.shape[4], like=raw)
        points = (weights[..., None] * cells).sum((2, 3, 4))
        return points, raw
