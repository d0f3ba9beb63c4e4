"""EDD: how far the emotion of a generated clip lies above that of its original.

The paper calls it Emotion Distribution Divergence and Emotion Depiction Distance. It is neither a
divergence nor a distance (not symmetric, and 0.5, not 0, for equal distributions); it is

    EDD = 1 - AUROC = P(original > generated) + P(equal) / 2

over all pairs of an original and a generated frame, for the smoothed score of one emotion.
Equation (1) has a strict indicator, which is ``ties="strict"``; the AUROC that the text names
gives half credit, which is the default. Both come from the same integer counts.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, Literal, TypedDict, Unpack, overload

from numpy.typing import ArrayLike

from emoanim.clips import EmotionScores
from emoanim.errors import InputError
from emoanim.metrics.auroc import column_counts
from emoanim.metrics.bootstrap import block_interval, delong_interval
from emoanim.metrics.classifier_outputs import Exclude, Floats, Kind, check_kind
from emoanim.metrics.preparation import (
    DEFAULT_WINDOW,
    Scores,
    open_scores,
    prepare,
    windows,
)
from emoanim.metrics.result import (
    EDDProfile,
    EDDResult,
    Interval,
    MissingFrames,
    Ties,
    edd_of_counts,
)
from emoanim.metrics.smoothing import Edge

__all__ = ["EDDWarning", "edd", "null_edd"]

_WARN_COVERAGE = 0.9
_LEAST_COVERAGE = 0.5
_TIE_SHIFT = 0.01


class EDDWarning(UserWarning):
    """The EDD stands, but something about it needs a look."""


class EDDKeywords(TypedDict, total=False):
    """The keywords of :func:`edd`, for its exact types."""

    kind: Kind
    exclude: Exclude
    labels: Sequence[str] | None
    window: int | Literal["clip"]
    window_seconds: float | None
    fps: float | tuple[float, float] | None
    edge: Edge
    ties: Ties
    nan: MissingFrames
    decimals: int | Literal["auto"] | None
    min_frames: int
    segments: tuple[ArrayLike | None, ArrayLike | None]
    allow_low_coverage: bool
    strict: bool
    ci: Literal["block", "delong"] | None
    level: float
    replicates: int
    block: int | None
    seed: int


@overload
def edd(
    original: Scores, generated: Scores, target: str | int, **keywords: Unpack[EDDKeywords]
) -> EDDResult: ...
@overload
def edd(
    original: Sequence[float],
    generated: Sequence[float],
    target: None = None,
    **keywords: Unpack[EDDKeywords],
) -> EDDResult: ...
@overload
def edd(
    original: EmotionScores,
    generated: EmotionScores,
    target: None = None,
    **keywords: Unpack[EDDKeywords],
) -> EDDProfile: ...
@overload
def edd(
    original: Scores,
    generated: Scores,
    target: None = None,
    **keywords: Unpack[EDDKeywords],
) -> EDDResult | EDDProfile: ...


def edd(
    original: Scores,
    generated: Scores,
    target: str | int | None = None,
    *,
    kind: Kind = "probs",
    exclude: Exclude = (),
    labels: Sequence[str] | None = None,
    window: int | Literal["clip"] = DEFAULT_WINDOW,
    window_seconds: float | None = None,
    fps: float | tuple[float, float] | None = None,
    edge: Edge = "valid",
    ties: Ties = "half",
    nan: MissingFrames = "omit",
    decimals: int | Literal["auto"] | None = "auto",
    min_frames: int = 1,
    segments: tuple[ArrayLike | None, ArrayLike | None] = (None, None),
    allow_low_coverage: bool = False,
    strict: bool = False,
    ci: Literal["block", "delong"] | None = None,
    level: float = 0.95,
    replicates: int = 2000,
    block: int | None = None,
    seed: int = 0,
) -> EDDResult | EDDProfile:
    """Compare the target emotion of two clips, frame against frame.

    EDD = 1 - AUROC (paper, section 4.5): 0 if every generated frame shows more of the emotion than
    every original frame, 0.5 if nothing changed, 1 if every one shows less. Lower is better.

    Args:
        original: classifier outputs (n, d) per frame, :class:`emoanim.clips.EmotionScores`, or
            1-D scores (n,) of the target. A row with a NaN is a missing frame.
        generated: the same of the other clip, (m, d) or (m,); n and m are free.
        target: label or column (counted before exclusion). None gives all columns at once.
        kind: "probs" (rows sum to 1), "logits" (softmax is applied) or "scores" (any scale). 1-D
            input is "scores" without saying so.
        exclude: labels or columns to leave out before the softmax, such as "surprise".
        labels: names of the d columns.
        window: frames of the moving average; "clip" shortens the default of 5 for short clips.
            5 is the 0.2 s of ``emoanim.evaluation.evaluate`` at 25 frames a second; ``EDDMetric``
            and ``edd_score`` smooth nothing, as ``window=1``.
        window_seconds: the same in seconds, with ``fps`` of both clips, instead of ``window``.
        fps: frame rates in Hz, one or (original, generated).
        edge: "valid" (whole windows only) or "same" (cut at the ends and at missing frames).
        ties: credit of tied pairs: "half", "strict" (equation 1) or "lenient".
        nan: missing frames are left out ("omit"), count as 0 if generated ("worst"), or "raise".
        decimals: digits to round smoothed scores to; "auto" is 12 for "same" and none for "valid".
        min_frames: fewer scores than this on a side give NaN and a reason.
        segments: ids per frame of (original, generated) that change at cuts; no window crosses one.
        allow_low_coverage: accept clips of which fewer than half of the frames are there.
        strict: raise instead of returning NaN with a reason.
        ci: "block" for a circular block bootstrap, "delong" (assumes independent frames, which
            frames of a clip are not).
        level: nominal coverage of the interval.
        replicates: bootstrap replicates.
        block: frames per bootstrap block, None chooses.
        seed: of the bootstrap.

    Returns:
        :class:`EDDResult`, or :class:`EDDProfile` with one per column if ``target`` is None and
        the input is 2-D.

    Raises:
        InputError: input or an option that cannot be used; the message says what was expected.

    >>> result = edd([0.1, 0.2, 0.4], [0.3, 0.8], window=1)
    >>> result.pairs_greater, result.n * result.m, round(result.edd, 4)
    (5, 6, 0.1667)
    """
    check_kind(kind)
    x, y, names = open_scores(original, generated, labels)
    flat = x.ndim == 1
    if flat and y.ndim == 1:
        x, y, kind = x[:, None], y[:, None], "scores"
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        shapes = f"original of shape {x.shape} and generated of shape {y.shape}"
        raise InputError(
            f"{shapes} given; expected (n, d) and (m, d) with the same d, or two 1-D score arrays."
        )
    spans = windows(window, window_seconds, fps, (len(x), len(y)))
    preparation = prepare(
        x.shape[1], target, kind=kind, exclude=exclude, labels=names, window=spans,
        edge=edge, ties=ties, nan=nan, decimals=decimals,
    )  # fmt: skip
    empty = _empty_side(len(x), len(y))
    if empty and len(x) + len(y) < max(spans):
        x, y = x[:0], y[:0]  # a window that does not fit is no fault where there is no other side
    (xs, there_x, kept_x), (ys, there_y, kept_y) = preparation.both(x, y, segments)
    notes = _coverage_notes(there_x, there_y, allow_low_coverage)
    reason = empty or _too_few(len(xs), len(ys), min_frames, spans)
    if reason is not None and strict:
        raise InputError(reason)
    pairs = len(xs) * len(ys)
    clipped = window == "clip" and spans[0] < DEFAULT_WINDOW
    known = kept_x * kept_y
    results = []
    for i, (above, equal) in enumerate(column_counts(xs, ys)):
        value = math.nan if reason else edd_of_counts(above, equal, pairs, ties)
        remarks = notes + _tie_notes(equal, pairs)
        for remark in remarks:
            warnings.warn(remark, EDDWarning, stacklevel=2)
        if clipped:
            remarks.append(f"window shortened from {DEFAULT_WINDOW} to {spans[0]} frames")
        interval = None
        if ci is not None:
            interval = _interval(
                ci, xs[:, i], ys[:, i], ties, level=level, replicates=replicates, block=block,
                seed=seed,
            )  # fmt: skip
        results.append(
            EDDResult(
                edd=value,
                pairs_greater=above,
                pairs_tied=equal,
                n=len(xs),
                m=len(ys),
                coverage_original=there_x,
                coverage_generated=there_y,
                # A difference of 1 and ``known`` of its own rounds to nothing below the value.
                bounds=(value * known, max(value * known + (1.0 - known), value)),
                label=preparation.labels[i] if preparation.labels else None,
                options=preparation.options,
                interval=interval,
                reason=reason,
                notes=tuple(remarks),
            )
        )
    if flat or target is not None:
        return results[0]
    return EDDProfile(tuple(results))


def null_edd(original: Scores, target: str | int | None = None, **options: Any) -> Any:
    """Compare the second half of a clip with its first: EDD with no change of emotion.

    What one clip drifts by itself. An EDD that is no lower says little.

    Args:
        original: as in :func:`edd`.
        target: as in :func:`edd`.
        options: as in :func:`edd`; ``segments`` are the ids of the one clip.

    Returns:
        As :func:`edd`, first half as original, second as generated.

    >>> null_edd([0.1, 0.3, 0.2, 0.4], window=1).edd
    0.25
    """
    segments = options.pop("segments", None)
    x, _, labels = open_scores(original, original, options.pop("labels", None))
    half = len(x) // 2
    parts = (None, None) if segments is None else (segments[:half], segments[half:])
    return edd(x[:half], x[half:], target, labels=labels, segments=parts, **options)


def _coverage_notes(original: float, generated: float, allowed: bool) -> list[str]:
    notes = []
    for side, share in (("original", original), ("generated", generated)):
        if share < _LEAST_COVERAGE and not allowed:
            raise InputError(
                f"{share:.0%} of the {side} frames are there; expected at least "
                f"{_LEAST_COVERAGE:.0%}. Check the face detection, or give "
                "allow_low_coverage=True and read the bounds."
            )
        if share < _WARN_COVERAGE:
            notes.append(
                f"{share:.0%} of the {side} frames are there; faces are rarely missing at random, "
                "so read the bounds"
            )
    return notes


def _tie_notes(tied: int, pairs: int) -> list[str]:
    # Half credit lies tied/2 from either other rule: 2 % of ties move EDD by 0.01.
    if tied <= 2 * _TIE_SHIFT * pairs:
        return []
    shares = f"{tied / pairs:.1%} of the pairs are tied; the tie rule moves EDD by"
    return [f"{shares} {tied / pairs / 2:.3f}, so name it"]


def _empty_side(n: int, m: int) -> str | None:
    """Say which side nothing was given of, or None."""
    sides = [side for side, count in (("original", n), ("generated", m)) if not count]
    return f"no {' and no '.join(sides)} frames given" if sides else None


def _too_few(n: int, m: int, least: int, spans: tuple[int, int]) -> str | None:
    """Say why there is nothing to compare, or None."""
    least = max(1, least)
    if n >= least and m >= least:
        return None
    side, count, span = ("original", n, spans[0]) if n < least else ("generated", m, spans[1])
    return (
        f"{count} {side} scores are left after smoothing over {span} frames and dropping "
        f"missing ones; expected at least {least}."
    )


def _interval(
    ci: str, x: Floats, y: Floats, ties: Ties, *, level: float, replicates: int, block: int | None,
    seed: int,
) -> Interval:  # fmt: skip
    if ci == "delong":
        return delong_interval(x, y, level=level)
    if ci != "block":
        raise InputError(f"ci {ci!r} given; expected 'block', 'delong' or None.")
    return block_interval(
        x, y, ties=ties, level=level, replicates=replicates, block=block, seed=seed
    )
