"""One person followed through a film: a steady mesh, the eyes, and how far the face can be used.

It streams: a frame comes out when those shortly after it are known as well, so that smoothing needs
no delay and an effect can fade before the face is lost.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Frame, Image
from emoanim.engines.film.mouth_cover import UsualMouth, mouth_colours, usual_mouth
from emoanim.engines.rig.expressions.anchors import ANCHORS, anchors_of
from emoanim.engines.rig.expressions.expression import MEASURES, measured
from emoanim.faces import Face, FaceFinder, FaceTracker, fit_pose, mouth_seen
from emoanim.faces.eyes import LIDS

__all__ = ["Seen", "followed", "uncovered"]

Array = NDArray[np.float32]

REACH = 0.4
"""Frames that are looked at before and after one, seconds."""
SMALLEST = 40.0
"""Faces up to that size are left as they are, and fully used from 1.5 times of it on, pixels."""
TURNED = (30.0, 42.0)
"""Heads turned less are fully used, those turned more are left as they are; degrees."""
EASE = 0.35
"""An effect takes that long to come and go, seconds."""
STEADY = (1.0, 4.0, 6.0, 4.0, 1.0)
"""Weights of neighbouring frames in the mesh."""
QUICK = (1.0, 2.0, 1.0)
"""The same for lids and irises, which are faster."""
FAST, LASTING = 0.08, 0.35
"""Standard deviation of the smoothing of measures, seconds: of brows and cheeks, which come and go
with an expression, and of the lips, of which only what lasts is no speech."""
CUT = 0.4
"""A face that moves by more than that share of its size from frame to frame is another shot."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A frame and the person in it.

    Attributes:
        time: seconds.
        image: uint8 (h, w, 3) RGB.
        points: (468, 3) mesh, pixels; None if the person is not seen.
        irises: (2, 5, 2) pixels.
        fast: (MEASURES,) distances that tell the expression, cm (see
            ``emoanim.engines.rig.expressions.expression.measured``), as they are now.
        lasting: the same, as they are for longer than a syllable.
        anchors: (ANCHORS, 2) where brows and corners of the mouth are, cm (see
            ``emoanim.engines.rig.expressions.anchors``), as they are now.
        strength: share of an effect that the frame shall have, 0 where the face is lost or turned
            away, and easing towards it.
        shot: number of the shot, from 0 on.
        mouth: colours around it (see ``emoanim.engines.film.mouth_cover``); None if the person is
            not seen, or the colours have done their work.
    """

    time: float
    image: Image
    points: Array | None
    irises: Array | None
    fast: Array
    lasting: Array
    anchors: Array
    strength: float
    shot: int = 0
    mouth: Array | None = None


@dataclass(slots=True, eq=False)
class _Raw:
    time: float
    image: Image | None
    points: Array | None
    irises: Array | None
    measures: Array
    anchors: Array
    usable: float
    shot: int
    mouth: Array | None = None


def followed(
    frames: Iterable[Frame],
    finder: FaceFinder,
    tracker: FaceTracker | None = None,
    usual: UsualMouth | None = None,
) -> Iterator[Seen]:
    """Follow a person.

    Args:
        frames: in order of time.
        finder: of faces.
        tracker: that says which person; the largest at first by default.
        usual: the person's mouth, if it is known: up to the first cut, one that is covered counts
            as lost.

    Yields:
        Every frame, with the person in it.
    """
    tracker = tracker or FaceTracker(finder)
    window: deque[_Raw] = deque()
    place = 0
    last: _Raw | None = None
    for frame in frames:
        last = _looked_at(frame, finder, tracker, last, usual)
        window.append(last)
        while window[-1].time - window[place].time >= REACH:
            yield _steadied(window, place)
            window[place].image = None
            place += 1
        while window[place].time - window[0].time > REACH and place > 0:
            window.popleft()
            place -= 1
    for index in range(place, len(window)):
        yield _steadied(window, index)


def uncovered(frames: Sequence[Seen]) -> tuple[list[Seen], UsualMouth | None]:
    """Ease an effect away from where a mouth is covered that the rest of its shot shows.

    Args:
        frames: all of a film's beginning, in order, followed before the mouth was known.

    Returns:
        The frames with their strengths, and the person's mouth in the last shot.
    """
    result: list[Seen] = []
    usual = None
    for _, group in groupby(frames, key=lambda seen: seen.shot):
        shot = list(group)
        usual = usual_mouth([s.mouth for s in shot if s.mouth is not None and s.strength > 0])
        bare = np.array(
            [1.0 if usual is None or s.mouth is None else usual.seen(s.mouth) for s in shot]
        )
        times = np.array([seen.time for seen in shot])
        for seen in shot:
            eased = _eased(float((bare + np.abs(times - seen.time) / EASE).min()))
            result.append(replace(seen, strength=min(seen.strength, eased), mouth=None))
    return result, usual


def _looked_at(
    frame: Frame,
    finder: FaceFinder,
    tracker: FaceTracker,
    last: _Raw | None,
    usual: UsualMouth | None,
) -> _Raw:
    face = tracker.update(frame.image, frame.time)
    shot = last.shot if last is not None else 0
    if face is None:
        nothing, nowhere = np.zeros(MEASURES, np.float32), np.zeros((ANCHORS, 2), np.float32)
        return _Raw(frame.time, frame.image, None, None, nothing, nowhere, 0.0, shot)
    plain = face
    face = finder.with_eyes(frame.image, finder.with_lips(frame.image, face))
    if last is not None and last.points is not None and _jumped(last.points, face):
        shot += 1
    colours = mouth_colours(frame.image, face.points)
    usable = _usable(face) * mouth_seen(plain, face)
    if usual is not None and shot == 0:
        usable *= usual.seen(colours)
    return _Raw(
        frame.time, frame.image, face.points, face.irises, measured(face.points).astype(np.float32),
        anchors_of(face.points), usable, shot, colours,
    )  # fmt: skip


def _jumped(before: Array, face: Face) -> bool:
    apart = np.linalg.norm(face.points[:, :2].mean(0) - before[:, :2].mean(0))
    return bool(apart > CUT * face.size)


def _usable(face: Face) -> float:
    low, high = TURNED
    turn = (high - fit_pose(face.points).turn) / (high - low)
    size = (face.size - SMALLEST) / (0.5 * SMALLEST)
    return float(min(max(turn, 0.0), 1.0) * min(max(size, 0.0), 1.0))


def _steadied(window: deque[_Raw], index: int) -> Seen:
    centre = window[index]
    assert centre.image is not None
    shot = [raw for raw in window if raw.shot == centre.shot]
    eased = min(
        min(usable + abs(raw.time - centre.time) / EASE, 1.0)
        for raw, usable in zip(shot, _without_lapses(shot), strict=True)
    )
    if centre.points is None:
        lost = centre.measures
        return Seen(
            centre.time, centre.image, None, None, lost, lost, centre.anchors, 0.0, centre.shot
        )
    near = list(window)[max(index - 2, 0) : index + 3]
    middle = min(index, 2)
    meshes = [raw.points if raw.shot == centre.shot else None for raw in near]
    eyes = [raw.irises if raw.shot == centre.shot else None for raw in near]
    points = _mean(meshes, middle, STEADY)
    lids = [v for eye in LIDS for v in eye]
    points[lids] = _mean(meshes, middle, QUICK)[lids]
    irises = None if centre.irises is None else _mean(eyes, middle, QUICK)
    strength = _eased(eased)
    (fast, anchors), (lasting, _) = (_blurred(window, centre, spread) for spread in (FAST, LASTING))
    return Seen(
        centre.time, centre.image, points, irises, fast, lasting, anchors, strength, centre.shot,
        centre.mouth,
    )  # fmt: skip


def _eased(share: float) -> float:
    share = min(max(share, 0.0), 1.0)
    return share * share * (3 - 2 * share)


def _without_lapses(shot: Sequence[_Raw]) -> list[float]:
    """Return how usable frames are; a single doubtful one between good ones does not count."""
    usable = [raw.usable for raw in shot]
    for k in range(1, len(shot) - 1):
        if shot[k].points is not None:
            usable[k] = max(usable[k], min(shot[k - 1].usable, shot[k + 1].usable))
    return usable


def _mean(arrays: Sequence[Array | None], middle: int, kernel: tuple[float, ...]) -> Array:
    """Return the weighted mean of neighbours, taken in pairs so that nothing lags."""
    reach = len(kernel) // 2
    total = np.zeros_like(arrays[middle], np.float64)
    weight = 0.0
    for away in range(reach + 1):
        if middle - away < 0 or middle + away >= len(arrays):
            break
        before, after = arrays[middle - away], arrays[middle + away]
        if before is None or after is None:
            break
        share = kernel[reach - away] / (1.0 if away else 2.0)
        total += share * (before + after)
        weight += 2 * share
    return np.asarray(total / weight, np.float32)


def _blurred(window: deque[_Raw], centre: _Raw, spread: float) -> tuple[Array, Array]:
    """Return the mean measures and anchors around a frame, Gaussian weights, seconds."""
    near = [raw for raw in window if raw.shot == centre.shot and raw.points is not None]
    apart = np.array([raw.time - centre.time for raw in near])
    weight = np.exp(-0.5 * (apart / spread) ** 2)
    weight = (weight / weight.sum()).astype(np.float32)
    anchors = np.tensordot(weight, np.array([raw.anchors for raw in near]), 1)
    return weight @ np.array([raw.measures for raw in near]), anchors
