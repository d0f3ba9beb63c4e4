"""Pictures into a GIF: small, with a palette for each stretch of two seconds, and its comment.

A GIF has no sound. Its pictures are at most 400 wide, no larger than 400 x 400 in all, and 12.5 a
second (a GIF counts hundredths of a second: 8 of them each), so that a page can hold it.
The palette is that of a stretch, not of the whole film: memory does not grow with its length.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from emoanim.clips import Image
from emoanim.errors import BackendError

__all__ = ["GifFile"]

_WIDEST = 400
_FPS = Fraction(25, 2)
_STRETCH = 25
"""Pictures with one palette."""
_COMMENT_BLOCK = 255
_TICK = Fraction(1, 25)
"""The unit of time stamps in a graph of filters; only their order counts there."""


class GifFile:
    """An open GIF that takes pictures one by one.

    Args:
        path: of the file to be.
        fps: of the pictures that come; those between two of the GIF's are left out.
        size: width and height of the pictures that come.
        comment: what the file says of itself.
    """

    def __init__(self, path: Path, fps: float, size: tuple[int, int], comment: str) -> None:
        self._path, self._comment = path, comment
        self._rate = Fraction(fps).limit_denominator(1001)
        width = round(min(size[0], _WIDEST, _WIDEST * math.sqrt(size[0] / size[1])))
        self._size = width, max(1, round(size[1] * width / size[0]))
        self._kept = min(self._rate, _FPS)
        self._file = av.open(str(path), "w", format="gif")
        self._stream: Any = self._file.add_stream("gif", rate=self._kept)
        self._stream.width, self._stream.height = self._size
        self._stream.pix_fmt = "pal8"
        self._seen = self._written = 0
        self._stretch: list[Any] = []

    def add(self, image: Image) -> None:
        """Take a picture, or leave it out if it is between two."""
        due = self._seen / self._rate >= (self._written + len(self._stretch)) / self._kept
        self._seen += 1
        if due:
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "rgb24")
            small = frame.reformat(*self._size, "rgb24", interpolation="AREA")
            self._stretch.append(small)
            if len(self._stretch) == _STRETCH:
                self._write()

    def finish(self) -> None:
        """Write what is left, close the file and put the comment into it."""
        if self._stretch:
            self._write()
        self._file.mux(self._stream.encode(None))
        self._file.close()
        if not self._comment:
            return
        content = self._path.read_bytes()
        self._path.write_bytes(_with_comment(content, self._comment))

    def abandon(self) -> None:
        """Close the file without caring for what is in it."""
        with suppress(Exception):
            self._file.close()

    def _write(self) -> None:
        for frame in _with_palette(self._stretch):
            frame.pts = self._written
            frame.time_base = 1 / self._kept
            self._written += 1
            self._file.mux(self._stream.encode(frame))
        self._stretch = []


def _with_palette(frames: Sequence[Any]) -> list[Any]:
    """Return frames of one size with the 256 colours that suit all of them best."""
    for number, frame in enumerate(frames):
        frame.pts, frame.time_base = number, _TICK
    sample = _colours_of(frames)
    graph = av.filter.Graph()
    learn = _entrance(graph, sample)
    palette = graph.add("palettegen", "reserve_transparent=0")
    learnt = graph.add("buffersink")
    learn.link_to(palette)
    palette.link_to(learnt)
    graph.configure()
    learn.push(sample)
    learn.push(None)
    colours = learnt.pull()
    colours.pts, colours.time_base = 0, _TICK
    graph = av.filter.Graph()
    given, chosen = _entrance(graph, frames[0]), _entrance(graph, colours)
    use = graph.add("paletteuse", "dither=bayer:bayer_scale=4:diff_mode=rectangle")
    drawn = graph.add("buffersink")
    given.link_to(use, 0, 0)
    chosen.link_to(use, 0, 1)
    use.link_to(drawn)
    graph.configure()
    chosen.push(colours)
    chosen.push(None)
    for frame in frames:
        given.push(frame)
    given.push(None)
    pictures = []
    while True:
        try:
            pictures.append(drawn.pull())
        except (av.error.EOFError, av.error.BlockingIOError):
            break
    if len(pictures) != len(frames):
        raise BackendError(
            f"FFmpeg gave {len(pictures)} pictures with a palette for {len(frames)}; expected as "
            "many. Write an .mp4 instead, and report this."
        )
    return pictures


def _entrance(graph: Any, frame: Any) -> Any:
    """Return where frames like this one are put into a graph."""
    shape = f"video_size={frame.width}x{frame.height}:pix_fmt={frame.format.name}"
    return graph.add("buffer", f"{shape}:time_base={_TICK}:pixel_aspect=1/1")


def _colours_of(frames: Sequence[Any]) -> Any:
    """Return one row of pixels: the colours of frames, the rarer ones more often than they are.

    By their share, a few blue stripes before a grey wall would get no colour of their own.
    """
    pixels = np.concatenate([frame.to_ndarray().reshape(-1, 3) for frame in frames])
    red, green, blue = (pixels[:, i].astype(np.int64) >> 3 for i in range(3))
    cell = red << 10 | green << 5 | blue
    counts = np.bincount(cell, minlength=1 << 15)
    there = counts >= len(frames)
    if not there.any():  # small pictures of noise
        there = counts > 0
    sums = np.stack([np.bincount(cell, pixels[:, i], 1 << 15) for i in range(3)], axis=1)[there]
    means = np.round(sums / counts[there, None]).astype(np.uint8)
    often = np.ceil(np.sqrt(counts[there] / len(frames))).astype(np.int64)
    sample = av.VideoFrame.from_ndarray(np.repeat(means, often, axis=0)[None], "rgb24")
    sample.pts, sample.time_base = 0, _TICK
    return sample


def _with_comment(content: bytes, comment: str) -> bytes:
    """Put a comment after a GIF's head, where readers look for it."""
    data = comment.encode("utf-8")
    blocks = [data[i : i + _COMMENT_BLOCK] for i in range(0, len(data), _COMMENT_BLOCK)]
    extension = b"\x21\xfe" + b"".join(bytes([len(b)]) + b for b in blocks) + b"\x00"
    colours = 3 * 2 ** ((content[10] & 7) + 1) if content[10] & 0x80 else 0
    head = 13 + colours
    return content[:head] + extension + content[head:]
