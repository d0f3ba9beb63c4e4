"""Emotion prompts: noise and an emotion to the vectors that steer every other network of EAT."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["DEEP", "NOISE", "WIDTH", "PromptMapper"]

NOISE = 16
WIDTH = 128
DEEP = 6
_EMOTIONS = 8
_HIDDEN = 512


class _MappingNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        shared: list[nn.Module] = [nn.Linear(NOISE, _HIDDEN), nn.ReLU()]
        for _ in range(3):
            shared += [nn.Linear(_HIDDEN, _HIDDEN), nn.ReLU()]
        self.shared = nn.Sequential(*shared)
        self.unshared = nn.ModuleList()
        for _ in range(_EMOTIONS):
            head: list[nn.Module] = []
            for _ in range(3):
                head += [nn.Linear(_HIDDEN, _HIDDEN), nn.ReLU()]
            self.unshared.append(nn.Sequential(*head, nn.Linear(_HIDDEN, (1 + DEEP) * WIDTH)))


class PromptMapper(nn.Module):
    """Maps noise to the prompt of one emotion."""

    def __init__(self) -> None:
        super().__init__()
        self.mappingnet = _MappingNet()

    def forward(self, noise: Tensor, emotion: int) -> tuple[Tensor, Tensor]:
        """Return the prompt (b, 128) and the deep prompts (b, 6, 128) of an emotion.

        Args:
            noise: (b, 16), normal.
            emotion: index in EAT's order (anger, contempt, disgust, fear, happy, neutral, sad,
                surprise); the heads of the others are not evaluated.
        """
        style = self.mappingnet.unshared[emotion](self.mappingnet.shared(noise))
        style = style.reshape(len(noise), 1 + DEEP, WIDTH)
        return style[:, 0], style[:, 1:]
