from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from emoanim.clips import Audio, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.engines.film import film as module
from emoanim.engines.film.atlas import anchored, plane
from emoanim.engines.film.delivery import taken
from emoanim.engines.film.film import Film
from emoanim.engines.film.following import followed
from emoanim.engines.film.person import learnt
from emoanim.engines.film.same_words import same_words
from emoanim.engines.rig.expressions.anchors import BROW_ANCHORS, CORNERS, anchors_of
from emoanim.engines.rig.geometry.turning import in_picture
from emoanim.errors import FaceError
from emoanim.faces import fit_pose


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
    assert np.array_equal(seen[5].points, film.reel.frames[5].points)
    assert seen[5].image.shape == still.shape


def test_what_is_learnt_of_the_person(still, swaying, finder) -> None:
    person = Film(swaying(still), finder).person
    assert person.rim is None
    assert 0.5 < person.open < 1.3
    assert person.balls is not None
    assert person.neutral is not None


def test_brows_and_corners_are_followed_and_brought_to_rest(still, swaying, finder) -> None:
    film = Film(swaying(still), finder)
    seen = film.reel.frames[8]
    assert seen.anchors == pytest.approx(anchors_of(seen.points), abs=0.05)
    calm = taken(EmotionPrompt.parse("very neutral"))
    at_rest = replace(seen, anchors=film.person.relaxed)
    assert calm.anchors(film, at_rest)[BROW_ANCHORS] == pytest.approx(0.0, abs=1e-6)
    raised = replace(seen, anchors=film.person.relaxed + np.float32(0.2))
    assert calm.anchors(film, raised)[BROW_ANCHORS].max() < -0.2
    smile = calm.anchors(film, at_rest)[CORNERS]
    assert smile[:, 1].max() < 0, "the astronaut smiles in every frame"
    assert smile[0, 0] > 0 > smile[1, 0]


def test_lids_that_stare_or_hang_go_to_a_usual_opening(still, swaying, finder) -> None:
    film = Film(swaying(still), finder)
    calm = taken(EmotionPrompt.parse("very neutral"))
    for gap, sign in ((0.7, 1), (1.2, -1)):
        film.person = replace(film.person, open=gap)
        weight = calm.raised_lids(film)
        assert 0.2 < sign * weight < 1.0
        assert taken(EmotionPrompt.parse("very sad")).raised_lids(film) == 0.0


def test_nobody_is_an_error(still, swaying, finder) -> None:
    with pytest.raises(FaceError, match="no face"):
        Film(swaying(np.full_like(still, 100)), finder)


def test_own_words_hold_no_pictures(still, swaying, finder) -> None:
    clip = swaying(still)
    film = Film(clip, finder)
    silence = Speech(Audio(np.zeros(16000, np.float32), 16000), "", ())
    same_words(film, silence, EmotionPrompt.parse("sad"), ((0.0, 0.0), (1.0, 1.0)))
    clip.read.clear()
    assert film.reel[2].image.shape == still.shape
    assert clip.read


def test_a_heavy_rim_keeps_its_shape(still, swaying, finder) -> None:
    pose = fit_pose(finder.largest_face(still).points)
    around = np.linspace(0, 2 * np.pi, 40)
    rims = [
        np.stack([side * 3.2 + 2.1 * np.cos(around), 2.5 + 1.7 * np.sin(around)], 1)
        for side in (-1, 1)
    ]
    worn = cv2.resize(still, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)
    for line in (*rims, np.array([(-1.2, 3.2), (0.0, 3.4), (1.2, 3.2)])):
        places = in_picture(np.column_stack([line, 5.4 - 0.09 * line[:, 0] ** 2]), pose)[:, :2]
        thick = round(0.4 * 4 * pose.scale)
        cv2.polylines(worn, [np.round(4 * places).astype(np.int32)], False, (20, 20, 20), thick)
    worn = cv2.resize(worn, still.shape[1::-1], interpolation=cv2.INTER_AREA)
    rim = learnt(followed(swaying(worn, duration=0.6, sway=0.0).frames(), finder)).rim
    assert 4.0 < rim < 4.9
    free, held = (anchored(height).reshape(-1, *plane().shape[:2]) for height in (3.4, rim))
    top = np.abs(plane()[..., :2] - (3.2, 4.2)).sum(-1) < 0.2
    assert held[:, top].max() < 0.5 * free[:, top].max(), "the brow bends the rim below it"
