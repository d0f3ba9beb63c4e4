"""Something before a mouth that is seen in the rest of the film."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from emoanim.clips import Frame, Image
from emoanim.engines.film import film as module
from emoanim.engines.film.film import Film
from emoanim.engines.film.mouth_cover import FEWEST, mouth_colours, usual_mouth

COVERED = (0.8, 1.3)


@dataclass
class Drinking:
    """A film in which a striped cup is before the mouth for half a second."""

    of: object
    mouth: tuple[float, float]
    face: float
    when: tuple[float, float] = COVERED

    @property
    def size(self) -> tuple[int, int]:
        return self.of.size

    @property
    def fps(self) -> float:
        return self.of.fps

    @property
    def duration(self) -> float:
        return self.of.duration

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        for frame in self.of.frames(start, end):
            if self.when[0] <= frame.time < self.when[1]:
                frame = frame._replace(image=self._with_cup(frame.image))
            yield frame

    def _with_cup(self, image: Image) -> Image:
        image = image.copy()
        (x, y), half = self.mouth, 0.2 * self.face
        cup = image[round(y - half / 2) : round(y + 2 * half), round(x - half) : round(x + half)]
        cup[:] = (60, 90, 170)
        cup[np.arange(len(cup)) // 3 % 2 == 0] = (120, 150, 230)
        return image


@pytest.fixture(scope="module")
def drinking(still, swaying, finder) -> Callable[..., Drinking]:
    points = next(iter(Film(swaying(still), finder).reel.frames)).points
    mouth = points[[13, 14], :2].mean(0)

    def film(duration: float = 2.0, when: tuple[float, float] = COVERED) -> Drinking:
        of = swaying(still, duration=duration)
        return Drinking(of, (float(mouth[0]), float(mouth[1])), float(np.ptp(points[:, 1])), when)

    return film


def strengths(film: Film) -> dict[float, float]:
    return {round(seen.time, 2): seen.strength for seen in film.frames()}


def test_a_face_with_a_cup_before_the_mouth_is_left_alone(drinking, finder) -> None:
    strength = strengths(Film(drinking(), finder))
    assert max(v for t, v in strength.items() if COVERED[0] <= t < COVERED[1]) < 0.1
    assert strength[0.3] == strength[1.8] == 1.0
    assert np.abs(np.diff(list(strength.values()))).max() < 0.3, "it comes or goes at once"


def test_so_it_is_beyond_what_is_kept(drinking, finder, monkeypatch) -> None:
    monkeypatch.setattr(module, "READ", 1.6)
    strength = strengths(Film(drinking(3.0, (2.2, 2.6)), finder))
    assert max(v for t, v in strength.items() if 2.2 <= t < 2.6) < 0.1
    assert strength[1.5] == strength[1.75] == strength[2.95] == 1.0


def test_lips_on_a_cup_are_not_the_mouth_at_rest(drinking, still, swaying, finder) -> None:
    alone = Film(swaying(still, duration=2.0), finder).rest.points
    other = Film(drinking(when=(0.5, 1.4)), finder)
    assert np.abs(other.rest.points - alone).max() < 0.1
    covered = [0.55 < seen.time < 1.35 for seen in other.reel.frames]
    bare = [seen.strength == 1.0 for seen in other.reel.frames]
    assert other.effort[covered].min() > 2 * other.effort[bare].max()


def test_a_mouth_that_speaks_is_as_usual(still, swaying, finder) -> None:
    points = next(iter(Film(swaying(still), finder).reel.frames)).points
    colours = mouth_colours(still, points)
    usual = usual_mouth([colours] * FEWEST)
    assert usual.seen(colours) == 1.0
    spoken = colours.copy()
    spoken[1] -= 30.0  # the tongue, or the dark behind the teeth
    darker = colours - np.array((4.0, 0, 0), np.float32)
    assert usual.seen(spoken) == usual.seen(darker) == 1.0
    assert usual.seen(colours + 12.0) == 0.0


def test_few_frames_do_not_tell_what_is_usual(still) -> None:
    assert usual_mouth([np.zeros((8, 3), np.float32)] * (FEWEST - 1)) is None
