"""Where a speaker's voice lies: pitch, formants, colour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.exemplars import Exemplars, exemplars
from emoanim.sound.level_map import LevelMap, level_map
from emoanim.sound.long_term_spectrum import colour_between, long_term_spectrum
from emoanim.sound.speaker import describe, formant_scale
from emoanim.sound.spectral_map import SpectralMap, spectral_map

__all__ = ["VOICE_F0", "Register", "register_of", "tract"]

VOICE_F0 = 190.0
"""Median pitch of the voice itself in Hz, in the loud frames that a speaker is measured in."""

_BINS, _TOP = 601, 12000.0
# A few seconds tell a speaker's range only roughly: part of the way, within bounds.
_SPREAD_POWER = 0.25
_SPREADS = (0.85, 1.15)


@dataclass(frozen=True, slots=True, eq=False)
class Register:
    """What the voice takes on from a speaker.

    Attributes:
        f0: median pitch in Hz.
        formants: factor on the formants.
        spread: factor on the excursions of pitch.
        colour: dB that the long-term spectrum needs at each bin of the network's spectrum,
            float (601,), before the formants are scaled; empty for none.
        timbre: what is left to do after that, sound by sound; None for nothing.
        levels: and after that, level by level; None for nothing.
        frames: the speaker's own, to borrow from at last; None for nothing.
    """

    f0: float = VOICE_F0
    formants: float = 1.0
    spread: float = 1.0
    colour: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    timbre: SpectralMap | None = None
    levels: LevelMap | None = None
    frames: Exemplars | None = None


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
        colour: take on the long-term spectrum, the timbre and frames of the recording.
    """
    f0, scale, spread = pitch, formants, 1.0
    if f0 is None or scale is None:
        speaker = describe(reference)
        itself = describe(own(Register())) if speaker else None
        if f0 is None:
            f0 = speaker.f0 if speaker else VOICE_F0
        if scale is None:
            scale = formant_scale(speaker, itself) if speaker and itself else 1.0
        if speaker and itself:
            spread = (speaker.spread / itself.spread) ** _SPREAD_POWER
    register = Register(f0, scale, float(np.clip(spread, *_SPREADS)))
    if not colour:
        return register
    target = long_term_spectrum(reference)
    # At the same pitch and formants: what is left is colour, and not where the harmonics lie.
    source = long_term_spectrum(own(register)) if target is not None else None
    if target is None or source is None:
        return register
    frequency = np.linspace(0.0, _TOP, _BINS) * tract(register)
    coloured = replace(register, colour=colour_between(target, source, frequency))
    voiced = replace(coloured, timbre=spectral_map(reference, own(coloured)))
    levelled = replace(voiced, levels=level_map(reference, own(voiced)))
    return replace(levelled, frames=exemplars(reference, own(levelled)))


def tract(register: Register) -> float:
    """Return the factor on the formants by which the sound is played: a ratio of small numbers."""
    return round(register.formants * 200.0) / 200.0
