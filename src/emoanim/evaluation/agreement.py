"""How far two classifiers agree about the same frames: Cohen's kappa with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores
from emoanim.errors import InputError
from emoanim.extras import require

__all__ = ["Agreement", "agreement"]

_SAME_TIME = 1e-3
"""Seconds within which two rows are of the same frame."""


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """What two classifiers have in common on the frames that both scored.

    Attributes:
        classifiers: their names.
        labels: the labels that both know, in the order of the confusion matrix.
        confusion: int (k, k), frames by the first one's top label (rows) and the second one's.
        kappa: Cohen's (1960), 1 for full agreement, 0 for chance; NaN if it is not defined,
            because all frames bear one and the same label or none is left.
        interval: of kappa, 95 %, by resampling blocks of frames; NaN if too few are left.
        observed: share of frames with the same top label, in [0, 1]; NaN without frames.
        frames: how many were compared.
        unshared: frames left out because the top label of one is unknown to the other.
        faceless: frames left out because one of them found no face.
    """

    classifiers: tuple[str, str]
    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
    kappa: float
    interval: tuple[float, float]
    observed: float
    frames: int
    unshared: int
    faceless: int


def agreement(
    first: EmotionScores, second: EmotionScores, *, draws: int = 500, seed: int = 0
) -> Agreement:
    """Compare the top labels of two classifiers frame by frame.

    Frames are matched by their times if both have times, so one of them may have seen a sample
    only; else both must have the same number of rows. Neighbouring frames say the same, so the
    interval resamples circular blocks of about the square root of their number, not single ones.

    Args:
        first: scores of one classifier.
        second: scores of the other.
        draws: resamples for the interval.
        seed: of the resampling.

    Raises:
        InputError: no label in common, or rows that cannot be matched.
        MissingExtraError: scikit-learn is not installed.
    """
    labels = tuple(label for label in first.labels if label in second.labels)
    if len(labels) < 2:
        raise InputError(
            f"scores for {', '.join(first.labels)} and for {', '.join(second.labels)} given; "
            "expected at least two labels in common. Compare classifiers of the same emotions."
        )
    rows, others = _matched(first, second)
    seen = first.found[rows] & second.found[others]
    a = _tops(first, rows[seen], labels)
    b = _tops(second, others[seen], labels)
    shared = (a >= 0) & (b >= 0)
    a, b = a[shared], b[shared]
    return Agreement(
        classifiers=(first.classifier, second.classifier),
        labels=labels,
        confusion=_confusion(a, b, len(labels)),
        kappa=_kappa(a, b),
        interval=_interval(a, b, draws, np.random.default_rng(seed)),
        observed=float((a == b).mean()) if len(a) else math.nan,
        frames=len(a),
        unshared=int((~shared).sum()),
        faceless=int((~seen).sum()),
    )


def _matched(
    first: EmotionScores, second: EmotionScores
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows of each that belong to the same frames."""
    if len(first.times) and len(second.times):
        at = np.clip(np.searchsorted(first.times, second.times), 1, max(len(first.times) - 1, 1))
        at = np.minimum(at, len(first.times) - 1)
        before = np.maximum(at - 1, 0)
        closer = np.abs(first.times[before] - second.times) <= np.abs(
            first.times[at] - second.times
        )
        nearest = np.where(closer, before, at)
        same = np.flatnonzero(np.abs(first.times[nearest] - second.times) <= _SAME_TIME)
        if not len(same):
            raise InputError(
                "scores of frames at other times given; expected two classifiers on the same "
                "clip. Score the same file with both."
            )
        return nearest[same], same
    if len(first.values) != len(second.values):
        raise InputError(
            f"{len(first.values)} and {len(second.values)} rows given, without times to match "
            "them; expected as many of both. Score the same frames with both."
        )
    rows = np.arange(len(first.values))
    return rows, rows


def _tops(
    scores: EmotionScores, rows: NDArray[np.intp], labels: tuple[str, ...]
) -> NDArray[np.int64]:
    """Return the top label of each row as an index into ``labels``, -1 if it is not there."""
    indices = np.array([labels.index(x) if x in labels else -1 for x in scores.labels])
    if not len(rows):
        return np.zeros(0, np.int64)
    return np.asarray(indices[np.argmax(scores.values[rows], axis=1)], np.int64)


def _confusion(a: NDArray[np.int64], b: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    metrics: Any = require("sklearn.metrics", "evaluation")
    if not len(a):
        return np.zeros((size, size), np.int64)
    return np.asarray(metrics.confusion_matrix(a, b, labels=np.arange(size)), np.int64)


def _kappa(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    """Return Cohen's kappa, NaN where it is not defined."""
    metrics: Any = require("sklearn.metrics", "evaluation")
    if not len(a) or len(np.union1d(a, b)) < 2:
        return math.nan
    return float(metrics.cohen_kappa_score(a, b))


def _interval(
    a: NDArray[np.int64], b: NDArray[np.int64], draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    count = len(a)
    if count < 10:
        return math.nan, math.nan
    block = math.ceil(math.sqrt(count))
    starts = rng.integers(0, count, (draws, math.ceil(count / block)))
    chosen = (starts[..., None] + np.arange(block)).reshape(draws, -1)[:, :count] % count
    sklearn: Any = require("sklearn", "evaluation")
    with sklearn.config_context(skip_parameter_validation=True, assume_finite=True):
        kappas = np.array([_kappa(a[rows], b[rows]) for rows in chosen])
    defined = kappas[np.isfinite(kappas)]
    if len(defined) < draws / 2:
        return math.nan, math.nan
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)
