from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.film.rendering import in_order


@pytest.mark.parametrize(("size", "most"), [((640, 360), 4), ((4096, 2304), 2)])
def test_of_large_frames_fewer_are_held(size: tuple[int, int], most: int) -> None:
    read = given = 0
    ahead = []

    def jobs():
        nonlocal read
        for number in range(12):
            read += 1
            yield number

    for image in in_order(lambda job: np.full((1, 1, 3), job, np.uint8), jobs(), 2, size):
        ahead.append(read - given)
        assert image[0, 0, 0] == given
        given += 1
    assert given == 12
    assert max(ahead) == most
