"""EDD of scores that do not fit in memory."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.keysort import NO_RANK
from emoanim.metrics.result import Ties, edd_of_counts

__all__ = ["EDDBounds", "EDDHistogram", "EDDStream"]

Bins = Literal["linear", "float"]


class EDDStream:
    """Exact EDD with one side in memory and the other in chunks of any size.

    Args:
        held: scores (n,) of the smaller side, kept sorted.
        held_side: which side that is.

    >>> stream = EDDStream([0.1, 0.2, 0.3])
    >>> stream.update([0.3])
    >>> stream.update([0.8])
    >>> round(stream.edd(), 4)
    0.0833
    """

    def __init__(
        self, held: ArrayLike, held_side: Literal["original", "generated"] = "original"
    ) -> None:
        if held_side not in ("original", "generated"):
            raise InputError(f"held_side {held_side!r} given; expected 'original' or 'generated'.")
        self._held = _scores(held)
        self._held = np.sort(self._held)
        self._flipped = held_side == "generated"
        self._streamed = 0
        self._below = 0
        self._upto = 0

    def update(self, scores: ArrayLike) -> None:
        """Add a chunk (k,) of the other side."""
        chunk = np.sort(_scores(scores))
        self._streamed += len(chunk)
        self._below += int(np.searchsorted(self._held, chunk, "left").sum(dtype=np.int64))
        self._upto += int(np.searchsorted(self._held, chunk, "right").sum(dtype=np.int64))

    @property
    def pairs(self) -> int:
        """Number of pairs so far, n m."""
        return len(self._held) * self._streamed

    @property
    def tied(self) -> int:
        """Tied pairs so far."""
        return self._upto - self._below

    @property
    def greater(self) -> int:
        """Pairs so far with generated > original."""
        return self.pairs - self._upto if self._flipped else self._below

    def edd(self, ties: Ties = "half") -> float:
        """Return EDD of all that was given so far; NaN if a side is empty."""
        return edd_of_counts(self.greater, self.tied, self.pairs, ties)


@dataclass(frozen=True, slots=True)
class EDDBounds:
    """What a histogram knows about EDD.

    Attributes:
        low: EDD is at least this, under every tie rule.
        high: EDD is at most this, under every tie rule.
        n: original scores seen.
        m: generated scores seen.
    """

    low: float
    high: float
    n: int
    m: int

    @property
    def middle(self) -> float:
        """Midpoint; off by at most half of ``width``, usually by far less."""
        return (self.low + self.high) / 2

    @property
    def width(self) -> float:
        """Distance of the bounds."""
        return self.high - self.low


class EDDHistogram:
    """EDD between certified bounds, in memory that does not grow; scores in [0, 1].

    Scores are counted in bins. Pairs in different bins are ordered for certain, pairs in the same
    one may be anything: 1 - (less-than + same) / nm <= EDD <= 1 - less-than / nm, counting pairs
    with the original in a lower bin.

    Args:
        bins: "float" (the upper bits of the float32 pattern, 65,025 bins on [0, 1]: fine
            near 0, where posteriors gather) or "linear" (2**bits equal ones).
        bits: of the linear bins, 1 to 24.

    >>> histogram = EDDHistogram()
    >>> histogram.update(original=[0.1, 0.2, 0.3], generated=[0.31, 0.8])
    >>> bounds = histogram.bounds()
    >>> bounds.low, bounds.high
    (0.0, 0.0)
    """

    def __init__(self, bins: Bins = "float", *, bits: int = 16) -> None:
        if bins not in get_args(Bins):
            raise InputError(f"bins {bins!r} given; expected 'linear' or 'float'.")
        if not 1 <= bits <= 24:
            raise InputError(f"bits {bits} given; expected 1 to 24.")
        self._linear = bins == "linear"
        self._size = 1 << bits if self._linear else int(_float_bin(np.ones(1))[0]) + 1
        self._counts = np.zeros((2, self._size), dtype=np.int64)

    def update(self, *, original: ArrayLike = (), generated: ArrayLike = ()) -> None:
        """Add chunks of both sides, or of one.

        Raises:
            InputError: a NaN or a score outside [0, 1].
        """
        for side, given in enumerate((original, generated)):
            scores = _scores(given)
            for start in range(0, len(scores), _CHUNK):
                self._add(side, scores[start : start + _CHUNK])

    def _add(self, side: int, scores: NDArray[Any]) -> None:
        low, high = scores.min(), scores.max()
        if low < 0 or high > 1:
            raise InputError(
                f"scores from {low:g} to {high:g} given; expected probabilities in [0, 1]. Use "
                "EDDStream for any other scale."
            )
        if self._linear:
            bins = np.minimum((scores * self._size).astype(np.int32), self._size - 1)
        else:
            bins = _float_bin(scores)
        self._counts[side] += np.bincount(bins, minlength=self._size)

    def bounds(self) -> EDDBounds:
        """Return the bounds on EDD of all that was given so far; NaN if a side is empty."""
        originals, generateds = self._counts
        n, m = int(originals.sum()), int(generateds.sum())
        if not n * m:
            return EDDBounds(math.nan, math.nan, n, m)
        pairs = n * m
        # Beyond 63 bits Python's own integers count, slower.
        exact: Any = np.int64 if pairs < 1 << 63 else object
        before = np.cumsum(originals) - originals
        less = int(before.astype(exact) @ generateds.astype(exact))
        same = int(originals.astype(exact) @ generateds.astype(exact))
        return EDDBounds((pairs - less - same) / pairs, (pairs - less) / pairs, n, m)


# Few enough that the temporaries stay in the caches.
_CHUNK = 1 << 16
_DROPPED_BITS = 14


def _float_bin(scores: NDArray[Any]) -> NDArray[np.int32]:
    """Upper bits of the float32 pattern; rounding to float32 keeps the order."""
    # Adding 0 turns -0.0 into 0.0.
    return (scores.astype(np.float32) + np.float32(0)).view(np.int32) >> _DROPPED_BITS


def _scores(given: ArrayLike) -> NDArray[Any]:
    scores = as_array(given)
    if scores.ndim != 1:
        raise InputError(f"scores of shape {scores.shape} given; expected one axis, (k,).")
    if scores.dtype.kind not in "fiub":
        raise InputError(f"scores of dtype {scores.dtype} given; expected real numbers.")
    if np.isnan(scores).any():
        raise InputError(NO_RANK)
    return scores
