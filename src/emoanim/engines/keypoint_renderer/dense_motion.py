"""Where every cell of the driven face comes from in the source, and what was hidden there."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from emoanim.engines.keypoint_renderer.geometry import gaussians, grid
from emoanim.engines.keypoint_renderer.layers import DownBlock, UpBlock3d

__all__ = ["DenseMotion", "Motion"]

_POINTS = 15
_ROWS = _POINTS + 1  # row 0 is the background
_COMPRESSED = 4
_LEAST_MASK = 1e-3


class Motion(NamedTuple):
    """The motion of b frames.

    Attributes:
        deformation: (b, d, h, w, 3), the source place of each cell, as x, y, z.
        occlusion: (b, 1, h, w) in [0, 1], 0 where nothing of the source is seen.
        mask: (b, 16, d, h, w), the share of each point's motion, before small shares are cut.
    """

    deformation: Tensor
    occlusion: Tensor
    mask: Tensor


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = (_ROWS * (_COMPRESSED + 1), 64, 128, 256, 512, 1024)
        self.down_blocks = nn.ModuleList(
            DownBlock(cin, cout, dims=3) for cin, cout in pairwise(widths)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        maps = [x]
        for block in self.down_blocks:
            maps.append(block(maps[-1]))
        return maps


class _Decoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        widths = (1024, 512, 256, 128, 64, 32)
        self.up_blocks = nn.ModuleList()
        for i, (cin, cout) in enumerate(pairwise(widths)):
            self.up_blocks.append(UpBlock3d(cin if i == 0 else 2 * cin, cout))
        width = 32 + _ROWS * (_COMPRESSED + 1)
        self.conv: nn.Module = nn.Conv3d(width, width, 3, padding=1)
        self.norm: nn.Module = nn.BatchNorm3d(width)

    def forward(self, maps: list[Tensor]) -> Tensor:
        x = maps.pop()
        for block in self.up_blocks:
            x = torch.cat((block(x), maps.pop()), 1)
        return functional.relu_(self.norm(self.conv(x)))


class _Hourglass(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = _Encoder()
        self.decoder = _Decoder()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.decoder(self.encoder(x))
        return out


class DenseMotion(nn.Module):
    """Mixes the motions of the points into one deformation.

    It is computed exactly as it was trained, nothing folded or reordered: a share next to the cut
    that rounding puts on its other side would show in the picture.

    Args:
        cut: set shares below 1e-3 to zero, as SadTalker does.
    """

    def __init__(self, *, cut: bool) -> None:
        super().__init__()
        self.compress: nn.Module = nn.Conv3d(32, _COMPRESSED, 1)
        self.norm: nn.Module = nn.BatchNorm3d(_COMPRESSED)
        self.hourglass = _Hourglass()
        width = 32 + _ROWS * (_COMPRESSED + 1)
        self.mask = nn.Conv3d(width, _ROWS, 7, padding=3)
        self.occlusion = nn.Conv2d(width * 16, 1, 7, padding=3)
        self.cut = cut

    def squeeze(self, feature: Tensor) -> Tensor:
        """Compress the source volume (b, 32, d, h, w) to 4 channels; needed once per source."""
        return functional.relu_(self.norm(self.compress(feature)))

    def forward(self, squeezed: Tensor, source: Tensor, driving: Tensor) -> Motion:
        """Mix the motions.

        Args:
            squeezed: (b, 4, d, h, w).
            source: key points (b, 15, 3).
            driving: key points (b, 15, 3).
        """
        count, _, depth, height, width = squeezed.shape
        cells = grid(depth, height, width, like=squeezed)
        moved = cells - driving[:, :, None, None, None] + source[:, :, None, None, None]
        motions = torch.cat((cells.expand(count, 1, *cells.shape), moved), 1)
        deformed = functional.grid_sample(
            squeezed.repeat_interleave(_ROWS, 0), motions.flatten(0, 1), align_corners=False
        )
        deformed = deformed.reshape(count, _ROWS, *deformed.shape[1:])
        heat = gaussians(driving, cells) - gaussians(source, cells)
        heat = functional.pad(heat, (0, 0, 0, 0, 0, 0, 1, 0))  # the background has none
        x = self.hourglass(torch.cat((heat[:, :, None], deformed), 2).flatten(1, 2))
        mask = torch.softmax(self.mask(x), 1)
        shares = torch.where(mask < _LEAST_MASK, 0.0, mask) if self.cut else mask
        deformation = torch.einsum("bkdhwc,bkdhw->bdhwc", motions, shares)
        occlusion = torch.sigmoid(self.occlusion(x.flatten(1, 2)))
        return Motion(deformation, occlusion, mask)
