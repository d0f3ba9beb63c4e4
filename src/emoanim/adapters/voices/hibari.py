"""The offline voice: hibari's network, with the prosody of an emotion and a speaker's register."""

from __future__ import annotations

import functools
import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone, Speech
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.hibari.delivery import (
    VOICE_F0,
    creak_curve,
    energy_curve,
    pitch_curve,
    timed,
)
from emoanim.engines.hibari.network import FRAME, RATE, Network
from emoanim.engines.hibari.phone_times import phones
from emoanim.engines.hibari.reading import Reader, Sentence
from emoanim.engines.hibari.styles import Style, style_of
from emoanim.engines.hibari.timbre import coloured, rough_pitch
from emoanim.errors import InputError, SettingsError
from emoanim.extras import require
from emoanim.sound.signals import fade, levelled, resample
from emoanim.sound.speaker import Speaker, describe, formant_scale

__all__ = ["HibariVoice"]

_GAPS = {".": 0.32, "!": 0.3, "?": 0.34, "…": 0.5, ":": 0.25, ";": 0.22, ",": 0.12, "—": 0.15}
_SAMPLE = (
    "The boy was there when the sun rose, and a rod is used to catch pink salmon. "
    "We talked about the new shoes and the old house for a long time."
)
# The network was trained near its own pitch; beyond this many semitones only the pulses follow.
_REACH = 11.0
_LAST_LATIN = 0x24F


@dataclass(frozen=True, slots=True)
class _Register:
    """Where the speaker's voice lies: median pitch in Hz, factor on the formants."""

    f0: float
    formants: float


class HibariVoice:
    """English speech with emotional prosody, in the register of the reference speaker.

    Pitch and formants are moved to the reference's; it is not a clone of the speaker's voice.

    Args:
        seed: of the noise and of the small variations; same seed, same sound.
        pitch: median pitch in Hz; None takes the reference's.
        formants: factor on the formants (below 1 a longer vocal tract), 0.7 to 1.2; None takes
            the reference's.
        rate: factor on the speed, 0.5 to 2.
        threads: CPU threads of the network.

    One instance may be used from many threads.

    Raises:
        SettingsError: an option out of its range.
    """

    licence = "Apache-2.0"
    abilities = ("intensity", "surprise", "phones", "offline")

    def __init__(
        self,
        seed: int = 0,
        pitch: float | None = None,
        formants: float | None = None,
        rate: float = 1.0,
        threads: int = 1,
    ) -> None:
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
        self._lock = threading.Lock()

    def speak(self, text: str, prompt: EmotionPrompt, reference: Audio) -> Speech:
        """Say the text in the emotion.

        Args:
            text: English; sentences may be many.
            prompt: the emotion and its strength.
            reference: the speaker whose pitch and formants are taken; a silent one leaves the
                voice as it is.

        Returns:
            Mono sound at 24 kHz, -20 dBFS in its loud parts, with exact phone times.

        Raises:
            InputError: the text holds nothing that can be said.
            MissingExtraError: the voice's packages are not installed.
        """
        with self._lock:
            reader, network = self._reader, self._network
        sentences = reader.sentences(text)
        if not any(s.words for s in sentences) or _foreign(text):
            raise InputError(
                f"the text {text!r} given; expected English words that can be said: this voice "
                "speaks English only. Give an English text, or another voice."
            )
        style = style_of(prompt)
        register = self._register(reference)
        rng = np.random.default_rng(self.seed)
        sounds: list[NDArray[np.float32]] = []
        said: list[Phone] = []
        at = 0
        for place, sentence in enumerate(sentences):
            samples, spoken = self._say(sentence, style, register, reader, network, rng)
            if place + 1 < len(sentences):
                gap = _GAPS.get(sentence.end, 0.3) * style.pause / self.rate
                samples = np.pad(samples, (0, int(gap * RATE)))
            said += _placed(spoken, at / RATE, (at + len(samples)) / RATE)
            sounds.append(samples)
            at += len(samples)
        samples = levelled(np.concatenate(sounds), RATE)
        return Speech(
            Audio(samples, RATE),
            text,
            tuple(said),
            "en",
            {
                "voice": "hibari heart",
                "pitch_hz": round(register.f0 * 2.0 ** (style.pitch / 12.0), 1),
                "register_hz": round(register.f0, 1),
                "emotion_semitones": round(style.pitch, 2),
                "formant_scale": round(register.formants, 3),
                "effort_db": round(style.effort, 2),
                "seed": self.seed,
                "cloned": False,
            },
        )

    @functools.cached_property
    def _reader(self) -> Reader:
        return Reader()

    @functools.cached_property
    def _network(self) -> Network:
        return Network(self.threads)

    @functools.cached_property
    def _own(self) -> Speaker | None:
        """The voice itself, measured like the reference."""
        neutral = EmotionPrompt(Emotion.NEUTRAL, 0.0)
        register = _Register(VOICE_F0, 1.0)
        rng = np.random.default_rng(0)
        parts = [
            self._say(s, style_of(neutral), register, self._reader, self._network, rng)[0]
            for s in self._reader.sentences(_SAMPLE)
        ]
        return describe(Audio(np.concatenate(parts), RATE))

    def _register(self, reference: Audio) -> _Register:
        f0, formants = self.pitch, self.formants
        if f0 is None or formants is None:
            speaker = describe(reference)
            own = self._own
            if f0 is None:
                f0 = speaker.f0 if speaker else VOICE_F0
            if formants is None:
                formants = formant_scale(speaker, own) if speaker and own else 1.0
        return _Register(f0, formants)

    def _say(
        self,
        sentence: Sentence,
        style: Style,
        register: _Register,
        reader: Reader,
        network: Network,
        rng: np.random.Generator,
    ) -> tuple[NDArray[np.float32], list[Phone]]:
        """Return one sentence at 24 kHz and its sounds.

        Formants move by playing the sound slower or faster: the network speaks at a pitch and a
        pace from which the resampled sound comes out at those wanted.
        """
        scale = round(register.formants * style.smile * 200.0) / 200.0
        dsp = require("hibari.dsp", "hibari")
        ids = reader.ids(sentence.symbols)
        pace = style.pace * self.rate / scale
        durations = timed(network.durations(ids), sentence.symbols, style, pace)
        f0, energy = network.melody(ids, durations)
        base = register.f0 / scale
        pitch = pitch_curve(f0, sentence.symbols, durations, style, base, rng)
        energy = energy_curve(energy, sentence.symbols, durations, style, rng)
        reach = VOICE_F0 * 2.0 ** (np.array([-_REACH, _REACH]) / 12.0)
        near = np.where(pitch > 0, np.clip(pitch, *reach), 0.0).astype(np.float32)
        spectra = coloured(network.spectra(ids, durations, near, energy), pitch, style, rng)
        creak = creak_curve(pitch, sentence.symbols, durations, style)
        samples = dsp.synth(*spectra, rough_pitch(pitch, creak, style, rng), rng)
        played = Audio(np.asarray(samples, np.float32), round(RATE * scale))
        samples = fade(resample(played, RATE).samples, RATE)
        return samples, phones(sentence.symbols, durations, FRAME / scale)


def _foreign(text: str) -> bool:
    """Tell whether a good part of the letters is of another script than the Latin one."""
    letters = [c for c in text if c.isalpha()]
    return sum(ord(c) > _LAST_LATIN for c in letters) > 0.2 * len(letters)


def _placed(spoken: list[Phone], start: float, end: float) -> list[Phone]:
    """Return the sounds moved to ``start``; a pause covers what is left until ``end``."""
    out = [Phone(p.symbol, p.start + start, p.end + start) for p in spoken]
    if out and out[-1].symbol == "SIL":
        out[-1] = Phone("SIL", out[-1].start, end)
    return out
