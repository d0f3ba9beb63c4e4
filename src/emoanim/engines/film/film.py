"""A film of a person, read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Clip, Image
from emoanim.engines.film.following import Seen, followed, uncovered
from emoanim.engines.film.mouth_at_rest import MouthAtRest, resting_mouth
from emoanim.engines.film.mouth_inside import mouth_inside
from emoanim.engines.film.mouth_tones import softness_of, toned
from emoanim.engines.film.person import Person, learnt
from emoanim.engines.film.reel import Reel
from emoanim.engines.rig.mouth.inside import MouthInterior
from emoanim.errors import FaceError
from emoanim.even_clip import even
from emoanim.faces import FaceFinder, FaceTracker, fit_pose
from emoanim.persons import Person as OneOfSeveral

__all__ = ["READ", "Film", "Learnt", "pictures_of"]

READ = 12.0
"""Seconds of a clip that are kept at hand: new words are told with them."""
LOOKS = 48
"""Frames on which the person is measured, spread over what is kept."""
SHARPNESS_LOOKS = 5
"""Frames that tell how soft a film is."""
UNLIKELY = 10.0
"""Effort of a frame that does not show the mouth, cm: it counts only if there is no other."""
JOINED = 0.5
"""The last seconds of what is kept are followed again when the film goes on after them: they did
not know yet what comes."""


class Learnt(NamedTuple):
    """What a film tells: its followed frames, and the person in them."""

    reel: Reel
    person: Person


def pictures_of(clip: Clip) -> Iterator[Image]:
    """Yield the pictures of what is kept at hand of a clip."""
    return (frame.image for frame in even(clip).frames(0.0, READ))


class Film:
    """A clip, the person in it followed through its first seconds, and what it tells of them.

    Args:
        clip: of the person.
        finder: of faces.
        whose: person in it; who is largest at first by default.
        known: what was learnt of this clip before, of this person.

    Attributes:
        clip: the same, at a constant rate.
        person: what stays the same through it.
        reel: its first ``READ`` seconds.

    Raises:
        FaceError: no face in them.
    """

    def __init__(
        self,
        clip: Clip,
        finder: FaceFinder,
        whose: OneOfSeveral | None = None,
        known: Learnt | None = None,
    ) -> None:
        self.clip = even(clip)
        self._finder, self._whose = finder, whose
        self.reel, self.person = known or self._learnt()

    def _learnt(self) -> Learnt:
        clip = self.clip
        reel = Reel(pictures=lambda: pictures_of(clip))
        tracker = FaceTracker(self._finder, person=self._whose)
        every = max(int(min(clip.duration, READ) * clip.fps / LOOKS), 1)

        def looks() -> Iterator[Seen]:
            for number, seen in enumerate(followed(clip.frames(0.0, READ), self._finder, tracker)):
                reel.add(seen)
                if number % every == 0:
                    yield seen

        person = learnt(looks())
        if person is None:
            raise FaceError(
                f"no face was found in the first {min(clip.duration, READ):.0f} s of the film; "
                "expected a person who looks towards the camera. Cut the film to where they are "
                "seen."
            )
        frames, usual = uncovered(reel.frames)
        reel.know_better(frames)
        return Learnt(reel, replace(person, mouth=usual))

    def _tracker(self, start: float) -> FaceTracker:
        """Follow the person on from where the reel saw them last before a time."""
        before = reversed(self.reel.frames)
        points = (seen.points for seen in before if seen.time <= start and seen.points is not None)
        last, whose = next(points, None), self._whose
        if whose is not None and last is not None:
            x, y = last[:, :2].mean(0) / self.clip.size
            whose = whose.now_at(start, (float(x), float(y)))
        return FaceTracker(self._finder, person=whose)

    def frames(self) -> Iterator[Seen]:
        """Yield all frames from the first on, whatever their number, with the person in them."""
        whole = len(self.reel)
        goes_on = self.clip.duration > READ
        if goes_on:
            end = self.reel.frames[-1].time - JOINED
            while whole > 1 and self.reel.frames[whole - 1].time > end:
                whole -= 1
        images = self.clip.frames(0.0, READ)
        known = self.reel.frames[:whole]
        first = (
            replace(seen, image=frame.image) for seen, frame in zip(known, images, strict=False)
        )
        if not goes_on:
            return first
        start = self.reel.frames[whole].time
        rest = self.clip.frames(start - 1e-6)
        return chain(first, followed(rest, self._finder, self._tracker(start), self.person.mouth))

    @cached_property
    def rest(self) -> MouthAtRest:
        """The person's mouth at rest."""
        seen = [s for s in self.reel.frames if s.points is not None]
        # Lips that the mesh draws on a hand tell nothing.
        clear = [s for s in seen if s.strength > 0.5] or seen
        return resting_mouth([s.points for s in clear if s.points is not None])

    @cached_property
    def mouth(self) -> MouthInterior:
        """What is behind the person's lips."""
        return toned(mouth_inside(self.reel, int(np.argmin(self.effort))), self.reel)

    @cached_property
    def softness(self) -> float:
        """How soft the film's edges are, standard deviation in cm."""
        calm = np.argsort(self.effort, kind="stable")[:SHARPNESS_LOOKS].tolist()
        soft = []
        for index in calm:
            seen = self.reel[index]
            if seen.points is not None:
                soft.append(softness_of(seen.image, seen.points, fit_pose(seen.points).scale))
        return float(np.median(soft)) if soft else 0.0

    @cached_property
    def effort(self) -> NDArray[np.float64]:
        """How far the mouth of each frame of the reel is from rest, (n,) cm; infinite unseen."""
        return np.array(
            [
                np.inf
                if seen.points is None
                else np.sqrt((self.rest.back(seen.points) ** 2).sum(1).mean())
                + (UNLIKELY if seen.strength <= 0 else 0.0)
                for seen in self.reel.frames
            ]
        )
