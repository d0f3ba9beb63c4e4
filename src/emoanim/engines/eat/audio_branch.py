"""EAT's ears: pitch features and an emotion-styled map of the mel spectrogram."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["AudioEncoder", "PitchNetwork"]

_SLOPE = 0.2
_PROMPT = 128


class _PitchBlock(nn.Module):
    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        self.pre_conv = nn.Sequential(nn.BatchNorm2d(cin), nn.LeakyReLU(0.01), nn.MaxPool2d((1, 2)))
        self.conv = nn.Sequential(
            nn.Conv2d(cin, cout, 3, padding=1, bias=False),
            nn.BatchNorm2d(cout),
            nn.LeakyReLU(0.01),
            nn.Conv2d(cout, cout, 3, padding=1, bias=False),
        )
        self.conv1by1 = nn.Conv2d(cin, cout, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pre_conv(x)
        out: Tensor = self.conv(x) + self.conv1by1(x)
        return out


class PitchNetwork(nn.Module):
    """The feature part of the JDC pitch network (Kum and Nam 2019).

    Its detector and classifier belong to the checkpoint and are not evaluated.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(1, 64, 3, padding=1, bias=False),
            nn.BatchNorm2d(64),
            nn.LeakyReLU(0.01),
            nn.Conv2d(64, 64, 3, padding=1, bias=False),
        )
        self.res_block1 = _PitchBlock(64, 128)
        self.res_block2 = _PitchBlock(128, 192)
        self.res_block3 = _PitchBlock(192, 256)
        self.pool_block = nn.Sequential(nn.BatchNorm2d(256), nn.LeakyReLU(0.01))
        self.detector_conv = nn.Sequential(nn.Conv2d(640, 256, 1, bias=False), nn.BatchNorm2d(256))
        self.bilstm_classifier = nn.LSTM(512, 256, bidirectional=True)
        self.bilstm_detector = nn.LSTM(512, 256, bidirectional=True)
        self.classifier = nn.Linear(512, 1)
        self.detector = nn.Linear(512, 2)

    def forward(self, mels: Tensor) -> Tensor:
        """Turn (b, 1, 80, t) into (b, 256, 10, t)."""
        x = self.conv_block(mels.transpose(2, 3))
        x = self.res_block3(self.res_block2(self.res_block1(x)))
        out: Tensor = self.pool_block(x).transpose(2, 3)
        return out


class _EncodeBlock(nn.Module):
    def __init__(self, cin: int, cout: int, *, halves: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cin, 3, padding=1)
        self.conv2 = nn.Conv2d(cin, cout, 3, padding=1)
        self.norm1 = nn.GroupNorm(8, cin)
        self.norm2 = nn.GroupNorm(8, cin)
        self.conv1x1: nn.Module | None = None
        if cin != cout:
            self.conv1x1 = nn.Conv2d(cin, cout, 1, bias=False)
        self.halves = halves

    def forward(self, x: Tensor) -> Tensor:
        side = x if self.conv1x1 is None else self.conv1x1(x)
        y = self.conv1(functional.leaky_relu(self.norm1(x), _SLOPE))
        if self.halves:
            y, side = functional.avg_pool2d(y, (2, 1)), functional.avg_pool2d(side, (2, 1))
        y = self.conv2(functional.leaky_relu(self.norm2(y), _SLOPE))
        out: Tensor = (side + y) / math.sqrt(2)
        return out


class _AdaptiveNorm(nn.Module):
    """Instance norm whose scale and offset come from the prompt."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = channels // 8
        self.fc = nn.Sequential(
            nn.Linear(_PROMPT, hidden), nn.ReLU(), nn.Linear(hidden, 2 * channels)
        )

    def forward(self, x: Tensor, prompt: Tensor) -> Tensor:
        gamma, beta = torch.tanh(self.fc(prompt))[:, :, None, None].chunk(2, 1)
        return (1 + gamma) * functional.instance_norm(x) + beta


class _DecodeBlock(nn.Module):
    def __init__(self, cin: int, cout: int, *, doubles: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, padding=1)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1)
        self.norm1 = _AdaptiveNorm(cin)
        self.norm2 = _AdaptiveNorm(cout)
        self.conv1x1: nn.Module | None = None
        if cin != cout:
            self.conv1x1 = nn.Conv2d(cin, cout, 1, bias=False)
        self.doubles = doubles

    def forward(self, x: Tensor, prompt: Tensor) -> Tensor:
        y = functional.leaky_relu(self.norm1(x, prompt), _SLOPE)
        if self.doubles:
            y = functional.interpolate(y, scale_factor=(2.0, 1.0), mode="nearest")
            x = functional.interpolate(x, scale_factor=(2.0, 1.0), mode="nearest")
        y = self.conv2(functional.leaky_relu(self.norm2(self.conv1(y), prompt), _SLOPE))
        side = x if self.conv1x1 is None else self.conv1x1(x)
        out: Tensor = (side + y) / math.sqrt(2)
        return out


class AudioEncoder(nn.Module):
    """Mel windows and pitch features to 64 maps of the same size, in the style of an emotion."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(1, 64, 3, padding=1)
        self.encode = nn.ModuleList(
            (
                _EncodeBlock(64, 128, halves=True),
                _EncodeBlock(128, 256, halves=True),
                _EncodeBlock(256, 512, halves=True),
                _EncodeBlock(512, 512),
                _EncodeBlock(512, 512),
            )
        )
        self.F0_conv = nn.Sequential(_EncodeBlock(256, 128))
        self.decode = nn.ModuleList(
            (
                _DecodeBlock(640, 640),
                _DecodeBlock(640, 640),
                _DecodeBlock(640, 512),
                _DecodeBlock(512, 256, doubles=True),
                _DecodeBlock(256, 128, doubles=True),
                _DecodeBlock(128, 64, doubles=True),
            )
        )

    def forward(self, mels: Tensor, pitch: Tensor, prompt: Tensor) -> Tensor:
        """Turn (b, 1, 80, t) and (b, 256, 10, t) into (b, 64, 80, t) for a prompt (1 or b, 128)."""
        x = self.stem(mels)
        for block in self.encode:
            x = block(x)
        pitch = functional.adaptive_avg_pool2d(self.F0_conv(pitch), (x.shape[-2], x.shape[-1]))
        x = torch.cat((x, pitch), 1)
        for block in self.decode:
            x = block(x, prompt)
        out: Tensor = x
        return out
