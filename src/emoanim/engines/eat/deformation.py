"""The emotional deformation network (EDN): what an emotion adds to the key points."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from emoanim.engines.eat.blocks import PositionTable, PromptedLayer, extractor

__all__ = ["DeformationNetwork"]

_WIDTH = 128
_LAYERS = 6


class _Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(PromptedLayer() for _ in range(_LAYERS))


class _Transformer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.encoder = _Encoder()


class DeformationNetwork(nn.Module):
    """A face and an emotion to 45 offsets, the same for every frame of a clip."""

    def __init__(self) -> None:
        super().__init__()
        self.pos_enc = PositionTable()
        self.transformer = _Transformer()
        self.emokp = nn.Linear(_WIDTH, 45)
        self.decodefeature_extract = extractor(32, 32, 48, 64, 96, 128)

    def forward(self, face: Tensor, prompt: Tensor, deep_prompts: Tensor) -> Tensor:
        """Turn (b, 32, 64, 64), (b, 128) and (b, 6, 128) into (b, 45)."""
        token = self.decodefeature_extract(face).flatten(1)[:, None]
        x = self.pos_enc(torch.cat((token, prompt[:, None], deep_prompts), 1))
        for layer in self.transformer.encoder.layers:
            x = layer(x)
        out: Tensor = self.emokp(x[:, 1:].mean(1))
        return out
