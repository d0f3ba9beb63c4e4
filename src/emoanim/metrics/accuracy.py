"""Emotion accuracy (the paper's tables 1 and 2): does a classifier hear the emotion asked for.

Evaluators know different emotions. A target that an evaluator does not know is "not evaluable":
neither wrong nor silently dropped. The same classifier on the input is the baseline, without which
an accuracy says nothing about change.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.emotions import parse_emotion
from emoanim.errors import InputError
from emoanim.metrics.proportions import wilson_interval
from emoanim.metrics.result import Interval

__all__ = ["EVALUATORS", "EmotionAccuracy", "TargetAccuracy", "emotion_accuracy"]

EVALUATORS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "xlm-emo-t": ("anger", "fear", "joy", "sadness"),
        "wav2vec2-iemocap": ("neu", "ang", "hap", "sad"),
        "emonet": (
            "neutral",
            "happy",
            "sad",
            "surprise",
            "fear",
            "disgust",
            "anger",
            "contempt",
        ),
    }
)
"""Evaluator -> its own labels in the order of its outputs (text, speech, face)."""


@dataclass(frozen=True, slots=True)
class TargetAccuracy:
    """Results of one target emotion.

    Attributes:
        target: canonical id.
        evaluable: whether the evaluator knows it; if not, the accuracies are NaN.
        n: samples with that target.
        hits: samples whose best label is the target, abstentions not counted.
        abstained: samples whose best score lies below the threshold.
        interval: Wilson interval of the accuracy.
        mean_score: mean score of the target, NaN if only labels were given.
        baseline_hits: inputs whose best label is the target already, None without a baseline.
        f1: harmonic mean of precision and recall over the evaluable samples.
    """

    target: str
    evaluable: bool
    n: int
    hits: int
    abstained: int
    interval: Interval
    mean_score: float
    baseline_hits: int | None
    f1: float

    @property
    def accuracy(self) -> float:
        """Hits / n, in [0, 1]; an abstention is no hit. NaN if not evaluable."""
        return self.hits / self.n if self.evaluable else math.nan

    @property
    def baseline(self) -> float:
        """Accuracy of the inputs; NaN without them or if not evaluable."""
        if self.baseline_hits is None or not self.evaluable:
            return math.nan
        return self.baseline_hits / self.n


@dataclass(frozen=True, slots=True, eq=False)
class EmotionAccuracy:
    """Results of an evaluator over all targets.

    Attributes:
        rows: one per target that occurs, alphabetical.
        labels: canonical ids of the evaluator's outputs.
        confusion: int64 (rows, labels + 1): how often each target got each label; the last column
            counts abstentions.
        threshold: score below which the evaluator abstains, None if it never does.
    """

    rows: tuple[TargetAccuracy, ...]
    labels: tuple[str, ...]
    confusion: NDArray[np.int64]
    threshold: float | None

    @property
    def macro(self) -> float:
        """Unweighted mean accuracy over the evaluable targets; NaN without any."""
        return _mean([r.accuracy for r in self.rows if r.evaluable])

    @property
    def macro_f1(self) -> float:
        """Unweighted mean F1 over the evaluable targets; NaN without any."""
        return _mean([r.f1 for r in self.rows if r.evaluable])

    @property
    def macro_baseline(self) -> float:
        """Unweighted mean accuracy of the inputs; NaN without any."""
        return _mean([r.baseline for r in self.rows if r.evaluable])

    @property
    def chance(self) -> float:
        """Accuracy of guessing, 1 / labels."""
        return 1.0 / len(self.labels)

    @property
    def not_evaluable(self) -> tuple[str, ...]:
        """Targets that the evaluator does not know."""
        return tuple(r.target for r in self.rows if not r.evaluable)


def emotion_accuracy(
    targets: Sequence[str],
    outputs: Sequence[str] | ArrayLike,
    *,
    labels: Sequence[str],
    baseline: Sequence[str] | ArrayLike | None = None,
    threshold: float | None = None,
    level: float = 0.95,
) -> EmotionAccuracy:
    """Compare what a classifier found with the targets.

    accuracy(e) = samples of target e whose best label is e / samples of target e.

    Args:
        targets: the emotion asked for, per sample (n,); any word that names one.
        outputs: the classifier's scores (n, k) or best labels (n,) of the generated samples.
        labels: the classifier's labels in order, any words that name emotions; see
            :data:`EVALUATORS`.
        baseline: the same outputs for the inputs the samples were made from.
        threshold: best scores below it are abstentions; needs scores.
        level: nominal coverage of the intervals.

    Returns:
        :class:`EmotionAccuracy`.

    Raises:
        InputError: words that name no emotion, or shapes that do not fit.

    >>> scores = [[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]]
    >>> result = emotion_accuracy(["joy", "sad", "contempt"], scores, labels=["happy", "sad"])
    >>> result.macro, result.not_evaluable
    (1.0, ('contempt',))
    """
    wanted = [str(parse_emotion(t)) for t in targets]
    known = [str(parse_emotion(label)) for label in labels]
    if not wanted or not known or len(set(known)) != len(known):
        raise InputError(
            f"{len(wanted)} targets and the labels {', '.join(labels) or 'none'} given; expected "
            "at least one target, and labels that name different emotions."
        )
    best, scores = _best(outputs, known, len(wanted), "outputs")
    before = None if baseline is None else _best(baseline, known, len(wanted), "baseline")[0]
    if threshold is not None:
        if scores is None:
            raise InputError(
                f"threshold {threshold} given with labels only; expected scores (n, k) to compare."
            )
        best = np.where(scores.max(axis=1) < threshold, len(known), best)
    names = sorted(set(wanted))
    asked = np.array([names.index(t) for t in wanted])
    confusion = np.zeros((len(names), len(known) + 1), dtype=np.int64)
    np.add.at(confusion, (asked, best), 1)
    evaluable = [name in known for name in names]
    rows = []
    for i, name in enumerate(names):
        chosen = asked == i
        n = int(chosen.sum())
        column = known.index(name) if evaluable[i] else None
        hits = 0 if column is None else int(confusion[i, column])
        predicted = 0 if column is None else int(confusion[evaluable, column].sum())
        rows.append(
            TargetAccuracy(
                target=name,
                evaluable=evaluable[i],
                n=n,
                hits=hits,
                abstained=int(confusion[i, -1]),
                interval=wilson_interval(hits, n if evaluable[i] else 0, level=level),
                mean_score=(
                    math.nan
                    if column is None or scores is None
                    else float(scores[chosen, column].mean())
                ),
                baseline_hits=(
                    None
                    if before is None
                    else int(np.count_nonzero(before[chosen] == column))
                    if column is not None
                    else 0
                ),
                f1=math.nan if column is None else 2 * hits / (n + predicted),
            )
        )
    return EmotionAccuracy(tuple(rows), tuple(known), confusion, threshold)


def _best(
    outputs: Sequence[str] | ArrayLike, known: list[str], count: int, what: str
) -> tuple[NDArray[np.intp], NDArray[np.float64] | None]:
    """Return the best column per sample, and the scores if they are scores."""
    given = as_array(outputs)
    if given.dtype.kind in "UO" and given.shape == (count,):
        words = [str(parse_emotion(str(word))) for word in given]
        strange = sorted(set(words) - set(known))
        if strange:
            raise InputError(
                f"{what} {', '.join(strange)} given; expected one of {', '.join(known)}."
            )
        return np.array([known.index(word) for word in words]), None
    if given.shape != (count, len(known)) or given.dtype.kind not in "fiu":
        raise InputError(
            f"{what} of shape {given.shape} given; expected labels ({count},) or scores "
            f"({count}, {len(known)})."
        )
    scores = given.astype(np.float64)
    if np.isnan(scores).any():
        raise InputError(f"NaN given in the {what}; expected a score for every sample and label.")
    return scores.argmax(axis=1), scores


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
