"""Head pose, translation and expression of a face image (EAT's driver)."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn
from torch.nn import functional

__all__ = ["HeadPose", "HeadPoseEstimator"]

_BINS = 66


class HeadPose(NamedTuple):
    """Pose of b faces.

    Attributes:
        yaw: (b, 66) logits of bins of 3 degrees.
        pitch: the same.
        roll: the same.
        t: (b, 3), translation.
        exp: (b, 45), displacement of 15 points.
    """

    yaw: Tensor
    pitch: Tensor
    roll: Tensor
    t: Tensor
    exp: Tensor


class _Bottleneck(nn.Module):
    def __init__(self, width: int, *, stride: int = 1) -> None:
        super().__init__()
        inner = width // 4
        self.conv1 = nn.Conv2d(width, inner, 1)
        self.norm1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride=stride, padding=1)
        self.norm2 = nn.BatchNorm2d(inner)
        self.conv3 = nn.Conv2d(inner, width, 1)
        self.norm3 = nn.BatchNorm2d(width)
        self.stride = stride
        if stride != 1:
            self.skip = nn.Conv2d(width, width, 1, stride=stride)
            self.norm4 = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        y = functional.relu_(self.norm1(self.conv1(x)))
        y = functional.relu_(self.norm2(self.conv2(y)))
        y = self.norm3(self.conv3(y))
        side = x if self.stride == 1 else self.norm4(self.skip(x))
        return functional.relu_(y + side)


def _chain(stem: str, count: int, width: int) -> nn.Sequential:
    blocks = nn.Sequential()
    for i in range(count):
        blocks.add_module(f"{stem}_{i}", _Bottleneck(width))
    return blocks


class HeadPoseEstimator(nn.Module):
    """Reads yaw, pitch, roll, translation and expression off a face."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.norm1 = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        self.conv2 = nn.Conv2d(64, 256, 1)
        self.norm2 = nn.BatchNorm2d(256)
        self.block1 = _chain("b1", 3, 256)
        self.conv3 = nn.Conv2d(256, 512, 1)
        self.norm3 = nn.BatchNorm2d(512)
        self.block2 = _Bottleneck(512, stride=2)
        self.block3 = _chain("b3", 3, 512)
        self.conv4 = nn.Conv2d(512, 1024, 1)
        self.norm4 = nn.BatchNorm2d(1024)
        self.block4 = _Bottleneck(1024, stride=2)
        self.block5 = _chain("b5", 5, 1024)
        self.conv5 = nn.Conv2d(1024, 2048, 1)
        self.norm5 = nn.BatchNorm2d(2048)
        self.block6 = _Bottleneck(2048, stride=2)
        self.block7 = _chain("b7", 2, 2048)
        for name, count in (
            ("roll", _BINS),
            ("pitch", _BINS),
            ("yaw", _BINS),
            ("t", 3),
            ("exp", 45),
        ):
            self.add_module(f"fc_{name}", nn.Linear(2048, count))

    def forward(self, images: Tensor) -> HeadPose:
        """Read (b, 3, 256, 256) in [0, 1]."""
        x = self.maxpool(functional.relu_(self.norm1(self.conv1(images))))
        x = self.block1(functional.relu_(self.norm2(self.conv2(x))))
        x = self.block3(self.block2(functional.relu_(self.norm3(self.conv3(x)))))
        x = self.block5(self.block4(functional.relu_(self.norm4(self.conv4(x)))))
        x = self.block7(self.block6(functional.relu_(self.norm5(self.conv5(x)))))
        x = x.mean((2, 3))
        # The checkpoint's names of yaw and roll are exchanged.
        names = ("roll", "pitch", "yaw", "t", "exp")
        return HeadPose(*(self.get_submodule(f"fc_{name}")(x) for name in names))
