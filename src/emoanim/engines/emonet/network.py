"""EmoNet's network: face alignment by two hourglasses, and emotion from what they attend to.

Toisoul et al., "Estimation of continuous valence and arousal levels from faces in naturalistic
conditions", Nature Machine Intelligence 2021. The names of the parts are those of the official
checkpoint.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["EmoNet", "EmoNetOutput", "prepare", "run"]

_WIDTH = 256
_LANDMARKS = 68
_DEPTH = 4


class EmoNetOutput(NamedTuple):
    """What the network says of b faces.

    Attributes:
        heatmap: (b, 68, 64, 64), one map per landmark.
        expression: (b, k) logits.
        valence: (b,), about -1..1, not clamped.
        arousal: (b,), about -1..1, not clamped.
    """

    heatmap: Tensor
    expression: Tensor
    valence: Tensor
    arousal: Tensor


class Block(nn.Module):
    """Three pre-activated convolutions in a chain, their outputs side by side, plus the input."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        half, quarter = cout // 2, cout // 4
        self.bn1 = nn.BatchNorm2d(cin)
        self.conv1 = nn.Conv2d(cin, half, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(half)
        self.conv2 = nn.Conv2d(half, quarter, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(quarter)
        self.conv3 = nn.Conv2d(quarter, quarter, 3, padding=1, bias=False)
        self.downsample: nn.Module | None = None
        if cin != cout:
            self.downsample = nn.Sequential(
                nn.BatchNorm2d(cin), nn.ReLU(inplace=True), nn.Conv2d(cin, cout, 1, bias=False)
            )

    def forward(self, x: Tensor) -> Tensor:
        a = self.conv1(functional.relu_(self.bn1(x)))
        b = self.conv2(functional.relu_(self.bn2(a)))
        c = self.conv3(functional.relu_(self.bn3(b)))
        side = x if self.downsample is None else self.downsample(x)
        return torch.cat((a, b, c), 1).add_(side)


class Hourglass(nn.Module):
    """Four levels down and up with a skip on each."""

    def __init__(self) -> None:
        super().__init__()
        for level in range(_DEPTH, 0, -1):
            self.add_module(f"b1_{level}", Block(_WIDTH, _WIDTH))
            self.add_module(f"b2_{level}", Block(_WIDTH, _WIDTH))
            if level == 1:
                self.b2_plus_1 = Block(_WIDTH, _WIDTH)
            self.add_module(f"b3_{level}", Block(_WIDTH, _WIDTH))

    def forward(self, x: Tensor) -> Tensor:
        return self._level(_DEPTH, x)

    def _level(self, level: int, x: Tensor) -> Tensor:
        part = self.get_submodule
        upper: Tensor = part(f"b1_{level}")(x)
        lower = part(f"b2_{level}")(functional.max_pool2d(x, 2))
        lower = self._level(level - 1, lower) if level > 1 else self.b2_plus_1(lower)
        lower = part(f"b3_{level}")(lower)
        return upper.add_(functional.interpolate(lower, scale_factor=2.0, mode="nearest"))


class EmoNet(nn.Module):
    """Expression, valence and arousal of a face.

    Args:
        classes: number of expressions, 8 or 5.
    """

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2 = Block(64, 128)
        self.conv3 = Block(128, 128)
        self.conv4 = Block(128, _WIDTH)
        for i in range(2):
            self.add_module(f"m{i}", Hourglass())
            self.add_module(f"top_m_{i}", Block(_WIDTH, _WIDTH))
            self.add_module(f"conv_last{i}", nn.Conv2d(_WIDTH, _WIDTH, 1))
            self.add_module(f"bn_end{i}", nn.BatchNorm2d(_WIDTH))
            self.add_module(f"l{i}", nn.Conv2d(_WIDTH, _LANDMARKS, 1))
        self.bl0 = nn.Conv2d(_WIDTH, _WIDTH, 1)
        self.al0 = nn.Conv2d(_LANDMARKS, _WIDTH, 1)
        self.conv1x1_input_emo_2 = nn.Conv2d(3 * _WIDTH, _WIDTH, 1)
        steps: list[nn.Module] = []
        for _ in range(4):
            steps += [Block(_WIDTH, _WIDTH), nn.MaxPool2d(2)]
        self.emo_net_2 = nn.Sequential(*steps)
        self.avg_pool_2 = nn.AvgPool2d(4)
        self.emo_fc_2 = nn.Sequential(
            nn.Linear(_WIDTH, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, classes + 2)
        )

    def forward(self, images: Tensor) -> EmoNetOutput:
        """Read float (b, 3, 256, 256) RGB in [0, 1]."""
        x = functional.relu_(self.bn1(self.conv1(images)))
        x = functional.max_pool2d(self.conv2(x), 2)
        stem = self.conv4(self.conv3(x))
        first, heatmap = self._stack(0, stem)
        shortcut = self.bl0(first)
        second, heatmap = self._stack(1, (stem + shortcut).add_(self.al0(heatmap)))
        mask = heatmap.sum(1, keepdim=True)
        x = self.conv1x1_input_emo_2(torch.cat((stem, shortcut * mask, second * mask), 1))
        x = self.avg_pool_2(self.emo_net_2(x)).flatten(1)
        out = self.emo_fc_2(x)
        return EmoNetOutput(heatmap, out[:, :-2], out[:, -2], out[:, -1])

    def _stack(self, i: int, x: Tensor) -> tuple[Tensor, Tensor]:
        part = self.get_submodule
        x = part(f"top_m_{i}")(part(f"m{i}")(x))
        x = functional.relu_(part(f"bn_end{i}")(part(f"conv_last{i}")(x)))
        return x, part(f"l{i}")(x)


def prepare(network: EmoNet) -> EmoNet:
    """Lay the kernels out channels-last, which oneDNN and cuDNN run fastest on.

    Nothing is folded: most norms stand before a ReLU and cannot be, and folding the three others
    costs more exactness than it saves time.
    """
    for parameter in network.parameters():
        if parameter.dim() == 4:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)
    return network


def run(network: EmoNet, images: Tensor) -> EmoNetOutput:
    """Read any number of images.

    A processor loses by more than one at a time, as maps no longer fit its cache, and every image
    costs 60 MB; so a batch is run there one by one, and memory does not grow with it.
    """
    pieces = torch.split(images, 1) if images.device.type == "cpu" else (images,)
    outputs = [network(piece) for piece in pieces]
    return EmoNetOutput(*(torch.cat(each) for each in zip(*outputs, strict=True)))
