"""The offline voice: hibari's network, with the prosody of an emotion and a speaker's register."""

from __future__ import annotations

import functools
import threading
from collections.abc import Sequence
from textwrap import shorten
from typing import Any

import numpy as np

from emoanim.clips import Audio, Recording, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.hibari import network, reading
from emoanim.engines.hibari.manner import manner_of
from emoanim.engines.hibari.network import RATE, Network
from emoanim.engines.hibari.reading import Reader, Sentence
from emoanim.engines.hibari.register import VOICE_F0, Register, register_of
from emoanim.engines.hibari.speaking import say, speaker_pacing
from emoanim.errors import InputError, SettingsError
from emoanim.language.guess import primary_subtag
from emoanim.registry.bounds import check_range
from emoanim.registry.verbs import options_repr, verb
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.loudness import as_loud_as

__all__ = ["HibariVoice"]

_SAMPLE = (
    "The boy was there when the sun rose, and a rod is used to catch pink salmon. "
    "We talked about the new shoes and the old house for a long time."
)
_LAST_LATIN = 0x24F
# Shares of words in no English dictionary: a third at most in English sentences full of names,
# .25 to .9 in single sentences of eight other languages.
_GUESSED, _GUESSED_ABROAD = 0.4, 0.2
_LEAST_WORDS = 5


class HibariVoice:
    """English speech with emotional prosody, in the register of the reference speaker.

    Pitch, formants, the long-term spectrum, the pace and the pauses are the reference's, and every
    moment takes on most of the spectrum of a moment of the reference that is like it: a likeness,
    no clone of the speaker's voice.

    Args:
        seed: of the noise and of the small variations; same seed, same sound.
        pitch: median pitch in Hz; None takes the reference's.
        formants: factor on the formants (below 1 a longer vocal tract), 0.7 to 1.2; None takes
            the reference's.
        rate: factor on the speed, 0.5 to 2.
        threads: CPU threads of the network.
        fit: keep the length within 15 % of the reference's, where it is known what was said in
            it and the text can be spoken that fast or slowly.
        colour: take on the reference's long-term spectrum, timbre and moments of its spectrum.

    One instance may be used from many threads.

    Raises:
        SettingsError: an option out of its range.
    """

    languages: tuple[str, ...] = ("en",)

    def __init__(
        self,
        seed: int = 0,
        pitch: float | None = None,
        formants: float | None = None,
        rate: float = 1.0,
        threads: int = 1,
        fit: bool = True,
        colour: bool = True,
    ) -> None:
        check_range("seed", seed, 0)
        if pitch is not None and not 60.0 <= pitch <= 450.0:
            raise SettingsError(f"pitch {pitch} Hz given; expected 60 to 450, or None.")
        if formants is not None and not 0.7 <= formants <= 1.2:
            raise SettingsError(f"formants {formants} given; expected 0.7 to 1.2, or None.")
        if not 0.5 <= rate <= 2.0:
            raise SettingsError(f"rate {rate} given; expected 0.5 to 2.")
        if threads < 1:
            raise SettingsError(f"threads {threads} given; expected 1 or more.")
        self.seed = seed
        self.pitch = pitch
        self.formants = formants
        self.rate = rate
        self.threads = threads
        self.fit = fit
        self.colour = colour
        self._known: tuple[Audio, Register] | None = None
        self._lock = threading.Lock()

    __repr__ = options_repr

    @verb
    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Say the text in the emotion.

        Args:
            text: English; sentences may be many.
            prompt: the emotion and its strength.
            reference: the speaker; a silent one leaves the voice as it is. A ``Recording`` with
                the times of its words also gives the pace, the pauses and the length, of its
                ``part`` if it has one.

        Returns:
            Mono sound at 24 kHz with exact phone times, as loud as the reference (or -23 LUFS),
            more or less by what the emotion adds.

        Raises:
            InputError: the text holds nothing that can be said, or is not English.
            MissingExtraError: the voice's packages are not installed.
        """
        with self._lock:
            reader, networks = self._reader, self._network
        sentences = reader.sentences(text)
        language = _language(reference)
        if not any(s.words for s in sentences) or _foreign(text, sentences, language):
            heard = "" if language == "en" else f" to a recording in the language {language!r}"
            begins = shorten(text, 60, placeholder="...")
            raise InputError(
                f"the text {begins!r} given{heard}; expected English words that can be "
                "said: this voice speaks English only. Give an English text, another voice, or "
                "the preset own, which keeps the recording itself."
            )
        register = self._register_of(reference)
        cues = manner_of(prompt, register.f0)
        pacing = None
        if isinstance(reference, Recording) and reference.transcript is not None:
            pacing = speaker_pacing(reference.transcript, reference.duration, reader, networks)
            if pacing is not None and reference.part is not None:
                pacing = pacing.within(reference.transcript.words, *reference.part)
        utterance = say(
            sentences,
            cues,
            register,
            reader,
            networks,
            rate=self.rate,
            pacing=pacing,
            fit=self.fit,
            seed=self.seed,
        )
        # What a telephone lacks can only be matched by raising the rest, far over full scale.
        highest = float(np.abs(utterance.samples).max(initial=1.0))
        audio = as_loud_as(Audio(utterance.samples / highest, RATE), reference, cues.level)
        details: dict[str, Any] = {
            "voice": "hibari heart",
            "pitch_hz": round(register.f0 * 2.0 ** (cues.pitch / 12.0), 1),
            "register_hz": round(register.f0, 1),
            "emotion_semitones": round(cues.pitch, 2),
            "formant_scale": round(register.formants, 3),
            "effort_db": round(cues.effort, 2),
            "level_db": round(cues.level, 2),
            "pace": round(utterance.pace, 3),
            "seed": self.seed,
            "cloned": False,
        }
        if utterance.fit is not None and not utterance.fit.reached:
            took = pacing.duration if pacing else reference.duration
            details["note"] = (
                f"the text takes {audio.duration:.1f} s where the original took "
                f"{took:.1f} s; saying it within 15 % of that would not be speakable"
            )
        return Speech(audio, text, utterance.phones, "en", details)

    def release(self) -> None:
        """Let go of the networks and of what reads English; the next call loads them again."""
        with self._lock:
            for loaded in ("_reader", "_network", "_itself"):
                self.__dict__.pop(loaded, None)
            self._known = None
        network.release()
        reading.release()

    def _register_of(self, reference: Audio) -> Register:
        """Measure a reference; the last one is known, for who speaks sentence by sentence."""
        known = self._known
        if known is None or known[0] is not reference:
            register = register_of(reference, self._own, self.pitch, self.formants, self.colour)
            known = self._known = (reference, register)
        return known[1]

    @functools.cached_property
    def _reader(self) -> Reader:
        return Reader()

    @functools.cached_property
    def _network(self) -> Network:
        return Network(self.threads)

    def _own(self, register: Register) -> Audio:
        """The voice itself, to be measured like the reference."""
        plain = (register.f0, register.formants, register.spread) == (VOICE_F0, 1.0, 1.0)
        if plain and not len(register.colour):
            return self._itself
        return self._sample(register)

    @functools.cached_property
    def _itself(self) -> Audio:
        return self._sample(Register())

    def _sample(self, register: Register) -> Audio:
        sentences = self._reader.sentences(_SAMPLE)
        return Audio(say(sentences, Cues(), register, self._reader, self._network).samples, RATE)


def _language(reference: Audio) -> str:
    """Return the language that was heard in a recording; "en" if nobody listened."""
    if isinstance(reference, Recording) and reference.transcript is not None:
        return primary_subtag(reference.transcript.language) or "en"
    return "en"


def _foreign(text: str, sentences: Sequence[Sentence], language: str) -> bool:
    """Tell whether a text is no English, by its script and by what no dictionary of words has.

    A few names are in none either, so that it takes more of them where the recording is English.
    """
    letters = [c for c in text if c.isalpha()]
    if sum(ord(c) > _LAST_LATIN for c in letters) > 0.2 * len(letters):
        return True
    words = sum(len(s.words) for s in sentences)
    share = sum(s.guessed for s in sentences) / max(words, 1)
    most = _GUESSED if language == "en" else _GUESSED_ABROAD
    return words >= _LEAST_WORDS and share > most
