"""Windows of coefficients to the pose and expression of the renderer's key points."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor, nn

__all__ = ["Mapped", "Mapping"]

_WIDTH = 1024
_BINS = 66


class Mapped(NamedTuple):
    """What moves the key points of b frames.

    Attributes:
        yaw: (b, 66) logits of bins of 3 degrees.
        pitch: the same.
        roll: the same.
        t: (b, 3).
        exp: (b, 45).
    """

    yaw: Tensor
    pitch: Tensor
    roll: Tensor
    t: Tensor
    exp: Tensor


class Mapping(nn.Module):
    """The mapping network.

    Args:
        coefficients: 70 for cropped faces, 73 for whole pictures.
    """

    def __init__(self, coefficients: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv1d(coefficients, _WIDTH, 7))
        for i in range(3):
            step = nn.Sequential(nn.LeakyReLU(0.1), nn.Conv1d(_WIDTH, _WIDTH, 3, dilation=3))
            self.add_module(f"encoder{i}", step)
        self.pooling = nn.AdaptiveAvgPool1d(1)
        heads = (("roll", _BINS), ("pitch", _BINS), ("yaw", _BINS), ("t", 3), ("exp", 45))
        for name, count in heads:
            self.add_module(f"fc_{name}", nn.Linear(_WIDTH, count))

    def forward(self, windows: Tensor) -> Mapped:
        """Read (b, 70 or 73, 27), a frame with 13 neighbours on each side."""
        x = self.first(windows)
        for i in range(3):
            x = self.get_submodule(f"encoder{i}")(x) + x[..., 3:-3]
        x = self.pooling(x).flatten(1)
        return Mapped(*(self.get_submodule(f"fc_{name}")(x) for name in Mapped._fields))
