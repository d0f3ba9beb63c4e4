"""EDD of a speech that goes through several emotions: one for each passage."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from emoanim.clips import EmotionScores, Speech
from emoanim.metrics import EDDResult
from emoanim.scoring.emotion_change import edd_of

__all__ = ["PassageScores", "edds_of_passages", "scores_by_passage"]


class PassageScores(NamedTuple):
    """A passage's frames before and after.

    Attributes:
        emotion: its main one.
        original: scores of the stretch of the source that it stands for.
        generated: scores of the passage itself.
    """

    emotion: str
    original: EmotionScores
    generated: EmotionScores


def scores_by_passage(
    original: EmotionScores, generated: EmotionScores, speech: Speech
) -> Iterator[PassageScores]:
    """Yield the scores of each passage of a speech, in the order of ``speech.passages``.

    Args:
        original: scores of the source, with times.
        generated: the same of the result.
        speech: of the result; joined of passages.
    """
    passages = speech.passages
    ends = [*(p.start for p in passages[1:]), math.inf]
    sources = [tuple(part["source"]) for part in speech.details["passages"]]
    for passage, end, source in zip(passages, ends, sources, strict=True):
        before, after = _between(original, *source), _between(generated, passage.start, end)
        yield PassageScores(str(passage.prompt.emotion), before, after)


def edds_of_passages(
    original: EmotionScores, generated: EmotionScores, speech: Speech, **options: Any
) -> tuple[EDDResult, ...]:
    """Return the EDD of each passage on its main emotion; arguments as above, and of ``edd_of``."""
    return tuple(
        edd_of(part.original, part.generated, part.emotion, **options)
        for part in scores_by_passage(original, generated, speech)
    )


def _between(scores: EmotionScores, start: float, end: float) -> EmotionScores:
    inside = (scores.times >= start) & (scores.times < end)
    return replace(scores, values=scores.values[inside], times=scores.times[inside])
