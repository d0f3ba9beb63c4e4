"""Blocks that EAT's transformer and its deformation network share."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["PositionTable", "PromptedLayer", "extractor"]

_WIDTH = 128
_HEADS = 8
_FORWARD = 1024
_POSITIONS = 20


class _NormConv(nn.Module):
    def __init__(self, cin: int, cout: int, kernel: int, *, active: bool) -> None:
        super().__init__()
        self.layers = nn.ModuleDict(
            {"norm": nn.BatchNorm2d(cin), "conv": nn.Conv2d(cin, cout, kernel, padding=kernel // 2)}
        )
        self.active = active

    def forward(self, x: Tensor) -> Tensor:
        x = self.layers["norm"](x)
        out: Tensor = self.layers["conv"](functional.leaky_relu(x, 0.2) if self.active else x)
        return out


class _DownBlock(nn.Module):
    """Two pre-activated convolutions beside a projection, then the mean of each 2x2."""

    def __init__(self, cin: int, cout: int) -> None:
        super().__init__()
        hidden = min(cin, cout)
        self.conv_block_0 = _NormConv(cin, hidden, 3, active=True)
        self.conv_block_1 = _NormConv(hidden, cout, 3, active=True)
        self.conv_block_s: nn.Module | None = None
        if cin != cout:
            self.conv_block_s = _NormConv(cin, cout, 1, active=False)

    def forward(self, x: Tensor) -> Tensor:
        main = functional.avg_pool2d(self.conv_block_1(self.conv_block_0(x)), 2)
        side = x if self.conv_block_s is None else self.conv_block_s(x)
        return functional.avg_pool2d(side, 2) + main


def extractor(*widths: int) -> nn.Sequential:
    """Five blocks and a pool: (b, widths[0], 64, 64) to (b, widths[-1], 1, 1)."""
    return nn.Sequential(*(_DownBlock(a, b) for a, b in pairwise(widths)), nn.AvgPool2d(2))


class PositionTable(nn.Module):
    """Adds sinusoids to a sequence of at most 20 tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("pos_table", torch.empty(1, _POSITIONS, _WIDTH))

    def forward(self, tokens: Tensor) -> Tensor:
        """Turn (b, n, 128) into the same shape."""
        return tokens + self.get_buffer("pos_table")[:, : tokens.shape[1]]


class PromptedLayer(nn.Module):
    """A transformer layer with its norms after the sums; a decoder's also attends to a memory."""

    def __init__(self, *, decodes: bool = False) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(_WIDTH, _HEADS, batch_first=True)
        if decodes:
            self.multihead_attn = nn.MultiheadAttention(_WIDTH, _HEADS, batch_first=True)
            self.norm3 = nn.LayerNorm(_WIDTH)
        self.linear1 = nn.Linear(_WIDTH, _FORWARD)
        self.linear2 = nn.Linear(_FORWARD, _WIDTH)
        self.norm1 = nn.LayerNorm(_WIDTH)
        self.norm2 = nn.LayerNorm(_WIDTH)
        self.decodes = decodes

    def forward(self, x: Tensor, memory: Tensor | None = None) -> Tensor:
        """Turn (b, n, 128) into the same shape; a decoder's layer needs the memory (b, m, 128)."""
        x = self.norm1(x + self.self_attn(x, x, x, need_weights=False)[0])
        if memory is not None:
            x = self.norm2(x + self.multihead_attn(x, memory, memory, need_weights=False)[0])
        last = self.norm3 if self.decodes else self.norm2
        out: Tensor = last(x + self.linear2(functional.relu_(self.linear1(x))))
        return out
