"""Synthetic scores, and a classifier that needs no weights."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores

LABELS = ("anger", "happy", "neutral", "sad")


class Brightness:
    """Calls bright frames happy; counts what it is shown."""

    name = "brightness"
    labels = LABELS
    licence = "none"

    def __init__(self) -> None:
        self.shown = 0

    def classify(self, frames: Sequence[NDArray[np.uint8]]) -> EmotionScores:
        self.shown += len(frames)
        light = np.array([f.mean() / 255.0 for f in frames])
        rest = (1.0 - light) / 3.0
        return EmotionScores(LABELS, np.stack([rest, light, rest, rest], axis=1))


def talk(
    frames: int, level: float, seed: int, fps: float = 25.0, name: str = "one"
) -> EmotionScores:
    """Scores that wander as a speaker's do; ``level`` moves happy."""
    random = np.random.default_rng(seed)
    wander = np.zeros(frames)
    for i in range(1, frames):
        wander[i] = 0.9 * wander[i - 1] + 0.4 * random.normal()
    happy = 1.0 / (1.0 + np.exp(-(wander + level)))
    rest = (1.0 - happy) / 3.0
    values = np.stack([rest, happy, rest, rest], axis=1)
    return EmotionScores(LABELS, values, np.arange(frames) / fps, name)
