"""EDD of many pairs of clips and all emotions at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import object_of
from emoanim.arrays import is_tensor
from emoanim.errors import InputError
from emoanim.metrics.auroc import pair_counts
from emoanim.metrics.classifier_outputs import Exclude, Floats, Kind
from emoanim.metrics.preparation import (
    DEFAULT_WINDOW,
    Preparation,
    Scores,
    open_scores,
    prepare,
    windows,
)
from emoanim.metrics.result import EDDMatrix, MissingFrames, Ties
from emoanim.metrics.smoothing import Edge

__all__ = ["edd_matrix"]

# Scores of one side that are prepared at a time, so that they are still cached when compared.
_AT_ONCE = 1 << 20

_Clips = list[NDArray[Any]] | NDArray[Any]


def edd_matrix(
    originals: Sequence[Scores] | NDArray[Any],
    generateds: Sequence[Scores] | NDArray[Any],
    *,
    kind: Kind = "probs",
    exclude: Exclude = (),
    labels: Sequence[str] | None = None,
    window: int = DEFAULT_WINDOW,
    window_seconds: float | None = None,
    fps: float | tuple[float, float] | None = None,
    edge: Edge = "valid",
    ties: Ties = "half",
    nan: MissingFrames = "omit",
    decimals: int | Literal["auto"] | None = "auto",
    min_frames: int = 1,
    workers: int = 1,
) -> EDDMatrix:
    """Compute EDD for every pair and every column; the same numbers as :func:`edd`, much faster.

    Args:
        originals: p clips, each (n_i, d), or one array (p, n, d); clip i may be paired with a
            clip of another length. A row with a NaN is a missing frame.
        generateds: p clips, each (m_i, d), or one array (p, m, d).
        kind: as in :func:`edd`, like all that is not listed here. Rows of scores (p, n, 1) with
            kind="scores" and window=1 are compared as they are.
        exclude: see :func:`edd`.
        labels: see :func:`edd`.
        window: see :func:`edd`.
        window_seconds: see :func:`edd`; the frame rates hold for all clips.
        fps: see :func:`edd`.
        edge: see :func:`edd`.
        ties: see :func:`edd`.
        nan: see :func:`edd`. Low coverage raises nothing here: look at the coverage columns.
        decimals: see :func:`edd`.
        min_frames: fewer scores than this on a side give NaN.
        workers: threads that share the rows.

    Returns:
        :class:`EDDMatrix` with (p, k) values; rows are pairs, columns the emotions that stay.

    Raises:
        InputError: as :func:`edd`, or if the numbers of clips differ.

    >>> original, generated = [[0.9, 0.1], [0.8, 0.2]], [[0.4, 0.6], [0.2, 0.8]]
    >>> edd_matrix([original], [generated], window=1).edd
    array([[1., 0.]])
    """
    for clips in (originals, generateds):
        if not is_tensor(clips):
            expected = "a list with the scores of each clip"
            object_of((Sequence, np.ndarray), clips, "the clips", expected)
    count = len(originals)
    if count != len(generateds) or not count:
        raise InputError(
            f"{count} originals and {len(generateds)} generated clips given; expected the same "
            "number of both, at least one. Pair i compares originals[i] with generateds[i]."
        )
    x, y, names = _open_all(originals, generateds, labels)
    width = x[0].shape[-1]
    preparation = prepare(
        width, None, kind=kind, exclude=exclude, labels=names,
        window=windows(window, window_seconds, fps, (0, 0)), edge=edge, ties=ties, nan=nan,
        decimals=decimals,
    )  # fmt: skip
    columns = width if preparation.kept is None else len(preparation.kept)
    greater, tied = np.zeros((2, count, columns), dtype=np.int64)
    n, m = np.zeros((2, count), dtype=np.int64)
    there = np.ones((2, count))
    for pairs, xs, ys in _in_groups(preparation, x, y, there):
        n[pairs], m[pairs] = xs.shape[1], ys.shape[1]
        rows = (np.ascontiguousarray(v.swapaxes(1, 2)) for v in (xs, ys))
        greater[pairs], tied[pairs] = pair_counts(*rows, workers=workers)
    total = (n * m)[:, None]
    credit = {"half": 1, "strict": 0, "lenient": 2}[ties]
    enough = (np.minimum(n, m) >= max(1, min_frames))[:, None] & np.ones(columns, dtype=np.bool_)
    edd = np.divide(
        2 * total - 2 * greater - credit * tied,
        2 * total,
        out=np.full((count, columns), np.nan),
        where=enough,
    )
    return EDDMatrix(
        edd, greater, tied, n, m, there[0], there[1], preparation.labels, preparation.options
    )


def _open_all(
    originals: Sequence[Scores] | NDArray[Any],
    generateds: Sequence[Scores] | NDArray[Any],
    labels: Sequence[str] | None,
) -> tuple[_Clips, _Clips, Sequence[str] | None]:
    """Unwrap all clips and check that their columns agree."""
    if isinstance(originals, np.ndarray) and isinstance(generateds, np.ndarray):
        opened: tuple[_Clips, _Clips] = originals, generateds
        shapes = {originals.shape[2:], generateds.shape[2:]}
    else:
        firsts, seconds = [], []
        for original, generated in zip(originals, generateds, strict=True):
            first, second, labels = open_scores(original, generated, labels)
            firsts.append(first)
            seconds.append(second)
        opened = firsts, seconds
        shapes = {clip.shape[1:] for clip in firsts + seconds}
    if len(shapes) != 1 or len(next(iter(shapes))) != 1:
        raise InputError(
            f"clips with columns of shape {sorted(shapes)} given; expected every clip as (frames, "
            "d) with the same d. Give single scores as (frames, 1)."
        )
    return *opened, labels


def _in_groups(
    preparation: Preparation, x: _Clips, y: _Clips, there: NDArray[np.float64]
) -> Iterator[tuple[slice | list[int], Floats, Floats]]:
    """Yield (pairs, original scores (g, n, k), generated scores (g, m, k)) of one length each.

    Arrays of clips that lack nothing are read and smoothed in blocks. Others go one by one, and
    those of the same length are put together. ``there`` (2, p) receives the coverage.
    """
    if not (isinstance(x, np.ndarray) and isinstance(y, np.ndarray) and x.size and y.size):
        yield from _one_by_one(preparation, x, y, range(len(x)), there)
        return
    step = max(1, _AT_ONCE // max(x[0].size, y[0].size))
    for start in range(0, len(x), step):
        pairs = slice(start, min(start + step, len(x)))
        xs, ys = preparation.read(x[pairs], "original"), preparation.read(y[pairs], "generated")
        if np.isnan(xs).any() or np.isnan(ys).any():
            yield from _one_by_one(preparation, x, y, range(pairs.start, pairs.stop), there)
        else:
            yield pairs, preparation.smooth(xs, "original"), preparation.smooth(ys, "generated")


def _one_by_one(
    preparation: Preparation, x: _Clips, y: _Clips, pairs: range, there: NDArray[np.float64]
) -> Iterator[tuple[list[int], Floats, Floats]]:
    groups = defaultdict(list)
    for i in pairs:
        xs, there[0, i], _ = preparation(x[i], "original")
        ys, there[1, i], _ = preparation(y[i], "generated")
        groups[len(xs), len(ys)].append((i, xs, ys))
    for group in groups.values():
        numbers, firsts, seconds = zip(*group, strict=True)
        yield list(numbers), np.stack(firsts), np.stack(seconds)
