"""One sentence as sound: the network, with an emotion between its stages."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio, Phone
from emoanim.engines.hibari.delivery import creak_curve, energy_curve, pitch_curve
from emoanim.engines.hibari.network import FRAME, RATE, Network
from emoanim.engines.hibari.phone_times import phones
from emoanim.engines.hibari.reading import Symbol
from emoanim.engines.hibari.register import VOICE_F0, Register, tract
from emoanim.engines.hibari.timbre import coloured, rough_pitch
from emoanim.extras import require
from emoanim.sound.colour import effort_shape, fundamental_shape
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.exemplars import borrowed_gains
from emoanim.sound.level_map import levelled_bands
from emoanim.sound.mel_frames import BANDS, framed, with_gains
from emoanim.sound.signals import fade, resample
from emoanim.sound.spectral_map import mapped

__all__ = ["sounded"]

# The network was trained near its own pitch; beyond this many semitones only the pulses follow.
_REACH = 11.0
# Levels are set at the end; until then a colour may take a sound far over full scale.
_NEUTRAL = Cues()
_HEADROOM = np.float32(16.0)


def sounded(
    ids: list[int],
    symbols: tuple[Symbol, ...],
    durations: NDArray[np.int64],
    cues: Cues,
    register: Register,
    network: Network,
    rng: np.random.Generator,
) -> tuple[NDArray[np.float32], list[Phone]]:
    """Return a sentence at 24 kHz and its sounds.

    The speaker's formants come from playing the sound slower or faster: the network speaks at a
    pitch and a pace from which the resampled sound comes out at those wanted.

    Args:
        ids: the network's numbers, pads included.
        symbols: the letters without the pads.
        durations: frames per symbol and pad, of the network's time.
        cues: how to say it.
        register: whose voice it is to be near.
        network: the weights.
        rng: for noise and small variations.
    """
    melody = network.melody(ids, durations)
    samples = _voiced(ids, symbols, durations, melody, cues, register, network, rng)
    if register.frames is not None:
        # Borrowed for the neutral sound, so that all that the emotion changes stays.
        plain = samples
        if cues != _NEUTRAL:
            fixed = np.random.default_rng(0)
            plain = _voiced(ids, symbols, durations, melody, _NEUTRAL, register, network, fixed)
        gains = borrowed_gains(plain, register.frames)
        samples = with_gains(framed(samples), gains, len(samples))
    return fade(samples, RATE), phones(symbols, durations, FRAME / tract(register))


def _voiced(
    ids: list[int],
    symbols: tuple[Symbol, ...],
    durations: NDArray[np.int64],
    melody: tuple[NDArray[np.float32], NDArray[np.float32]],
    cues: Cues,
    register: Register,
    network: Network,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Return the sound in the speaker's pitch, formants, colour and levels.

    ``melody`` is the network's own pitch and energy, whatever the emotion.
    """
    scale = tract(register)
    f0, energy = melody
    pitch = pitch_curve(f0, symbols, durations, cues, register.f0 / scale, rng, register.spread)
    energy = energy_curve(energy, symbols, durations, cues, rng)
    reach = VOICE_F0 * 2.0 ** (np.array([-_REACH, _REACH]) / 12.0)
    near = np.where(pitch > 0, np.clip(pitch, *reach), 0.0).astype(np.float32)
    spectra = coloured(
        network.spectra(ids, durations, near, energy), pitch, cues, register.colour, rng
    )
    creak = creak_curve(pitch, symbols, durations, cues)
    dsp = require("hibari.dsp", "hibari")
    sound = dsp.synth(*spectra, rough_pitch(pitch, creak, cues, rng), rng)
    played = Audio(np.asarray(sound, np.float32) / _HEADROOM, round(RATE * scale))
    samples = resample(played, RATE).samples * _HEADROOM
    if register.timbre is not None:
        samples = mapped(samples, register.timbre)
    if register.levels is not None:
        samples = levelled_bands(samples, register.levels, _raised(cues, register.f0))
    return samples


def _raised(cues: Cues, f0: float) -> NDArray[np.float64]:
    """Return the dB that effort and the fundamental's strength add to each band."""
    sung = np.array([f0 * 2.0 ** (cues.pitch / 12.0)])
    low = fundamental_shape(BANDS, sung)[0]
    return np.asarray(cues.effort * effort_shape(BANDS) + cues.fundamental * low)
