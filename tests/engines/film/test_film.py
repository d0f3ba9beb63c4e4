from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.film import film as module
from emoanim.engines.film.film import Film
from emoanim.errors import FaceError


@pytest.fixture
def short_reel(monkeypatch: pytest.MonkeyPatch) -> float:
    """A film of which less than half is kept at hand."""
    monkeypatch.setattr(module, "READ", 0.9)
    return 0.9


def test_only_the_first_seconds_are_kept(still, swaying, finder, short_reel) -> None:
    film = Film(swaying(still, duration=2.0), finder)
    assert len(film.reel) == 18


def test_all_frames_come_whatever_is_kept(still, swaying, finder, short_reel) -> None:
    clip = swaying(still, duration=2.0)
    seen = list(Film(clip, finder).frames())
    assert [s.time for s in seen] == [f.time for f in clip.frames()]
    assert all(np.array_equal(s.image, clip.at(s.time)) for s in seen)
    nose = np.array([s.points[1, 0] for s in seen])
    expected = nose[0] + [clip.sway * np.sin(2 * np.pi * s.time) for s in seen]
    assert nose == pytest.approx(expected, abs=1.5)
    assert np.abs(np.diff(nose, 2)).max() < 0.9, "the mesh jumps where the reel ends"


def test_a_short_film_needs_no_second_look(still, swaying, finder) -> None:
    film = Film(swaying(still), finder)
    seen = list(film.frames())
    assert np.array_equal(seen[5].points, film.reel.known(5).points)
    assert seen[5].image.shape == still.shape


def test_what_is_learnt_of_the_person(still, swaying, finder) -> None:
    person = Film(swaying(still), finder).person
    assert not person.glasses
    assert 0.5 < person.open < 1.3
    assert person.balls is not None
    assert person.neutral is not None


def test_nobody_is_an_error(still, swaying, finder) -> None:
    with pytest.raises(FaceError, match="no face"):
        Film(swaying(np.full_like(still, 100)), finder)
