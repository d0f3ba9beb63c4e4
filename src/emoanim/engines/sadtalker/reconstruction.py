"""Face coefficients from one picture: ResNet-50 with seven linear heads.

Deng et al., "Accurate 3D face reconstruction with weakly-supervised learning", 2019.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["CoefficientRegressor"]

_HEADS = (80, 64, 80, 3, 27, 2, 1)
"""Identity, expression, texture, angles, lighting, translation in the plane, and in depth."""


class _Bottleneck(nn.Module):
    def __init__(self, cin: int, width: int, stride: int) -> None:
        super().__init__()
        cout = 4 * width
        self.conv1 = nn.Conv2d(cin, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, cout, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(cout)
        self.downsample: nn.Module | None = None
        if cin != cout:
            self.downsample = nn.Sequential(
                nn.Conv2d(cin, cout, 1, stride=stride, bias=False), nn.BatchNorm2d(cout)
            )

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu_(self.bn1(self.conv1(x)))
        y = functional.relu_(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        side = x if self.downsample is None else self.downsample(x)
        return functional.relu_(y + side)


def _layer(cin: int, width: int, count: int, stride: int) -> nn.Sequential:
    first = _Bottleneck(cin, width, stride)
    return nn.Sequential(first, *(_Bottleneck(4 * width, width, 1) for _ in range(count - 1)))


class _Backbone(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = _layer(64, 64, 3, 1)
        self.layer2 = _layer(256, 128, 4, 2)
        self.layer3 = _layer(512, 256, 6, 2)
        self.layer4 = _layer(1024, 512, 3, 2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x: Tensor) -> Tensor:
        x = self.maxpool(functional.relu_(self.bn1(self.conv1(x))))
        out: Tensor = self.avgpool(self.layer4(self.layer3(self.layer2(self.layer1(x)))))
        return out


class CoefficientRegressor(nn.Module):
    """Reads the 257 coefficients of the face model off an aligned face."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = _Backbone()
        self.final_layers = nn.ModuleList(nn.Conv2d(2048, count, 1) for count in _HEADS)

    def forward(self, images: Tensor) -> Tensor:
        """Read (b, 3, 224, 224) RGB in [0, 1]; return (b, 257)."""
        x = self.backbone(images)
        return torch.cat([head(x) for head in self.final_layers], 1).flatten(1)
