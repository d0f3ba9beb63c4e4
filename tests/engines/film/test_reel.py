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
