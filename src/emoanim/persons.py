"""One person of several: how they are chosen, where they are in a clip, and the clip of them alone.

Places are shares of the picture, x to the right and y downwards from its top left, both in [0, 1].
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from emoanim.arguments import named
from emoanim.clips import Clip, Frame, Image, SeekableClip
from emoanim.errors import InputError, SettingsError

__all__ = ["Part", "Person", "PersonChoice", "PersonClip", "alone_in", "frames_at", "whole_picture"]

_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}
_RANK = re.compile(r"(?:the )?(?:(\d+)(?:st|nd|rd|th)?|(\w+)) from (?:the )?(left|right)")
_NUMBER = r"\s*(\d*\.?\d+)\s*"
_PLACE = re.compile(rf"\(?{_NUMBER},{_NUMBER}\)?")
_SLACK = 1e-3
"""Seconds by which a picture may come before the cut that it belongs after."""
_GREY = 128


@dataclass(frozen=True, slots=True)
class PersonChoice:
    """Which person of a clip or picture is meant; one of the three is set, or none: the largest.

    Attributes:
        text: as it was given.
        rank: 1 for the person on the left, 2 for the next one; -1 for the one on the right.
        place: x and y in shares of the picture.
        picture: a file that shows the person.
    """

    text: str
    rank: int | None = None
    place: tuple[float, float] | None = None
    picture: Path | None = None

    @classmethod
    def parse(cls, given: str | Path | Sequence[float]) -> PersonChoice:
        """Read "left", "right", "largest", "2nd from left", "0.3,0.5" or the name of a picture.

        Raises:
            SettingsError: it is none of these.
        """
        if not isinstance(given, str | Path):
            values = given if isinstance(given, Iterable) else (named(given),)
            given = ",".join(str(value) for value in values)
        text = str(given).strip()
        words = " ".join(text.lower().split())
        if words == "largest":
            return cls(text)
        if words in ("left", "right"):
            return cls(text, rank=1 if words == "left" else -1)
        if rank := _RANK.fullmatch(words):
            number = int(rank[1]) if rank[1] else _ORDINALS.get(rank[2], 0)
            if number >= 1:
                return cls(text, rank=number if rank[3] == "left" else -number)
        elif place := _PLACE.fullmatch(words):
            x, y = float(place[1]), float(place[2])
            if x <= 1.0 and y <= 1.0:
                return cls(text, place=(x, y))
        elif Path(text).suffix.lower() in _PICTURES:
            return cls(text, picture=Path(text))
        raise SettingsError(
            f"the person {text[:80]!r} given; expected left, right, largest, '2nd from left', a "
            "place in shares of the picture, such as 0.3,0.5, or a picture of them "
            f"({', '.join(_PICTURES)})."
        )

    def check(self) -> None:
        """See before any work that the picture is there.

        Raises:
            InputError: it is not.
        """
        if self.picture is not None and not self.picture.is_file():
            raise InputError(
                f"the person {self.text!r} given; there is no such picture. Check its name, or say "
                "where they are: left, right, largest, '2nd from left'."
            )


class Part(NamedTuple):
    """A shot in which the person is.

    Attributes:
        start: seconds.
        end: seconds; the frame at this time is in it no more.
        place: where the face is when it is first seen.
        window: left, top, right, bottom of a part of the picture that shows nobody else.
    """

    start: float
    end: float
    place: tuple[float, float]
    window: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Person:
    """Where and when one person is in a clip.

    Attributes:
        parts: the shots that show them, in order of time; at least one.
    """

    parts: tuple[Part, ...]

    def part_at(self, time: float) -> Part | None:
        """Return the shot of a time, None if the person is not in it."""
        for part in self.parts:
            if part.start - _SLACK <= time < part.end - _SLACK:
                return part
        return None

    def now_at(self, time: float, place: tuple[float, float]) -> Person:
        """Return the same person, known to be at a place at a time."""
        moved = (
            part._replace(place=place) if part is self.part_at(time) else part
            for part in self.parts
        )
        return replace(self, parts=tuple(moved))

    def to_list(self) -> list[list[Any]]:
        """Return plain values for JSON; a shot without a beginning or end has None there."""
        ends = ((None if math.isinf(t) else t for t in part[:2]) for part in self.parts)
        return [[*two, *map(list, part[2:])] for two, part in zip(ends, self.parts, strict=True)]

    @classmethod
    def from_list(cls, values: Sequence[Sequence[Any]]) -> Person:
        """Return what ``to_list`` gave."""
        return cls(
            tuple(
                Part(
                    -math.inf if start is None else start,
                    math.inf if end is None else end,
                    (place[0], place[1]),
                    (window[0], window[1], window[2], window[3]),
                )
                for start, end, place, window in values
            )
        )

    @property
    def is_always_there(self) -> bool:
        """Whether the clip is one shot."""
        return self.parts[0].start == -math.inf and self.parts[0].end == math.inf


def whole_picture(place: tuple[float, float]) -> Person:
    """Return a person of whom nothing but a place is known: who is nearest to it at first."""
    return Person((Part(-math.inf, math.inf, place),))


class PersonClip:
    """A clip in which one person is alone: each picture is cut to the person's own window.

    Pictures of shots without the person are grey. It fulfils ``emoanim.clips.Clip`` and
    ``SeekableClip``; sound is asked of the clip itself.

    Args:
        clip: with several persons.
        person: one of them.
    """

    def __init__(self, clip: Clip, person: Person) -> None:
        self._clip, self._person = clip, person
        boxes = [self._box(part) for part in person.parts]
        self._size = max(r - x for x, _, r, _ in boxes), max(b - y for _, y, _, b in boxes)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the window in pixels; of several the largest."""
        return self._size

    @property
    def duration(self) -> float:
        """Seconds."""
        return self._clip.duration

    @property
    def fps(self) -> float:
        """Mean frame rate in Hz."""
        return self._clip.fps

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        """Yield the frames with ``start <= time < end`` in order of time."""
        for frame in self._clip.frames(start, end):
            yield frame._replace(image=self._cut(frame.image, frame.time))

    def frames_at(self, times: Sequence[float]) -> Iterator[Frame]:
        """Yield for each of the ascending times the frame that is shown then."""
        for frame in frames_at(self._clip, times):
            yield frame._replace(image=self._cut(frame.image, frame.time))

    def _box(self, part: Part) -> tuple[int, int, int, int]:
        """Pixels, even from edge to edge, as videos need them."""
        width, height = self._clip.size
        if part.window == (0.0, 0.0, 1.0, 1.0):
            return 0, 0, width, height
        left, top, right, bottom = part.window
        x, y = round(left * width), round(top * height)
        across, down = (round(right * width) - x) // 2 * 2, (round(bottom * height) - y) // 2 * 2
        return x, y, x + across, y + down

    def _cut(self, image: Image, time: float) -> Image:
        width, height = self._size
        part = self._person.part_at(time)
        if part is None:
            return np.full((height, width, 3), _GREY, np.uint8)
        x, y, right, bottom = self._box(part)
        shown = image[y:bottom, x:right]
        if shown.shape[:2] == (height, width):
            return np.ascontiguousarray(shown)
        padded = np.full((height, width, 3), _GREY, np.uint8)
        down, across = (height - shown.shape[0]) // 2, (width - shown.shape[1]) // 2
        padded[down : down + shown.shape[0], across : across + shown.shape[1]] = shown
        return padded


def alone_in(
    generated: Clip, size: tuple[int, int], person: Person, again: Callable[[Clip], Person]
) -> Clip:
    """Return a clip that was made of another one with nobody but the person in it.

    A clip of another size was made of the person alone and is taken as it is. In one of the same
    size the person is where they are in the original, if that is one shot.

    Args:
        generated: made of the original.
        size: of the original, pixels.
        person: of the original.
        again: looks for the person in a clip.
    """
    if any(abs(a - b) > 1 for a, b in zip(size, generated.size, strict=True)):
        return generated
    return PersonClip(generated, person if person.is_always_there else again(generated))


def frames_at(clip: Clip, times: Sequence[float]) -> Iterator[Frame]:
    """Yield the frames shown at the given rising times; a clip's own ``frames_at`` may seek."""
    if isinstance(clip, SeekableClip):
        yield from clip.frames_at(times)
        return
    wanted = iter(times)
    goal = next(wanted, None)
    last: Frame | None = None
    for frame in clip.frames():
        while goal is not None and last is not None and frame.time > goal + 1e-6:
            yield last
            goal = next(wanted, None)
        if goal is None:
            return
        last = frame
    while goal is not None and last is not None:
        yield last
        goal = next(wanted, None)
