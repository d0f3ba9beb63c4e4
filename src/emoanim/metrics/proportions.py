"""Intervals for a share k/n."""

from __future__ import annotations

import math
from statistics import NormalDist

from emoanim.errors import InputError
from emoanim.metrics.result import Interval

__all__ = ["exact_interval", "wilson_interval"]

_HALVINGS = 60


def wilson_interval(hits: int, n: int, *, level: float = 0.95) -> Interval:
    """Wilson's score interval of hits / n; NaN for n = 0.

    >>> interval = wilson_interval(2, 4)
    >>> round(interval.low, 2), round(interval.high, 2)
    (0.15, 0.85)
    """
    _check(hits, n, level)
    if not n:
        return Interval(math.nan, math.nan, level, "Wilson", ("no trials",))
    z2 = NormalDist().inv_cdf((1 + level) / 2) ** 2
    share = hits / n
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = math.sqrt(z2 * (share * (1 - share) / n + z2 / (4 * n * n))) / (1 + z2 / n)
    low = 0.0 if not hits else middle - half
    high = 1.0 if hits == n else middle + half
    return Interval(low, high, level, "Wilson")


def exact_interval(hits: int, n: int, *, level: float = 0.95) -> Interval:
    """Clopper-Pearson interval of hits / n; covers at least the level, NaN for n = 0.

    >>> round(exact_interval(9, 9).low, 4)
    0.6637
    """
    _check(hits, n, level)
    if not n:
        return Interval(math.nan, math.nan, level, "Clopper-Pearson", ("no trials",))
    tail = (1 - level) / 2
    low = 0.0 if not hits else _share_with_tail(hits, n, tail)
    high = 1.0 if hits == n else 1.0 - _share_with_tail(n - hits, n, tail)
    return Interval(low, high, level, "Clopper-Pearson")


def _share_with_tail(hits: int, n: int, tail: float) -> float:
    """The share at which ``hits`` or more of n have the probability ``tail``, by bisection."""
    ways = [
        math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(hits, n + 1)
    ]
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        share = (low + high) / 2
        yes, no = math.log(share), math.log1p(-share)
        total = math.fsum(
            math.exp(way + k * yes + (n - k) * no) for k, way in enumerate(ways, start=hits)
        )
        if total < tail:
            low = share
        else:
            high = share
    return (low + high) / 2


def _check(hits: int, n: int, level: float) -> None:
    if not 0 <= hits <= n or not 0 < level < 1:
        raise InputError(
            f"{hits} of {n} at level {level} given; expected 0 <= hits <= n and a level between 0 "
            "and 1."
        )
