"""What can be evaluated: a video, a still, a folder of stills, or kept scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from emoanim.clips import Audio, Clip, FileClip, Frame, SoundClip
from emoanim.errors import InputError, MediaError
from emoanim.persons import Person, PersonChoice, PersonClip, alone_in
from emoanim.runs.inputs import Footage, RunInput, open_input
from emoanim.sound.signals import resample

__all__ = ["PICTURES", "OnlyPerson", "Source", "Stills", "name_of", "open_source"]

PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
"""Suffixes of stills."""

_RATE = 16000


class Source(Protocol):
    """Frames that are read once, with what is known of them."""

    @property
    def fps(self) -> float:
        """Frames per second; NaN for stills, which belong to no time."""

    @property
    def seconds(self) -> float:
        """Length; NaN for stills."""

    def frames(self) -> Iterator[Frame]:
        """Yield every frame in order; the time of a still is its number."""

    def sound(self) -> Audio | None:
        """Return the sound at 16 kHz; None if there is none."""


@dataclass(frozen=True, slots=True)
class Stills:
    """Pictures that need not belong together: every face is found anew.

    Attributes:
        paths: of the pictures, in order.
    """

    paths: tuple[Path, ...]

    @property
    def fps(self) -> float:
        """NaN."""
        return math.nan

    @property
    def seconds(self) -> float:
        """NaN."""
        return math.nan

    def frames(self) -> Iterator[Frame]:
        """Yield the pictures; the time is the number, from 0."""
        from emoanim.media import read_image

        for number, path in enumerate(self.paths):
            yield Frame(float(number), read_image(path))

    def sound(self) -> Audio | None:
        """Return None: pictures are silent."""
        return None


class _Film:
    def __init__(self, given: RunInput, alone: Callable[[Clip], Clip]) -> None:
        self._given, self._shown = given, alone(given.clip)

    @property
    def fps(self) -> float:
        return self._shown.fps

    @property
    def seconds(self) -> float:
        return self._shown.duration

    def frames(self) -> Iterator[Frame]:
        return self._shown.frames()

    def sound(self) -> Audio | None:
        from emoanim.media import Video

        clip = self._given.clip
        if isinstance(clip, Video):
            return clip.audio(_RATE) if clip.has_audio else None
        if self._given.sound is None and not isinstance(clip, SoundClip):
            return None
        try:
            heard = self._given.audio()
        except InputError:  # frames without sound are measured as a silent film is
            return None
        return resample(heard, _RATE)


class OnlyPerson:
    """Cuts clips to one person, who is looked for in the first of them.

    Args:
        choice: who is meant; None leaves clips as they are.
    """

    def __init__(self, choice: PersonChoice | None) -> None:
        self._choice = choice
        self._first: tuple[tuple[int, int], Person] | None = None

    def __call__(self, clip: Clip) -> Clip:
        """Return the clip with nobody but the person in it (``emoanim.persons.alone_in``).

        Raises:
            FaceError: they are not there.
        """
        if self._choice is None:
            return clip
        if self._first is None:
            self._first = clip.size, self._find(clip)
            return PersonClip(clip, self._first[1])
        return alone_in(clip, *self._first, self._find)

    def _find(self, clip: Clip) -> Person:
        from emoanim.faces import find_person, shared_finder

        return find_person(clip, self._choice or PersonChoice("largest"), shared_finder()).person


def name_of(footage: Footage) -> str:
    """Return what a clip is called in results."""
    if isinstance(footage, str | Path):
        return str(footage)
    return str(footage.path) if isinstance(footage, FileClip) else "frames in memory"


def open_source(
    footage: Footage,
    fps: float | None = None,
    audio: Audio | None = None,
    alone: Callable[[Clip], Clip] = lambda clip: clip,
) -> Source:
    """Open a video, a clip, frames, a still or a folder of stills (sorted by name).

    Args:
        footage: a path, a clip, or frames, uint8 (t, h, w, 3) RGB.
        fps: of frames.
        audio: the sound of frames.
        alone: cuts a clip to the person who is meant; stills are taken as they are.

    Raises:
        InputError: a folder without pictures, or nothing of the kind.
        MediaError: no such file, or no video or picture in it.
    """
    if not isinstance(footage, str | Path):
        return _Film(open_input(footage, fps=fps, audio=audio), alone)
    path = Path(footage)
    if _folder(path):
        pictures = sorted(p for p in path.iterdir() if p.suffix.lower() in PICTURES)
        if not pictures:
            raise InputError(
                f"the folder {str(path)!r} holds no pictures; expected some of "
                f"{', '.join(sorted(PICTURES))}. Give a video, a still or a folder of stills."
            )
        return Stills(tuple(pictures))
    if not _there(path):
        raise MediaError(f"{str(path)!r} was given; there is no such file. Check the name.")
    return Stills((path,)) if path.suffix.lower() in PICTURES else _Film(open_input(path), alone)


def _folder(path: Path) -> bool:
    """Whether it is a folder; a name that no system takes is none."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _there(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):
        return False
