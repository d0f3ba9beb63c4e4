"""Players, pictures and tables as HTML text; every word that comes from outside is escaped."""

from __future__ import annotations

import base64
import io
import os
import struct
import wave
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "EMBEDDED_BYTES",
    "audio_player",
    "facts_table",
    "listed",
    "picture",
    "pixels",
    "side_by_side",
    "titled",
    "video_player",
]

EMBEDDED_BYTES = 8_000_000
"""The largest file or sound that becomes part of the page; a larger one is linked or cut."""

_PLAYED = {".mp4": "video/mp4", ".mov": "video/mp4", ".webm": "video/webm", ".m4v": "video/mp4"}
_SHOWN = {".gif": "gif", ".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".webp": "webp"}
_WIDTH = 320


def audio_player(samples: NDArray[Any], rate: int) -> str:
    """Return a player of mono sound.

    Args:
        samples: float (n,) in [-1, 1]; what does not fit into 8 MB is left out, and said.
        rate: Hz.
    """
    most = EMBEDDED_BYTES // 2
    cut = np.nan_to_num(np.asarray(samples)[:most])
    if not len(cut):
        return "<em>no sound</em>"
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.round(np.clip(cut, -1, 1) * 32767.0).astype("<i2").tobytes())
    said = ""
    if len(cut) < len(samples):
        said = f"<br><small>the first {len(cut) / rate:.0f} s of {len(samples) / rate:.0f}</small>"
    source = _data_address("audio/wav", buffer.getvalue())
    return f'<audio controls preload="metadata" src="{source}"></audio>{said}'


def video_player(path: str | Path, *, width: int = _WIDTH) -> str:
    """Return a player of a video file, or the picture if it is one.

    A file of at most 8 MB becomes part of the page, a larger one is linked where it lies; one that
    browsers don't play is only named.
    """
    file = Path(path)
    ending = file.suffix.lower()
    name = escape(str(path))
    try:
        size = file.stat().st_size
    except (OSError, ValueError):
        return f"<em>{name} is not there any more</em>"
    link = escape(quote(_from_here(file)), quote=True)
    kind = _PLAYED.get(ending) or (f"image/{_SHOWN[ending]}" if ending in _SHOWN else "")
    if not kind:
        return f'<a href="{link}">{name}</a>'
    whole = size <= EMBEDDED_BYTES
    source = _data_address(kind, file.read_bytes()) if whole else link
    said = "" if whole else f"<br><small>linked, as it has {size / 1e6:.0f} MB: {name}</small>"
    if kind.startswith("image/"):
        return f'<img width="{width}" alt="{name}" src="{source}">{said}'
    return (
        f'<video controls loop playsinline preload="metadata" width="{width}" src="{source}">'
        f"</video>{said}"
    )


def picture(jpeg: bytes, words: str, *, width: int = _WIDTH) -> str:
    """Return a JPEG as part of the page."""
    source = _data_address("image/jpeg", jpeg)
    return f'<img width="{width}" alt="{escape(words, quote=True)}" src="{source}">'


def pixels(image: NDArray[np.uint8], words: str) -> str:
    """Return a picture in memory as part of the page, made smaller by whole steps.

    Args:
        image: (h, w, 3) RGB.
        words: what is to be seen in it.
    """
    step = max(1, -(-image.shape[1] // _WIDTH))
    height, width = (side // step for side in image.shape[:2])
    blocks = image[: height * step, : width * step].reshape(height, step, width, step, 3)
    rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter: none
    rows[:, 1:] = np.round(blocks.mean(axis=(1, 3))).reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes())), (b"IEND", b""))
    png = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    source = _data_address("image/png", png)
    return f'<img width="{width}" alt="{escape(words, quote=True)}" src="{source}">'


def side_by_side(cells: Sequence[tuple[str, str]]) -> str:
    """Return pieces of HTML next to each other, each under its plain title."""
    inner = "".join(
        f"<div><div><strong>{escape(title)}</strong></div>{html}</div>" for title, html in cells
    )
    return f'<div style="display:flex;flex-wrap:wrap;gap:12px;margin:6px 0">{inner}</div>'


def facts_table(facts: Mapping[str, Any]) -> str:
    """Return names and values as a table of two columns; a tuple spreads over several."""
    rows = []
    for name, value in facts.items():
        cells = value if isinstance(value, tuple) else (value,)
        data = "".join(f'<td style="text-align:left">{escape(str(cell))}</td>' for cell in cells)
        rows.append(
            f'<tr><th scope="row" style="text-align:left">{escape(str(name))}</th>{data}</tr>'
        )
    return f"<table>{''.join(rows)}</table>"


def titled(title: str, *pieces: str) -> str:
    """Return pieces of HTML under a plain title."""
    inner = "".join(f"<div>{piece}</div>" for piece in pieces)
    return f"<div><strong>{escape(title)}</strong>{inner}</div>"


def listed(sentences: Sequence[str]) -> str:
    """Return plain sentences as a list."""
    return f"<ul>{''.join(f'<li>{escape(said)}</li>' for said in sentences)}</ul>"


def _data_address(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _from_here(file: Path) -> str:
    """Return the path from the working folder, from which notebooks are served."""
    try:
        return Path(os.path.relpath(file)).as_posix()
    except ValueError:  # another drive
        return file.as_posix()
