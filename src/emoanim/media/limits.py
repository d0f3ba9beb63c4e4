"""How much a media file may ask for before it is refused: memory and time stay bounded.

A file says itself how large it is, how fast its sound runs and how long it lasts; a damaged or
hostile one says anything. These bounds are far above what a clip of a person speaking needs, and
each can be raised: in a settings file (``limits = { seconds = 7200 }``), or here with ``limited``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, fields, replace

from emoanim.errors import MediaError, SettingsError, did_you_mean

__all__ = ["Limits", "checked", "limited", "limits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds; a file beyond one is refused with a message that names it.

    Attributes:
        seconds: length of the pictures, and of the sound; half a second of a codec's padding at
            the end is not counted.
        pixels: of one picture of a video; the default holds 4096 x 2304.
        still_pixels: of a still picture; memory is four bytes for each at least.
        pixel_aspect: how many times wider than high, or higher than wide, one pixel may be.
        lowest_rate: of the sound, Hz.
        highest_rate: of the sound, Hz.
        channels: of the sound.
        gaps: seconds of missing sound, all gaps together, that are filled with silence.
        sound_beyond_picture: seconds by which the sound may outlast the pictures.
        peak: largest value of a sample of floating-point sound; 1 is full scale.
    """

    seconds: float = 1800.0
    pixels: float = 9_500_000
    still_pixels: float = 60_000_000
    pixel_aspect: float = 4.0
    lowest_rate: float = 8000.0
    highest_rate: float = 192_000.0
    channels: float = 64
    gaps: float = 60.0
    sound_beyond_picture: float = 120.0
    peak: float = 4.0


PADDING = 0.5
"""Seconds at the end of a file that a codec may have filled up, beyond what was recorded."""
_DEFAULT = Limits()
_CURRENT: ContextVar[Limits | None] = ContextVar("emoanim_media_limits", default=None)


def limits() -> Limits:
    """Return the bounds that hold here."""
    return _CURRENT.get() or _DEFAULT


@contextmanager
def limited(changes: Mapping[str, float]) -> Iterator[Limits]:
    """Let other bounds hold inside the block.

    Raises:
        SettingsError: no bound bears the name, or the value is no positive number.
    """
    bounds = checked(changes)
    token = _CURRENT.set(bounds)
    try:
        yield bounds
    finally:
        _CURRENT.reset(token)


def checked(changes: Mapping[str, float]) -> Limits:
    """Return the bounds that hold here with some of them changed.

    Raises:
        SettingsError: no bound bears the name, or the value is no positive number.
    """
    names = [field.name for field in fields(Limits)]
    for name, value in changes.items():
        if name not in names:
            raise SettingsError(
                f"the limit {name!r} was given; there are: {', '.join(names)}."
                f"{did_you_mean(str(name), names)}"
            )
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not (math.isfinite(value) and value > 0):
            raise SettingsError(f"the limit {name} = {value!r} was given; expected a number > 0.")
    return replace(limits(), **changes)


def beyond(path: object, name: str, said: str, bound: str) -> MediaError:
    """Return the error of a file that goes beyond the bound ``name``."""
    return MediaError(
        f"{path} {said}; at most {bound} is taken, so that memory stays bounded. Cut or convert "
        f"it, or raise the limit {name!r} in the settings."
    )
