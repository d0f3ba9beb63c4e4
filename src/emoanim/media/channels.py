"""The channels of a sound: how strong each is, and one of them alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.errors import MediaError
from emoanim.media.limits import limits

__all__ = ["ChannelMeter", "one_channel"]

_STRONGER = 16.0
"""Ratio of power (12 dB) from which one channel alone is better than the mix of all."""
_FAINT = 1e-7
"""Power (-70 dB of full scale) below which a channel holds nothing."""

_MANY = 8


class ChannelMeter:
    """The mean power of every channel of a stream.

    Attributes:
        count: number of channels.
        layout: which they are, as FFmpeg names it.
    """

    def __init__(self) -> None:
        self.count = 0
        self.layout = "mono"
        self._energy = np.zeros(0)
        self._samples = 0

    def add(self, frame: Any, path: str | Path) -> None:
        """Take a decoded frame into account.

        Raises:
            MediaError: it holds no sound: values far beyond full scale, or no numbers at all.
        """
        samples = _planes(frame)
        if samples.dtype.kind == "f" and samples.size:
            peak = float(np.abs(samples).max())
            if not peak <= limits().peak:  # nan compares as false
                raise MediaError(
                    f"{path} holds samples of up to {peak:.3g}; expected sound, which lies in -1 "
                    f"to 1. Is it another kind of data? Scale it, or raise the limit 'peak' "
                    f"({limits().peak:g}) in the settings."
                )
        if len(samples) != self.count:
            if len(samples) > self.count:
                self.count, self.layout = len(samples), frame.layout.name
            self._energy = (
                np.resize(self._energy, self.count) if self._samples else np.zeros(self.count)
            )
        if self.count > 1:
            self._energy[: len(samples)] += (_scaled(samples) ** 2).sum(axis=1)
        self._samples += samples.shape[1]

    def better_than(self, mix: NDArray[np.float32]) -> int | None:
        """Return the channel that is to be taken instead of the mix, from 0; None if none is."""
        if self.count < 2 or not self._samples or not len(mix):
            return None
        power = self._energy / self._samples
        best = int(power.argmax())
        mixed = float(np.mean(mix.astype(np.float64) ** 2))
        return best if power[best] > max(_FAINT, _STRONGER * mixed) else None


def one_channel(frame: Any, channel: int) -> Any:
    """Return one channel of a frame as a mono frame with the same rate and time."""
    samples = _planes(frame)
    taken = np.ascontiguousarray(samples[min(channel, len(samples) - 1)][None, :])
    planar = frame.format.name if frame.format.is_planar else f"{frame.format.name}p"
    mono = av.AudioFrame.from_ndarray(taken, planar, "mono")
    mono.sample_rate, mono.pts, mono.time_base = frame.sample_rate, frame.pts, frame.time_base
    return mono


def _planes(frame: Any) -> NDArray[Any]:
    """The samples of a frame, shape (channels, n), in its own type."""
    if frame.format.is_planar and len(frame.layout.channels) >= _MANY:
        # PyAV counts one plane too many there, and reads behind the last.
        (frame,) = av.AudioResampler(frame.format.packed.name).resample(frame)
    samples: NDArray[Any] = frame.to_ndarray()
    if frame.format.is_planar:
        return samples
    return samples.reshape(-1, len(frame.layout.channels)).T


def _scaled(samples: NDArray[Any]) -> NDArray[np.float32]:
    if samples.dtype.kind == "f":
        return samples.astype(np.float32)
    centre = 128.0 if samples.dtype == np.uint8 else 0.0
    full = 2.0 ** (8 * samples.dtype.itemsize - 1)
    return np.asarray((samples - centre) / full, np.float32)
