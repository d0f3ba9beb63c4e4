"""WAV in memory, as services take and send it. Needs numpy only."""

from __future__ import annotations

import io
import wave
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio

__all__ = ["decoded_wav", "encoded_wav"]

# (format, bits) -> type of a sample and its full scale; 65534 says its format elsewhere, mostly 1.
_SAMPLES = {
    (1, 16): ("<i2", 2.0**15),
    (65534, 16): ("<i2", 2.0**15),
    (1, 32): ("<i4", 2.0**31),
    (3, 32): ("<f4", 1.0),
}


def encoded_wav(audio: Audio, seconds: float) -> bytes:
    """Return 16-bit mono WAV of the first so many seconds."""
    samples = audio.samples[: int(seconds * audio.rate)]
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(audio.rate)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767.0).astype("<i2").tobytes())
    return buffer.getvalue()


def decoded_wav(content: bytes) -> Audio | None:
    """Return the sound, mixed to mono; None if it is no WAV of 16 or 32 bits.

    A server that streams leaves the sizes open, so they are not believed beyond the end.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return None
    at = 12
    layout: tuple[int, int, int, int] | None = None
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        body = content[at + 8 : at + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            kind, channels, bits = (int.from_bytes(body[i : i + 2], "little") for i in (0, 2, 14))
            layout = kind, channels, int.from_bytes(body[4:8], "little"), bits
        elif name == b"data" and layout is not None:
            return _samples(body, *layout)
        at += 8 + size + size % 2
    return None


def _samples(body: bytes, kind: int, channels: int, rate: int, bits: int) -> Audio | None:
    if (kind, bits) not in _SAMPLES or channels < 1 or rate < 1:
        return None
    name, scale = _SAMPLES[kind, bits]
    count = len(body) // (channels * bits // 8) * channels
    values: NDArray[Any] = np.frombuffer(body, name, count)
    mono = values.reshape(-1, channels).mean(axis=1, dtype=np.float64) / scale
    return Audio(mono.astype(np.float32), rate)
