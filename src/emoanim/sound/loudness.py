"""Loudness after ITU-R BS.1770: how loud a sound is, and the same sound at another loudness."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.extras import require
from emoanim.sound.signals import limited

__all__ = ["TYPICAL", "at_loudness", "loudness"]

TYPICAL = -23.0
"""LUFS of broadcast speech (EBU R 128), where there is no original to go by."""

_BLOCK = 0.4
_QUIETEST = -70.0
_PEAK = -1.0
# A limiter that takes more than this off a peak is heard to pump.
_SQUEEZE = 4.0


def loudness(audio: Audio) -> float | None:
    """Return the integrated loudness in LUFS; None for silence (-70 LUFS or less).

    A sound shorter than one gating block of 0.4 s is measured as if it went on in silence.

    Raises:
        MissingExtraError: pyloudnorm is not installed.
    """
    meter = require("pyloudnorm", "hibari").Meter(audio.rate, block_size=_BLOCK)
    least = int(_BLOCK * audio.rate) + 1
    samples = np.pad(audio.samples, (0, max(0, least - len(audio.samples)))).astype(np.float64)
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore")
        found = float(meter.integrated_loudness(samples))
    return found if np.isfinite(found) and found > _QUIETEST else None


def at_loudness(audio: Audio, wanted: float, peak: float = _PEAK) -> Audio:
    """Return the sound at ``wanted`` LUFS, or as near below it as peaks allow.

    Peaks over ``peak`` dBFS are turned down around them, by 4 dB at most; a sound that would need
    more comes out quieter. Silence stays as it is.
    """
    now = loudness(audio)
    if now is None:
        return audio
    highest = 20.0 * np.log10(max(float(np.abs(audio.samples).max()), 1e-9))
    gain = min(wanted - now, peak + _SQUEEZE - highest)
    loud: NDArray[np.float32] = audio.samples * np.float32(10.0 ** (gain / 20.0))
    return Audio(limited(loud, audio.rate, peak), audio.rate)
