"""From classifier outputs to the scores that EDD compares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from numbers import Integral
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arguments import named, number_of, object_of, several_of
from emoanim.arrays import as_array
from emoanim.clips import EmotionScores
from emoanim.errors import InputError
from emoanim.metrics.classifier_outputs import (
    Exclude,
    Floats,
    Kind,
    Selection,
    are_plain,
    find_column,
    read_scores,
    select_columns,
    turn_to_scores,
)
from emoanim.metrics.result import EDDOptions, MissingFrames, Ties
from emoanim.metrics.smoothing import Edge, moving_average

__all__ = ["DEFAULT_WINDOW", "Preparation", "Scores", "Side", "open_scores", "prepare", "windows"]

Side = Literal["original", "generated"]
Scores = ArrayLike | EmotionScores

DEFAULT_WINDOW = 5
# Two clips with at most this many frames together are prepared in one go.
_SHORT = 1024
_TIES = get_args(Ties)
_MISSING = get_args(MissingFrames)
# (0.1 + 0.1 + 0.1) / 3 is not 0.1: means over different counts need rounding to keep ties.
_SAME_DECIMALS = 12


@dataclass(frozen=True, slots=True)
class Preparation:
    """Turns classifier outputs into scores: exclude, softmax or renormalise, smooth, drop.

    Attributes:
        options: how.
        kept: columns that are not excluded, None for all.
        column: the kept column that is asked for, None for all.
        labels: name per column of the result, empty if they have none.
    """

    options: EDDOptions
    kept: Selection
    column: int | None
    labels: tuple[str, ...]

    def read(self, values: Floats, side: Side) -> Floats:
        """Return the unsmoothed scores (..., t, c); a missing frame is a row of NaN."""
        scores = read_scores(values, self.options.kind, self.kept, side)
        if self.column is None:
            return scores
        return np.ascontiguousarray(scores[..., self.column : self.column + 1])

    def smooth(self, scores: Floats, side: Side, segments: ArrayLike | None = None) -> Floats:
        """Average (..., t, c) over the window of that side, and round."""
        options = self.options
        window = options.window[side == "generated"]
        if options.edge == "valid" and scores.shape[-2] < window:
            raise InputError(
                f"window {window} given for {scores.shape[-2]} {side} frames; expected at least "
                f"{window} frames. Give window=1 for no moving average, window='clip' to shorten "
                "it on both sides, or more frames."
            )
        scores = moving_average(scores, window, edge=options.edge, segments=segments)
        return scores if options.decimals is None else np.round(scores, options.decimals)

    def __call__(
        self, values: Floats, side: Side, segments: ArrayLike | None = None
    ) -> tuple[Floats, float, float]:
        """Return scores (s, c), the share of frames that are there, the share of scores kept.

        Args:
            values: outputs (t, d).
            side: whose they are.
            segments: ids (t,) that change at cuts.
        """
        scores = self.read(values, side)
        if not len(scores):
            return scores, 1.0, 1.0
        missing = np.isnan(scores[:, 0])
        count = int(np.count_nonzero(missing))
        if count:
            scores = self._treat(scores, missing, side)
        scores = self.smooth(scores, side, segments)
        possible = len(scores)
        if count:
            scores = scores[~np.isnan(scores[:, 0])]
        coverage = len(scores) / possible if possible else 1.0
        return scores, 1.0 - count / len(missing), coverage

    def both(
        self,
        original: NDArray[Any],
        generated: NDArray[Any],
        segments: tuple[ArrayLike | None, ArrayLike | None],
    ) -> tuple[tuple[Floats, float, float], tuple[Floats, float, float]]:
        """Prepare (n, d) and (m, d); each as a call would.

        Two short clips that lack nothing go through as one: their time is that of the numpy calls,
        not of the numbers. Windows across the seam are cut out. All else is done one by one.
        """
        options, n, m = self.options, len(original), len(generated)
        span = options.window[0]
        if (
            n + m <= _SHORT
            and span == options.window[1] <= min(n, m)
            and options.edge == "valid"
            and original.dtype == generated.dtype
            and segments[0] is None
            and segments[1] is None
        ):
            joined = np.concatenate((original, generated))
            if are_plain(joined, options.kind):
                scores = turn_to_scores(joined, options.kind, self.kept, self.column)
                if span > 1:  # one copy spares every shift a stride or a cast
                    scores = scores.astype(np.float64)
                if self.kept is None or not np.isnan(scores[:, 0]).any():
                    scores = self.smooth(scores, "original")
                    return (scores[: n - span + 1], 1.0, 1.0), (scores[n:], 1.0, 1.0)
        first = self(original, "original", segments[0])
        return first, self(generated, "generated", segments[1])

    def _treat(self, scores: Floats, missing: NDArray[np.bool_], side: Side) -> Floats:
        nan = self.options.nan
        if nan == "raise":
            raise InputError(
                f"{np.count_nonzero(missing)} of {len(missing)} {side} frames are missing; "
                "expected none. Give nan='omit' to leave them out, then read coverage and bounds."
            )
        if nan == "omit" or side == "original":
            return scores
        if np.nanmin(scores, initial=0.0) < 0:
            raise InputError(
                "nan='worst' given with scores below 0; expected scores of which 0 is the worst, "
                "such as probabilities."
            )
        return np.where(missing[:, None], 0.0, scores)


def open_scores(
    original: Scores, generated: Scores, labels: Sequence[str] | None
) -> tuple[NDArray[Any], NDArray[Any], Sequence[str] | None]:
    """Unwrap both sides; label names that travel with them are used and must agree."""
    given = [labels] if labels is not None else []
    arrays = []
    for side in (original, generated):
        if isinstance(side, EmotionScores):
            given.append(side.labels)
            arrays.append(as_array(side.values))
        else:
            arrays.append(as_array(side))
    for other in given[1:]:
        if list(other) != list(given[0]):
            raise InputError(
                f"labels {', '.join(given[0])} and {', '.join(other)} given; expected the same "
                "labels in the same order on both sides."
            )
    return arrays[0], arrays[1], given[0] if given else None


def windows(
    window: int | str,
    seconds: float | None,
    fps: float | tuple[float, float] | None,
    frames: tuple[int, int],
) -> tuple[int, int]:
    """Return the frames per moving average of the original and of the generated clip."""
    if seconds is not None:
        number_of(seconds, "window_seconds", "seconds, at least 0")
        rates = fps if isinstance(fps, tuple) else (fps or 0.0, fps or 0.0)
        for rate in rates:
            number_of(rate, "fps", "frames per second, or (original, generated)")
        if seconds < 0 or min(rates) <= 0:
            raise InputError(
                f"window_seconds={seconds} with fps={fps} given; expected a time of at least 0 and "
                "positive frame rates, fps=(original, generated)."
            )
        return max(1, round(seconds * rates[0])), max(1, round(seconds * rates[1]))
    if isinstance(window, str) and window == "clip":
        shortest = max(1, min(DEFAULT_WINDOW, *frames))
        return shortest, shortest
    if isinstance(window, str):
        raise InputError(f"window {window!r} given; expected a number of frames or 'clip'.")
    expected = "a whole number of frames, at least 1, or 'clip'"
    one = number_of(window, "window", expected, least=1, whole=True)
    return one, one


def prepare(
    width: int,
    target: str | int | None,
    *,
    kind: Kind,
    exclude: Exclude,
    labels: Sequence[str] | None,
    window: tuple[int, int],
    edge: Edge,
    ties: Ties,
    nan: MissingFrames,
    decimals: int | Literal["auto"] | None,
) -> Preparation:
    """Check the options against the number of columns and bind them together."""
    alone = isinstance(exclude, str | Integral)
    gone = (exclude,) if alone else several_of(exclude, "exclude", "labels or columns' numbers")
    for column in (*gone, *(() if target is None else (target,))):
        if not isinstance(column, str | Integral):
            raise InputError(f"column {named(column)} given; expected a label or a number.")
    names = None if labels is None else names_of(labels)
    return _prepare(width, target, kind, gone, names, window, edge, ties, nan, decimals)


def names_of(labels: object) -> tuple[str, ...]:
    """Return the names of columns.

    Raises:
        InputError: they are no names.
    """
    expected = "a name for each column: ['happy', 'sad']"
    names = several_of(labels, "the labels", expected)
    return tuple(object_of(str, name, "a label", expected) for name in names)


# Calls for many pairs of clips give the same options again and again.
@lru_cache(maxsize=64, typed=True)
def _prepare(
    width: int,
    target: str | int | None,
    kind: Kind,
    exclude: tuple[str | int, ...],
    labels: tuple[str, ...] | None,
    window: tuple[int, int],
    edge: Edge,
    ties: Ties,
    nan: MissingFrames,
    decimals: int | Literal["auto"] | None,
) -> Preparation:
    if nan not in _MISSING:
        raise InputError(f"nan {nan!r} given; expected 'omit', 'worst' or 'raise'.")
    if ties not in _TIES:
        raise InputError(f"ties {ties!r} given; expected 'half', 'strict' or 'lenient'.")
    selection = select_columns(exclude, width, labels)
    stay = list(range(width)) if selection is None else selection
    column = None
    if target is not None:
        wanted = find_column(target, width, labels)
        if wanted not in stay:
            raise InputError(f"target {target!r} is excluded; expected a column that stays.")
        column = stay.index(wanted)
        stay = [wanted]
    gone = () if selection is None else tuple(i for i in range(width) if i not in selection)
    if decimals == "auto":
        decimals = _SAME_DECIMALS if edge == "same" else None
    options = EDDOptions(
        kind=kind,
        excluded=gone if labels is None else tuple(labels[i] for i in gone),
        window=window,
        edge=edge,
        ties=ties,
        nan=nan,
        decimals=decimals,
    )
    return Preparation(
        options, selection, column, () if labels is None else tuple(labels[i] for i in stay)
    )
