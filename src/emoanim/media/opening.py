"""Opening files for reading; FFmpeg's errors become one clear line here."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av

from emoanim.errors import MediaError
from emoanim.media.formats import OPTIONS
from emoanim.media.limits import beyond, limits
from emoanim.media.stamps import read_png_text

__all__ = [
    "bounded",
    "decoded",
    "opened",
    "picture_stream",
    "read_tags",
    "reason",
    "sound_stream",
    "sound_streams",
]

_ATTACHED_PICTURE = 0x400
_STILLS = ("image2", "_pipe", "ico")
_TEXT = "tty"
"""FFmpeg draws text files as pictures of a terminal."""
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
"""How web addresses begin; ``Path`` makes one stroke of two."""
# Titles that are no UTF-8 must not keep a clip from being read; PyAV 19 replaces such bytes itself.
_LENIENT = {"metadata_errors": "replace"} if int(av.__version__.partition(".")[0]) < 19 else {}

_TOLERATED = 30
"""So many packets in a row may fail to decode (a cut broadcast starts like that); then we stop."""


def as_path(given: object) -> Path:
    """Return what was given as the name of a file.

    Raises:
        MediaError: it is no name.
    """
    if isinstance(given, str | os.PathLike):
        return Path(os.fsdecode(given))
    raise MediaError(f"{_short(given)} given as a file; expected its path, such as 'talk.mp4'.")


def _short(given: object) -> str:
    plain = given is None or isinstance(given, bool | int | float)
    return repr(given) if plain else f"an object of type {type(given).__name__}"


@contextmanager
def opened(path: str | Path) -> Iterator[Any]:
    """Open a media file and give the PyAV container.

    Raises:
        MediaError: no such file, a folder, not readable, or nothing that FFmpeg knows.
    """
    file = as_path(path)
    try:
        there, ordinary = file.exists(), file.is_file()
    except (OSError, ValueError) as error:  # a name of 300 characters, a zero byte in it
        raise MediaError(
            f"{path!s:.60} was given; it is no usable name ({reason(error)})."
        ) from error
    if not there:
        if _ADDRESS.match(str(path)):
            raise MediaError(
                f"{path} was given; expected a file on this machine, not an address. Download it "
                "first."
            )
        raise MediaError(f"{path} was given; there is no such file.")
    if not ordinary:
        raise MediaError(f"{path} was given; it is {_kind(file)}, expected a media file.")
    # find_stream_info may decode pictures before anything can be asked of the file
    options = {**OPTIONS, "max_pixels": f"{limits().still_pixels:.0f}"}
    try:
        # an absolute path: FFmpeg would take "talk:1.mp4" for the protocol "talk"
        container = av.open(str(file.absolute()), options=options, **_LENIENT)
    except (av.error.FFmpegError, OSError) as error:
        raise MediaError(
            f"{path} cannot be read as video or sound ({reason(error)}). Expected a file such as "
            "mp4, mov, mkv, webm or wav that is complete."
        ) from error
    with container:
        if container.format.name == _TEXT:
            raise MediaError(f"{path} is a text; expected a media file.")
        yield container


def picture_stream(container: Any, path: str | Path) -> Any:
    """Return the first video stream that is no cover picture.

    Raises:
        MediaError: there is none, or the file is a still picture.
    """
    if container.format.name.endswith(_STILLS):
        raise MediaError(f"{path} is a still picture; expected a video of a person speaking.")
    for stream in container.streams.video:
        cover = int(getattr(stream, "disposition", 0)) & _ATTACHED_PICTURE  # PyAV 14.0 has none
        if not cover and stream.codec_context is not None:
            bounded(stream, path, "pixels")
            stream.thread_type = "AUTO"
            return stream
    contents = "sound only" if container.streams.audio else "no picture and no sound"
    raise MediaError(f"{path} holds {contents}; expected a video stream.")


def bounded(stream: Any, path: str | Path, name: str) -> None:
    """Keep a video stream's decoder from pictures beyond the limit ``name``.

    Raises:
        MediaError: the stream says itself that its pictures are larger.
    """
    most = getattr(limits(), name)
    width, height = stream.codec_context.width, stream.codec_context.height
    if width * height > most:
        raise beyond(
            path, name, f"has pictures of {width}x{height}", f"{most / 1e6:g} million pixels"
        )
    # twice as much: a decoder works on pictures whose sides are rounded up
    stream.codec_context.options = {"max_pixels": f"{2 * most + 100_000:.0f}"}


def sound_streams(container: Any) -> list[Any]:
    """Return the sound streams that can be decoded, in the order of the file."""
    return [
        stream
        for stream in container.streams.audio
        if stream.codec_context is not None and stream.codec_context.rate
    ]


def sound_stream(container: Any) -> Any | None:
    """Return the first sound stream that can be decoded, or None."""
    return next(iter(sound_streams(container)), None)


def decoded(container: Any, stream: Any, path: str | Path) -> Iterator[Any]:
    """Yield the frames of one stream in order; a few damaged packets are passed over.

    Raises:
        MediaError: more than a few in a row are damaged, or the file breaks off.
    """
    failed = 0
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.error.FFmpegError as error:
            raise MediaError(f"{path} is damaged or cut off ({reason(error)}).") from error
        if packet is None:
            return
        try:
            frames = packet.decode()
        except av.error.FFmpegError as error:
            failed += 1
            if failed > _TOLERATED:
                raise MediaError(
                    f"{path} is damaged: {failed} packets in a row cannot be decoded "
                    f"({reason(error)})."
                ) from error
            continue
        if frames:
            failed = 0
        yield from frames


def read_tags(path: str | Path) -> dict[str, str]:
    """Return the container tags of a file; keys in lower case.

    Raises:
        MediaError: it cannot be opened.
    """
    with opened(path) as container:
        tags = {key.lower(): value for key, value in container.metadata.items()}
    return tags | read_png_text(Path(path))


def reason(error: BaseException) -> str:
    """Return what an error of FFmpeg or the system says, without numbers and paths."""
    text = getattr(error, "strerror", None) or str(error)
    return str(text).strip().rstrip(".")


def _kind(path: Path) -> str:
    return "a folder" if path.is_dir() else "a device or pipe"
