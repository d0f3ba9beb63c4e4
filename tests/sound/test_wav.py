from __future__ import annotations

import struct

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.sound.wav import decoded_wav, encoded_wav

SOUND = Audio(np.sin(np.arange(800) / 10).astype(np.float32) * 0.9, 8000)


def test_there_and_back() -> None:
    found = decoded_wav(encoded_wav(SOUND, 10.0))
    assert found is not None
    assert found.rate == 8000
    assert found.samples == pytest.approx(SOUND.samples, abs=1e-4)
    assert len(decoded_wav(encoded_wav(SOUND, 0.05)).samples) == 400


def made(kind: int, bits: int, channels: int, body: bytes, size: int | None = None) -> bytes:
    width = channels * bits // 8
    head = struct.pack("<HHIIHH", kind, channels, 16000, 16000 * width, width, bits)
    length = len(body) if size is None else size
    return (
        b"RIFF\xff\xff\xff\xffWAVELIST" + struct.pack("<I", 3) + b"abc\0"
        + b"fmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", length) + body
    )  # fmt: skip


def test_floats_stereo_and_open_sizes() -> None:
    body = np.array([[0.5, 0.1], [-0.5, 0.3]], "<f4").tobytes()
    found = decoded_wav(made(3, 32, 2, body, 0xFFFFFFFF))
    assert found is not None
    assert found.samples == pytest.approx([0.3, -0.1])
    whole = decoded_wav(made(1, 32, 1, struct.pack("<2i", 2**30, -(2**31))))
    assert whole is not None
    assert whole.samples == pytest.approx([0.5, -1.0])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"RIFF",
        b"<html>",
        made(1, 24, 1, b"123"),
        made(1, 16, 0, b"12"),
        encoded_wav(SOUND, 1)[:30],
    ],
)
def test_no_wav(content: bytes) -> None:
    assert decoded_wav(content) is None
