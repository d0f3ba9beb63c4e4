"""The voice ``own``: the speaker's own recording, said in the emotion; the words stay."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from emoanim.clips import Audio, Phone, Recording, Speech, Transcript, Word
from emoanim.emotions import EmotionPrompt
from emoanim.engines.hibari import reading
from emoanim.engines.own_voice import Take, manner_of, say_again
from emoanim.errors import NoSpeechError
from emoanim.language.said_again import transcript_of
from emoanim.language.word_times import timed
from emoanim.registry.bounds import check_range
from emoanim.registry.verbs import options_repr, verb

__all__ = ["OwnVoice"]

_SHORTEST = 0.2
_SILENCE_PEAK = 1e-3
_LONGEST = 0.15
_LEAST_VOICED = 0.2
_UNVOICED = (
    "hardly any voice with a pitch was heard (a whisper, noise or music?), so the emotion shows in "
    "pace, pauses and loudness only"
)


class _Heard(NamedTuple):
    """A recording that was read: its frames, words and sounds."""

    take: Take
    words: tuple[Word, ...]
    phones: tuple[Phone, ...]

    def within(self, start: float, end: float) -> _Heard:
        """Return the part between two seconds, times from its own start."""
        take = self.take.part(start, end)
        words = tuple(
            word._replace(start=word.start - start, end=word.end - start)
            for word in self.words
            if start <= (word.start + word.end) / 2.0 < end
        )
        length = take.audio.duration
        phones = tuple(
            Phone(phone.symbol, max(phone.start - start, 0.0), min(phone.end - start, length))
            for phone in self.phones
            if phone.start < start + length and phone.end > start
        )
        return _Heard(take, words, phones or (Phone("SIL", 0.0, length),))


class OwnVoice:
    """The recording itself in another manner: pitch, spectrum, tempo, pauses and level.

    It says what was said in the recording and nothing else, so it goes with the text emoter
    ``keep``. Any language; English gets its sounds by alignment, others by the transcript's times.

    Args:
        seed: of tremor, roughness and the room's noise; same seed, same sound.
        fit: keep the length within 15 % of the recording's.

    One instance may be used from many threads.
    """

    licence = "Apache-2.0"
    abilities = ("intensity", "surprise", "phones", "offline")

    def __init__(self, seed: int = 0, fit: bool = True) -> None:
        check_range("seed", seed, 0)
        self.seed = seed
        self.fit = fit
        self._last: tuple[tuple[int, int, str], _Heard] | None = None

    __repr__ = options_repr

    @verb
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Say the recording again in the emotion.

        Args:
            text: what is said in the recording, as it is.
            prompt: the emotion and its strength; at 0 the recording comes back as it is.
            reference: the recording. A ``Recording`` with a transcript lends its word times, and
                the text must be its words.

        Returns:
            Mono sound at the recording's rate, with phones, and with ``time_map`` from its
            seconds to the recording's.

        Raises:
            InputError: other words than the recording's.
            NoSpeechError: the recording is silent or shorter than 0.2 s.
            MissingExtraError: pyworld is not installed.
        """
        part = reference.part if isinstance(reference, Recording) else None
        transcript = transcript_of(text, reference, "own")
        peak = float(np.abs(reference.samples).max(initial=0.0))
        if reference.duration < _SHORTEST or peak < _SILENCE_PEAK:
            raise NoSpeechError(
                f"a recording of {reference.duration:.2f} s with a peak of {peak:.4f} given; "
                "the voice 'own' changes how a recording is said, so expected one with speech. "
                "Give a clip with speech."
            )
        heard = self._heard(reference, transcript)
        if part is not None:
            heard = heard.within(*part)
        take = heard.take
        lead = 0.0 if part is None else part[0]
        said = say_again(
            take,
            heard.phones,
            heard.words,
            manner_of(prompt, take.median),
            longest=_LONGEST if self.fit else None,
            seed=self.seed,
        )
        return Speech(
            said.audio,
            text,
            said.phones,
            transcript.language,
            {
                "voice": "own recording",
                "register_hz": take.median and round(take.median, 1),
                "length_factor": round(said.audio.duration / take.audio.duration, 3),
                "breaks": said.breaks,
                "seed": self.seed,
                "cloned": False,
                **({"note": _UNVOICED} if take.voiced_share < _LEAST_VOICED else {}),
            },
            tuple((new, old + lead) for new, old in said.time_map),
        )

    def release(self) -> None:
        """Let go of the last recording and of what reads English; the next call reads again."""
        self._last = None
        reading.release()

    def _heard(self, reference: Audio, transcript: Transcript) -> _Heard:
        """Read the recording; the last one is kept, for it is often asked for in many emotions."""
        key = (hash(reference.samples.tobytes()), reference.rate, transcript.text)
        last = self._last
        if last is not None and last[0] == key:
            return last[1]
        take = Take.of(Audio(reference.samples, reference.rate))
        words, phones = timed(take.audio, transcript)
        heard = _Heard(take, words, phones or (Phone("SIL", 0.0, take.audio.duration),))
        self._last = key, heard
        return heard
