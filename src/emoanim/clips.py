"""What flows between the stages; shapes and units are said here, once.

Frames are ``uint8 (t, h, w, 3)`` RGB, images ``uint8 (h, w, 3)`` RGB; samples are ``float32 (n,)``
in [-1, 1] with their rate in Hz; times are seconds from the start of the clip, taken from
presentation timestamps; scores are ``float (t, k)`` with rows that sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import named, number_of, object_of
from emoanim.emotion_scores import EmotionScores
from emoanim.emotions import EmotionPrompt
from emoanim.errors import InputError
from emoanim.utterances import Audio, Phone, Recording, Rewrite, Speech, Transcript, Word

__all__ = [
    "Animation",
    "Audio",
    "Clip",
    "EmotionScores",
    "FileClip",
    "Frame",
    "NotedClip",
    "Phone",
    "Portrait",
    "Recording",
    "Rewrite",
    "SeekableClip",
    "SoundClip",
    "Speech",
    "TimedClip",
    "Transcript",
    "Word",
    "is_picture",
]

Image = NDArray[np.uint8]
Frames = NDArray[np.uint8]


def is_picture(given: object) -> bool:
    """Whether this is uint8 (h, w, 3)."""
    if not isinstance(given, np.ndarray) or given.dtype != np.uint8:
        return False
    return given.ndim == 3 and given.shape[2] == 3


class Frame(NamedTuple):
    """One picture of a clip.

    Attributes:
        time: presentation time in seconds from the start of the clip.
        image: uint8 (h, w, 3) RGB, rotation already applied.
    """

    time: float
    image: Image


@runtime_checkable
class Clip(Protocol):
    """A video that can be read again and again without being held in memory."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, rotation applied."""

    @property
    def duration(self) -> float:
        """Seconds."""

    @property
    def fps(self) -> float:
        """Mean frame rate in Hz."""

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Yield the frames with ``start <= time < end`` in order of time."""


@runtime_checkable
class SeekableClip(Protocol):
    """An ability of a clip: give the frames that are shown at some times without reading all."""

    def frames_at(self, times: Sequence[float]) -> Iterator[Frame]:
        """Yield for each of the ascending times, in seconds, the frame that is shown then."""


@runtime_checkable
class SoundClip(Protocol):
    """An ability of a clip: it has sound."""

    def audio(self) -> Audio:
        """Return the sound from the first picture on."""


@runtime_checkable
class FileClip(Protocol):
    """An ability of a clip: say which file it is read from."""

    @property
    def path(self) -> Path:
        """The file."""


@runtime_checkable
class TimedClip(Protocol):
    """An ability of a clip: say when its frames are shown, without reading them."""

    @property
    def times(self) -> Sequence[float]:
        """Seconds from the start, ascending, one for each frame."""


@runtime_checkable
class NotedClip(Protocol):
    """An ability of a clip: say what a user should know of how it was read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """One sentence each."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A still of the person in the target emotion.

    Attributes:
        image: uint8 (h, w, 3) RGB, with the emotion.
        original: the frame it was made from, same shape; an animator that can do the emotion
            itself starts from it, so that no pixel is resampled twice.
        quality: fitness for animation in [0, 1] (face frontal, sharp, eyes open); None if unknown.
        emoter: name of the backend that made it.
        time: time of the frame in its clip, seconds; set by the pipeline.
        prompt: the emotion; set by the pipeline.
        details: what the backend wants kept with the run.
        state: what the emoter leaves for an animator that knows its type; not in the record.
        again: makes the same frame in another emotion, where emotions change within a clip; set
            by the pipeline.

    Raises:
        InputError: a picture that is none.
    """

    image: Image
    original: Image
    quality: float | None = None
    emoter: str = ""
    time: float | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    state: object | None = None
    again: Callable[[EmotionPrompt], Portrait] | None = None
    prompt: EmotionPrompt | None = None

    def __post_init__(self) -> None:
        for name in ("image", "original"):
            given: object = getattr(self, name)
            if not isinstance(given, np.ndarray) or given.ndim < 2:
                raise InputError(
                    f"{named(given)} given as the {name} of a Portrait; expected uint8 (h, w, 3) "
                    "RGB. Read a picture with emoanim.media.read_image."
                )
        if self.quality is not None:
            number_of(self.quality, "the quality of a Portrait", "a number in [0, 1], or None")

    def __repr__(self) -> str:
        height, width = self.image.shape[:2]
        emotion = "" if self.prompt is None else f"{self.prompt.text!r}, "
        quality = None if self.quality is None else round(self.quality, 3)
        return f"Portrait({width}x{height}, {emotion}quality={quality}, emoter={self.emoter!r})"

    def _repr_html_(self) -> str:
        from emoanim.notebook import pixels, side_by_side

        emotion = "emoted" if self.prompt is None else self.prompt.text
        cells = (("a frame", self.original), (emotion, self.image))
        return side_by_side([(title, pixels(image, title)) for title, image in cells])


class _ReadOnce(Iterator[Image]):
    """Frames that are made as they are read: a loop over them after their end is refused."""

    def __init__(self, frames: Iterator[Image]) -> None:
        self._frames = frames
        self._ended = False

    def __iter__(self) -> Self:
        if self._ended:
            raise InputError(
                "the frames were read to their end and can be read once: they are made as they "
                "are read. Keep them from the first loop, list(animation.frames), or run again."
            )
        return self

    def __next__(self) -> Image:
        try:
            return next(self._frames)
        except StopIteration:
            self._ended = True
            raise

    def close(self) -> None:
        """Give up what makes the frames, if it can be."""
        close = getattr(self._frames, "close", None)
        if close is not None:
            close()


@dataclass(frozen=True, slots=True, eq=False)
class Animation:
    """A moving picture, made as it is read.

    Attributes:
        fps: frames per second.
        size: width and height in pixels.
        length: number of frames.
        frames: yields uint8 (h, w, 3) RGB; can be read once, a second loop is an ``InputError``.

    Raises:
        InputError: a rate that is not positive, or frames that cannot be read one by one.
    """

    fps: float
    size: tuple[int, int]
    length: int
    frames: Iterator[Image]

    def __post_init__(self) -> None:
        number_of(self.fps, "fps", "frames per second, such as 25", least=1e-6)
        object_of(Iterable, self.frames, "the frames", "an iterator of pictures")
        if isinstance(self.frames, Iterator) and not isinstance(self.frames, _ReadOnce):
            object.__setattr__(self, "frames", _ReadOnce(self.frames))
