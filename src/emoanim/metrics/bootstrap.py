"""Confidence intervals of the EDD of one pair of clips.

Frames of a clip depend on each other, so an interval for independent frames (DeLong) is far too
narrow: at an autocorrelation of 0.9 a nominal 95 % covers 38 %. Blocks of frames are resampled
instead, which covers 87-89 % there and 68-77 % at 0.97: better, still short. For a claim over
clips resample clips (:mod:`emoanim.metrics.clusters`).
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.result import Interval, Ties

__all__ = ["autocorrelation_time", "block_interval", "delong_interval", "delong_variance"]

Vector = NDArray[np.float64]

_LEAST_BLOCK = 25
_FEW_EFFECTIVE = 30
# Sokal's rule: sum autocorrelations up to a lag of five times the time found so far.
_SOKAL = 5.0
_AT_ONCE = 128


def autocorrelation_time(series: ArrayLike) -> float:
    """Integrated autocorrelation time of a series (t,), in frames; 1 for independent ones.

    tau = 1 + 2 sum of the autocorrelations up to the first lag M >= 5 tau(M) (Sokal's window). The
    series is worth t / tau independent frames. A constant series gives 1.

    >>> autocorrelation_time([0.0, 1.0, 0.0, 1.0])
    1.0
    """
    x = as_array(series, np.float64)
    if not x.size or x.min() == x.max():
        return 1.0
    x = x - x.mean()
    size = 1 << (2 * len(x) - 1).bit_length()
    spectrum = np.fft.rfft(x, size)
    covariance = np.fft.irfft(spectrum * spectrum.conj(), size)[: len(x)]
    times = 2.0 * np.cumsum(covariance / covariance[0]) - 1.0
    stop = np.flatnonzero(np.arange(len(x)) >= _SOKAL * times)
    lag = int(stop[0]) if stop.size else len(x) - 1
    return max(1.0, float(times[lag]))


def block_interval(
    original: ArrayLike,
    generated: ArrayLike,
    *,
    ties: Ties = "half",
    level: float = 0.95,
    replicates: int = 2000,
    block: int | None = None,
    seed: int = 0,
) -> Interval:
    """Percentile interval of EDD from a circular block bootstrap of both clips.

    The scores are sorted once. A resample is a count per frame, and with c its running sum in
    sorted order, U = sum over generated frames of count * (c below + credit * c tied).

    Args:
        original: scores (n,), smoothed and in order of time.
        generated: scores (m,).
        ties: the tie rule of the EDD.
        level: nominal coverage.
        replicates: number of resamples.
        block: frames per block; None takes the larger of 25 and twice the autocorrelation time,
            at most a quarter of the shorter clip.
        seed: for numpy.random.default_rng.

    Returns:
        The interval; NaN if a side has fewer than two scores.
    """
    x, y = as_array(original, np.float64), as_array(generated, np.float64)
    check_level(level, replicates)
    if min(len(x), len(y)) < 2:
        return no_interval(level, "circular block bootstrap", len(x), len(y))
    times = autocorrelation_time(x), autocorrelation_time(y)
    notes = []
    effective = min(len(x) / times[0], len(y) / times[1])
    if effective < _FEW_EFFECTIVE:
        notes.append(
            f"{effective:.0f} effective frames; below {_FEW_EFFECTIVE} the interval is too narrow"
        )
    if block is None:
        wanted = max(_LEAST_BLOCK, math.ceil(2 * max(times)))
        block = max(1, min(wanted, min(len(x), len(y)) // 4))
        if block < wanted:
            notes.append(f"blocks of {block} frames instead of {wanted}, for a short clip")
    if not 1 <= block <= min(len(x), len(y)):
        raise InputError(
            f"block {block} given; expected 1 to {min(len(x), len(y))} frames, the shorter clip."
        )
    ordered = np.argsort(x, kind="stable")
    left = x[ordered].searchsorted(y, "left")
    right = x[ordered].searchsorted(y, "right")
    credit = {"half": 0.5, "strict": 0.0, "lenient": 1.0}[ties]
    random = np.random.default_rng(seed)
    values = []
    for start in range(0, replicates, _AT_ONCE):
        count = min(_AT_ONCE, replicates - start)
        weights = _block_weights(random, len(x), block, count)[ordered]
        below = np.zeros((len(x) + 1, count))
        np.cumsum(weights, axis=0, out=below[1:])
        placed = (1.0 - credit) * below[left] + credit * below[right]
        values.append(np.einsum("ij,ij->j", placed, _block_weights(random, len(y), block, count)))
    edds = 1.0 - np.concatenate(values) / (len(x) * len(y))
    low, high = np.quantile(edds, [(1 - level) / 2, (1 + level) / 2])
    method = f"circular block bootstrap, {block} frames, {replicates} replicates, seed {seed}"
    return Interval(float(low), float(high), level, method, tuple(notes))


def _block_weights(random: np.random.Generator, t: int, block: int, count: int) -> Vector:
    """How often each of t frames occurs in t frames drawn in circular blocks, (t, count)."""
    blocks = -(-t // block)
    starts = random.integers(0, t, size=(blocks, count))
    lengths = np.full((blocks, 1), block)
    lengths[-1] = t - (blocks - 1) * block
    column = np.arange(count)
    steps = np.zeros((2 * t + 1, count))
    np.add.at(steps, (starts, column), 1.0)
    np.add.at(steps, (starts + lengths, column), -1.0)
    weights = np.cumsum(steps, axis=0)
    return np.asarray(weights[:t] + weights[t : 2 * t])


def delong_variance(original: ArrayLike, generated: ArrayLike) -> float:
    """Variance of the AUROC (and of EDD) for independent frames, ties half.

    DeLong, DeLong & Clarke-Pearson 1988: the variances of the mean placements of each side, over
    the number of scores of that side. NaN if a side has fewer than two scores.
    """
    x, y = np.sort(as_array(original)), np.sort(as_array(generated))
    if min(len(x), len(y)) < 2:
        return math.nan
    of_y = (x.searchsorted(y, "left") + x.searchsorted(y, "right")) / (2.0 * len(x))
    of_x = (y.searchsorted(x, "left") + y.searchsorted(x, "right")) / (2.0 * len(y))
    return float(of_x.var(ddof=1) / len(x) + of_y.var(ddof=1) / len(y))


def delong_interval(original: ArrayLike, generated: ArrayLike, *, level: float = 0.95) -> Interval:
    """Normal interval of EDD with DeLong's variance; assumes independent frames, ties half."""
    x, y = np.sort(as_array(original)), as_array(generated)
    check_level(level, 1)
    method = "DeLong, assumes independent frames"
    variance = delong_variance(x, y)
    if math.isnan(variance):
        return no_interval(level, method, len(x), len(y))
    placed = (x.searchsorted(y, "left") + x.searchsorted(y, "right")).mean() / (2.0 * len(x))
    half = NormalDist().inv_cdf((1 + level) / 2) * math.sqrt(variance)
    value = 1.0 - float(placed)
    return Interval(max(0.0, value - half), min(1.0, value + half), level, method)


def check_level(level: float, replicates: int) -> None:
    """Refuse a coverage outside (0, 1) or no replicates."""
    if not 0 < level < 1 or replicates < 1:
        raise InputError(
            f"level {level} and {replicates} replicates given; expected a level between 0 and 1 "
            "and at least one replicate."
        )


def no_interval(level: float, method: str, *counts: int) -> Interval:
    """Return an interval of NaN that says why."""
    given = " and ".join(str(c) for c in counts)
    return Interval(math.nan, math.nan, level, method, (f"{given} given; needs 2 of each",))
