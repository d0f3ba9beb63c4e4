"""Reads per-frame classifier outputs: labels, exclusion, softmax, missing frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from numbers import Integral
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import named
from emoanim.emotions import parse_emotion
from emoanim.errors import InputError

__all__ = [
    "Exclude",
    "Kind",
    "Selection",
    "are_plain",
    "check_kind",
    "find_column",
    "read_scores",
    "select_columns",
    "turn_to_scores",
]

Floats = NDArray[np.floating[Any]]
Kind = Literal["probs", "logits", "scores"]
Exclude = str | int | Iterable[str | int]
Selection = list[int] | None

_KINDS = get_args(Kind)
_TOLERANCE = 1e-3
# Bits of a float32 that bfloat16 and half leave 0, and four times the rounding of their sums.
_SHORT_FLOATS = ((16, 8e-3), (13, 2e-3))
_NATIVE = (np.dtype(np.float64), np.dtype(np.float32))


def find_column(wanted: str | int, width: int, labels: Sequence[str] | None) -> int:
    """Return the column that a label or an index names; "joy" finds a column "happy".

    Raises:
        InputError: no such column, or a label without labels.
    """
    if isinstance(wanted, str):
        if labels is None:
            raise InputError(
                f"label {wanted!r} given without labels; expected labels=[...], one per column, "
                "or a column index."
            )
        if wanted in labels:
            return list(labels).index(wanted)
        meaning = _emotion(wanted)
        for column, label in enumerate(labels):
            if meaning is not None and _emotion(label) == meaning:
                return column
        raise InputError(f"label {wanted!r} given; expected one of {', '.join(labels)}.")
    if not isinstance(wanted, Integral) or not 0 <= wanted < width:
        raise InputError(f"column {named(wanted)} given; expected 0 to {width - 1}.")
    return int(wanted)


def _emotion(word: str) -> str | None:
    try:
        return parse_emotion(word)
    except ValueError:
        return None


def select_columns(exclude: Exclude, width: int, labels: Sequence[str] | None) -> Selection:
    """Return the columns that stay, or None if all do.

    Raises:
        InputError: labels that do not fit the columns, an unknown exclusion, or nothing left.
    """
    if labels is not None and (len(labels) != width or len(set(labels)) != width):
        raise InputError(
            f"{len(labels)} labels given ({', '.join(labels)}) for {width} columns; expected one "
            "different label per column."
        )
    names = [exclude] if isinstance(exclude, str | int) else list(exclude)
    if not names:
        return None
    gone = {find_column(name, width, labels) for name in names}
    remaining = [i for i in range(width) if i not in gone]
    if not remaining:
        raise InputError(f"all {width} columns excluded; expected at least one to stay.")
    return remaining


def check_kind(kind: Kind) -> None:
    """Refuse what is no kind of outputs.

    Raises:
        InputError: it is none.
    """
    if not isinstance(kind, str) or kind not in _KINDS:
        raise InputError(f"kind {named(kind)} given; expected 'probs', 'logits' or 'scores'.")


def are_plain(values: NDArray[Any], kind: Kind) -> bool:
    """Whether a quick look at outputs (t, d) shows that none is missing or not allowed.

    False says nothing: :func:`read_scores` looks closer. After True it would raise nothing, and
    :func:`turn_to_scores` gives the same.
    """
    if values.dtype not in _NATIVE or not values.size:
        return False
    if kind == "probs":
        near = _are_near_one(values.dot(_ones(values.shape[-1], values.dtype)))
        # Finds the smallest of a few numbers in half the time of min().
        return near and bool(values.item(values.argmin()) >= 0)
    return kind in _KINDS and bool(np.isfinite(values).all())


def read_scores(values: Floats, kind: Kind, selection: Selection, side: str) -> Floats:
    """Turn outputs (..., t, d) into scores (..., t, k) of the columns that stay.

    Exclusion comes first: of logits the column is dropped before the softmax, of probabilities the
    rest is divided by its sum (the same in exact arithmetic). A frame with a NaN, or with nothing
    left after the exclusion, becomes a row of NaN.

    Raises:
        InputError: a value, or a row sum, that the kind does not allow.
    """
    check_kind(kind)
    if values.dtype.kind not in "fiub":
        raise InputError(f"{side} of dtype {values.dtype} given; expected real numbers.")
    if values.dtype.kind != "f" or values.dtype.itemsize not in (4, 8):
        values = values.astype(np.float64)
    if kind == "probs":
        values = _check_probs(values, side)
    elif kind == "logits":
        _refuse_infinite(values, "logits", side)
    scores = turn_to_scores(values, kind, selection)
    if kind != "scores" or np.isfinite(scores).all():
        return scores
    _refuse_infinite(scores, "scores", side)
    return _spread_missing(scores)


def turn_to_scores(
    values: Floats, kind: Kind, selection: Selection, column: int | None = None
) -> Floats:
    """Exclude, then apply the softmax or divide by what is left; no checks.

    Args:
        values: outputs (..., t, d).
        kind: what they are.
        selection: columns that stay.
        column: which of those to return, None for all.
    """
    if selection is not None:
        values = values[..., selection]
    if kind == "scores" or (kind == "probs" and (selection is None or not values.size)):
        return values if column is None else values[..., column : column + 1]
    # The sums below round by the order in memory. Picked columns always come in the same one.
    rest = values.astype(np.float64, order="C" if selection is None else "K")
    if kind == "logits":
        rest -= rest.max(axis=-1, keepdims=True)
        np.exp(rest, out=rest)
    total = rest.sum(axis=-1, keepdims=True)
    if column is not None:
        rest = rest[..., column : column + 1]
    with np.errstate(invalid="ignore"):
        rest /= total
    return rest


def _check_probs(values: Floats, side: str) -> Floats:
    """Refuse what are no probabilities; make rows with a NaN rows of NaN."""
    if values.size == 0:
        return values
    sums = values @ _ones(values.shape[-1], values.dtype)
    if _are_near_one(sums) and values.min() >= 0:
        return values
    _refuse_infinite(values, "probabilities", side)
    missing = np.isnan(sums)
    near = abs(sums - 1.0) <= _rounding(values)
    bad = (values < 0).any(axis=-1) | (~missing & ~near)
    if bad.any():
        where = tuple(int(i) for i in np.argwhere(bad)[0])
        row = np.array2string(values[where], precision=4, threshold=12)
        raise InputError(
            f"{side} frame {where[-1]} is {row}, sum {sums[where]:.4f}; expected probabilities "
            "from 0 to 1 that sum to 1. For network outputs give kind='logits', for anything "
            "else kind='scores'."
        )
    return _spread_missing(values)


def _rounding(values: Floats) -> float:
    """Return how far row sums may be off 1: further if every value is one of a short float type.

    A network that runs in half precision rounds each probability to 11 bits, in bfloat16 to 8.
    """
    short = values.astype(np.float32)
    if not np.array_equal(short, values, equal_nan=True):
        return _TOLERANCE
    used = int(np.bitwise_or.reduce(short.view(np.uint32), axis=None))
    for bits, tolerance in _SHORT_FLOATS:
        if not used & ((1 << bits) - 1):
            return tolerance
    return _TOLERANCE


@lru_cache
def _ones(count: int, dtype: np.dtype[Any]) -> Floats:
    return np.ones(count, dtype=dtype)


def _are_near_one(sums: Floats) -> bool:
    """Whether it is plain that all row sums are 1.

    Comparisons with NaN are false: with missing frames, or many that are nearly off, it is not.
    """
    off = sums.ravel() - 1.0
    return bool(off.dot(off) <= _TOLERANCE**2)


def _refuse_infinite(values: Floats, what: str, side: str) -> None:
    if np.isinf(values).any():
        raise InputError(
            f"{np.count_nonzero(np.isinf(values))} infinite values given in the {side} {what}; "
            "expected finite numbers, or NaN for a missing frame."
        )


def _spread_missing(values: Floats) -> Floats:
    """Make every row with a NaN a row of NaN."""
    return np.where(np.isnan(values).any(axis=-1, keepdims=True), values.dtype.type(np.nan), values)
