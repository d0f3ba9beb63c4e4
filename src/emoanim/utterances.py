"""Sound, what is said in it, and speech that was made; ``emoanim.clips`` has them too.

Samples are ``float32 (n,)`` in [-1, 1] with their rate in Hz; times are seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arguments import named, number_of, object_of, several_of
from emoanim.arrays import as_array
from emoanim.emotions import Passage
from emoanim.errors import InputError

__all__ = ["Audio", "Phone", "Recording", "Rewrite", "Speech", "Transcript", "Word"]

_FULL_SCALE = {"int8": 2.0**7, "uint8": 2.0**7, "int16": 2.0**15, "int32": 2.0**31}
# No sound is 18 dB above full scale; what is kept in another unit mostly is.
_FAR_OUT = 8.0


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
        InputError: more than one axis, values that are far out of range, or a rate that is not
            positive.
    """

    samples: NDArray[np.float32]
    rate: int

    if TYPE_CHECKING:  # what is taken is more than what is kept

        def __init__(self, samples: ArrayLike, rate: int) -> None: ...

    def __post_init__(self) -> None:
        if isinstance(self.samples, str | bytes | Path | Audio):
            raise InputError(
                f"{_given(self.samples)} given as samples; expected numbers, shape (n,). Read a "
                "file with emoanim.media.read_audio."
            )
        rate = number_of(self.rate, "rate", "a whole number of Hz, as 16000", least=1, whole=True)
        given = _array(self.samples)
        if given.ndim != 1:
            raise InputError(f"samples of shape {given.shape} given; expected mono, shape (n,).")
        object.__setattr__(self, "rate", rate)
        samples = np.ascontiguousarray(given, dtype=np.float32)
        full = _FULL_SCALE.get(given.dtype.name)
        if full is not None:
            samples = (samples - (128.0 if given.dtype == np.uint8 else 0.0)) / np.float32(full)
        elif samples.size:
            low, high = float(np.fmin.reduce(samples)), float(np.fmax.reduce(samples))
            if low < -_FAR_OUT or high > _FAR_OUT:
                raise InputError(
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


def _array(samples: object) -> NDArray[Any]:
    try:
        given = as_array(samples)
        real = given.dtype.kind in "buif" or (given.dtype.kind == "O" and not given.size)
        return given if real else given.astype(np.float32)
    except (TypeError, ValueError):
        raise InputError(
            f"{named(samples)} given as samples; expected numbers, shape (n,), in [-1, 1]."
        ) from None


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

    Raises:
        InputError: a text that is no str.
    """

    text: str
    language: str = "en"
    words: tuple[Word, ...] = ()
    duration: float = 0.0

    def __post_init__(self) -> None:
        object_of(str, self.text, "the text of a Transcript", "what was said, a str")


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

    Raises:
        InputError: no Audio, or a text that is no str.
    """

    audio: Audio
    text: str
    phones: tuple[Phone, ...] = ()
    language: str = "en"
    details: Mapping[str, Any] = field(default_factory=dict)
    time_map: tuple[tuple[float, float], ...] = ()
    passages: tuple[Passage, ...] = ()

    def __post_init__(self) -> None:
        object_of(Audio, self.audio, "the sound of a Speech", "emoanim.Audio(samples, rate)")
        object_of(str, self.text, "the text of a Speech", "the words that it says, a str")
        several_of(self.phones, "the phones of a Speech", "a tuple of emoanim.Phone")

    def __repr__(self) -> str:
        text = self.text if len(self.text) <= 60 else f"{self.text[:57]}..."
        return f"Speech({text!r}, {self.audio.duration:.2f} s, {len(self.phones)} phones)"

    def _repr_html_(self) -> str:
        from emoanim.notebook import audio_player, titled

        return titled(self.text, audio_player(self.audio.samples, self.audio.rate))
