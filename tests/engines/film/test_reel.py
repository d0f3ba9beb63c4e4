from __future__ import annotations

import numpy as np

from emoanim.engines.film.following import followed
from emoanim.engines.film.reel import Reel


def test_frames_come_back_in_any_order(still, swaying, finder) -> None:
    film = swaying(still, duration=0.3)
    reel = Reel()
    seen = list(followed(film.frames(), finder))
    for each in seen:
        reel.add(each)
    assert len(reel) == len(seen)
    for index in (4, 0, 5):
        off = np.abs(reel[index].image.astype(int) - seen[index].image)
        assert off.mean() < 1.2
        assert np.array_equal(reel[index].points, seen[index].points)
        assert reel.frames[index].image.size == 0


def test_pictures_that_were_put_away_are_read_anew_when_one_is_asked_for(
    still, swaying, finder
) -> None:
    film = swaying(still, duration=0.3)
    reel = Reel(pictures=lambda: (frame.image for frame in film.frames()))
    for each in followed(film.frames(), finder):
        reel.add(each)
    before = reel[3].image
    film.read.clear()
    reel.put_away()
    assert not film.read
    assert np.array_equal(reel[3].image, before)
    assert len(film.read) == len(reel)
    reel[2]
    assert len(film.read) == len(reel), "once is enough"


def test_pictures_that_cannot_be_read_anew_stay(still, swaying, finder) -> None:
    reel = Reel()
    for each in followed(swaying(still, duration=0.3).frames(), finder):
        reel.add(each)
    reel.put_away()
    assert reel[3].image.shape == still.shape
