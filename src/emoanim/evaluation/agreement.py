"""How far two classifiers agree about the same frames: Cohen's kappa with an interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import EmotionScores
from emoanim.errors import InputError

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
    confusion = _confusions((a * len(labels) + b)[None], len(labels))[0]
    return Agreement(
        classifiers=(first.classifier, second.classifier),
        labels=labels,
        confusion=confusion,
        kappa=float(_kappas(confusion)),
        interval=_interval(a * len(labels) + b, len(labels), draws, np.random.default_rng(seed)),
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
    places = np.array([labels.index(x) if x in labels else -1 for x in scores.labels])
    if not len(rows):
        return np.zeros(0, np.int64)
    return np.asarray(places[np.argmax(scores.values[rows], axis=1)], np.int64)


def _confusions(cells: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Return (n, size, size) counts of n rows of cell numbers, row * size + column."""
    shifted = cells + size * size * np.arange(len(cells))[:, None]
    counts = np.bincount(shifted.ravel(), minlength=len(cells) * size * size)
    return counts.reshape(len(cells), size, size)


def _kappas(confusions: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return Cohen's kappa of confusion matrices (..., k, k), NaN where it is not defined."""
    total = confusions.sum((-1, -2))
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = confusions / total[..., None, None]
        observed = np.trace(shares, axis1=-2, axis2=-1)
        expected = (shares.sum(-1) * shares.sum(-2)).sum(-1)
        return np.asarray((observed - expected) / (1.0 - expected), np.float64)


def _interval(
    cells: NDArray[np.int64], size: int, draws: int, rng: np.random.Generator
) -> tuple[float, float]:
    count = len(cells)
    if count < 10:
        return math.nan, math.nan
    block = math.ceil(math.sqrt(count))
    starts = rng.integers(0, count, (draws, math.ceil(count / block)))
    chosen = (starts[..., None] + np.arange(block)).reshape(draws, -1)[:, :count] % count
    kappas = _kappas(_confusions(cells[chosen], size))
    defined = kappas[np.isfinite(kappas)]
    if len(defined) < draws / 2:
        return math.nan, math.nan
    low, high = np.quantile(defined, [0.025, 0.975])
    return float(low), float(high)
