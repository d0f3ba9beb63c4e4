"""What a file looks and sounds like, in a few thousand characters that outlive a re-encode.

Sound: the signs of how the energy of 33 bands between 300 and 2000 Hz changes from band to band
and from moment to moment (Haitsma and Kalker, "A Highly Robust Audio Fingerprinting System", ISMIR
2002), 32 bits each 93 ms. Picture: the signs of the lowest frequencies of a grey picture of 32 x
32 pixels, 64 bits each second. The first minute counts. A fingerprint tells that two files hold
the same sound or pictures; it proves nothing of who made them, and it is no mark inside the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import MediaError

__all__ = ["Fingerprint", "Likeness", "fingerprint", "likeness"]

_RATE = 5512
_FRAME = 2048
_HOP = 512
_FINE = 4
"""A file that is compared is heard at four times as many moments, as its start is not known."""
_BANDS = np.geomspace(300.0, 2000.0, 34)
_SECONDS = 60.0
_LEAST = 16
"""Moments of sound (1.5 s) that are compared at least."""
SAME_SOUND = 0.35
"""Share of unlike bits below which two sounds are the same; the paper's threshold."""
SAME_PICTURES = 0.16
"""Share of unlike bits, at the median, below which pictures are the same."""
_SIDE = 32


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Hexadecimal digits: 8 for each moment of sound, 16 for each picture."""

    sound: str = ""
    pictures: str = ""

    @classmethod
    def of(cls, values: Any) -> Fingerprint:
        """Read what a manifest holds; anything else is an empty fingerprint."""
        table = values if isinstance(values, dict) else {}
        return cls(*(_digits(table.get(name), n) for name, n in (("sound", 8), ("pictures", 16))))


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two files are: shares of unlike bits, 0 for the same, 0.5 for strangers.

    Attributes:
        sound: None where one of them has none.
        pictures: None where one of them has none.
    """

    sound: float | None
    pictures: float | None

    @property
    def same_sound(self) -> bool:
        """Whether both hold the same sound."""
        return self.sound is not None and self.sound < SAME_SOUND

    @property
    def same_pictures(self) -> bool:
        """Whether both hold the same pictures, as far as a few bits tell."""
        return self.pictures is not None and self.pictures < SAME_PICTURES


def fingerprint(path: Path) -> Fingerprint:
    """Return the fingerprint of a video, sound or picture; empty for what cannot be read."""
    return Fingerprint(
        _hex(_sound_bits(path, 1)[0], 8),
        _hex(_picture_bits(path), 16),
    )


def likeness(path: Path, reference: Fingerprint) -> Likeness:
    """Compare a file with a fingerprint, whichever part of it the file holds."""
    pictures = _nearest(_picture_bits(path), _bits(reference.pictures, 64))
    return Likeness(_aligned(_sound_bits(path, _FINE), _bits(reference.sound, 32)), pictures)


def _sound_bits(path: Path, phases: int) -> list[NDArray[np.bool_]]:
    """Bits (n, 32), once for each phase of the hop."""
    from emoanim.media import read_audio

    try:
        samples = read_audio(path, _RATE).samples[: round(_SECONDS * _RATE)]
    except MediaError:
        return [np.zeros((0, 32), np.bool_)] * phases
    return [_bits_of(samples[phase * _HOP // phases :]) for phase in range(phases)]


def _bits_of(samples: NDArray[np.float32]) -> NDArray[np.bool_]:
    count = (len(samples) - _FRAME) // _HOP + 1
    if count < 2:
        return np.zeros((0, 32), np.bool_)
    at = np.arange(count)[:, None] * _HOP + np.arange(_FRAME)
    power = np.abs(np.fft.rfft(samples[at] * np.hanning(_FRAME))) ** 2
    edges = np.searchsorted(np.fft.rfftfreq(_FRAME, 1 / _RATE), _BANDS)
    energy = np.add.reduceat(power, edges, axis=1)[:, :33]
    change = np.diff(energy[:, :-1] - energy[:, 1:], axis=0)
    return np.asarray(change > 0)


def _picture_bits(path: Path) -> NDArray[np.bool_]:
    from emoanim.media import Video, read_image

    try:
        clip = Video(path)
        times = np.arange(0.5, min(clip.duration, _SECONDS), 1.0)
        shown = clip.frames_at([float(t) for t in times])
        spectra = [_low_frequencies(frame.image) for frame in shown]  # one picture at a time
    except MediaError:
        try:
            spectra = [_low_frequencies(read_image(path))]
        except MediaError:
            spectra = []
    return np.array(spectra, np.bool_).reshape(-1, 64)


def _low_frequencies(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    rows, columns = (np.linspace(0, side, _SIDE + 1).astype(int) for side in image.shape[:2])
    grey = image.mean(axis=2)
    sums = np.add.reduceat(np.add.reduceat(grey, rows[:-1], axis=0), columns[:-1], axis=1)
    area = np.outer(np.maximum(np.diff(rows), 1), np.maximum(np.diff(columns), 1))
    k = np.arange(_SIDE)
    cosines = np.cos(np.pi / _SIDE * (k[None, :] + 0.5) * k[:, None])
    low = (cosines @ (sums / area) @ cosines.T)[:8, 1:9].reshape(-1)
    return np.asarray(low > np.median(low))


def _aligned(phases: list[NDArray[np.bool_]], reference: NDArray[np.bool_]) -> float | None:
    """The least share of unlike bits over all ways to lay one over the other."""
    best = None
    for bits in phases:
        for shift in range(_LEAST - len(bits), len(reference) - _LEAST + 1):
            one = bits[max(0, -shift) : len(reference) - shift]
            other = reference[max(0, shift) : shift + len(bits)]
            if len(one) == len(other) >= _LEAST:
                unlike = float((one != other).mean())
                best = unlike if best is None else min(best, unlike)
    return best


def _nearest(bits: NDArray[np.bool_], reference: NDArray[np.bool_]) -> float | None:
    if not len(bits) or not len(reference):
        return None
    unlike = (bits[:, None, :] != reference[None, :, :]).mean(axis=2)
    return float(np.median(unlike.min(axis=1)))


def _hex(bits: NDArray[np.bool_], digits: int) -> str:
    packed = np.packbits(bits, axis=1).tobytes().hex()
    assert len(packed) == digits * len(bits)
    return packed


def _bits(digits: str, width: int) -> NDArray[np.bool_]:
    data = np.frombuffer(bytes.fromhex(digits), np.uint8)
    return np.unpackbits(data).reshape(-1, width).astype(np.bool_)


def _digits(value: object, group: int) -> str:
    good = isinstance(value, str) and len(value) % group == 0 and len(value) < 100_000
    if not good or not set(str(value)) <= set("0123456789abcdef"):
        return ""
    return str(value)
