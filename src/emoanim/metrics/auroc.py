"""Exact pair counts between two sets of scores: what AUROC and EDD are made of.

Every pair (original score ``x``, generated score ``y``) is greater (``y > x``), tied or neither.
The counts are integers and exact for all real scores; nothing is estimated. Small rows are
compared outright, all others go through the key sort of :mod:`emoanim.metrics.keysort`.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arguments import number_of
from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.keysort import KeySort, count_by_search

__all__ = ["column_counts", "pair_counts"]

Floats = NDArray[np.floating[Any]]
Counts = NDArray[np.int64]

# Keys handled at a time: enough to make the cost of a numpy call small, few enough for the caches.
_BLOCK = 1 << 17
# Below this many scores in a single row, the set-up of the key sort costs more than it saves.
_SMALL = 2048
# The same for each of a few columns, which would share that set-up.
_SMALL_COLUMNS = 512
_NATIVE = (np.dtype(np.float64), np.dtype(np.float32))
_EXACT_INTEGERS = 2**53


def pair_counts(
    original: ArrayLike, generated: ArrayLike, *, workers: int = 1
) -> tuple[Counts, Counts]:
    """Count the greater and the tied pairs of every row.

    Args:
        original: real scores, shape (..., n); any scale, infinities allowed, no NaN.
        generated: real scores, shape (..., m), with the same leading shape.
        workers: threads that share the rows (numpy sorts without the interpreter lock).

    Returns:
        ``greater`` and ``tied``, int64 of the leading shape: how many of the n m pairs have
        generated > original, and how many have both equal. AUROC = (greater + tied/2) / (n m);
        the Mann-Whitney U of the generated side is greater + tied/2.

    Raises:
        InputError: a NaN, shapes that do not fit, or numbers that are not real.

    >>> greater, tied = pair_counts([0.1, 0.5, 0.5], [0.5, 0.9])
    >>> int(greater), int(tied)
    (4, 2)
    """
    x, y = _comparable(original, generated)
    lead, n, m = x.shape[:-1], x.shape[-1], y.shape[-1]
    if not lead and n + m < _SMALL:
        upto, greater = count_by_search(x, y)
        return np.array(greater), np.array(upto - greater)
    rows = math.prod(lead)
    both = np.zeros((2, rows), dtype=np.int64)
    if rows and n and m:
        x, y = x.reshape(rows, n), y.reshape(rows, m)
        step = max(1, min(rows, _BLOCK // (n + m)))
        blocks = [slice(i, min(i + step, rows)) for i in range(0, rows, step)]

        def count(share: list[slice]) -> None:
            counter = KeySort(step, n, m, x.dtype)
            for block in share:
                both[:, block] = counter(x[block], y[block])

        workers = number_of(workers, "workers", "how many threads, at least 1", least=1, whole=True)
        if workers > 1 and len(blocks) > 1:
            with ThreadPoolExecutor(workers) as pool:
                list(pool.map(count, [blocks[i::workers] for i in range(workers)]))
        else:
            count(blocks)
    upto, greater = both.reshape(2, *lead)
    return greater, upto - greater


def column_counts(original: Floats, generated: Floats) -> list[tuple[int, int]]:
    """Count the greater and the tied pairs of every column of (n, k) and (m, k) scores."""
    frames = len(original) + len(generated)
    if frames < (_SMALL if original.shape[1] == 1 else _SMALL_COLUMNS):
        pairs = zip(original.T, generated.T, strict=True)
        counts = [count_by_search(x, y) for x, y in pairs]
        return [(greater, upto - greater) for upto, greater in counts]
    above, equal = pair_counts(original.T, generated.T)
    return list(zip(above.tolist(), equal.tolist(), strict=True))


def _comparable(original: ArrayLike, generated: ArrayLike) -> tuple[Floats, Floats]:
    """Return both sides as float32 or float64 in which every value is exact."""
    x, y = as_array(original), as_array(generated)
    if not (x.dtype == y.dtype and x.dtype in _NATIVE):
        x, y = _exact(x, "original"), _exact(y, "generated")
        if x.dtype != y.dtype:
            x, y = x.astype(np.float64), y.astype(np.float64)
    if x.ndim == 0 or y.ndim == 0 or x.shape[:-1] != y.shape[:-1]:
        raise InputError(
            f"original of shape {x.shape} and generated of shape {y.shape} given; expected "
            "(..., n) and (..., m) with the same leading shape. Put the frames on the last axis."
        )
    return x, y


def _exact(values: NDArray[Any], side: str) -> Floats:
    """Widen integers, booleans and halves without loss."""
    kind, size = values.dtype.kind, values.dtype.itemsize
    if kind == "f" and size <= 8:
        return values.astype(np.float32 if size <= 4 else np.float64)
    whole = kind in "iub"
    if not whole or (size == 8 and values.size and abs(values).max() > _EXACT_INTEGERS):
        expected = "integers within 2**53" if whole else "float16/32/64, integers or booleans"
        raise InputError(
            f"{side} scores of dtype {values.dtype} given; expected {expected}. "
            "Convert them to float64 first."
        )
    return values.astype(np.float64)
