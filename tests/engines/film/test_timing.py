from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.film.following import Seen
from emoanim.engines.film.timing import moments, positions


def film(count: int, fps: float = 25.0) -> list[Seen]:
    image = np.zeros((4, 4, 3), np.uint8)
    nothing = np.zeros(1)
    return [Seen(k / fps, image, None, None, nothing, nothing, nothing, 1.0) for k in range(count)]


def test_without_a_map_time_is_the_same() -> None:
    assert positions(5, 25.0, ()) == pytest.approx(np.arange(5) / 25)


def test_a_map_is_followed_and_goes_on_at_the_films_own_pace() -> None:
    found = positions(6, 1.0, ((1.0, 2.0), (3.0, 3.0)))
    assert found == pytest.approx([1.0, 2.0, 2.5, 3.0, 4.0, 5.0])


def test_the_film_never_runs_backwards() -> None:
    assert (np.diff(positions(50, 10.0, ((0.0, 1.0), (2.0, 0.5), (4.0, 3.0)))) >= 0).all()


def test_at_its_own_pace_every_frame_is_shown_once_as_it_is() -> None:
    frames = film(20)
    shown = list(moments(frames, positions(20, 25.0, ()), 25.0))
    assert [m.first.time for m in shown] == [f.time for f in frames]
    assert all(m.second is None for m in shown)


def test_a_constant_offset_of_half_a_frame_neither_doubles_nor_drops_one() -> None:
    wanted = positions(18, 25.0, ()) + 0.5 / 25
    times = [m.first.time for m in moments(film(20), wanted, 25.0)]
    assert np.diff(times) == pytest.approx(np.full(17, 1 / 25))


@pytest.mark.parametrize("pace", [0.8, 0.9, 1.15, 1.25])
def test_another_pace_moves_evenly(pace: float) -> None:
    fps = 25.0
    wanted = positions(20, fps, ((0.0, 0.0), (10.0, 10.0 * pace)))
    seen = []
    for moment in moments(film(40), wanted, fps):
        time = moment.first.time
        if moment.second is not None:
            time += moment.share * (moment.second.time - moment.first.time)
        seen.append(time)
    steps = np.diff(seen) * fps
    assert steps.min() > 0.7 * pace, "a frame is frozen"
    assert steps.max() < 1.3 * pace, "a frame is skipped"


def test_after_the_end_the_last_frame_is_held() -> None:
    frames = film(5)
    shown = list(moments(frames, positions(9, 25.0, ()), 25.0))
    assert len(shown) == 9
    assert shown[-1].first is frames[-1]
