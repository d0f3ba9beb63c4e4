"""Scoring a clip with a frame classifier, frame by frame, with times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import number_of, object_of
from emoanim.clips import Clip, EmotionScores
from emoanim.errors import InputError
from emoanim.protocols import FrameEmotionClassifier, Streaming

__all__ = ["score_clip"]

BATCH = 32
"""Frames that are held for a classifier that does not read a stream."""


def score_clip(classifier: FrameEmotionClassifier, clip: Clip, every: int = 1) -> EmotionScores:
    """Return the scores of a clip's frames with their times; memory does not grow with length.

    A classifier with ``classify_stream`` is given the frames as they are read, so that it can
    follow one person through the whole clip; any other is given batches of 32 frames.

    Args:
        classifier: any.
        clip: read once.
        every: score every n-th frame, from the first on.

    Raises:
        InputError: the clip has no frames, or ``every`` is less than one.
    """
    object_of(FrameEmotionClassifier, classifier, "the classifier", "an object with classify()")
    object_of(Clip, clip, "the clip", "emoanim.media.Video(path), or another Clip")
    every = every_of(every)
    times: list[float] = []

    def images() -> Iterator[NDArray[np.uint8]]:
        for index, frame in enumerate(clip.frames()):
            if index % every == 0:
                times.append(frame.time)
                yield frame.image

    if isinstance(classifier, Streaming):
        parts = [classifier.classify_stream(images())]
    else:
        parts = list(_in_batches(classifier, images()))
    if not times:
        raise InputError("a clip without frames was given; expected at least one. Check the file.")
    return replace(EmotionScores.joined(parts), times=np.asarray(times, np.float64))


def every_of(given: object) -> int:
    """Return how many frames there are from one that is scored to the next.

    Raises:
        InputError: it is no number of frames.
    """
    expected = "1 for all frames, 2 for every other ..."
    return int(number_of(given, "every", expected, least=1, whole=True))


def _in_batches(
    classifier: FrameEmotionClassifier, images: Iterator[NDArray[np.uint8]]
) -> Iterator[EmotionScores]:
    batch: list[NDArray[np.uint8]] = []
    for image in images:
        batch.append(image)
        if len(batch) == BATCH:
            yield classifier.classify(batch)
            batch = []
    if batch:
        yield classifier.classify(batch)
