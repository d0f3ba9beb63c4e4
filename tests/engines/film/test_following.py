from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoanim.clips import Frame, Image
from emoanim.engines.film.following import EASE, followed
from emoanim.faces import Face, FaceTracker, canonical_mesh
from emoanim.persons import whole_picture


def test_every_frame_comes_out_once_in_order(still, swaying, finder) -> None:
    film = swaying(still)
    seen = list(followed(film.frames(), finder))
    assert [s.time for s in seen] == [f.time for f in film.frames()]
    assert all(np.array_equal(s.image, film.at(s.time)) for s in seen)
    assert all(s.strength == 1.0 and s.points is not None for s in seen)


def test_it_needs_only_a_short_look_ahead(still, swaying, finder) -> None:
    film = swaying(still, duration=1.5)
    next(followed(film.frames(), finder))
    assert max(film.read) <= 0.5


def test_the_mesh_is_steadier_than_what_the_network_says(still, swaying, finder) -> None:
    rng = np.random.default_rng(1)
    film = swaying(still, sway=0.0)
    frames = [
        f._replace(
            image=np.clip(f.image + rng.normal(0, 8, f.image.shape), 0, 255).astype(np.uint8)
        )
        for f in film.frames()
    ]
    tracker = FaceTracker(finder)
    raw = np.array([tracker.update(f.image, f.time).points for f in frames])
    steady = np.array([s.points for s in followed(frames, finder)])
    nose = [1, 4, 5, 195, 168]
    assert np.diff(steady[2:-2, nose], axis=0).std() < 0.7 * np.diff(raw[2:-2, nose], axis=0).std()


def test_an_effect_fades_before_the_person_is_lost_and_comes_back_slowly(
    still, swaying, finder
) -> None:
    film = swaying(still, duration=2.0, away=(0.9, 1.1))
    strength = {round(s.time, 2): s.strength for s in followed(film.frames(), finder)}
    assert strength[0.0] == 1.0
    assert strength[0.95] == 0.0
    assert 0.0 < strength[0.8] < 0.5
    steps = np.abs(np.diff(list(strength.values())))
    assert steps.max() <= 1.6 / (EASE * film.fps)
    assert strength[1.9] == 1.0


def test_who_is_nearest_to_a_place_is_followed(still, swaying, finder) -> None:
    both = np.concatenate([still, still[:, ::-1]], axis=1)
    film = swaying(both, duration=0.2, sway=0.0)
    half = still.shape[1]
    for place, side in (((0.25, 0.4), 0), ((0.75, 0.4), 1)):
        tracker = FaceTracker(finder, person=whole_picture(place))
        seen = next(followed(film.frames(), finder, tracker))
        assert int(seen.points[:, 0].mean() // half) == side


def test_a_cut_is_not_smoothed_over(still, swaying, finder) -> None:
    film = list(swaying(still, sway=0.0).frames())
    shifted = [
        f._replace(image=np.roll(f.image, -70, axis=1)) if k >= 12 else f
        for k, f in enumerate(film)
    ]
    seen = list(followed(shifted, finder))
    before = [s.points[1, 0] for s in seen[:12]]
    after = [s.points[1, 0] for s in seen[12:]]
    assert [s.shot for s in seen] == [0] * 12 + [1] * 12
    assert np.ptp(before) < 2.0
    assert np.ptp(after) < 2.0
    assert before[0] - after[0] == pytest.approx(70, abs=4)


def test_a_hand_before_the_mouth_lets_go(still, swaying, finder) -> None:
    film = swaying(still, sway=0.0)
    face = finder.largest_face(still)
    x, y = (int(v) for v in face.points[[13, 14], :2].mean(0))
    reach = int(0.3 * face.height)
    hand = still[y - 2 * reach : y - reach, x - reach : x + reach]
    covered = still.copy()
    covered[y - reach // 2 : y - reach // 2 + reach, x - reach : x + reach] = hand
    frames = [f._replace(image=covered) if 0.5 <= f.time < 0.7 else f for f in film.frames()]
    strength = {round(s.time, 2): s.strength for s in followed(frames, finder)}
    assert strength[0.0] == 1.0
    assert strength[0.6] < 0.3
    assert strength[1.15] == 1.0


class Turning:
    """A head that turns away, ten degrees in half a second; it is tracker and finder in one."""

    def update(self, image: Image, time: float) -> Face:
        angle = np.deg2rad(20.0 * time)
        across = np.array(
            [[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]]
        )
        mesh = canonical_mesh()[0] * np.array([1, -1, -1]) @ across.T
        points = np.asarray(mesh * 10.0 + 200.0, np.float32)
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return Face(box, 1.0, points, 1.0)

    def with_lips(self, image: Image, face: Face) -> Face:
        return face

    with_eyes = with_lips


def test_a_head_that_turns_away_is_left_as_it_is() -> None:
    """Past 42 degrees a frame passes through untouched; the change has eased out by then."""
    picture = np.zeros((400, 400, 3), np.uint8)
    frames = [Frame(i / 25.0, picture) for i in range(76)]
    head: Any = Turning()
    strengths = np.array([seen.strength for seen in followed(frames, head, head)])
    degrees = 20.0 * np.arange(76) / 25.0
    assert (strengths[degrees < 22] == 1.0).all()
    assert (strengths[degrees > 42.5] == 0.0).all()
    falling = strengths[(degrees > 22) & (degrees < 43)]
    assert (np.diff(falling) <= 0).all()
    assert np.abs(np.diff(strengths)).max() < 0.3
