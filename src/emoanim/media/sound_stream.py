"""The sound of a video file: encoded level with the pictures, with room for what codecs add.

A lossy codec gives back other samples than it was given: their peaks come out higher, by a
quarter of a dB to two dB, and beyond full scale they are cut off.
"""

from __future__ import annotations

import io
from fractions import Fraction
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.media.layouts import Placement, at_gain, placed
from emoanim.sound.signals import limited

__all__ = ["SoundStream", "with_headroom"]

Samples = NDArray[np.float32]

# Of AAC; a rate beyond them becomes the last.
_RATES = (16000, 22050, 24000, 32000, 44100, 48000)
_BITRATE = 128_000
_HIGHEST = 10.0 ** (-1.0 / 20.0)
"""Of the peaks that are decoded: -1 dBFS."""
_SURELY_LOW = 10.0 ** (-5.0 / 20.0)
"""Peaks up to that stay under ``_HIGHEST`` whatever the codec does."""
_ROUNDS = 4
_SPARE = 0.1
"""dB by which a peak that was too high is turned down further."""
_BLOCK = 1 << 16


class SoundStream:
    """An encoder of one voice in a file.

    Args:
        file: open for writing.
        rate: Hz of the samples.
        placement: the channels, and which of them hold the voice.
        webm: Opus, as in WebM; else AAC.
    """

    def __init__(self, file: Any, rate: int, placement: Placement, webm: bool) -> None:
        self._file, self._placement, self._rate = file, placement, rate
        out = rate if rate in _RATES and not webm else _RATES[-1]
        layout = placement.layout
        self._stream: Any = file.add_stream("libopus" if webm else "aac", rate=out, layout=layout)
        self._stream.bit_rate = _BITRATE * max(1, len(placement.channels) // 2)
        self._stream.codec_context.open(strict=False)  # only an open encoder tells its frame
        self._resampler = av.AudioResampler(
            "flt" if webm else "fltp", layout, out, self._stream.codec_context.frame_size
        )
        self._written = 0

    def add(self, voice: Samples) -> None:
        """Encode the next samples."""
        packed = placed(voice, self._placement).reshape(1, -1)
        sound = av.AudioFrame.from_ndarray(packed, "flt", self._placement.layout)
        sound.sample_rate = self._rate
        sound.pts = self._written
        sound.time_base = Fraction(1, self._rate)
        self._written += len(voice)
        for frame in self._resampler.resample(sound):
            self._file.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode what is left."""
        for frame in self._resampler.resample(None):
            self._file.mux(self._stream.encode(frame))
        self._file.mux(self._stream.encode(None))


def with_headroom(audio: Audio, placement: Placement, webm: bool) -> Samples:
    """Return the voice as it is given to the encoder, so that it is decoded under -1 dBFS.

    Where its peaks are high it is encoded and decoded to see; where they come out too high it is
    turned down around them by a limiter.

    Args:
        audio: the voice.
        placement: the channels, and which of them hold it.
        webm: see ``SoundStream``.
    """
    samples = np.nan_to_num(at_gain(audio, placement))
    ceiling = _HIGHEST
    if np.abs(samples).max(initial=0.0) <= _SURELY_LOW:
        return samples
    samples = limited(samples, audio.rate, _dbfs(ceiling))
    for _ in range(_ROUNDS):
        peak = _decoded_peak(samples, audio.rate, placement, webm)
        if peak <= _HIGHEST:
            break
        ceiling *= _HIGHEST / peak * 10.0 ** (-_SPARE / 20.0)
        samples = limited(samples, audio.rate, _dbfs(ceiling))
    return samples


def _dbfs(level: float) -> float:
    return float(20.0 * np.log10(level))


def _decoded_peak(samples: Samples, rate: int, placement: Placement, webm: bool) -> float:
    """Return the highest sample that comes out of the codec, in any channel."""
    made = io.BytesIO()
    with av.open(made, "w", format="matroska") as file:
        stream = SoundStream(file, rate, placement, webm)
        for start in range(0, len(samples), _BLOCK):
            stream.add(samples[start : start + _BLOCK])
        stream.finish()
    made.seek(0)
    peak = 0.0
    with av.open(made) as file:
        for frame in file.decode(audio=0):
            peak = max(peak, float(np.abs(frame.to_ndarray()).max(initial=0.0)))
    return peak
