"""Uncertainty of a study: sources are resampled, not frames.

Clips made from the same source (a video, a person) are not independent, and frames even less. What
a table should carry is an interval over sources, and a comparison of two systems should pair them
source by source.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.bootstrap import check_level, no_interval
from emoanim.metrics.result import Interval

__all__ = ["SignFlip", "cluster_interval", "holm", "sign_flip_test"]

Statistic = Literal["mean", "median"]

_AT_ONCE = 256
# Up to this many clusters all sign patterns are tried.
_EXACT = 16


def cluster_interval(
    values: ArrayLike,
    sources: Sequence[object] | NDArray[np.generic],
    *,
    statistic: Statistic = "mean",
    level: float = 0.95,
    replicates: int = 2000,
    seed: int = 0,
) -> Interval:
    """Percentile interval of the mean or median of values, resampling whole sources.

    For two systems give the differences of paired values; the interval is then paired.

    Args:
        values: one number per clip (c,), such as EDD; NaN (undefined) is left out.
        sources: the source of each clip (c,).
        statistic: "mean" or "median" over clips.
        level: nominal coverage.
        replicates: number of resamples.
        seed: for numpy.random.default_rng.

    Returns:
        The interval; NaN for fewer than two sources.

    >>> cluster_interval([0.25, 0.75, 0.5], ["a", "a", "b"]).high
    0.5
    """
    check_level(level, replicates)
    if statistic not in ("mean", "median"):
        raise InputError(f"statistic {statistic!r} given; expected 'mean' or 'median'.")
    x, groups = _grouped(values, sources)
    method = f"cluster bootstrap of the {statistic}, {len(groups)} sources, seed {seed}"
    if len(groups) < 2:
        return no_interval(level, method, len(groups))
    random = np.random.default_rng(seed)
    of = np.mean if statistic == "mean" else np.median
    drawn = random.integers(0, len(groups), size=(replicates, len(groups)))
    statistics = [float(of(np.concatenate([x[groups[g]] for g in row]))) for row in drawn]
    low, high = np.quantile(statistics, [(1 - level) / 2, (1 + level) / 2])
    return Interval(float(low), float(high), level, method)


@dataclass(frozen=True, slots=True)
class SignFlip:
    """A paired permutation test.

    Attributes:
        difference: mean over sources of the mean difference of a source.
        p: two-sided; the share of sign patterns that give at least that size.
        sources: number of sources; with k of them p is never below 2**(1 - k).
        exact: whether all patterns were tried.
    """

    difference: float
    p: float
    sources: int
    exact: bool


def sign_flip_test(
    first: ArrayLike,
    second: ArrayLike,
    sources: Sequence[object] | NDArray[np.generic],
    *,
    draws: int = 20000,
    seed: int = 0,
) -> SignFlip:
    """Test whether two systems differ, by flipping the sign of each source's mean difference.

    Args:
        first: one number per clip of system A (c,).
        second: the same clips of system B (c,); a pair with a NaN is left out.
        sources: the source of each clip (c,).
        draws: random patterns if there are more than 16 sources.
        seed: for numpy.random.default_rng.

    Returns:
        The test; NaN without sources.

    >>> sign_flip_test([0.1, 0.2, 0.3], [0.4, 0.4, 0.4], ["a", "b", "c"]).p
    0.25
    """
    a, b = as_array(first, np.float64), as_array(second, np.float64)
    if a.shape != b.shape:
        raise InputError(
            f"values of shape {a.shape} and {b.shape} given; expected the same clips in both, (c,)."
        )
    if draws < 1:
        raise InputError(f"draws {draws} given; expected at least 1.")
    x, groups = _grouped(a - b, sources)
    count = len(groups)
    if not count:
        return SignFlip(math.nan, math.nan, 0, exact=True)
    means = np.array([x[g].mean() for g in groups])
    exact = count <= _EXACT
    if exact:
        patterns = np.arange(1 << count)[:, None] >> np.arange(count) & 1
    else:
        patterns = np.random.default_rng(seed).integers(0, 2, size=(draws, count))
    sums = (1 - 2 * patterns) @ means
    # Sums that are equal in exact arithmetic may differ in the last bits.
    slack = 1e-12 * np.abs(means).sum()
    hits = int(np.count_nonzero(np.abs(sums) >= abs(means.sum()) - slack))
    p = hits / len(sums) if exact else (hits + 1) / (len(sums) + 1)
    return SignFlip(float(means.mean()), p, count, exact)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Adjust p values for their number (Holm 1979); NaN stays NaN and is not counted.

    >>> holm({"anger": 0.01, "fear": 0.04, "sad": 0.03})
    {'anger': 0.03, 'fear': 0.06, 'sad': 0.06}
    """
    ranked = sorted((p, name) for name, p in p_values.items() if not math.isnan(p))
    adjusted = dict.fromkeys(p_values, math.nan)
    largest = 0.0
    for rank, (p, name) in enumerate(ranked):
        if not 0 <= p <= 1:
            raise InputError(f"p value {p} given for {name}; expected 0 to 1.")
        largest = max(largest, min(1.0, (len(ranked) - rank) * p))
        adjusted[name] = largest
    return adjusted


def _grouped(
    values: ArrayLike, sources: Sequence[object] | NDArray[np.generic]
) -> tuple[NDArray[np.float64], list[NDArray[np.intp]]]:
    """Return the values without NaN, and the positions of each source in them."""
    x = as_array(values, np.float64)
    if x.ndim != 1 or len(x) != len(sources):
        raise InputError(
            f"values of shape {x.shape} and {len(sources)} sources given; expected (c,) values "
            "and the source of each."
        )
    valid = [i for i in range(len(x)) if not math.isnan(x[i])]
    groups: dict[object, list[int]] = {}
    for index, i in enumerate(valid):
        groups.setdefault(sources[i], []).append(index)
    return x[valid], [np.array(g, dtype=np.intp) for g in groups.values()]
