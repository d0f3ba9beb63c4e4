"""Finding the person of a clip who was chosen: by place, by order, or by a picture of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Clip, Frame
from emoanim.errors import FaceError, MissingExtraError, WeightsError
from emoanim.faces.finder import Face, FaceFinder
from emoanim.faces.recogniser import SAME_PERSON, FaceRecogniser
from emoanim.faces.shots import cuts_between, glimpse
from emoanim.persons import Part, Person, PersonChoice, frames_at

__all__ = ["ChosenPerson", "find_person"]

Box = NDArray[np.float64]

_LOOKS_A_SECOND = 2.0
_LEAST_LOOKS, _MOST_LOOKS = 12, 60
_SMALLEST = 32.0
"""Pixels across from which a face counts."""
_USUAL = 0.2
"""Share of the looks in which so many people must be seen together to be counted as there."""
_REACH = 3.0
"""Face sizes that a person can be away from where they were seen last."""
_NEAR = 0.25
"""Shares of its size by which a place may lie outside a face and still mean it."""
_PER_TRACK = 5
"""Faces of one track that are compared, the largest."""
_AROUND = (1.0, 1.2, 1.0, 1.5)
"""Room around a face, in its sizes: to the left, above, to the right, below."""


class ChosenPerson(NamedTuple):
    """Who was chosen.

    Attributes:
        person: where and when they are in the clip.
        several: how many people are seen together at most, leaving out what is seen rarely.
        notes: what a user should know.
    """

    person: Person
    several: int
    notes: tuple[str, ...]


class _Look(NamedTuple):
    time: float
    faces: list[Face]
    small: Frame
    size: tuple[int, int]


@dataclass(slots=True, eq=False)
class _Track:
    """One person within a shot: number of a look -> face."""

    faces: dict[int, Face] = field(default_factory=dict)
    distance: float = math.inf

    @property
    def last(self) -> Face:
        return self.faces[max(self.faces)]


def find_person(
    clip: Clip,
    choice: PersonChoice,
    finder: FaceFinder,
    recogniser: Callable[[], FaceRecogniser] = FaceRecogniser,
) -> ChosenPerson:
    """Look through a clip for the person who is meant.

    Within a shot people are followed from look to look by their place. From shot to shot they are
    told apart by dlib's embeddings; without the extra "identity" only the shot in which the person
    was chosen is theirs, and a note says so.

    Args:
        clip: with one or several persons.
        choice: which one is meant.
        finder: of faces.
        recogniser: makes the network that tells persons apart, when it is needed.

    Raises:
        FaceError: nobody is there, not so many people, or nobody who looks like the picture; or
            the person and another one are at the same place within one shot.
        MediaError: the picture cannot be read.
        MissingExtraError: a picture was given and the extra "identity" is not installed.
    """
    count = int(min(max(clip.duration * _LOOKS_A_SECOND, _LEAST_LOOKS), _MOST_LOOKS))
    times = [(i + 0.5) * clip.duration / count for i in range(count)]
    looks = [_look(frame, finder) for frame in frames_at(clip, times)]
    if not any(look.faces for look in looks):
        raise FaceError(
            f"the person {choice.text!r} was asked for, and no face was found in any of "
            f"{len(looks)} frames; expected people who look towards the camera. Check the video."
        )
    several = _usual_count(looks)
    cuts = cuts_between([look.small for look in looks], lambda at: frames_at(clip, at))
    shots = _split(looks, cuts)
    tracks = [_tracks(looks, numbers) for _, _, numbers in shots]
    notes: tuple[str, ...] = ()
    if choice.picture is not None:
        from emoanim.media import read_image

        image = read_image(choice.picture)
        face = finder.largest_face(image, _SMALLEST)
        network = recogniser()
        _measure(clip, looks, tracks, network.embed(image, face), network)
        chosen = [_likest(each) for each in tracks]
        _check_likeness(choice, tracks)
    else:
        shot, track = _meant(choice, looks, tracks, several)
        chosen = [track if number == shot else None for number in range(len(shots))]
        if len(shots) > 1:
            chosen, notes = _across_cuts(clip, looks, tracks, shot, track, recogniser)
    parts = [
        _part(start, end, looks, here, track, choice)
        for (start, end, _), here, track in zip(shots, tracks, chosen, strict=True)
        if track is not None
    ]
    return ChosenPerson(Person(tuple(parts)), several, notes)


def _look(frame: Frame, finder: FaceFinder) -> _Look:
    faces = [face for face in finder.find(frame.image) if face.size >= _SMALLEST]
    return _Look(frame.time, faces, glimpse(frame), frame.image.shape[1::-1])


def _usual_count(looks: Sequence[_Look]) -> int:
    counts = [len(look.faces) for look in looks if look.faces]
    often = [n for n in set(counts) if sum(c >= n for c in counts) >= _USUAL * len(counts)]
    return max(often)


def _split(looks: Sequence[_Look], cuts: Sequence[float]) -> list[tuple[float, float, list[int]]]:
    """Return start, end and numbers of the looks of each shot."""
    edges = [-math.inf, *cuts, math.inf]
    shots = [
        (start, end, [n for n, look in enumerate(looks) if start <= look.time < end])
        for start, end in pairwise(edges)
    ]
    return [shot for shot in shots if shot[2]]


def _tracks(looks: Sequence[_Look], numbers: Iterable[int]) -> list[_Track]:
    """Follow everybody through the looks of a shot; the nearest pairs are joined first."""
    tracks: list[_Track] = []
    for number in numbers:
        faces = list(looks[number].faces)
        pairs = sorted(
            (_apart(track.last, face), t, f)
            for t, track in enumerate(tracks)
            for f, face in enumerate(faces)
        )
        joined: set[int] = set()
        placed: set[int] = set()
        for apart, t, f in pairs:
            if apart <= _REACH and t not in joined and f not in placed:
                tracks[t].faces[number] = faces[f]
                joined.add(t)
                placed.add(f)
        tracks += [_Track({number: face}) for f, face in enumerate(faces) if f not in placed]
    return tracks


def _apart(one: Face, other: Face) -> float:
    """Return the distance of two faces in sizes; one that grew or shrank fast is far away."""
    (x, y), (u, v) = one.centre, other.centre
    ratio = max(one.size, other.size) / min(one.size, other.size)
    return math.hypot(x - u, y - v) / max(one.size, other.size) + 2.0 * math.log2(ratio)


def _meant(
    choice: PersonChoice, looks: Sequence[_Look], tracks: Sequence[list[_Track]], several: int
) -> tuple[int, _Track]:
    """Return the shot and the track of who was chosen by place, order or size."""
    number, face = _first_seen(choice, looks, several)
    for shot, here in enumerate(tracks):
        for track in here:
            if track.faces.get(number) is face:
                return shot, track
    raise AssertionError("every face of a look is on a track")


def _first_seen(choice: PersonChoice, looks: Sequence[_Look], several: int) -> tuple[int, Face]:
    place = choice.place
    if place is not None:
        for number, look in enumerate(looks):
            near = [face for face in look.faces if _holds(face, place, look.size)]
            if near:
                return number, min(near, key=lambda face: _off(face, place, look.size))
        raise FaceError(
            f"nobody is at {place[0]:g},{place[1]:g}; {_who(looks, several)} Give "
            "the place of one of them."
        )
    rank = choice.rank or 1
    if abs(rank) > several:
        raise FaceError(
            f"the person {choice.text!r} was asked for; {_who(looks, several)} Choose one of them."
        )
    number = next(n for n, look in enumerate(looks) if len(look.faces) >= several)
    faces = looks[number].faces[:several]  # the largest ones
    if choice.rank is not None:
        faces = sorted(faces, key=lambda face: face.centre[0])
    return number, faces[rank - 1 if rank > 0 else rank]


def _who(looks: Sequence[_Look], several: int) -> str:
    look = next(look for look in looks if len(look.faces) >= several)
    width, height = look.size
    faces = sorted(look.faces[:several], key=lambda face: face.centre[0])
    places = [f"{face.centre[0] / width:.2f},{face.centre[1] / height:.2f}" for face in faces]
    people = "1 person is" if several == 1 else f"{several} people are"
    return f"{people} seen, at {' and '.join(places)}."


def _holds(face: Face, place: tuple[float, float], size: tuple[int, int]) -> bool:
    (x, y), (left, top, right, bottom) = (place[0] * size[0], place[1] * size[1]), face.box
    room = _NEAR * face.size
    return left - room <= x <= right + room and top - room <= y <= bottom + room


def _off(face: Face, place: tuple[float, float], size: tuple[int, int]) -> float:
    return math.dist(face.centre, (place[0] * size[0], place[1] * size[1]))


def _measure(
    clip: Clip,
    looks: Sequence[_Look],
    tracks: Sequence[list[_Track]],
    wanted: NDArray[np.float64],
    recogniser: FaceRecogniser,
) -> None:
    """Set how far each track is from a face; up to ``_PER_TRACK`` looks of each are compared."""
    asked: dict[int, list[tuple[_Track, Face]]] = {}
    for track in (track for here in tracks for track in here):
        numbers = sorted(track.faces, key=lambda n: -track.faces[n].size)[:_PER_TRACK]
        for number in numbers:
            asked.setdefault(number, []).append((track, track.faces[number]))
    distances: dict[int, list[float]] = {}
    numbers = sorted(asked)
    for number, frame in zip(
        numbers, frames_at(clip, [looks[n].time for n in numbers]), strict=True
    ):
        for track, face in asked[number]:
            apart = float(np.linalg.norm(recogniser.embed(frame.image, face) - wanted))
            distances.setdefault(id(track), []).append(apart)
    for track in (track for here in tracks for track in here):
        track.distance = float(np.median(distances[id(track)]))


def _likest(tracks: Sequence[_Track]) -> _Track | None:
    best = min(tracks, key=lambda track: track.distance, default=None)
    return best if best is not None and best.distance <= SAME_PERSON else None


def _check_likeness(choice: PersonChoice, tracks: Sequence[list[_Track]]) -> None:
    nearest = min(track.distance for here in tracks for track in here)
    if nearest > SAME_PERSON:
        raise FaceError(
            f"nobody in the video looks like the person in {choice.text}: the nearest face is "
            f"{nearest:.2f} away; expected up to {SAME_PERSON:g}. Give another picture, or say "
            "where they are: left, right, 0.3,0.5."
        )


def _across_cuts(
    clip: Clip,
    looks: Sequence[_Look],
    tracks: Sequence[list[_Track]],
    shot: int,
    track: _Track,
    recogniser: Callable[[], FaceRecogniser],
) -> tuple[list[_Track | None], tuple[str, ...]]:
    """Find the person of one shot in the others."""
    alone: list[_Track | None] = [track if n == shot else None for n in range(len(tracks))]
    try:
        network = recogniser()
    except (MissingExtraError, WeightsError) as error:
        first, last = (looks[pick(track.faces)].time for pick in (min, max))
        note = (
            "the picture cuts to other shots, and persons cannot be told apart across them: only "
            f"the shot around {first:.1f} to {last:.1f} s is changed ({error})"
        )
        return alone, (note,)
    number = max(track.faces, key=lambda n: track.faces[n].size)
    frame = next(iter(frames_at(clip, [looks[number].time])))
    _measure(clip, looks, tracks, network.embed(frame.image, track.faces[number]), network)
    others = (_likest(here) for here in tracks)
    return [track if n == shot else other for n, other in enumerate(others)], ()


def _part(
    start: float,
    end: float,
    looks: Sequence[_Look],
    tracks: Sequence[_Track],
    track: _Track,
    choice: PersonChoice,
) -> Part:
    """Return a shot with the person's window in it: no other face of the shot is inside."""
    first = min(track.faces)
    width, height = looks[first].size
    x, y = track.faces[first].centre
    others = [f.box for other in tracks if other is not track for f in other.faces.values()]
    place = (min(max(x / width, 0.0), 1.0), min(max(y / height, 0.0), 1.0))
    if not others:
        return Part(start, end, place)
    boxes = np.array([face.box for face in track.faces.values()])
    size = max(face.size for face in track.faces.values())
    own = np.concatenate([boxes[:, :2].min(0), boxes[:, 2:].max(0)])
    window = own + size * np.array(_AROUND) * (-1, -1, 1, 1)
    window = np.clip(window, 0, (width, height, width, height))
    for other in others:
        window = _without(window, own, np.array(other), choice)
    left, top, right, bottom = window / (width, height, width, height)
    return Part(start, end, place, (float(left), float(top), float(right), float(bottom)))


def _without(window: Box, own: Box, other: Box, choice: PersonChoice) -> Box:
    """Draw a window in so far that a face is outside of it."""
    if (other[2:] <= window[:2]).any() or (other[:2] >= window[2:]).any():
        return window
    gaps = np.concatenate([own[:2] - other[2:], other[:2] - own[2:]])  # on its four sides
    side = int(np.argmax(gaps))
    if gaps[side] < 0:
        raise FaceError(
            f"the person {choice.text!r} and somebody else come to the same place within one shot; "
            "expected people who keep apart. Cut the video to the part where they do."
        )
    drawn = window.copy()
    drawn[side] = own[side] + (-1 if side < 2 else 1) * gaps[side] / 2
    return drawn
