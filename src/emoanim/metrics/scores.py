"""Reads per-frame classifier outputs: labels, exclusion, softmax, missing frames."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from emoanim.emotions import parse_emotion

__all__ = ["Exclude", "Kind", "Selection", "find_column", "read_scores", "select_columns"]

Floats = NDArray[np.floating[Any]]
Kind = Literal["probs", "logits", "scores"]
Exclude = str | int | Iterable[str | int]
Selection = list[int] | None

_KINDS = get_args(Kind)
_TOLERANCE = 1e-3


def find_column(wanted: str | int, width: int, labels: Sequence[str] | None) -> int:
    """Return the column that a label or an index names; "joy" finds a column "happy".

    Raises:
        ValueError: no such column, or a label without labels.
    """
    if isinstance(wanted, str):
        if labels is None:
            raise ValueError(
                f"label {wanted!r} given without labels; expected labels=[...], one per column, "
                "or a column index."
            )
        if wanted in labels:
            return list(labels).index(wanted)
        meaning = _emotion(wanted)
        for column, label in enumerate(labels):
            if meaning is not None and _emotion(label) == meaning:
                return column
        raise ValueError(f"label {wanted!r} given; expected one of {', '.join(labels)}.")
    if not 0 <= wanted < width:
        raise ValueError(f"column {wanted} given; expected 0 to {width - 1}.")
    return int(wanted)


def _emotion(word: str) -> str | None:
    try:
        return parse_emotion(word)
    except ValueError:
        return None


def select_columns(exclude: Exclude, width: int, labels: Sequence[str] | None) -> Selection:
    """Return the columns that stay, or None if all do.

    Raises:
        ValueError: labels that do not fit the columns, an unknown exclusion, or nothing left.
    """
    if labels is not None and (len(labels) != width or len(set(labels)) != width):
        raise ValueError(
            f"{len(labels)} labels given ({', '.join(labels)}) for {width} columns; expected one "
            "different label per column."
        )
    names = [exclude] if isinstance(exclude, str | int) else list(exclude)
    if not names:
        return None
    gone = {find_column(name, width, labels) for name in names}
    kept = [i for i in range(width) if i not in gone]
    if not kept:
        raise ValueError(f"all {width} columns excluded; expected at least one to stay.")
    return kept


def read_scores(values: Floats, kind: Kind, kept: Selection, side: str) -> Floats:
    """Turn outputs (..., t, d) into scores (..., t, k) of the columns that stay.

    Exclusion comes first: of logits the column is dropped before the softmax, of probabilities the
    rest is divided by its sum (the same in exact arithmetic). A frame with a NaN, or with nothing
    left after the exclusion, becomes a row of NaN.

    Raises:
        ValueError: a value, or a row sum, that the kind does not allow.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind {kind!r} given; expected 'probs', 'logits' or 'scores'.")
    if values.dtype.kind not in "fiub":
        raise ValueError(f"{side} of dtype {values.dtype} given; expected real numbers.")
    if values.dtype.kind != "f" or values.dtype.itemsize not in (4, 8):
        values = values.astype(np.float64)
    if kind == "probs":
        return _read_probs(values, kept, side)
    if kind == "logits":
        _refuse_infinite(values, "logits", side)
        return _softmax(values if kept is None else values[..., kept])
    values = values if kept is None else values[..., kept]
    if np.isfinite(values).all():
        return values
    _refuse_infinite(values, "scores", side)
    return _spread_missing(values)


def _read_probs(values: Floats, kept: Selection, side: str) -> Floats:
    if values.size == 0:
        return values if kept is None else values[..., kept]
    sums = values @ np.ones(values.shape[-1], dtype=values.dtype)
    off = sums.ravel() - 1.0
    # Enough to know that all is well. Comparisons with NaN are false: clips with missing frames,
    # or many frames that are nearly off, take the careful path.
    if not (off @ off <= _TOLERANCE**2 and values.min() >= 0):
        _refuse_infinite(values, "probabilities", side)
        missing = np.isnan(sums)
        bad = (values < 0).any(axis=-1) | (~missing & ~(abs(sums - 1.0) <= _TOLERANCE))
        if bad.any():
            where = tuple(int(i) for i in np.argwhere(bad)[0])
            row = np.array2string(values[where], precision=4, threshold=12)
            raise ValueError(
                f"{side} frame {where[-1]} is {row}, sum {sums[where]:.4f}; expected probabilities "
                "from 0 to 1 that sum to 1. For network outputs give kind='logits', for anything "
                "else kind='scores'."
            )
        values = _spread_missing(values)
    if kept is None:
        return values
    rest = values[..., kept].astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.asarray(rest / rest.sum(axis=-1, keepdims=True))


def _softmax(logits: Floats) -> Floats:
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    np.exp(wide, out=wide)
    wide /= wide.sum(axis=-1, keepdims=True)
    return wide


def _refuse_infinite(values: Floats, what: str, side: str) -> None:
    if np.isinf(values).any():
        raise ValueError(
            f"{np.count_nonzero(np.isinf(values))} infinite values given in the {side} {what}; "
            "expected finite numbers, or NaN for a missing frame."
        )


def _spread_missing(values: Floats) -> Floats:
    """Make every row with a NaN a row of NaN."""
    return np.where(np.isnan(values).any(axis=-1, keepdims=True), values.dtype.type(np.nan), values)
