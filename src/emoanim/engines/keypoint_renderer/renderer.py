"""The face renderer: a source image, its key points and driving key points give a frame."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoanim.engines.keypoint_renderer.decoder import Decoder
from emoanim.engines.keypoint_renderer.dense_motion import DenseMotion
from emoanim.engines.keypoint_renderer.fast_decoder import FastDecoder
from emoanim.engines.keypoint_renderer.layers import ConvNorm, DownBlock, folded
from emoanim.engines.keypoint_renderer.winograd import Conv3x3

__all__ = ["Modulation", "Rendered", "Renderer", "Source", "prepare"]

_DEPTH = 16
_CHANNELS = 32
_PROMPT = 128


class Source(NamedTuple):
    """What is needed of the source image, computed once.

    Attributes:
        feature: (1, 32, 16, h/4, w/4).
        squeezed: (1, 4, 16, h/4, w/4), the same for the motion network.
    """

    feature: Tensor
    squeezed: Tensor


class Rendered(NamedTuple):
    """A rendered frame and how it came about.

    Attributes:
        prediction: (b, 3, h, w) in [0, 1].
        occlusion_map: (b, 1, h/4, w/4).
        mask: (b, 16, 16, h/4, w/4).
        deformation: (b, 16, h/4, w/4, 3).
    """

    prediction: Tensor
    occlusion_map: Tensor
    mask: Tensor
    deformation: Tensor


class _ResBlock3d(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm3d(_CHANNELS)
        self.conv1 = nn.Conv3d(_CHANNELS, _CHANNELS, 3, padding=1)
        self.norm2 = nn.BatchNorm3d(_CHANNELS)
        self.conv2 = nn.Conv3d(_CHANNELS, _CHANNELS, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv1(functional.relu_(self.norm1(x)))
        y = self.conv2(functional.relu_(self.norm2(y)))
        out: Tensor = y + x
        return out


class Modulation(nn.Module):
    """Scales and shifts each channel of a map as a prompt of 128 numbers says."""

    def __init__(self) -> None:
        super().__init__()
        hidden = _CHANNELS // 8
        self.fc = nn.Sequential(
            nn.Linear(_PROMPT, hidden), nn.ReLU(), nn.Linear(hidden, 2 * _CHANNELS)
        )

    def forward(self, x: Tensor, prompt: Tensor) -> Tensor:
        """Return (1 + gamma) x + beta for x (b, 32, ...) and a prompt (b, 128)."""
        both = torch.tanh(self.fc(prompt))
        gamma, beta = both.reshape(*both.shape, *[1] * (x.dim() - 2)).chunk(2, 1)
        return (1 + gamma) * x + beta


class Renderer(nn.Module):
    """The generator of SadTalker, or of EAT with ``prompted``.

    Args:
        prompted: an emotion prompt modulates the source volume, and small shares of the motion
            are not cut.
    """

    def __init__(self, *, prompted: bool = False) -> None:
        super().__init__()
        self.first = ConvNorm(3, 64)
        self.down_blocks = nn.ModuleList((DownBlock(64, 128), DownBlock(128, 256)))
        self.second = nn.Conv2d(256, _CHANNELS * _DEPTH, 1)
        blocks = {f"3dr{i}": _ResBlock3d() for i in range(6)}
        self.resblocks_3d = nn.Sequential()
        for name, block in blocks.items():
            self.resblocks_3d.add_module(name, block)
        if prompted:
            self.ea3d = Modulation()
        self.prompted = prompted
        self.dense_motion_network = DenseMotion(cut=not prompted)
        self.third = ConvNorm(_CHANNELS * _DEPTH, 256, slope=0.01)
        self.fourth = nn.Conv2d(256, 256, 1)
        self.decoder: nn.Module = Decoder()

    def encode(self, images: Tensor, prompt: Tensor | None = None) -> Source:
        """Read source images (b, 3, h, w) in [0, 1] and, where there is one, a prompt (b, 128)."""
        x = self.first(images)
        for block in self.down_blocks:
            x = block(x)
        x = self.resblocks_3d(self.second(x).unflatten(1, (_CHANNELS, _DEPTH)))
        if prompt is not None:
            x = self.ea3d(x, prompt)
        return Source(x, self.dense_motion_network.squeeze(x))

    def forward(self, source: Source, kp_source: Tensor, kp_driving: Tensor) -> Rendered:
        """Render b frames; source and its points may stand once for all of them.

        Args:
            source: of 1 or b images.
            kp_source: (1 or b, 15, 3).
            kp_driving: (b, 15, 3).
        """
        count = len(kp_driving)
        feature, squeezed = (t.expand(count, *t.shape[1:]) for t in source)
        kp_source = kp_source.expand(count, -1, -1)
        motion = self.dense_motion_network(squeezed, kp_source, kp_driving)
        x = functional.grid_sample(feature, motion.deformation, align_corners=False).flatten(1, 2)
        x = self.fourth(self.third(x)) * motion.occlusion
        prediction = self.decoder(x)
        return Rendered(prediction, motion.occlusion, motion.mask, motion.deformation)


def prepare(renderer: Renderer) -> Renderer:
    """Make a loaded renderer fast, with the same output up to rounding.

    Everything up to the motion is left as it is (see ``DenseMotion``); what paints the warped
    features is replaced by ``FastDecoder``.
    """
    conv, renderer.third.norm = folded(renderer.third.conv, renderer.third.norm)
    assert isinstance(conv, nn.Conv2d)
    assert conv.bias is not None
    renderer.third.conv = Conv3x3(conv.weight, conv.bias)
    assert isinstance(renderer.decoder, Decoder)
    renderer.decoder = FastDecoder(renderer.decoder)
    return renderer
