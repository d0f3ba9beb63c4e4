from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.clips import EmotionScores, Frame
from emoanim.errors import InputError
from emoanim.scoring.clip_scores import BATCH, score_clip


@dataclass
class Numbered:
    """A clip whose frames carry their number; it knows how many were alive at once."""

    count: int
    size: tuple[int, int] = (8, 8)
    fps: float = 20.0
    read: int = 0

    @property
    def duration(self) -> float:
        return self.count / self.fps

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        for i in range(self.count):
            self.read += 1
            # a variable rate: the time is not the number over the rate
            yield Frame(i / self.fps + 0.001 * (i % 3), np.full((8, 8, 3), i, np.uint8))


class Batches:
    """Takes sequences only, as a third party's classifier may."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def classify(self, frames: Sequence[NDArray[np.uint8]] | NDArray[np.uint8]) -> EmotionScores:
        self.sizes.append(len(frames))
        share = np.array([f[0, 0, 0] / 255 for f in frames])
        return EmotionScores(("happy", "sad"), np.stack([share, 1 - share], 1), classifier="b")


class Stream(Batches):
    """Reads an iterable as it goes."""

    def __init__(self, clip: Numbered) -> None:
        super().__init__()
        self.clip = clip

    def classify_stream(self, frames: Iterable[NDArray[np.uint8]]) -> EmotionScores:
        images = []
        for i, frame in enumerate(frames):
            assert self.clip.read <= 3 * i + 1  # nothing was read ahead
            images.append(frame)
        return self.classify(images)


@pytest.mark.parametrize("every", [1, 3])
@pytest.mark.parametrize("streams", [True, False])
def test_every_nth_frame_with_its_time(streams: bool, every: int) -> None:
    clip = Numbered(100)
    classifier = Stream(clip) if streams else Batches()
    scores = score_clip(classifier, clip, every)
    numbers = np.arange(0, 100, every)
    assert scores.of("happy") * 255 == pytest.approx(numbers)
    assert scores.times == pytest.approx(numbers / 20 + 0.001 * (numbers % 3))
    assert scores.classifier == "b"
    assert sum(classifier.sizes) == len(numbers)
    if not streams:
        assert max(classifier.sizes) <= BATCH


@pytest.mark.parametrize("classifier", [Batches(), Stream(Numbered(0))])
def test_no_frames(classifier: Batches) -> None:
    with pytest.raises(InputError, match="without frames"):
        score_clip(classifier, Numbered(0))


def test_every_zero() -> None:
    with pytest.raises(InputError, match="every 0 given"):
        score_clip(Batches(), Numbered(3), 0)
