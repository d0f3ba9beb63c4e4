"""Sound of any layout and rate to mono samples, and WAV files."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio
from emoanim.errors import MediaError
from emoanim.media.opening import decoded, opened, reason, sound_stream
from emoanim.outputs import temporary, writing

__all__ = ["decode_sound", "read_audio", "write_wav"]

_GAP = 0.05
"""Seconds of missing sound from which silence is put in its place."""
_LARGEST_GAP = 60.0
"""Seconds of missing sound from which the times are taken for damaged."""


def read_audio(path: str | Path, rate: int | None = 16000) -> Audio:
    """Read the sound of a file (wav, mp3, m4a, ogg, flac, a video, ...), mixed to mono.

    Args:
        path: the file.
        rate: Hz of the result; None keeps the file's own.

    Raises:
        MediaError: no such file, no sound in it, or damaged.
    """
    return decode_sound(path, rate, zero=None)


def write_wav(path: str | Path, audio: Audio) -> Path:
    """Write 16-bit mono WAV under a temporary name and rename it.

    Raises:
        OutputError: it cannot be written there, or the name does not end in .wav.
    """
    samples = np.clip(np.nan_to_num(audio.samples), -1.0, 1.0)
    with temporary(path, (".wav",)) as made, writing(path), wave.open(str(made), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.rate)
        file.writeframes(np.round(samples * 32767.0).astype("<i2").tobytes())
    return Path(path)


def decode_sound(path: str | Path, rate: int | None, zero: Fraction | None) -> Audio:
    """Decode the first sound stream to mono.

    Stereo and surround are mixed with the usual weights (ITU-R BS.775), scaled so that the sum
    cannot clip. A gap in the presentation times is filled with silence, so sound stays with the
    picture.

    Args:
        path: the file.
        rate: Hz; None keeps the file's own.
        zero: time in the file's own clock at which the result starts: what comes before is left
            out, what is missing is silence. None: where the sound starts.

    Raises:
        MediaError: no sound stream, or damaged.
    """
    pieces: list[NDArray[np.float32]] = []
    with opened(path) as container:
        stream = sound_stream(container)
        if stream is None:
            raise MediaError(f"{path} holds no sound; expected a file with a sound stream.")
        out = int(rate or stream.codec_context.rate)
        resampler, setup = None, None
        reached: float | None = None
        skip = 0
        for frame in decoded(container, stream, path):
            time = reached or 0.0
            if frame.pts is not None:
                time = float(frame.pts * (frame.time_base or stream.time_base))
            if reached is None:
                start = time if zero is None else float(zero)
                skip = max(0, round((start - time) * out))
                reached = min(start, time)
            missing = time - reached
            if missing > _LARGEST_GAP:
                raise MediaError(f"{path} is damaged: its sound jumps by {missing:.0f} s.")
            here = (frame.format.name, frame.layout.name, frame.sample_rate)
            if resampler is None or here != setup or missing > _GAP:
                pieces += _flushed(resampler)
                if missing > 0:
                    pieces.append(np.zeros(round(missing * out), np.float32))
                    reached = time
                # 32-bit integers: for them, and not for floats, swresample scales the mix
                resampler, setup = av.AudioResampler("s32", "mono", out), here
            reached += frame.samples / frame.sample_rate
            pieces += _resampled(resampler, frame, path)
        pieces += _flushed(resampler)
    if not pieces:
        raise MediaError(f"{path} is damaged: none of its sound can be decoded.")
    return Audio(np.concatenate(pieces)[skip:], out)


def _resampled(
    resampler: av.AudioResampler | None, frame: av.AudioFrame | None, path: str | Path = ""
) -> list[NDArray[np.float32]]:
    if resampler is None:
        return []
    try:
        frames = resampler.resample(frame)
    except (av.error.FFmpegError, ValueError) as error:
        raise MediaError(f"the sound of {path} cannot be resampled ({reason(error)}).") from error
    return [_floats(each) for each in frames]


def _flushed(resampler: av.AudioResampler | None) -> list[NDArray[np.float32]]:
    return _resampled(resampler, None)


def _floats(frame: av.AudioFrame) -> NDArray[np.float32]:
    samples: NDArray[np.int32] = frame.to_ndarray().reshape(-1)
    return (samples * np.float32(2.0**-31)).astype(np.float32)
