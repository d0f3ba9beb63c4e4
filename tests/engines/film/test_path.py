from __future__ import annotations

import numpy as np

from emoanim.engines.film.path import way_through


def costs(gaps: np.ndarray, against: float | np.ndarray = 0.0) -> np.ndarray:
    return np.column_stack([gaps, np.broadcast_to(against, gaps.shape)])


def test_neighbours_stay_neighbours_and_nothing_stands_still() -> None:
    rng = np.random.default_rng(0)
    way = way_through(rng.uniform(0, 1, 400), costs(rng.uniform(0, 1, 60)), np.zeros(60), 20)
    steps = np.diff(way)
    assert set(steps.tolist()) <= {-1, 0, 1}
    held = steps == 0
    assert not (held[1:] & held[:-1]).any(), "a frame is shown three times"


def test_it_turns_where_things_are_still_and_not_too_often() -> None:
    speed = np.full(80, 1.0)
    speed[[25, 60]] = 0.0
    against = np.zeros(80)
    against[:20] = against[65:] = 3.0
    way = way_through(np.zeros(300), costs(np.zeros(80), against), speed, 25)
    turns = way[1:][np.diff(way) == 0]
    assert set(turns.tolist()) == {25, 60}
    assert (np.diff(np.flatnonzero(np.diff(way) == 0)) >= 25).all()


def test_extreme_frames_are_left_out() -> None:
    against = np.zeros(100)
    against[50:] = 5.0
    assert way_through(np.zeros(200), costs(np.zeros(100), against), np.zeros(100)).max() < 50


def test_an_open_mouth_is_found_for_an_open_vowel() -> None:
    gaps = np.zeros(40)
    gaps[20:] = 10.0
    wanted = np.repeat([0.0, 10.0], 20)
    way = way_through(wanted, costs(gaps), np.zeros(40))
    assert (way == np.arange(40)).all()


def test_one_frame_is_enough() -> None:
    assert way_through(np.zeros(7), costs(np.zeros(1)), np.zeros(1)).tolist() == [0] * 7


def test_it_begins_where_it_is_asked_to() -> None:
    for first in (10, 70):
        way = way_through(np.zeros(50), costs(np.zeros(80)), np.zeros(80), first=first)
        assert abs(way[0] - first) <= 2


def test_it_rather_turns_than_crosses_a_cut() -> None:
    shots = np.repeat([0, 1], 40)
    against = np.zeros(80)
    against[40:] = 0.05
    way = way_through(np.zeros(300), costs(np.zeros(80), against), np.ones(80), 25, 5, shots)
    assert way.max() == 39
