"""Count pairs in rows of scores with one integer sort of keys that carry their side.

Each score becomes an integer key that sorts like the score and holds its side (0 original, 1
generated) in the lowest bit. One in-place integer sort then puts all scores in order, originals
before generated ones of the same value, and with p the positions of the generated keys

    pairs with x <= y  =  sum(p) - m (m - 1) / 2.

Two neighbours that differ in the lowest bit alone reveal a tie across the sides. Only rows that
have one are sorted again with the sides swapped, which gives the pairs with x < y.

A float32 in [0, 2) has two zero bits on top of its pattern: doubling it is lossless. A float64 is
first rounded to 31 bits: half the memory and twice the SIMD lanes of a 64-bit sort. Rounding
keeps the order, so all it can do is to make different scores look tied; the neighbour test sees
that, and the few scores concerned are compared again at full precision.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from emoanim.errors import InputError

__all__ = ["KeySort", "count_by_search"]

Floats = NDArray[np.floating[Any]]
Keys = NDArray[np.unsignedinteger[Any]]
Counts = NDArray[np.int64]

NO_RANK = (
    "NaN given among the scores; expected numbers, as a NaN has no rank. Drop missing frames first "
    "(emoanim.metrics.edd does, and reports how many)."
)

# Added to a score in [0, 1], this leaves round(score * 2**31) in the low 32 bits of the sum.
_MAGIC = 2.0**21
# Labels are summed in runs of at most 256 by a float32 product with the weights 2**15 + position:
# the sum holds the count above the position sum (< 2**15), and as it is < 2**24 it is exact.
_RUN = 256
_SHIFT = 15
_ONE = 1 << _SHIFT
# Long rows are read in pieces of this many keys.
_PIECE = 1 << 16
# In rows up to this length a rounding tie is settled by counting the row again without rounding.
_SHORT = 1 << 12
# Most classes that a long row is divided into to find the scores that rounding has tied.
_CLASSES = 1 << 20
# Up to this many values are looked for one by one.
_FEW = 8


class KeySort:
    """Counts blocks of rows; holds the memory that they share.

    Args:
        rows: the most rows of a block.
        n: original scores per row.
        m: generated scores per row.
        dtype: float32 or float64.
    """

    def __init__(self, rows: int, n: int, m: int, dtype: DTypeLike) -> None:
        self._n, self._m = n, m
        self._keys = np.empty((rows, n + m), dtype=np.uint32)
        self._lossless = np.dtype(dtype) == np.float32
        self._wide = np.empty((rows, max(n, m)))
        self._labels = _Labels(rows, n + m)

    def __call__(self, x: Floats, y: Floats) -> tuple[Counts, Counts]:
        """Count the pairs with x <= y and with x < y of every row.

        Args:
            x: original scores (rows, n) without NaN.
            y: generated scores (rows, m) without NaN.
        """
        keys = self._keys[: len(x)]
        low, high = np.minimum(x.min(), y.min()), np.maximum(x.max(), y.max())
        if np.isnan(low):
            raise InputError(NO_RANK)
        if self._lossless and low >= 0 and high < 2:
            return self._count_lossless(x, y, keys)
        with np.errstate(over="ignore"):
            span = float(high) - float(low)
        if not np.isfinite(span):
            return _stack([count_by_search(a, b) for a, b in zip(x, y, strict=True)])
        return self._count_rounded(x, y, keys, float(low), float(high))

    def _count_lossless(self, x: Floats, y: Floats, keys: Keys) -> tuple[Counts, Counts]:
        n, m = self._n, self._m
        unsigned = keys.dtype
        # Doubling drops the sign bit, so that -0.0 and 0.0 get the same key.
        np.left_shift(x.view(unsigned), 1, out=keys[:, :n])
        np.left_shift(y.view(unsigned), 1, out=keys[:, n:])
        keys[:, n:] |= unsigned.type(1)
        keys.sort(axis=-1)
        upto = self._labels.pairs(keys, m)
        greater = upto.copy()
        if n + m > _SHORT:
            greater -= [_tied_pairs(row) for row in keys]
        elif (rows := _tied_rows(keys)).size:
            swapped = keys[rows] ^ unsigned.type(1)
            swapped.sort(axis=-1)
            greater[rows] = n * m - self._labels.pairs(swapped, n)
        return upto, greater

    def _count_rounded(
        self, x: Floats, y: Floats, keys: Keys, low: float, high: float
    ) -> tuple[Counts, Counts]:
        n, m = self._n, self._m
        scale = None if low >= 0 and 0.25 < high <= 1 else (low, high)
        self._round(x, keys[:, :n], scale)
        self._round(y, keys[:, n:], scale)
        keys[:, :n] &= np.uint32(0xFFFFFFFE)
        keys[:, n:] |= np.uint32(1)
        keys.sort(axis=-1)
        upto = self._labels.pairs(keys, m)
        greater = upto.copy()
        short = n + m <= _SHORT
        rows = _tied_rows(keys) if short else range(len(keys))
        if short and len(rows) and low >= 0 and high < 2 and x.dtype == np.float64:
            exact = np.empty((len(rows), n + m), dtype=np.uint64)
            upto[rows], greater[rows] = self._count_lossless(x[rows], y[rows], exact)
            return upto, greater
        for row in rows:
            tied = keys[row][_ties(keys[row])] >> 1
            if len(tied):
                upto[row], greater[row] = self._settle(x[row], y[row], tied, upto[row], scale)
        return upto, greater

    def _round(self, x: Floats, out: Keys, scale: tuple[float, float] | None) -> None:
        """Write round(2**31 x) for x in [0, 1], or for x brought there from ``scale``."""
        for i in range(0, x.shape[1], _PIECE):
            part = x[:, i : i + _PIECE]
            wide = self._wide[: len(x), : part.shape[1]]
            if scale is None:
                np.add(part, _MAGIC, out=wide)
            else:
                low, high = scale
                np.subtract(part, low, out=wide, dtype=np.float64)
                wide /= max(high - low, np.finfo(np.float64).tiny)
                wide += _MAGIC
            np.copyto(out[:, i : i + _PIECE], wide.view(np.uint64), casting="unsafe")

    def _settle(
        self, x: Floats, y: Floats, tied: Keys, upto: int, scale: tuple[float, float] | None
    ) -> tuple[int, int]:
        """Count one row in which the rounded values ``tied`` occur on both sides.

        Scores of different rounded value are in the right order. Those of a class that holds a
        tie are counted rounded, which is taken away, and exactly, which is added.
        """
        picked = []
        for side in (x, y):
            rounded = np.empty((1, len(side)), dtype=np.uint32)
            self._round(side[None], rounded, scale)
            rounded >>= 1
            members = _members(rounded[0], tied)
            picked.append((side[members], rounded[0][members]))
        (x, rough_x), (y, rough_y) = picked
        rough_upto, _ = count_by_search(rough_x, rough_y)
        exact_upto, exact_greater = count_by_search(x, y)
        rest = upto - rough_upto
        return rest + exact_upto, rest + exact_greater


class _Labels:
    """Sums over the lowest bits of sorted keys."""

    def __init__(self, rows: int, width: int) -> None:
        piece = min(width, _PIECE)
        runs = -(-piece // _RUN)
        self._run = -(-piece // runs)
        self._bits = np.zeros((rows, runs * self._run), dtype=np.uint8)
        self._floats = np.empty(self._bits.shape, dtype=np.float32)
        self._weights = np.arange(_ONE, _ONE + self._run, dtype=np.float32)
        # What a label of a run adds beyond its weight: where the run starts, less its 2**15.
        self._starts = self._run * np.arange(runs) - _ONE

    def pairs(self, keys: Keys, ones: int) -> Counts:
        """Return, per row, the pairs (0, 1) in which the key with 0 comes first.

        Args:
            keys: sorted (rows, width).
            ones: how many keys of a row have the bit set.
        """
        rows, width = keys.shape
        bits, floats = self._bits[:rows], self._floats[:rows]
        total = np.zeros(rows, dtype=np.int64)
        for start in range(0, width, _PIECE):
            piece = keys[:, start : start + _PIECE]
            np.copyto(bits[:, : piece.shape[1]], piece, casting="unsafe")
            if start:
                bits[:, piece.shape[1] :] = 0
            bits &= 1
            np.copyto(floats, bits)
            sums = (floats.reshape(-1, self._run) @ self._weights).astype(np.int64)
            sums = sums.reshape(rows, -1)
            total += sums.sum(axis=1) + (sums >> _SHIFT) @ (self._starts + start)
        return total - ones * (ones - 1) // 2


def count_by_search(x: NDArray[Any], y: NDArray[Any]) -> tuple[int, int]:
    """Count the pairs with x <= y and with x < y of one row, at any scale."""
    x, y = x.copy(), y.copy()
    x.sort()
    y.sort()
    # A NaN sorts last, and is the only number that differs from itself.
    if (x.size and x[-1] != x[-1]) or (y.size and y[-1] != y[-1]):
        raise InputError(NO_RANK)
    upto, greater = x.searchsorted(y, "right"), x.searchsorted(y, "left")
    return int(np.add.reduce(upto)), int(np.add.reduce(greater))


def _tied_rows(keys: Keys) -> NDArray[np.intp]:
    """Rows in which two neighbours differ in the lowest bit alone."""
    width = keys.shape[1]
    positions = _ties(keys.reshape(-1))
    # The last key of a row and the first of the next are no neighbours.
    return np.unique(positions[positions % width != width - 1] // width)


def _ties(keys: Keys) -> NDArray[np.intp]:
    """Positions in sorted keys whose next key differs in the lowest bit alone."""
    runs = []
    for i in range(0, len(keys) - 1, _PIECE):
        part = keys[i : i + _PIECE + 1]
        runs.append(np.flatnonzero((part[1:] ^ part[:-1]) == 1) + i)
    return np.concatenate(runs)


def _members(values: Keys, wanted: Keys) -> NDArray[np.intp]:
    """Positions of all ``values`` that are ``wanted``, perhaps with some that are not."""
    if len(wanted) <= _FEW:
        return np.concatenate([np.flatnonzero(values == w) for w in wanted])
    last = np.uint32(min(_CLASSES, 1 << (4 * len(values)).bit_length()) - 1)
    marked = np.zeros(last + 1, dtype=np.bool_)
    marked[wanted & last] = True
    return np.flatnonzero(marked[values & last])


def _tied_pairs(keys: Keys) -> int:
    """Count the pairs of keys of a sorted row that differ in the lowest bit alone."""
    positions = _ties(keys)
    if not positions.size:
        return 0
    # A tied score mostly occurs once on each side; only longer runs need a search.
    again = keys[np.maximum(positions - 1, 0)] == keys[positions]
    onward = keys[np.minimum(positions + 2, len(keys) - 1)] == keys[positions + 1]
    long = positions[again | onward]
    zeros = long + 1 - keys.searchsorted(keys[long], side="left")
    ones = keys.searchsorted(keys[long + 1], side="right") - 1 - long
    return len(positions) - len(long) + int(zeros @ ones)


def _stack(pairs: list[tuple[int, int]]) -> tuple[Counts, Counts]:
    upto, greater = np.array(pairs, dtype=np.int64).T
    return upto, greater
