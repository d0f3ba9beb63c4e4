"""What a visitor starts from: a clip or a portrait, looked at when it comes in."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from emoanim.app.bounds import AppBounds
from emoanim.clips import Animation
from emoanim.errors import MediaError

__all__ = ["Source", "browser_copy", "check_seconds", "open_source", "take_file"]

_PLAYED = {".mp4", ".m4v", ".mov", ".webm"}
_CODED = {"h264", "vp8", "vp9", "av1"}
"""What every browser plays."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file that was taken in.

    Attributes:
        kind: what it shows.
        path: the file.
        name: as its visitor calls it.
        seconds: its length; 0 for a portrait.
        shown: the file that a browser can show; None where one has to be made first.
    """

    kind: Literal["video", "portrait"]
    path: Path
    name: str
    seconds: float
    shown: Path | None


def take_file(upload: Path, folder: Path, stem: str, bounds: AppBounds) -> Path:
    """Move an upload into a folder, under a name that cannot surprise anybody.

    Args:
        upload: the file.
        folder: where it goes.
        stem: the new name without its suffix; files that bear it already are replaced.
        bounds: a larger file is refused and deleted.

    Raises:
        MediaError: it is too large.
    """
    size = upload.stat().st_size / 1e6
    if size > bounds.megabytes:
        upload.unlink()
        raise MediaError(
            f"a file of {size:.0f} MB was given; at most {bounds.megabytes:g} MB are taken. "
            "Cut it, or make it smaller."
        )
    for old in folder.glob(f"{stem}.*"):
        old.unlink()
    suffix = upload.suffix.lower()
    target = folder / (stem + (suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ".bin"))
    shutil.move(upload, target)
    return target


def open_source(path: Path, name: str, bounds: AppBounds) -> Source:
    """See what a file shows.

    Raises:
        MediaError: neither a video nor a picture, or beyond the bounds.
    """
    from emoanim.media import Video, limited, read_image

    with limited(bounds.for_media()):
        try:
            clip = Video(path)
        except MediaError as error:
            try:
                read_image(path)
            except MediaError:
                raise error from None
            return Source("portrait", path, name, 0.0, path)
        check_seconds(clip.duration, path, bounds)
        if not clip.has_audio:
            raise MediaError(
                f"{path} has no sound; expected a video of a person speaking. Give one with sound, "
                "or a portrait and a text."
            )
        playable = path.suffix in _PLAYED and clip.codec in _CODED
        return Source("video", path, name, clip.duration, path if playable else None)


def check_seconds(seconds: float, path: Path, bounds: AppBounds) -> None:
    """Refuse what is too long.

    Raises:
        MediaError: it is.
    """
    if seconds > bounds.seconds:
        raise MediaError(
            f"{path} is {seconds:.1f} s long; at most {bounds.seconds:g} s are taken. Cut it."
        )


def browser_copy(source: Source, target: Path) -> Path:
    """Write a copy that every browser plays, of a clip that some don't."""
    from emoanim.media import Video, write_video

    clip = Video(source.path)
    length = max(1, round(clip.duration * 25.0))
    frames = (frame.image for frame in clip.frames_at([i / 25.0 for i in range(length)]))
    return write_video(target, Animation(25.0, clip.size, length, frames), clip.audio())
