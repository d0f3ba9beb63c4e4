"""Whether a clip is read as its target emotion, which an EDD does not say: it compares ranks."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from emoanim.clips import EmotionScores

__all__ = ["SEEN_SHARE", "label_shares", "mean_probabilities", "not_seen"]

SEEN_SHARE = 0.5
"""Share of the frames with a face from which a clip counts as read as an emotion: in these it is
the label of the highest probability."""

_NAMED, _MOST_NAMED = 0.2, 2


def mean_probabilities(scores: EmotionScores) -> tuple[float, ...]:
    """Return the mean probability of every label over the frames with a face; NaN without one."""
    there = np.asarray(scores.values, np.float64)[scores.found]
    if not len(there):
        return (math.nan,) * len(scores.labels)
    return tuple(float(v) for v in there.mean(axis=0))


def label_shares(scores: EmotionScores) -> tuple[float, ...]:
    """Return the share of the frames with a face in which each label is on top."""
    there = np.asarray(scores.values)[scores.found]
    if not len(there):
        return (math.nan,) * len(scores.labels)
    counts = np.bincount(there.argmax(axis=1), minlength=len(scores.labels))
    return tuple(float(v) for v in counts / len(there))


def not_seen(
    emotion: str,
    mean: tuple[float, float],
    labels: Sequence[str],
    shares: Sequence[float],
    classifier: str = "",
) -> str | None:
    """Say that a clip is not read as its target, and as what it is read; None if it is.

    Args:
        emotion: the target, one of the labels.
        mean: its mean probability, (original, generated).
        labels: of the classifier.
        shares: of the generated clip's frames in which each label is on top, (k,).
        classifier: its name.
    """
    of = dict(zip(labels, shares, strict=True))
    share = of.pop(emotion)
    if math.isnan(share) or share >= SEEN_SHARE:
        return None
    first = sorted(of.items(), key=lambda item: -item[1])[:_MOST_NAMED]
    named = [f"{label} ({part:.0%})" for label, part in first if part >= _NAMED]
    read = f", which are read as {' and '.join(named)}" if named else ""
    return (
        f"{emotion} is not what {classifier or 'the classifier'} sees: it is on top in {share:.0%} "
        f"of the generated frames{read}; its mean probability goes from {mean[0]:.3f} to "
        f"{mean[1]:.3f}. EDD compares ranks, so it can be 0 all the same"
    )
