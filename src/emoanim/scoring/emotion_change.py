"""How much of an emotion came in: one classifier's scores of two clips compared."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace
from typing import Any

from emoanim.arguments import number_of
from emoanim.clips import EmotionScores
from emoanim.metrics import EDDProfile, EDDResult, EDDWarning, edd, null_edd
from emoanim.scoring.target_seen import SEEN_SHARE, label_shares, mean_probabilities, not_seen

__all__ = ["EmotionChange", "compare_scores", "edd_of", "rate_of", "smoothing_windows"]

WINDOW_SECONDS = 0.2
"""Length of the moving average: five frames at 25 a second."""


@dataclass(frozen=True, slots=True, eq=False)
class EmotionChange:
    """What one classifier says of the target emotion before and after.

    Attributes:
        classifier: its name.
        emotion: the target.
        edd: with a block-bootstrap interval.
        unsmoothed: the same without a moving average and without an interval.
        null: EDD of the original's second half against its first: what it drifts by itself;
            undefined for stills.
        mean: mean probability of the target, (before, after), in [0, 1].
        top: share of frames in which the target is the top label, (before, after).
        coverage: share of frames with a face, (before, after).
        frames: rows scored, (before, after).
        labels: all labels of the classifier.
        means: mean probability of every label, ((before, after), ...).
        profile: EDD of every label, in that order.
        shares: share of frames in which each label is on top, ((before, after), ...).
        notes: what to keep in mind, first of all that the clip is not read as the target.
    """

    classifier: str
    emotion: str
    edd: EDDResult
    unsmoothed: EDDResult
    null: EDDResult
    mean: tuple[float, float]
    top: tuple[float, float]
    coverage: tuple[float, float]
    frames: tuple[int, int]
    labels: tuple[str, ...]
    means: tuple[tuple[float, float], ...]
    profile: tuple[float, ...]
    shares: tuple[tuple[float, float], ...]
    notes: tuple[str, ...] = ()

    @property
    def seen(self) -> bool:
        """The target is on top in at least half of the generated frames (``SEEN_SHARE``)."""
        return self.top[1] >= SEEN_SHARE

    @property
    def unseen(self) -> str | None:
        """Why the target is not seen, and what is; None if it is, or there is no face."""
        shares = [after for _, after in self.shares]
        return not_seen(self.emotion, self.mean, self.labels, shares, self.classifier)


def compare_scores(
    original: EmotionScores,
    generated: EmotionScores,
    emotion: str,
    *,
    moving: bool = True,
    window_seconds: float = WINDOW_SECONDS,
    seed: int = 0,
) -> EmotionChange:
    """Compare two clips as one classifier sees them.

    Args:
        original: its scores, with times if they are frames of a clip.
        generated: the same of the other clip, same labels.
        emotion: one of the labels.
        moving: both are frames of clips; stills are not smoothed.
        window_seconds: of the moving average; a short clip is not smoothed.
        seed: of the bootstrap.

    Raises:
        ValueError: scores that cannot be compared.
    """
    spans: tuple[int, int] = (1, 1)
    notes: tuple[str, ...] = ("stills are not smoothed",)
    if moving:
        spans, notes = smoothing_windows(original, generated, window_seconds)
    smoothed = _smoothing(spans)
    x, y = original.values, generated.values
    shared: dict[str, Any] = {"labels": original.labels, "allow_low_coverage": True}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EDDWarning)  # they are in the results' notes too
        value = edd(
            x, y, emotion, ci="block", block=None if moving else 1, seed=seed, **smoothed, **shared
        )
        plain = edd(x, y, emotion, window=1, **shared)
        profile = edd(x, y, None, **smoothed, **shared)
        null = null_edd(x, emotion, window=spans[0], **shared)
    if not moving:
        null = replace(null, edd=math.nan, reason="stills have no order in time")
    assert isinstance(profile, EDDProfile)  # no target was named
    column = original.labels.index(emotion)
    pair = original, generated
    means = tuple(zip(*(mean_probabilities(scores) for scores in pair), strict=True))
    shares = tuple(zip(*(label_shares(scores) for scores in pair), strict=True))
    change = EmotionChange(
        classifier=original.classifier,
        emotion=emotion,
        edd=value,
        unsmoothed=plain,
        null=null,
        mean=means[column],
        top=shares[column],
        coverage=(original.coverage, generated.coverage),
        frames=(len(original.values), len(generated.values)),
        labels=original.labels,
        means=means,
        profile=tuple(float(v) for v in profile.edd),
        shares=shares,
    )
    unseen = () if change.unseen is None else (change.unseen,)
    every = (*unseen, *notes, *value.notes, *_of_change(value, null))
    return replace(change, notes=tuple(dict.fromkeys(every)))


def edd_of(
    original: EmotionScores,
    generated: EmotionScores,
    emotion: str,
    *,
    window_seconds: float = WINDOW_SECONDS,
    **options: Any,
) -> EDDResult:
    """Return EDD, smoothed and read as ``compare_scores`` does, with the target's means and shares.

    Args:
        original: scores of the original clip, with times.
        generated: the same of the generated clip, same labels.
        emotion: one of the labels.
        window_seconds: of the moving average.
        options: of ``emoanim.metrics.edd``, such as ``window=1`` or ``ci="block"``.
    """
    spans, _ = smoothing_windows(original, generated, window_seconds)
    own = {"window", "window_seconds"} & set(options)
    chosen = {**({} if own else _smoothing(spans)), "allow_low_coverage": True, **options}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EDDWarning)  # they are in the result's notes too
        result = edd(original.values, generated.values, emotion, labels=original.labels, **chosen)
    column = original.labels.index(emotion)
    shares = label_shares(original), label_shares(generated)
    mean = mean_probabilities(original)[column], mean_probabilities(generated)[column]
    unseen = not_seen(emotion, mean, original.labels, shares[1], original.classifier)
    notes = (unseen, *result.notes) if unseen else result.notes
    return replace(result, mean=mean, top=(shares[0][column], shares[1][column]), notes=notes)


def _smoothing(spans: tuple[int, int]) -> dict[str, Any]:
    """Windows in frames as options of ``edd``; unequal ones go in as rates of one second."""
    if spans[0] == spans[1]:
        return {"window": spans[0]}
    return {"window_seconds": 1.0, "fps": (float(spans[0]), float(spans[1]))}


def rate_of(scores: EmotionScores) -> float:
    """Return the rows per second; NaN without times."""
    times = scores.times
    if len(times) < 2 or times[-1] <= times[0]:
        return math.nan
    return (len(times) - 1) / float(times[-1] - times[0])


def smoothing_windows(
    original: EmotionScores, generated: EmotionScores, seconds: float
) -> tuple[tuple[int, int], tuple[str, ...]]:
    """Return the frames per moving average of both clips, and a note if there is none."""
    seconds = number_of(seconds, "window_seconds", "seconds from 0", least=0.0)
    rates = rate_of(original), rate_of(generated)
    if any(math.isnan(r) for r in rates):
        return (1, 1), ("frames without times were not smoothed",)
    spans = max(1, round(seconds * rates[0])), max(1, round(seconds * rates[1]))
    if spans[0] > len(original.values) // 4 or spans[1] > len(generated.values):
        return (1, 1), ("too few frames to smooth them",)
    return spans, ()


def _of_change(value: EDDResult, null: EDDResult) -> list[str]:
    """Say what speaks against reading the EDD as a change."""
    if value.reason is not None:
        return [f"no EDD: {value.reason}"]
    return [*notes_on_interval(value), *_of_direction(value, null)]


def notes_on_interval(value: EDDResult) -> list[str]:
    """Say what the interval of an EDD speaks against; nothing without one."""
    interval = value.interval
    if interval is None:
        return []
    if math.isnan(interval.low):
        why = f" ({'; '.join(interval.notes)})" if interval.notes else ""
        return [f"no interval: too few frames{why}"]
    notes: list[str] = []
    if interval.low <= 0.5 <= interval.high:
        notes.append("the interval holds 0.5, so no change of the emotion is shown")
    if interval.low == interval.high:
        notes.append("every resample gives the same EDD: an interval without width is no proof")
    return [*notes, *interval.notes]


def _of_direction(value: EDDResult, null: EDDResult) -> list[str]:
    notes: list[str] = []
    if value.edd > 0.5:
        notes.append("EDD above 0.5: the generated clip shows less of the emotion")
    if null.reason is None and abs(null.edd - 0.5) >= abs(value.edd - 0.5):
        notes.append(
            f"the original by itself drifts as much (null EDD {null.edd:.3f}): the change may be "
            "no change"
        )
    return notes
