"""What the cues make of the frames of a take: pitch, level and spectrum; the room stays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.own_voice.melody import bridged, contour, trembling
from emoanim.engines.own_voice.spoken import Spoken
from emoanim.engines.own_voice.take import Take
from emoanim.sound.colour import effort_shape, smooth
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.vocoder import PERIOD, World, coloured

__all__ = ["Voicing", "between"]

_LOWEST_SWING, _HIGHEST_SWING = -12.0, 6.0
_PUNCH_DB = 1.0
_EASE = 0.12
_UNVOICED_EFFORT, _UNVOICED_LEVEL = 0.35, 0.6
_LEAST_SPEECH = 1e-3
# The noise's power swings around its mean: of twice the mean hardly anything is left as speech.
_OVER = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Voicing:
    """How the frames of a take are to sound.

    Attributes:
        take: the recording.
        cues: how to say it.
        semitones: new pitch above the median for every frame of the take, (t,).
        gain: dB for every frame of the take: swings of energy, stress, level, (t,).
        share: how far each frame follows the cues: 1, but falling to 0 at the ends of a part that
            is cut out of a sounding voice, so that two parts meet at the recording, (t,).
    """

    take: Take
    cues: Cues
    semitones: NDArray[np.float64]
    gain: NDArray[np.float64]
    share: NDArray[np.float64]

    @classmethod
    def of(cls, take: Take, spoken: Spoken, cues: Cues) -> Voicing:
        """Prepare: pitch and gain of every frame; what is light is done for the whole at once."""
        voiced = take.f0 > 0
        median = take.median
        if median is None:
            nothing = np.zeros(len(take.f0))
            return cls(take, cues, nothing, nothing + cues.level, nothing + 1.0)
        semitones = contour(take.f0, median, spoken, cues)
        gain = _swing(take.level, voiced, cues.swing) + _PUNCH_DB * cues.punch * spoken.stress
        # Effort and formants change a voice's sound, not how loud it is: that is the level.
        speech = _speech(take.spectra, take.noise)
        f0 = median * 2.0 ** (semitones[take.sampled] / 12.0)
        now = coloured(World(f0, speech, np.zeros_like(speech), take.audio.rate), cues).spectrum
        now = now * 10.0 ** (gain[take.sampled] / 10.0)[:, None]
        louder = 10.0 * np.log10(now.sum() / speech.sum()) if len(speech) else 0.0
        share = _share(take)
        own = 12.0 * np.log2(bridged(take.f0) / median)
        semitones = own + share * (semitones - own)
        return cls(take, cues, semitones, gain - louder + cues.level, share)

    def pitch(self, position: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
        """Return Hz at places in the take (frames, with fractions), 0 where unvoiced, (n,).

        Without a median nothing counts as voiced: there is no pitch to give it.
        """
        if self.take.median is None:
            return np.zeros(len(position))
        voiced = between((self.take.f0 > 0).astype(np.float64), position) > 0.5
        semitones = between(self.semitones, position)
        return trembling(semitones, voiced, self.take.median, self.cues, rng)

    def colour(
        self, position: NDArray[np.float64], f0: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
        """Return what changes the sound at places in the take, (n,).

        Args:
            position: frames of the take, with fractions.
            f0: the new pitch there, Hz, 0 where unvoiced.

        Returns:
            dB for the recording, (n, k), none where only the room is heard; and dB of the breath
            to be added, for white noise of unit power, (n, k), or None.
        """
        noise = self.take.noise
        first = int(position.min())
        spectrum = self.take.spectrum(first, min(len(self.take.f0), int(position.max()) + 2))
        spectrum = np.exp(between(np.log(spectrum + 1e-20), position - first))
        speech = _speech(spectrum, noise)
        parts = World(f0, speech, np.zeros_like(speech), self.take.audio.rate)
        said = coloured(parts, self.cues)
        now = said.spectrum * 10.0 ** (between(self.gain, position) / 10.0)[:, None]
        voice = 10.0 * np.log10((now + spectrum - speech) / spectrum)
        effort = _UNVOICED_EFFORT * self.cues.effort * effort_shape(parts.frequency)
        present = np.clip(1.0 - _OVER * noise / spectrum, 0.0, 1.0)
        rest = present * (effort + _UNVOICED_LEVEL * self.cues.level)
        share = smooth((f0 > 0).astype(np.float64), 3)[:, None]
        breath = None
        if self.cues.breath > 0.0:
            breath = 10.0 * np.log10(said.aperiodicity**2 * now + 1e-20)
        follows = between(self.share, position)[:, None]
        return follows * (share * voice + (1.0 - share) * rest), breath


def between(frames: NDArray[np.float64], position: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the frames at places between them, by straight lines; beyond the ends the last."""
    low = np.clip(np.floor(position).astype(np.int64), 0, len(frames) - 1)
    high = np.minimum(low + 1, len(frames) - 1)
    part = np.clip(position - low, 0.0, 1.0)
    if frames.ndim == 2:
        part = part[:, None]
    return np.asarray(frames[low] * (1.0 - part) + frames[high] * part)


def _swing(
    level: NDArray[np.float64], voiced: NDArray[np.bool_], factor: float
) -> NDArray[np.float64]:
    """Return dB by which the energy of voiced frames swings further around its median."""
    away = np.clip(level - np.median(level[voiced]), _LOWEST_SWING, _HIGHEST_SWING)
    indices = np.flatnonzero(voiced)
    return smooth(np.interp(np.arange(len(level)), indices, away[indices]) * (factor - 1.0), 15)


def _share(take: Take) -> NDArray[np.float64]:
    """Return how far each frame of a take follows the cues, 0 to 1."""
    share = np.ones(len(take.f0))
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.clip(np.arange(len(share)) * PERIOD / _EASE, 0.0, 1.0))
    if take.goes_on[0]:
        share *= ramp
    if take.goes_on[1]:
        share *= ramp[::-1]
    return share


def _speech(spectrum: NDArray[np.float64], noise: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the power without the room's."""
    return np.maximum(spectrum - _OVER * noise, _LEAST_SPEECH * spectrum)
