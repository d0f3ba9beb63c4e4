"""Where one voice goes in a sound of several channels."""

from __future__ import annotations

from typing import NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.errors import InputError
from emoanim.sound.signals import limited

__all__ = [
    "MONO",
    "STEREO",
    "Placement",
    "at_gain",
    "channel_mask",
    "check_audio",
    "placed",
    "placement_of",
]

# What AAC and Opus both write and players read; "5.1(side)" is written as "5.1".
_WRITTEN = frozenset(["mono", "stereo", "3.0", "quad", "5.0", "5.1", "7.1"])
_SURROUND = 5
_BITS = {
    "FL": 0x1, "FR": 0x2, "FC": 0x4, "LFE": 0x8, "BL": 0x10, "BR": 0x20, "FLC": 0x40,
    "FRC": 0x80, "BC": 0x100, "SL": 0x200, "SR": 0x400,
}  # fmt: skip
_RATE, _LENGTH = 48000, 4800


class Placement(NamedTuple):
    """How a mono voice is laid into the channels of a sound.

    Dialogue stands in the centre of a surround sound, or left and right where there is no centre;
    the other channels are silent.

    Attributes:
        layout: as FFmpeg names it ("mono", "stereo", "5.1", ...).
        gain: of the voice in its channels, so that mixing them to mono gives it back.
    """

    layout: str = "mono"
    gain: float = 1.0

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels, in FFmpeg's order."""
        return tuple(c.name for c in av.AudioLayout(self.layout).channels)


MONO = Placement()
STEREO = Placement("stereo")


def placement_of(layout: str, alone: bool = False) -> Placement:
    """Return how speech is laid into a sound like the one that was read.

    A layout that not every encoder writes becomes 5.1 where it has a centre and five channels or
    more, else stereo.

    Args:
        layout: of the sound that was read, as FFmpeg names it.
        alone: one channel was taken instead of the mix of all, so that the voice has its level.
    """
    names = Placement(layout).channels
    count = len(names)
    name = layout.partition("(")[0]
    if name not in _WRITTEN:
        name = "5.1" if "FC" in names and count >= _SURROUND else "stereo"
        name = "mono" if count == 1 else name
    placement = Placement(name)
    if count <= len(STEREO.channels) or alone:
        return placement
    shares = _shares(layout, names)
    front = shares["FC"] if "FC" in shares else shares.get("FL", 0.0) + shares.get("FR", 0.0)
    return Placement(name, 1.0 / front) if front > 0.0 else placement


def check_audio(audio: object) -> None:
    """See that sound was given to be written.

    Raises:
        InputError: something else.
    """
    if not isinstance(audio, Audio):
        raise InputError(
            f"{'None' if audio is None else f'a {type(audio).__name__}'} given as the sound; "
            "expected emoanim.Audio, such as Audio(samples, 16000)."
        )


def at_gain(audio: Audio, placement: Placement) -> NDArray[np.float32]:
    """Return the voice as it stands in its channels, float32 (n,); peaks stay under -1 dBFS."""
    if placement.gain == 1.0:
        return audio.samples
    return limited(np.nan_to_num(audio.samples) * np.float32(placement.gain), audio.rate)


def placed(voice: NDArray[np.float32], placement: Placement) -> NDArray[np.float32]:
    """Return samples in their channels, interleaved, float32 (n, channels) in [-1, 1]."""
    names = placement.channels
    out = np.zeros((len(voice), len(names)), np.float32)
    for name in _fronts(names):
        out[:, names.index(name)] = np.clip(np.nan_to_num(voice), -1.0, 1.0)
    return out


def channel_mask(names: tuple[str, ...]) -> int:
    """Return the bits by which a WAV file names its channels."""
    return sum(_BITS[name] for name in names)


def _fronts(names: tuple[str, ...]) -> tuple[str, ...]:
    return ("FC",) if "FC" in names else ("FL", "FR")


def _shares(layout: str, names: tuple[str, ...]) -> dict[str, float]:
    """Return the weight of each channel in the mono mix that FFmpeg makes of them."""
    out = {}
    for index, name in enumerate(names):
        packed = np.zeros((1, len(names) * _LENGTH), np.float32)
        packed[0, index :: len(names)] = 0.5
        frame = av.AudioFrame.from_ndarray(packed, "flt", layout)
        frame.sample_rate = _RATE
        # 32-bit integers, as in reading: for them the mix is scaled so that it cannot clip.
        mixer = av.AudioResampler("s32", "mono", _RATE)
        mixed = mixer.resample(frame)[0].to_ndarray()
        out[name] = 2.0 * float(mixed[0, _LENGTH // 2]) * 2.0**-31
    return out
