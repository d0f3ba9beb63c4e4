"""Tags of formats that FFmpeg writes none into: text chunks of PNG, the INFO list of WAV."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["PNG_START", "png_with_text", "read_png_text", "wav_info"]

PNG_START = b"\x89PNG\r\n\x1a\n"
_LARGEST = 1 << 20
_INFO = {"comment": b"ICMT", "software": b"ISFT"}
"""What the list has a place for; readers of WAV know these two."""


def png_with_text(data: bytes, tags: Mapping[str, str]) -> bytes:
    """Return a PNG with the tags as international text, after its header."""
    end = len(PNG_START) + 8 + 13 + 4
    texts = b"".join(
        _chunk(b"iTXt", f"{key[:79]}\0\0\0\0\0{value}".encode()) for key, value in tags.items()
    )
    return data[:end] + texts + data[end:]


def read_png_text(path: Path) -> dict[str, str]:
    """Return the texts of a PNG; {} for anything else."""
    with path.open("rb") as file:
        if file.read(len(PNG_START)) != PNG_START:
            return {}
        texts = {}
        for kind, body in _chunks(file.read(_LARGEST)):
            if kind == b"iTXt" and body.count(b"\0") >= 5:
                key, rest = body.split(b"\0", 1)
                text = rest[2:].split(b"\0", 2)[-1] if rest[:1] == b"\0" else b""
                texts[key.decode("latin-1").lower()] = text.decode(errors="replace")
            elif kind == b"tEXt" and b"\0" in body:
                key, text = body.split(b"\0", 1)
                texts[key.decode("latin-1").lower()] = text.decode("latin-1")
        return texts


def wav_info(tags: Mapping[str, str]) -> bytes:
    """Return the LIST chunk of a WAV that holds what it has a place for; b"" for nothing."""
    items = b""
    for name, kind in _INFO.items():
        if tags.get(name):
            text = tags[name].encode() + b"\0"
            items += kind + struct.pack("<I", len(text)) + text + b"\0" * (len(text) % 2)
    return b"LIST" + struct.pack("<I", 4 + len(items)) + b"INFO" + items if items else b""


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        kind = data[at + 4 : at + 8]
        yield kind, data[at + 8 : at + 8 + size]
        at += 12 + size
        if kind == b"IEND":
            return
