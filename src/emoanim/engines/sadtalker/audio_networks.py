"""Speech to expression and to head motion."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoanim.engines.keypoint_renderer.layers import folded

__all__ = [
    "BLOCK",
    "LATENT",
    "AudioToExpression",
    "AudioToPose",
    "blocks_of",
    "prepare_expression",
    "prepare_pose",
]

BLOCK = 32
"""Frames of head motion that are made at a time."""
LATENT = 64
_STYLES = 46
_POSE = 6
_AUDIO = 512
# cin, cout, kernel, stride, padding, residual
_ENCODER: tuple[tuple[int, int, int, int | tuple[int, int], int, bool], ...] = (
    (1, 32, 3, 1, 1, False),
    (32, 32, 3, 1, 1, True),
    (32, 32, 3, 1, 1, True),
    (32, 64, 3, (3, 1), 1, False),
    (64, 64, 3, 1, 1, True),
    (64, 64, 3, 1, 1, True),
    (64, 128, 3, 3, 1, False),
    (128, 128, 3, 1, 1, True),
    (128, 128, 3, 1, 1, True),
    (128, 256, 3, (3, 2), 1, False),
    (256, 256, 3, 1, 1, True),
    (256, 512, 3, 1, 0, False),
    (512, 512, 1, 1, 0, False),
)


class _AudioBlock(nn.Module):
    def __init__(
        self,
        cin: int,
        cout: int,
        kernel: int,
        stride: int | tuple[int, int],
        padding: int,
        residual: bool,
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(cin, cout, kernel, stride, padding), nn.BatchNorm2d(cout)
        )
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        y = self.conv_block(x)
        return functional.relu_(y + x if self.residual else y)


def _audio_encoder() -> nn.Sequential:
    return nn.Sequential(*(_AudioBlock(*numbers) for numbers in _ENCODER))


class AudioToExpression(nn.Module):
    """Mel windows, a reference expression and the eyelids to 64 expression coefficients."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = _audio_encoder()
        self.mapping1 = nn.Linear(_AUDIO + 64 + 1, 64)

    def forward(self, mels: Tensor, reference: Tensor, blink: Tensor) -> Tensor:
        """Compute frames independently of each other.

        Args:
            mels: (n, 1, 80, 16).
            reference: (n, 64).
            blink: (n, 1), 0 open to 1 closed.

        Returns:
            (n, 64).
        """
        audio = self.audio_encoder(mels).flatten(1)
        out: Tensor = self.mapping1(torch.cat((audio, reference, blink), 1))
        return out


class _ResidualConv(nn.Module):
    def __init__(self, cin: int, cout: int, stride: int) -> None:
        super().__init__()
        steps = (stride, 1)
        self.conv_block = nn.Sequential(
            nn.BatchNorm2d(cin),
            nn.ReLU(),
            nn.Conv2d(cin, cout, 3, steps, 1),
            nn.BatchNorm2d(cout),
            nn.ReLU(),
            nn.Conv2d(cout, cout, 3, 1, 1),
        )
        self.conv_skip = nn.Sequential(nn.Conv2d(cin, cout, 3, steps, 1), nn.BatchNorm2d(cout))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.conv_block(x) + self.conv_skip(x)
        return out


class _Upsample(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.upsample = nn.ConvTranspose2d(width, width, (2, 1), (2, 1))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.upsample(x)
        return out


class _ResUNet(nn.Module):
    """A U-net over (frames, 6), whose strides act on the frames only."""

    def __init__(self) -> None:
        super().__init__()
        self.input_layer = nn.Sequential(
            nn.Conv2d(1, 32, 3, padding=1),
            nn.BatchNorm2d(32),
            nn.ReLU(),
            nn.Conv2d(32, 32, 3, padding=1),
        )
        self.input_skip = nn.Sequential(nn.Conv2d(1, 32, 3, padding=1))
        self.residual_conv_1 = _ResidualConv(32, 64, 2)
        self.residual_conv_2 = _ResidualConv(64, 128, 2)
        self.bridge = _ResidualConv(128, 256, 2)
        self.upsample_1 = _Upsample(256)
        self.up_residual_conv1 = _ResidualConv(384, 128, 1)
        self.upsample_2 = _Upsample(128)
        self.up_residual_conv2 = _ResidualConv(192, 64, 1)
        self.upsample_3 = _Upsample(64)
        self.up_residual_conv3 = _ResidualConv(96, 32, 1)
        self.output_layer = nn.Sequential(nn.Conv2d(32, 1, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        x1 = self.input_layer(x) + self.input_skip(x)
        x2 = self.residual_conv_1(x1)
        x3 = self.residual_conv_2(x2)
        x = self.upsample_1(self.bridge(x3))
        x = self.up_residual_conv1(torch.cat((x, x3), 1))
        x = self.up_residual_conv2(torch.cat((self.upsample_2(x), x2), 1))
        x = self.up_residual_conv3(torch.cat((self.upsample_3(x), x1), 1))
        out: Tensor = self.output_layer(x)
        return out


def _mlp(*widths: int) -> nn.Sequential:
    """Linear layers L0, L1 with ReLU between them and a sigmoid at the end."""
    layers = nn.Sequential()
    for i, (cin, cout) in enumerate(pairwise(widths)):
        layers.add_module(f"L{i}", nn.Linear(cin, cout))
        last = i == len(widths) - 2
        layers.add_module("sigmoid" if last else f"A{i}", nn.Sigmoid() if last else nn.ReLU())
    return layers


class _PoseDecoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        flat = BLOCK * _POSE
        self.classbias = nn.Parameter(torch.empty(_STYLES, LATENT))
        self.linear_audio = nn.Linear(_AUDIO, _POSE)
        self.MLP = _mlp(_POSE + LATENT + flat, 128, flat)
        self.resunet = _ResUNet()
        self.pose_linear = nn.Linear(_POSE, _POSE)

    def forward(self, start: Tensor, noise: Tensor, style: int, sound: Tensor) -> Tensor:
        x = self.MLP(torch.cat((start, noise + self.classbias[style], sound.flatten(1)), 1))
        x = self.resunet(x.reshape(-1, 1, BLOCK, _POSE))[:, 0]
        out: Tensor = self.pose_linear(x)
        return out


class _PoseEncoder(nn.Module):
    """Used for training only; its tensors are part of the checkpoint."""

    def __init__(self) -> None:
        super().__init__()
        self.classbias = nn.Parameter(torch.empty(_STYLES, LATENT))
        self.resunet = _ResUNet()
        self.MLP = _mlp(_POSE + LATENT + 2 * BLOCK * _POSE, 128)
        self.linear_means = nn.Linear(128, LATENT)
        self.linear_logvar = nn.Linear(128, LATENT)
        self.linear_audio = nn.Linear(_AUDIO, _POSE)


class _Generator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = _PoseEncoder()
        self.decoder = _PoseDecoder()


class _Judge(nn.Module):
    """The discriminator; used for training only."""

    def __init__(self) -> None:
        super().__init__()
        self.seq = nn.ModuleList()
        for cin, cout, kernel in ((_POSE, 256, 4), (256, 512, 4), (512, 1024, 3)):
            block = nn.Module()
            block.conv = nn.Conv1d(cin, cout, kernel, bias=False)
            block.norm = nn.BatchNorm1d(cout)
            self.seq.append(block)
        self.seq.append(nn.Conv1d(1024, 1, 3))


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = _audio_encoder()


class AudioToPose(nn.Module):
    """Mel windows to head motion, by a conditional variational auto-encoder."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = _Encoder()
        self.netG = _Generator()
        self.netD_motion = _Judge()

    def embed(self, mels: Tensor) -> Tensor:
        """Embed mel windows (n, 1, 80, 16) as (n, 512)."""
        out: Tensor = self.audio_encoder.audio_encoder(mels).flatten(1)
        return out

    def forward(self, mels: Tensor, start: Tensor, style: int, noise: Tensor) -> Tensor:
        """Move the head through t frames, the first of which rests.

        Args:
            mels: (t, 1, 80, 16).
            start: (6,), angles and translation of the first frame.
            style: 0 to 45.
            noise: (blocks, 64), normal; one row for each block of 32 of the t - 1 frames, and one
                for a remainder.

        Returns:
            (t, 6), motion from the start.
        """
        sound = self.hear(mels[1:]) if len(mels) > 1 else None
        return self.move(sound, start, style, noise)

    def hear(self, mels: Tensor) -> Tensor:
        """Turn mel windows (n, 1, 80, 16) into what moves the head, (n, 6)."""
        out: Tensor = self.netG.decoder.linear_audio(self.embed(mels))
        return out

    def move(self, sound: Tensor | None, start: Tensor, style: int, noise: Tensor) -> Tensor:
        """Do the same from what ``hear`` gives for all frames but the first, if any."""
        rest = start.new_zeros(1, _POSE)
        if sound is None:
            return rest
        count = len(sound)
        if count < BLOCK:
            sound = torch.cat((sound[:1].expand(BLOCK - count, -1), sound))
        ends = list(range(BLOCK, len(sound) + 1, BLOCK))
        lengths = [BLOCK] * len(ends)
        if len(sound) % BLOCK:
            ends.append(len(sound))
            lengths.append(len(sound) % BLOCK)
        blocks = torch.stack([sound[end - BLOCK : end] for end in ends])
        decoded = self.netG.decoder(
            start.expand(len(blocks), -1), noise[: len(blocks)], style, blocks
        )
        moved = torch.cat([block[-keep:] for block, keep in zip(decoded, lengths, strict=True)])
        return torch.cat((rest, moved[-count:]))


def prepare_expression(network: AudioToExpression) -> AudioToExpression:
    """Make a loaded network fast, with the same output up to rounding."""
    _prepare(network.audio_encoder)
    return network


def prepare_pose(network: AudioToPose) -> AudioToPose:
    """Make a loaded network fast, with the same output up to rounding."""
    _prepare(network.audio_encoder.audio_encoder)
    return network


def _prepare(encoder: nn.Sequential) -> None:
    """Fold the batch norms into their convolutions and lay these out channels-last."""
    for block in encoder:
        assert isinstance(block, _AudioBlock)
        conv, _ = folded(*block.conv_block)
        assert isinstance(conv, nn.Conv2d)
        conv.weight.data = conv.weight.data.contiguous(memory_format=torch.channels_last)
        block.conv_block = nn.Sequential(conv)


def blocks_of(frames: int) -> int:
    """Return how many rows of noise ``AudioToPose`` needs for so many frames."""
    return -(-max(frames - 1, 0) // BLOCK)
