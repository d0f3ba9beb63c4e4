"""Which of a file's sound tracks is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from emoanim.errors import MediaError
from emoanim.media.opening import decoded, opened, sound_streams

__all__ = ["Track", "choose_track"]

_DEFAULT = 0x1
"""Disposition of the track that players take first."""
_LISTENED = 120.0
"""Seconds of each track that are listened to."""
_RATE = 8000
_SILENT = 1e-3
"""Peak (-60 dB of full scale) below which a track is silent."""
_WINDOW = _RATE // 50


@dataclass(frozen=True, slots=True)
class Track:
    """A sound track of a file.

    Attributes:
        number: from 1, in the order of the file.
        note: what a user should know of the choice; "" where there was none.
    """

    number: int
    note: str = ""


def choose_track(path: str | Path, wanted: int | None = None) -> Track:
    """Return the track that players play, unless it is silent; else the one with most speech.

    Args:
        path: the file.
        wanted: the user's own choice, from 1.

    Raises:
        MediaError: no sound, or no track of that number.
    """
    with opened(path) as container:
        streams = sound_streams(container)
        if not streams:
            raise MediaError(f"{path} holds no sound; expected a file with a sound stream.")
        flagged = [bool(int(getattr(s, "disposition", 0)) & _DEFAULT) for s in streams]
        names = [_name(i, s) for i, s in enumerate(streams, 1)]
    if wanted is not None:
        if not 1 <= wanted <= len(names):
            raise MediaError(
                f"sound track {wanted} was asked for; {path} has {len(names)}: {', '.join(names)}."
            )
        return Track(wanted)
    if len(names) == 1:
        return Track(1)
    chosen = _chosen(path, flagged)
    rest = ", ".join(name for i, name in enumerate(names) if i != chosen)
    return Track(
        chosen + 1,
        f"sound track {names[chosen]} of {len(names)} is taken; there is also {rest} "
        "(--audio-track chooses)",
    )


def _chosen(path: str | Path, flagged: Sequence[bool]) -> int:
    heard = [_listen(path, index) for index in range(len(flagged))]
    marked = [i for i, flag in enumerate(flagged) if flag]
    if len(marked) == 1 and np.abs(heard[marked[0]]).max(initial=0.0) >= _SILENT:
        return marked[0]
    return max(range(len(heard)), key=lambda i: (_speech(heard[i]), -i))


def _listen(path: str | Path, index: int) -> NDArray[np.float32]:
    """The beginning of one track, mono at a low rate; empty if it cannot be decoded."""
    pieces: list[NDArray[np.float32]] = []
    try:
        with opened(path) as container:
            stream = sound_streams(container)[index]
            resampler = av.AudioResampler("flt", "mono", _RATE)
            length = 0
            for frame in decoded(container, stream, path):
                for resampled in resampler.resample(frame):
                    pieces.append(resampled.to_ndarray().reshape(-1))
                    length += len(pieces[-1])
                if length > _LISTENED * _RATE:
                    break
    except (MediaError, av.error.FFmpegError, ValueError):
        return np.zeros(0, np.float32)
    return np.nan_to_num(np.concatenate(pieces)) if pieces else np.zeros(0, np.float32)


def _speech(samples: NDArray[np.float32]) -> float:
    """Seconds that sound like speech: loud, and swelling two to eight times a second."""
    count = len(samples) // _WINDOW
    if count < 8:
        return 0.0
    level = np.sqrt((samples[: count * _WINDOW].reshape(count, _WINDOW) ** 2).mean(axis=1))
    loud = level > 10 * _SILENT
    if not loud.any():
        return float((level > _SILENT).mean() * 1e-3)
    spectrum = np.abs(np.fft.rfft(level - level.mean())) ** 2
    hertz = np.fft.rfftfreq(count, _WINDOW / _RATE)
    syllables = spectrum[(hertz >= 2) & (hertz <= 8)].sum() / max(float(spectrum.sum()), 1e-12)
    depth = float(level.std() / max(float(level.mean()), 1e-9))
    return float(loud.sum() * _WINDOW / _RATE * syllables * min(depth, 1.0))


def _name(number: int, stream: Any) -> str:
    said = [stream.metadata.get(key, "") for key in ("language", "title", "handler_name")]
    words = [w for w in said if w and w not in ("und", "SoundHandler")]
    return f"{number} ({', '.join(words)})" if words else str(number)
