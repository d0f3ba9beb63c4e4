"""How an emotion looks: action-unit weights per emotion, from FACS and EMFACS descriptions.

Weights are those of a full-strength, natural expression (intensity 1).
"""

from __future__ import annotations

from collections.abc import Mapping

from emoanim.emotions import Emotion, EmotionPrompt

__all__ = ["PRESETS", "emotion_units"]

PRESETS: Mapping[Emotion, Mapping[str, float]] = {
    Emotion.ANGER: {
        "4": 1.25, "5": 0.55, "7": 0.8, "9": 0.3, "10": 0.15, "17": 0.45, "23": 0.8, "24": 0.7,
        "15": 0.25,
    },
    Emotion.CONTEMPT: {
        "12L": 0.75, "14L": 1.0, "10L": 0.2, "2R": 0.45, "7": 0.3, "43": 0.10, "24": 0.35,
        "17": 0.2,
    },
    Emotion.DISGUST: {
        "9": 1.2, "10": 0.9, "4": 0.6, "6": 0.4, "7": 0.7, "15": 0.35, "17": 0.5, "16": 0.1,
    },
    Emotion.FEAR: {
        "1": 1.2, "2": 0.6, "4": 0.75, "5": 1.1, "20": 1.0, "25": 0.75, "26": 0.25, "16": 0.3,
    },
    Emotion.HAPPY: {"6": 0.9, "12": 1.25, "25": 0.85, "26": 0.08, "10": 0.1},
    Emotion.NEUTRAL: {},
    Emotion.SAD: {
        "1": 1.2, "4": 0.7, "15": 1.1, "17": 0.6, "7": 0.15, "43": 0.18, "24": 0.15,
    },
    Emotion.SURPRISE: {"1": 1.0, "2": 1.1, "5": 0.9, "25": 0.6, "26": 0.75},
}  # fmt: skip

PLAIN = 0.6
"""Intensity of a plain word, at which most of the full strength shows already."""


def emotion_units(prompt: EmotionPrompt) -> dict[str, float]:
    """Return the weights of a prompt.

    An expression at half its strength is read as another one or none, so strength grows fast at
    first: intensity 0.3 gives 0.55, 0.6 gives 0.8, 1 gives 1.

    Args:
        prompt: emotion and intensity.

    Returns:
        Action-unit names and weights; empty for neutral or intensity 0.
    """
    strength = prompt.intensity**0.5
    return {unit: weight * strength for unit, weight in PRESETS[prompt.emotion].items() if strength}
