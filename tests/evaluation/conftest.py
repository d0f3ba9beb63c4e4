"""Observations as a pass over a clip would leave them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from emoanim.clips import EmotionScores
from emoanim.evaluation.observation import Observation


@pytest.fixture
def observed() -> Callable[..., Observation]:
    """Make an observation of scores, with plausible measurements."""

    def make(scores: EmotionScores, name: str = "a clip", /, **changes: Any) -> Observation:
        random = np.random.default_rng(len(scores.values))
        count = len(scores.values)
        mouth = 0.1 + 0.05 * np.sin(scores.times * 20.0)
        values: dict[str, Any] = {
            "name": name,
            "fps": 25.0,
            "times": scores.times,
            "scores": {scores.classifier: scores},
            "weights": {scores.classifier: {"one.onnx": "sha256:00"}},
            "angles": np.cumsum(random.normal(size=(count, 3)), axis=0),
            "mouth": mouth,
            "face_size": np.full(count, 300.0),
            "sharpness": np.array([0.4, 0.5]),
            "embeddings": np.full((3, 128), 0.1) + 0.001 * random.normal(size=(3, 128)),
            "loudness": np.interp(np.arange(4 * count) / 100.0, scores.times, mouth),
            "onsets": np.array([0.5, 1.0, 1.5]),
        }
        return Observation(**{**values, **changes})

    return make
