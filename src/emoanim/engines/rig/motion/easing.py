"""From one emotion to the next within a speech: who has which share of the face, and when."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emoanim.emotions import EmotionPrompt, Passage
from emoanim.engines.rig.motion.envelopes import Curve, smoothstep
from emoanim.engines.rig.motion.performance import Performance

__all__ = ["EASE", "mixed", "prompts_and_shares"]

EASE = 0.45
"""Seconds in which an emotion gives way to the next, half of them before the words change."""


def prompts_and_shares(
    prompt: EmotionPrompt, passages: Sequence[Passage], times: Curve
) -> tuple[list[EmotionPrompt], NDArray[np.float64]]:
    """Return the emotions of a speech and the share that each has at rising times.

    Args:
        prompt: the emotion of a speech without passages.
        passages: of the speech.
        times: seconds, (t,).

    Returns:
        Each emotion once, in order; and their shares, (t, k), rows that sum to 1.
    """
    every = [passage.prompt for passage in passages] or [prompt]
    prompts = list(dict.fromkeys(every))
    shares = np.zeros((len(times), len(prompts)))
    shares[:, prompts.index(every[0])] = 1.0
    for passage in passages[1:]:
        comes = smoothstep((times - passage.start) / EASE + 0.5)
        shares *= 1.0 - comes[:, None]
        shares[:, prompts.index(passage.prompt)] += comes
    return prompts, shares


def mixed(scores: Sequence[Performance], shares: NDArray[np.float64]) -> Performance:
    """Return the mean of some performances of one speech, frame by frame.

    Args:
        scores: of the same length.
        shares: of each, (t, k).
    """
    if len(scores) == 1:
        return scores[0]
    names = tuple(dict.fromkeys(name for score in scores for name in score.names))
    weights = sum(
        share[:, None] * np.stack([score.of(name) for name in names], axis=1)
        for score, share in zip(scores, shares.T, strict=True)
    )
    head = sum(share[:, None] * s.head for s, share in zip(scores, shares.T, strict=True))
    return Performance(
        scores[0].fps, names, np.asarray(weights, np.float32), np.asarray(head, np.float32)
    )
