"""The numbers of one sample, from what was observed in its clips."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from emoanim.clips import EmotionScores
from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.evaluation.agreement import agreement
from emoanim.evaluation.clip_measures import identity_of, measures_of
from emoanim.evaluation.observation import Observation
from emoanim.scoring import EmotionChange, compare_scores

__all__ = ["pair_facts"]


def pair_facts(
    original: Observation, generated: Observation, still: Observation | None, prompt: EmotionPrompt
) -> dict[str, Any]:
    """Return plain numbers: EDD per classifier, and what the clips show besides emotion.

    Args:
        original: what was seen in the original.
        generated: what was seen in the film.
        still: what was seen in the still it was made from; None if no face was found there.
        prompt: the target.
    """
    before, after = measures_of(original), measures_of(generated)
    stilled = None if still is None else measures_of(still)
    return {
        "faces": {
            name: _face(original, generated, still, name, str(prompt.emotion))
            for name in original.scores
            if name in generated.scores
        },
        "kappa": _kappa(generated),
        "cpbd": [_known(before.sharpness.value), _known(after.sharpness.value)],
        "cpbd_still": None if stilled is None else _known(stilled.sharpness.value),
        "head_motion": [_known(before.head_motion.value), _known(after.head_motion.value)],
        "beat_alignment": [
            _known(before.beat_alignment.value),
            _known(after.beat_alignment.value),
        ],
        "lips": [_known(before.lips.correlation), _known(after.lips.correlation)],
        "lag": [_known(before.lips.lag), _known(after.lips.lag)],
        "identity": _known(identity_of(original, generated).distance),
        "coverage": [_known(before.coverage), _known(after.coverage)],
    }


def _face(
    original: Observation,
    generated: Observation,
    still: Observation | None,
    name: str,
    emotion: str,
) -> dict[str, Any]:
    """Return what one classifier says: of the target if it knows it, and the classes it saw."""
    x, y = original.scores[name], generated.scores[name]
    shown = None if still is None else still.scores.get(name)
    seen: dict[str, Any] = {
        "labels": list(y.labels),
        "shares": _shares(y),
        "shares_original": _shares(x),
        "still": None if shown is None else _shares(shown),
    }
    if emotion not in x.labels:
        return seen
    moving = not (math.isnan(original.fps) or math.isnan(generated.fps))
    change = compare_scores(x, y, emotion, moving=moving)
    return seen | {
        "edd": _known(change.edd.edd),
        "edd_unsmoothed": _known(change.unsmoothed.edd),
        "null": _known(change.null.edd),
        "wrong": _wrong(change, emotion),
        "profile": [_known(v) for v in change.profile],
        "mean": [_known(v) for v in change.mean],
        "top": [_known(v) for v in change.top],
        "frames": list(change.frames),
    }


def _wrong(change: EmotionChange, emotion: str) -> float | None:
    """Return the mean EDD of the same film against the other targets that the classifier knows.

    None with fewer than two: where two probabilities sum to 1, that of the other target is 1 - EDD.
    """
    others = {str(e) for e in TARGETS} - {emotion}
    pairs = zip(change.labels, change.profile, strict=True)
    values = [v for label, v in pairs if label in others and not math.isnan(v)]
    return _known(float(np.mean(values))) if len(values) > 1 else None


def _shares(scores: EmotionScores) -> list[float] | None:
    """Return the share of frames whose top label is each of the labels; None without a face."""
    there = np.asarray(scores.values)[scores.found]
    if not len(there):
        return None
    counts = np.bincount(there.argmax(axis=1), minlength=len(scores.labels))
    return [round(float(v), 6) for v in counts / len(there)]


def _kappa(clip: Observation) -> float | None:
    if len(clip.scores) < 2:
        return None
    first, second = list(clip.scores.values())[:2]
    if len(set(first.labels) & set(second.labels)) < 2:
        return None
    return _known(agreement(first, second, draws=10).kappa)


def _known(value: float) -> float | None:
    return None if value is None or math.isnan(value) else round(float(value), 6)
