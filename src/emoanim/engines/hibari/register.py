"""Where a speaker's voice lies: pitch, formants, colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.long_term_spectrum import colour_between, long_term_spectrum
from emoanim.sound.speaker import describe, formant_scale

__all__ = ["VOICE_F0", "Register", "register_of", "tract"]

VOICE_F0 = 190.0
"""Median pitch of the voice itself in Hz, in the loud frames that a speaker is measured in."""

_BINS, _TOP = 601, 12000.0


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """What the voice takes on from a speaker.

    Attributes:
        f0: median pitch in Hz.
        formants: factor on the formants.
        colour: dB that the long-term spectrum needs at each bin of the network's spectrum,
            float (601,), before the formants are scaled; empty for none.
    """

    f0: float = VOICE_F0
    formants: float = 1.0
    colour: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


def register_of(
    reference: Audio,
    own: Callable[[Register], Audio],
    pitch: float | None = None,
    formants: float | None = None,
    colour: bool = True,
) -> Register:
    """Return what is to be taken on from a reference; the voice's own where it holds no speech.

    Args:
        reference: some seconds of the speaker.
        own: gives some seconds of the voice itself in a register.
        pitch: Hz instead of the reference's.
        formants: factor instead of the reference's.
        colour: take on the long-term spectrum.
    """
    f0, scale = pitch, formants
    if f0 is None or scale is None:
        speaker = describe(reference)
        if f0 is None:
            f0 = speaker.f0 if speaker else VOICE_F0
        if scale is None:
            itself = describe(own(Register()))
            scale = formant_scale(speaker, itself) if speaker and itself else 1.0
    register = Register(f0, scale)
    if not colour:
        return register
    target = long_term_spectrum(reference)
    # At the same pitch and formants: what is left is colour, and not where the harmonics lie.
    source = long_term_spectrum(own(register)) if target is not None else None
    if target is None or source is None:
        return register
    frequency = np.linspace(0.0, _TOP, _BINS) * tract(register)
    return Register(f0, scale, colour_between(target, source, frequency))


def tract(register: Register) -> float:
    """Return the factor on the formants by which the sound is played: a ratio of small numbers."""
    return round(register.formants * 200.0) / 200.0
