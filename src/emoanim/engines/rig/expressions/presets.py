"""How an emotion looks: action-unit weights per emotion, from FACS and EMFACS descriptions.

Weights are those of a full-strength, natural expression (intensity 1).
"""

from __future__ import annotations

from collections.abc import Mapping

from emoanim.emotions import Emotion, EmotionPrompt

__all__ = ["OPEN_EYED", "PRESETS", "UNSMILING", "emotion_units", "strength"]

PRESETS: Mapping[Emotion, Mapping[str, float]] = {
    Emotion.ANGER: {
        "4": 1.72, "5": 0.8, "7": 0.6, "9": 0.82, "15": 0.35, "17": 0.6, "23": 0.5, "24": 0.6,
    },
    Emotion.CONTEMPT: {
        "12L": 0.9, "14L": 1.8, "14R": 0.35, "10L": 0.3, "2R": 0.5, "7": 0.2, "24": 0.6, "17": 0.4,
    },
    Emotion.DISGUST: {
        "9": 1.3, "10": 1.5, "4": 0.15, "6": 0.6, "7": 0.5, "15": 0.95, "16": 0.4, "17": 0.6,
        "25": 0.3,
    },
    Emotion.FEAR: {
        "1": 1.5, "2": 0.7, "4": 1.05, "5": 1.8, "20": 1.5, "25": 0.9, "26": 0.4, "16": 1.0,
    },
    Emotion.HAPPY: {"6": 1.6, "12": 1.7, "25": 1.3, "26": 0.12, "10": 0.15, "16": 0.2},
    Emotion.NEUTRAL: {},
    Emotion.SAD: {
        "1": 1.75, "4": 0.6, "15": 1.65, "20": 0.3, "17": 0.8, "7": 0.2, "43": 0.34, "24": 0.1,
    },
    Emotion.SURPRISE: {"1": 1.1, "2": 1.2, "5": 1.0, "25": 0.6, "26": 0.8},
}  # fmt: skip


UNSMILING: Mapping[Emotion, float] = {
    Emotion.ANGER: 1.0, Emotion.CONTEMPT: 0.5, Emotion.FEAR: 1.0, Emotion.NEUTRAL: 1.0,
}  # fmt: skip
"""Emotions that what is left of a smile spoils, and the share of it that is taken away."""

OPEN_EYED = frozenset([Emotion.FEAR, Emotion.NEUTRAL])
"""Those of them that the narrow eyes of a smile spoil as well; anger and contempt narrow them."""


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
