"""How an emotion looks: action-unit weights per emotion, from FACS and EMFACS descriptions.

Weights are those of a full-strength, natural expression (intensity 1).
"""

from __future__ import annotations

from collections.abc import Mapping

from emoanim.emotions import Emotion, EmotionPrompt

__all__ = ["PRESETS", "emotion_units", "strength"]

PRESETS: Mapping[Emotion, Mapping[str, float]] = {
    Emotion.ANGER: {
        "4": 1.8, "5": 0.8, "7": 1.1, "9": 1.1, "15": 0.35, "17": 0.65, "23": 1.05,
        "24": 0.85,
    },
    Emotion.CONTEMPT: {
        "12L": 0.9, "14L": 1.8, "14R": 0.35, "10L": 0.3, "2R": 0.5, "7": 0.45, "43": 0.18,
        "24": 0.7, "17": 0.4,
    },
    Emotion.DISGUST: {
        "9": 1.45, "10": 1.3, "4": 0.15, "6": 0.7, "7": 0.85, "15": 0.95, "17": 0.75, "25": 0.12,
    },
    Emotion.FEAR: {
        "1": 1.45, "2": 0.7, "4": 1.25, "5": 1.8, "20": 1.15, "25": 0.9, "26": 0.38, "16": 0.7,
    },
    Emotion.HAPPY: {"6": 1.1, "12": 1.7, "25": 1.3, "26": 0.12, "10": 0.15, "16": 0.2},
    Emotion.NEUTRAL: {},
    Emotion.SAD: {
        "1": 1.75, "4": 0.85, "15": 1.5, "20": 0.3, "17": 0.9, "7": 0.2, "43": 0.34, "24": 0.1,
    },
    Emotion.SURPRISE: {"1": 1.1, "2": 1.2, "5": 1.0, "25": 0.6, "26": 0.8},
}  # fmt: skip


def emotion_units(prompt: EmotionPrompt) -> dict[str, float]:
    """Return the weights of a prompt.

    An expression at half its strength is read as another one or none, so strength grows fast at
    first: intensity 0.3 gives 0.68, 0.6 (the plain word) gives 0.85, 1 gives 1. A blend has the
    units of all its emotions, as compound expressions do (Du, Tao and Martinez 2014, PNAS
    111(15)): of each as much as its intensity has of the strongest one's; what two share is the
    larger of both.

    Args:
        prompt: emotion and intensity, or a blend.

    Returns:
        Action-unit names and weights; empty for neutral or intensity 0.
    """
    share = strength(prompt.intensity)
    if prompt.others:
        blend: dict[str, float] = {}
        for part in prompt.parts:
            of_all = part.intensity / prompt.intensity if prompt.intensity else 0.0
            for unit, weight in PRESETS[part.emotion].items():
                if of_all * share:
                    blend[unit] = max(blend.get(unit, 0.0), weight * of_all * share)
        return blend
    return {unit: weight * share for unit, weight in PRESETS[prompt.emotion].items() if share}


def strength(intensity: float) -> float:
    """Return the share of full strength at an intensity, both 0 to 1."""
    return float(intensity**0.32)
