"""Following one person through a clip."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from emoanim.faces.crop import Square
from emoanim.faces.detector import Detection
from emoanim.faces.finder import Face, FaceFinder, check_image, square_of
from emoanim.persons import Part, Person

__all__ = ["FaceTracker", "OneEuro", "faces_of"]

Image = NDArray[np.uint8]


class FaceTracker:
    """Follows the person who is largest at first, frame by frame.

    The mesh of the last frame says where to look in the next one. The detectors look again when
    the mesh loses the face and every ``every`` frames, to notice drift and other people; then the
    face nearest to the last one is taken. After ``patience`` frames without a face the largest is
    taken anew.

    Args:
        finder: may be shared with others.
        smooth: smooth the points over time (see ``OneEuro``).
        eyes: look closely at the eyes of each frame (see ``FaceFinder.with_eyes``).
        every: frames between two looks at the whole image.
        patience: frames for which a lost person is remembered.
        person: who is followed, instead of the largest; seen only in the shots and windows that
            are theirs.

    Attributes:
        several: the most faces that were seen in one frame.
    """

    def __init__(
        self,
        finder: FaceFinder,
        *,
        smooth: bool = False,
        eyes: bool = False,
        every: int = 25,
        patience: int = 50,
        person: Person | None = None,
    ) -> None:
        self.several = 0
        self._person = person
        self._part: Part | None = None
        self._finder = finder
        self._eyes = eyes
        self._filters = (OneEuro(), OneEuro()) if smooth else None
        self._every = every
        self._patience = patience
        self._last: Face | None = None
        self._since_look = 0
        self._missing = 0
        self._frame = 0

    def update(self, image: Image, time: float | None = None) -> Face | None:
        """Return the person's face in the next frame, None if it is not seen.

        Args:
            image: uint8 (h, w, 3) RGB.
            time: seconds, for the smoothing; 25 frames a second by default.
        """
        check_image(image)
        at = self._frame / 25.0 if time is None else time
        self._frame += 1
        if self._person is not None and not self._turn_to(self._person.part_at(at)):
            return None
        last = self._last if self._missing <= self._patience else None
        face = None
        if last is not None and self._missing == 0 and self._since_look < self._every:
            face = self._follow(image, last)
            self._since_look += 1
        if face is None:
            face = self._look(image, last)
            self._since_look = 0
        if face is None:
            self._missing += 1
            return None
        anew = self._missing > 0 or last is None
        self._missing = 0
        self._last = face
        if self._eyes:
            face = self._finder.with_eyes(image, face)
        return face if self._filters is None else self._smoothed(face, at, anew)

    def _turn_to(self, part: Part | None) -> bool:
        """Take the shot of the next frame; in another one the person is looked for anew."""
        if part is not self._part:
            self._part, self._last, self._missing = part, None, 0
        return part is not None

    def _theirs(self, image: Image, face: Face) -> bool:
        """Whether a face may be that of the person who is followed."""
        if self._part is None:
            return True
        x, y = (c / side for c, side in zip(face.centre, image.shape[1::-1], strict=True))
        left, top, right, bottom = self._part.window
        return bool(left <= x <= right and top <= y <= bottom)

    def _smoothed(self, face: Face, time: float, anew: bool) -> Face:
        assert self._filters is not None
        for each in self._filters if anew else ():
            each.reset()
        points = self._filters[0](face.points, time, face.size)
        irises = face.irises
        if irises is not None:
            flat = self._filters[1](irises.reshape(-1, 2), time, face.size)
            irises = flat.reshape(irises.shape)
        return replace(face, points=points, irises=irises)

    def _follow(self, image: Image, last: Face) -> Face | None:
        square = square_of(last.points)
        face = self._finder.fit(image, square)
        if face is not None and _moved(square, square_of(face.points)):
            face = self._finder.fit(image, square_of(face.points))
        # A mesh that jumps to another size within one frame sits on something else.
        if face is not None and not 0.6 < face.size / last.size < 1.6:
            return None
        return face if face is None or self._theirs(image, face) else None

    def _look(self, image: Image, last: Face | None) -> Face | None:
        face = None
        if last is not None and self._missing == 0:
            detections = self._finder.detect(image, thorough=False)
            self.several = max(self.several, len(detections))
            face = self._follow(image, last)
            # With the detectors' consent the mesh goes on from itself, without a jump.
            if face is not None and any(_covers(d, face) for d in detections):
                return face
        # Looking into every corner takes ten times as long; while nobody is there, now and then.
        faces = self._finder.find(image, thorough=self._missing % 5 == 0)
        self.several = max(self.several, len(faces))
        faces = [face for face in faces if self._theirs(image, face)]
        if not faces:
            # Turned far away, a head that the mesh still follows may be none for the detectors.
            return face if face is not None and face.presence > 0.8 else None
        if last is not None:
            x, y = last.centre
        elif self._part is not None:
            x, y = self._part.place[0] * image.shape[1], self._part.place[1] * image.shape[0]
        else:
            return faces[0]
        return min(faces, key=lambda f: math.hypot(f.centre[0] - x, f.centre[1] - y))


def faces_of(
    frames: Iterable[Image], finder: FaceFinder, *, track: bool = True, min_size: float = 32.0
) -> Iterator[tuple[Image, Face | None]]:
    """Yield every frame with the face of one person, read as they are asked for.

    Args:
        frames: uint8 (h, w, 3) RGB each.
        finder: finds the faces.
        track: follow one person through the frames of a clip; otherwise take the largest face
            of each, for pictures that do not belong together.
        min_size: a face smaller than that, in pixels, counts as none.
    """
    tracker = FaceTracker(finder) if track else None
    for image in frames:
        if tracker is not None:
            face = tracker.update(image)
        else:
            face = next(iter(finder.find(image)), None)
        yield image, face if face is not None and face.size >= min_size else None


class OneEuro:
    """The 1 euro filter (Casiez et al. 2012) over a mesh: steady at rest, quick in motion.

    Args:
        rest: cut-off frequency at rest, Hz.
        gain: Hz per face size a second by which the cut-off rises with a point's speed.
    """

    def __init__(self, rest: float = 2.0, gain: float = 60.0) -> None:
        self._rest = rest
        self._gain = gain
        self._time = 0.0
        self._points: NDArray[np.float32] | None = None
        self._speed: NDArray[np.float32] | None = None

    def reset(self) -> None:
        """Forget the past, after a cut or a loss."""
        self._points = None

    def __call__(
        self, points: NDArray[np.float32], time: float, size: float
    ) -> NDArray[np.float32]:
        """Return the smoothed points.

        Args:
            points: (n, 2) or (n, 3) pixels.
            time: seconds, rising from call to call.
            size: of the face, pixels.
        """
        step = time - self._time
        self._time = time
        if self._points is None or self._speed is None or not 0.0 < step < 0.5:
            self._points, self._speed = points, np.zeros_like(points)
            return points
        speed = (points - self._points) / np.float32(step * max(size, 1.0))
        self._speed = self._speed + _weight(1.0, step) * (speed - self._speed)
        pace = np.linalg.norm(self._speed, axis=1, keepdims=True)
        weight = _weight(self._rest + self._gain * pace, step)
        self._points = np.asarray(self._points + weight * (points - self._points), np.float32)
        return self._points


def _weight(cutoff: float | NDArray[np.float32], step: float) -> np.float32 | NDArray[np.float32]:
    return np.asarray(1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff * step)), np.float32)


def _moved(a: Square, b: Square) -> bool:
    turned = abs(math.remainder(a.angle - b.angle, math.tau))
    shifted = math.hypot(a.x - b.x, a.y - b.y) / a.side
    return shifted > 0.06 or turned > 0.1 or abs(b.side / a.side - 1.0) > 0.1


def _covers(detection: Detection, face: Face) -> bool:
    x, y = face.centre
    left, top, right, bottom = detection.box
    inside = bool(left < x < right and top < y < bottom)
    return inside and 0.4 < detection.size / face.size < 1.8
