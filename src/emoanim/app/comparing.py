"""What a classifier says of a film and its original: curves, and EDD in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emoanim.clips import Clip, EmotionScores, Frame, Speech
from emoanim.emotions import EmotionPrompt, Passage
from emoanim.metrics.result import HOW_TO_READ
from emoanim.protocols import FrameEmotionClassifier
from emoanim.result import EDAResult
from emoanim.scoring import EmotionChange, compare_scores, score_clip, scores_by_passage
from emoanim.steps import Step, StepHook

__all__ = ["Comparison", "compare_clips", "compare_passages", "compare_portrait", "edd_in_words"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is told of the change.

    Attributes:
        sentences: in plain words.
        edd: the number; NaN if there is none.
        target_curve: SVG of the target emotion over time, before and after; "" if there is none.
        all_curves: SVG of every emotion over time in the film.
        labels: of ``all_curves``.
    """

    sentences: tuple[str, ...]
    edd: float
    target_curve: str
    all_curves: str
    labels: tuple[str, ...]


class _Watched:
    """A clip that tells of its frames as they are read."""

    def __init__(self, clip: Clip, name: str, hook: StepHook) -> None:
        self._clip, self._name, self._hook = clip, name, hook
        self.size, self.duration, self.fps = clip.size, clip.duration, clip.fps

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        total = max(1, round(self.duration * self.fps))
        for number, frame in enumerate(self._clip.frames(start, end), 1):
            yield frame
            self._hook(Step(self._name, None, min(number, total), total))
        self._hook(Step(self._name, None, total, total))


def compare_clips(
    classifier: FrameEmotionClassifier,
    before: Clip,
    after: Clip,
    prompt: EmotionPrompt,
    hook: StepHook,
) -> Comparison:
    """Compare a film with the clip that it was made from, frame by frame.

    Args:
        classifier: scores both.
        before: the clip.
        after: the film.
        prompt: the target emotion.
        hook: told of the steps "original" and "generated".
    """
    from emoanim.evaluation.plots import svg, two_timelines

    x = score_clip(classifier, _Watched(before, "original", hook))
    y = score_clip(classifier, _Watched(after, "generated", hook))
    target = str(prompt.emotion)
    if target not in x.labels:
        sentence = f"The classifier {x.classifier} does not know {target}: there is no number."
        return Comparison((sentence,), math.nan, "", _curves(y, target), y.labels)
    change = compare_scores(x, y, target)
    sides = [(scores.times, scores.of(target).astype(np.float64)) for scores in (x, y)]
    both = two_timelines(*sides, emotion=target)
    return Comparison(edd_in_words(change), change.edd.edd, svg(both), _curves(y, target), y.labels)


def compare_passages(
    classifier: FrameEmotionClassifier, before: Clip, after: Clip, speech: Speech, hook: StepHook
) -> Comparison:
    """Compare each passage of a film with the stretch of the clip that it stands for.

    Args:
        classifier: scores both.
        before: the clip.
        after: the film.
        speech: of the film, with its passages.
        hook: told of the steps "original" and "generated".
    """
    x = score_clip(classifier, _Watched(before, "original", hook))
    y = score_clip(classifier, _Watched(after, "generated", hook))
    sentences = [f"EDD of each passage ({HOW_TO_READ}):"]
    parts = scores_by_passage(x, y, speech)
    for part, (start, prompt) in zip(parts, speech.passages, strict=True):
        where = f"From {start:.1f} s on, {prompt.text}: "
        if part.emotion not in x.labels:
            sentences.append(f"{where}the classifier {x.classifier} does not know {part.emotion}.")
            continue
        change = compare_scores(part.original, part.generated, part.emotion)
        edd = change.edd
        told = f"there is none: {edd.reason}" if math.isnan(edd.edd) else f"EDD is {edd.edd:.2f}"
        sentences.append(f"{where}{told}. {_amount(change)}")
    target = str(speech.passages[0].prompt.emotion)
    return Comparison(tuple(sentences), math.nan, "", _curves(y, target), y.labels)


def compare_portrait(
    classifier: FrameEmotionClassifier, portrait: Path, result: EDAResult, hook: StepHook
) -> Comparison:
    """Compare a film with the portrait that it was made from; one picture gives no EDD."""
    from emoanim.media import Video, read_image

    hook(Step("original", None, 0, 1))
    x = classifier.classify([read_image(portrait)])
    hook(Step("original", None, 1, 1))
    y = score_clip(classifier, _Watched(Video(str(result.output)), "generated", hook))
    passages = result.speech.passages or (Passage(0.0, result.prompt),)
    ends = [*(passage.start for passage in passages[1:]), math.inf]
    sentences = []
    for (start, prompt), end in zip(passages, ends, strict=True):
        target = str(prompt.emotion)
        inside = y.found & (y.times >= start) & (y.times < end)
        if target in x.labels and x.found.all() and inside.any():
            before, later = float(x.of(target)[0]), float(y.of(target)[inside].mean())
            where = f"From {start:.1f} s on, {prompt.text}: " if len(passages) > 1 else ""
            sentences.append(where + _means(target, before, later, "in the portrait", x.classifier))
    sentences.append("EDD compares two clips, so there is none for a portrait.")
    target = str(passages[0].prompt.emotion)
    return Comparison(tuple(sentences), math.nan, "", _curves(y, target), y.labels)


def edd_in_words(change: EmotionChange) -> tuple[str, ...]:
    """Return what an EDD means, for somebody who has never heard of it."""
    name, result = change.emotion, change.edd
    notes = tuple(f"{n[0].upper()}{n[1:]}." for n in change.notes if n != change.unseen)
    if math.isnan(result.edd):
        return (f"There is no EDD: {result.reason}.", *notes)
    share = 100.0 * (1.0 - result.edd)
    meaning = (
        f"EDD is {result.edd:.2f} ({HOW_TO_READ}). It compares ranks: of 100 pairs of a moment of "
        f"the new clip and one of the original, {change.classifier} gives the new one the higher "
        f"probability of {name} in {share:.0f}, by however little."
    )
    sentences = [_amount(change), meaning]
    interval = result.interval
    if interval is not None and not math.isnan(interval.low):
        sentences.append(
            f"With other moments of the same two clips EDD would lie between {interval.low:.2f} "
            f"and {interval.high:.2f}, 95 times of 100."
        )
    sentences.append("The classifier judges what a face shows, not what a person feels.")
    return (*sentences, *notes)


def _amount(change: EmotionChange) -> str:
    """Return how much of the target there is, and as what the film is read where it is little."""
    before, after = change.mean
    if math.isnan(before) or math.isnan(after):
        return ""
    name, shares = change.emotion, dict(zip(change.labels, change.shares, strict=True))
    first = max(shares, key=lambda label: shares[label][1])
    read = "" if change.seen else f" Most moments are read as {first} ({shares[first][1]:.0%})."
    return (
        f"{change.classifier} gives {name} {_percent(before)} in the original and "
        f"{_percent(after)} in the new clip on average; {name} comes first in "
        f"{change.top[0]:.0%} of the moments before and {change.top[1]:.0%} after.{read}"
    )


def _percent(share: float) -> str:
    return "less than 1%" if 0 < share < 0.01 else f"{share:.0%}"


def _means(name: str, before: float, after: float, where: str, classifier: str) -> str:
    return (
        f"On average the classifier {classifier} gives {name} {before:.0%} {where} and {after:.0%} "
        "in the new clip. It judges what a face shows, not what a person feels."
    )


def _curves(scores: EmotionScores, target: str) -> str:
    from emoanim.evaluation.plots import svg, timelines

    figure = timelines(scores.times, scores.values.astype(np.float64), scores.labels, target=target)
    return svg(figure)
