"""What flows between the stages; shapes and units are said here, once.

Frames are ``uint8 (t, h, w, 3)`` RGB, images ``uint8 (h, w, 3)`` RGB; samples are ``float32 (n,)``
in [-1, 1] with their rate in Hz; times are seconds from the start of the clip, taken from
presentation timestamps; scores are ``float (t, k)`` with rows that sum to 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.emotion_scores import EmotionScores
from emoanim.emotions import EmotionPrompt, Passage
from emoanim.errors import InputError

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
]

_FULL_SCALE = {"int8": 2.0**7, "uint8": 2.0**7, "int16": 2.0**15, "int32": 2.0**31}
# No sound is 18 dB above full scale; what is kept in another unit mostly is.
_FAR_OUT = 8.0

Image = NDArray[np.uint8]
Frames = NDArray[np.uint8]


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
class Audio:
    """Mono sound.

    Integers are scaled by their type: int16 by 32768, int32 by 2**31, int8 by 128; uint8, whose
    silence is 128, as WAV files have it. Floats and all else are taken as they are and may leave
    the range a little, as a limiter or a resampler makes them.

    Attributes:
        samples: float32 (n,) in [-1, 1].
        rate: Hz.

    Raises:
        ValueError: more than one axis, values that are far out of range, or a rate that is not
            positive.
    """

    samples: NDArray[np.float32]
    rate: int

    if TYPE_CHECKING:  # what is taken is more than what is kept

        def __init__(self, samples: ArrayLike, rate: int) -> None: ...

    def __post_init__(self) -> None:
        if isinstance(self.samples, str | Path | Audio):
            raise ValueError(
                f"{_given(self.samples)} given as samples; expected numbers, shape (n,). Read a "
                "file with emoanim.media.read_audio."
            )
        number = isinstance(self.rate, int | float | np.number) and not isinstance(self.rate, bool)
        if not number or self.rate != round(self.rate):
            raise ValueError(f"rate {self.rate!r} given; expected a whole number of Hz, as 16000.")
        given = as_array(self.samples)
        if given.ndim != 1:
            raise ValueError(f"samples of shape {given.shape} given; expected mono, shape (n,).")
        if self.rate <= 0:
            raise ValueError(f"rate {self.rate} Hz given; expected a positive number.")
        samples = np.ascontiguousarray(given, dtype=np.float32)
        full = _FULL_SCALE.get(given.dtype.name)
        if full is not None:
            samples = (samples - (128.0 if given.dtype == np.uint8 else 0.0)) / np.float32(full)
        elif samples.size:
            low, high = float(np.fmin.reduce(samples)), float(np.fmax.reduce(samples))
            if low < -_FAR_OUT or high > _FAR_OUT:
                raise ValueError(
                    f"samples of {given.dtype} from {low:g} to {high:g} given; expected -1 to 1. "
                    "Divide them by their full scale (32768 for 16 bits), or give them as int16."
                )
        object.__setattr__(self, "samples", samples)

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / self.rate

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.duration:.2f} s at {self.rate} Hz)"

    def _repr_html_(self) -> str:
        from emoanim.notebook import audio_player

        return audio_player(self.samples, self.rate)


def _given(value: object) -> str:
    return "an Audio" if isinstance(value, Audio) else repr(str(value))


class Word(NamedTuple):
    """A spoken word with its start and end in seconds and its probability in [0, 1]."""

    text: str
    start: float
    end: float
    probability: float = 1.0


class Phone(NamedTuple):
    """A speech sound: ARPAbet symbol without stress ("AH", "B"; "SIL" is a pause), seconds."""

    symbol: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said.

    Attributes:
        text: the words with punctuation.
        language: ISO 639-1 code such as "en".
        words: with times, in order; empty if the backend gives none.
        duration: length of the audio in seconds.
    """

    text: str
    language: str = "en"
    words: tuple[Word, ...] = ()
    duration: float = 0.0


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A text in the target emotion and how it came about.

    Attributes:
        text: plain words that a voice can read out.
        notes: what the user should know.
        details: what the backend wants kept with the run (which sentences were changed and how).
    """

    text: str
    notes: tuple[str, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Recording(Audio):
    """Sound of which it is known what is said in it, and when.

    The pipeline gives one to the voice as its reference; a voice that asks for no more than
    ``Audio`` need not know.

    Attributes:
        transcript: the words, with their times in this sound; None if unknown.
        part: seconds from and to which the text stands for it; None if for all of it.
    """

    transcript: Transcript | None = None
    part: tuple[float, float] | None = None

    if TYPE_CHECKING:

        def __init__(
            self,
            samples: ArrayLike,
            rate: int,
            transcript: Transcript | None = None,
            part: tuple[float, float] | None = None,
        ) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """Speech that was made.

    Attributes:
        audio: the sound.
        text: the words it says.
        phones: their sounds in order of time, for the lips; empty if the backend gives none.
        language: ISO 639-1 code.
        details: what the backend wants kept with the run (voice, pitch shift, ...).
        time_map: for a voice that says the same recording again: pairs of seconds (in this sound,
            in the source), both rising, straight between; empty if there is no such map.
        passages: the emotions by the seconds of this sound, where they change; else empty.
    """

    audio: Audio
    text: str
    phones: tuple[Phone, ...] = ()
    language: str = "en"
    details: Mapping[str, Any] = field(default_factory=dict)
    time_map: tuple[tuple[float, float], ...] = ()
    passages: tuple[Passage, ...] = ()

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 60 else f"{self.text[:57]}..."
        return f"Speech({text!r}, {self.audio.duration:.2f} s, {len(self.phones)} phones)"

    def _repr_html_(self) -> str:
        from emoanim.notebook import audio_player, titled

        return titled(self.text, audio_player(self.audio.samples, self.audio.rate))


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
        ValueError: a rate that is not positive, or frames that cannot be read one by one.
    """

    fps: float
    size: tuple[int, int]
    length: int
    frames: Iterator[Image]

    def __post_init__(self) -> None:
        if not isinstance(self.fps, Real) or not 0.0 < self.fps < np.inf:
            raise ValueError(f"fps {self.fps!r} given; expected frames per second, such as 25.")
        if not isinstance(self.frames, Iterable):
            raise ValueError(f"{self.frames!r} given as frames; expected an iterator of pictures.")
        if isinstance(self.frames, Iterator) and not isinstance(self.frames, _ReadOnce):
            object.__setattr__(self, "frames", _ReadOnce(self.frames))
