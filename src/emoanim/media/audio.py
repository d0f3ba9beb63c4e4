"""Sound of any layout and rate to mono samples, and WAV files."""

from __future__ import annotations

import struct
import wave
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.arguments import number_of
from emoanim.clips import Audio
from emoanim.errors import MediaError
from emoanim.media.channels import ChannelMeter, one_channel
from emoanim.media.layouts import (
    MONO,
    Placement,
    at_gain,
    channel_mask,
    check_audio,
    placed,
    placement_of,
)
from emoanim.media.limits import PADDING, beyond, limits
from emoanim.media.opening import decoded, opened, reason, sound_streams
from emoanim.media.stamps import wav_info
from emoanim.media.tracks import choose_track
from emoanim.outputs import temporary, writing

__all__ = ["DecodedSound", "decode_sound", "read_audio", "read_sound", "write_wav"]

_GAP = 0.05
"""Seconds of missing sound from which silence is put in its place."""
_UNNAMED = 2
"""Channels of a WAV file that need no names."""
_PCM = bytes.fromhex("0100000000001000800000aa00389b71")
_HIGHEST = 48_000
"""Hz: what a file has above this holds nothing that anybody hears."""


class DecodedSound(NamedTuple):
    """The sound of a file, what a user should know of it, and its channels.

    Attributes:
        audio: mono.
        notes: one sentence each.
        placement: how speech is laid into a sound of the same channels.
    """

    audio: Audio
    notes: tuple[str, ...]
    placement: Placement = MONO


def read_audio(path: str | Path, rate: int | None = 16000, *, track: int | None = None) -> Audio:
    """Read the sound of a file (wav, mp3, m4a, ogg, flac, a video, ...), mixed to mono.

    Args:
        path: the file.
        rate: Hz of the result; None keeps the file's own, up to 48 kHz.
        track: which sound track, from 1; None for the one that players play or, if that is
            silent, the one with speech.

    Raises:
        MediaError: no such file, no sound in it, damaged, or beyond the limits.
    """
    return read_sound(path, rate, track=track).audio


def read_sound(
    path: str | Path, rate: int | None = 16000, *, track: int | None = None
) -> DecodedSound:
    """Read the sound of a file as ``read_audio`` does, with what a user should know of it.

    Raises:
        MediaError: no such file, no sound in it, damaged, or beyond the limits.
    """
    return decode_sound(path, rate, zero=None, track=track)


def write_wav(
    path: str | Path,
    audio: Audio,
    *,
    tags: Mapping[str, str] | None = None,
    sign: Callable[[Path], None] | None = None,
    placement: Placement = MONO,
) -> Path:
    """Write 16-bit WAV under a temporary name and rename it.

    Args:
        path: ends in .wav.
        audio: the sound.
        tags: see ``emoanim.provenance.tags``; a WAV has a place for two of them.
        sign: called with the finished file before it gets its name, see
            ``emoanim.provenance.Manifest.sign``.
        placement: the channels, and which of them hold the sound.

    Raises:
        OutputError: it cannot be written there, or the name does not end in .wav.
    """
    check_audio(audio)
    samples = placed(at_gain(audio, placement), placement)
    names = placement.channels
    with temporary(path, (".wav",)) as hidden:
        with writing(path):
            with wave.open(str(hidden), "wb") as file:
                file.setnchannels(len(names))
                file.setsampwidth(2)
                file.setframerate(audio.rate)
                file.writeframes(np.round(samples * 32767.0).astype("<i2").tobytes())
            if len(names) > _UNNAMED:
                _name_channels(hidden, names)
            _append(hidden, wav_info(tags or {}))
        if sign is not None:
            sign(hidden)
    return Path(path)


def _name_channels(path: Path, names: tuple[str, ...]) -> None:
    """Turn the header of a RIFF file of plain PCM into one that says which channel is which."""
    data = path.read_bytes()
    head = struct.pack("<IH", 40, 0xFFFE) + data[22:36]
    head += struct.pack("<HHI", 22, 16, channel_mask(names)) + _PCM
    riff = b"RIFF" + struct.pack("<I", len(data) - 8 + 24) + b"WAVEfmt "
    path.write_bytes(riff + head + data[36:])


def _append(path: Path, chunk: bytes) -> None:
    """Put another chunk at the end of a RIFF file."""
    if not chunk:
        return
    with path.open("r+b") as file:
        file.seek(0, 2)
        file.write(chunk)
        size = file.tell() - 8
        file.seek(4)
        file.write(size.to_bytes(4, "little"))


def decode_sound(
    path: str | Path, rate: int | None, zero: Fraction | None, track: int | None = None
) -> DecodedSound:
    """Decode one sound stream to mono.

    Stereo and surround are mixed with the usual weights (ITU-R BS.775), scaled so that the sum
    cannot clip. Where the mix is far weaker than one channel (a microphone in opposite phase on
    left and right, speech on one of many channels) that channel is taken instead. A gap in the
    presentation times is filled with silence, so sound stays with the picture.

    Args:
        path: the file.
        rate: Hz; None keeps the file's own, up to 48 kHz.
        zero: time in the file's own clock at which the result starts: what comes before is left
            out, what is missing is silence. None: where the sound starts.
        track: which sound stream, from 1; None for ``choose_track``'s.

    Raises:
        MediaError: no sound stream, damaged, or beyond the limits.
    """
    if rate is not None:
        rate = number_of(rate, "rate", "Hz, such as 16000, or None", least=1, most=1e6)
    chosen = choose_track(path, track)
    notes = [chosen.note] if chosen.note else []
    audio, meter = _decode(path, rate, zero, chosen.number)
    best = meter.better_than(audio.samples)
    if best is not None:
        audio, _ = _decode(path, rate, zero, chosen.number, best)
        notes.append(
            f"the channels cancel each other when mixed; channel {best + 1} of {meter.count} is "
            "taken alone"
        )
    placement = placement_of(meter.layout, best is not None)
    return DecodedSound(audio, tuple(notes), placement)


def _decode(
    path: str | Path,
    rate: int | None,
    zero: Fraction | None,
    track: int,
    channel: int | None = None,
) -> tuple[Audio, ChannelMeter]:
    pieces: list[NDArray[np.float32]] = []
    meter = ChannelMeter()
    with opened(path) as container:
        stream = sound_streams(container)[track - 1]
        _check_stream(stream, path)
        out = int(rate or min(stream.codec_context.rate, _HIGHEST))
        resampler, setup = None, None
        reached: float | None = None
        skip, gaps, begun = 0, 0.0, 0.0
        for frame in decoded(container, stream, path):
            time = reached or 0.0
            if frame.pts is not None:
                time = float(frame.pts * (frame.time_base or stream.time_base))
            if reached is None:
                start = time if zero is None else float(zero)
                skip = max(0, round((start - time) * out))
                begun = reached = min(start, time)
            missing = time - reached
            gaps += max(missing, 0.0)
            _check_times(path, missing, gaps, reached - begun)
            here = (frame.format.name, frame.layout.name, frame.sample_rate)
            if resampler is None or here != setup or missing > _GAP:
                pieces += _flushed(resampler)
                if missing > 0:
                    pieces.append(np.zeros(round(missing * out), np.float32))
                    reached = time
                # 32-bit integers: for them, and not for floats, swresample scales the mix
                resampler, setup = av.AudioResampler("s32", "mono", out), here
            reached += frame.samples / frame.sample_rate
            meter.add(frame, path)
            wanted = frame if channel is None else one_channel(frame, channel)
            pieces += _resampled(resampler, wanted, path)
        pieces += _flushed(resampler)
    if not pieces:
        raise MediaError(f"{path} is damaged: none of its sound can be decoded.")
    return Audio(np.concatenate(pieces)[skip:], out), meter


def _check_stream(stream: Any, path: str | Path) -> None:
    rate, channels, bounds = stream.codec_context.rate, stream.codec_context.channels, limits()
    for name, low, high in (
        ("lowest_rate", bounds.lowest_rate, float("inf")),
        ("highest_rate", 0.0, bounds.highest_rate),
    ):
        if not low <= rate <= high:
            raise beyond(
                path,
                name,
                f"says that its sound has {rate} samples a second",
                f"{bounds.lowest_rate:g} to {bounds.highest_rate:g} Hz",
            )
    if channels > bounds.channels:
        raise beyond(path, "channels", f"has {channels} channels", f"{bounds.channels:g}")


def _check_times(path: str | Path, missing: float, gaps: float, length: float) -> None:
    bounds = limits()
    if missing > bounds.gaps:
        raise MediaError(f"{path} is damaged: its sound jumps by {missing:.0f} s.")
    if gaps > bounds.gaps:
        raise beyond(path, "gaps", f"lacks {gaps:.0f} s of its sound", f"{bounds.gaps:g} s")
    if length > bounds.seconds + PADDING:
        raise beyond(
            path,
            "seconds",
            f"holds more than {bounds.seconds:g} s of sound",
            f"{bounds.seconds:g} s",
        )


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
