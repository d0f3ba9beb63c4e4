"""Loudness after ITU-R BS.1770-4: how loud a sound is, and the same sound at another loudness.

Needs numpy only: pyloudnorm does the same (the tests compare), but brings scipy, 143 MB.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.sound.signals import limited

__all__ = ["TYPICAL", "as_loud_as", "at_loudness", "loudness"]

TYPICAL = -23.0
"""LUFS of broadcast speech (EBU R 128), where there is no original to go by."""

_BLOCK, _STEP = 0.4, 0.1
_QUIETEST = -70.0
_RELATIVE = -10.0
# The analogue filters behind the standard's coefficients for 48 kHz: gain in dB, Hz, Q.
_SHELF = (3.999843853973347, 1681.974450955533, 0.7071752369554196)
_HIGH_PASS = (38.13547087602444, 0.5003270373238773)
_SETTLED = 0.5
"""Seconds after which the filters have forgotten a sound."""
_PEAK = -1.0
# A limiter that takes more than this off a peak is heard to pump.
_SQUEEZE = 4.0


def loudness(audio: Audio) -> float | None:
    """Return the integrated loudness in LUFS; None for silence (-70 LUFS or less).

    A sound shorter than one gating block of 0.4 s is measured as if it went on in silence.
    """
    block, step = round(_BLOCK * audio.rate), round(_STEP * audio.rate)
    samples = np.pad(audio.samples, (0, max(0, block - len(audio.samples)))).astype(np.float64)
    power = np.concatenate([[0.0], np.cumsum(_weighted(samples, audio.rate) ** 2)])
    starts = np.arange(0, len(samples) - block + 1, step)
    blocks = (power[starts + block] - power[starts]) / block
    loud = blocks[_lufs(blocks) > _QUIETEST]
    if not len(loud):
        return None
    gated = loud[_lufs(loud) > _lufs(loud.mean()) + _RELATIVE]
    level = float(_lufs(gated.mean()))
    return level if level > _QUIETEST else None


def _lufs(power: NDArray[np.float64] | np.floating) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(power), np.float64)


def _weighted(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """Apply the standard's two filters: the head's shelf, and a high pass.

    Both at once, as a product of spectra, piece by piece; each piece begins with what the filters
    still remember of the last.
    """
    size = 1 << (8 * rate).bit_length()
    memory = round(_SETTLED * rate)
    back = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)  # one sample's delay
    response = np.ones(len(back), np.complex128)
    for numerator, denominator in _filters(rate):
        response *= np.polyval(numerator[::-1], back) / np.polyval(denominator[::-1], back)
    out = np.empty_like(samples)
    step = size - 2 * memory  # behind the piece there is room for it to die away
    for start in range(0, len(samples), step):
        first = max(0, start - memory)
        piece = np.fft.irfft(np.fft.rfft(samples[first : start + step], size) * response, size)
        out[start : start + step] = piece[start - first :][: min(step, len(samples) - start)]
    return out


def _filters(rate: int) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return numerator and denominator of both second-order filters, by the bilinear transform."""
    gain, frequency, q = _SHELF
    k = np.tan(np.pi * frequency / rate)
    high = 10.0 ** (gain / 20.0)
    band = high**0.4996667741545416
    shelf = (
        np.array([high + band * k / q + k * k, 2 * (k * k - high), high - band * k / q + k * k]),
        np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k]),
    )
    frequency, q = _HIGH_PASS
    k = np.tan(np.pi * frequency / rate)
    poles = np.array([1 + k / q + k * k, 2 * (k * k - 1), 1 - k / q + k * k])
    return [shelf, (np.array([1.0, -2.0, 1.0]), poles / poles[0])]


def as_loud_as(audio: Audio, reference: Audio, more: float = 0.0) -> Audio:
    """Return the sound as loud as another one, and so many dB more; -23 LUFS beside a silent one.

    Peaks are kept as by ``at_loudness``.
    """
    original = loudness(reference)
    return at_loudness(audio, (TYPICAL if original is None else original) + more)


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
