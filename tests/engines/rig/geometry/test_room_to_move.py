from __future__ import annotations

import numpy as np

from emoanim.engines.rig.geometry.room_to_move import LEAST, room_to_move


def test_a_plain_wall_leaves_room_and_a_shelf_does_not(drawn_face) -> None:
    drawn = drawn_face()
    wall = np.full_like(drawn.image, 120)
    shelf = wall.copy()
    for at in range(0, len(shelf), 24):
        shelf[at : at + 12] = shelf[:, at : at + 12] = 20
    assert room_to_move(wall, drawn.points) == 1.0
    assert room_to_move(shelf, drawn.points) == LEAST


def test_the_size_of_the_picture_does_not_count(drawn_face) -> None:
    small, large = drawn_face(320), drawn_face(640)
    doubled = np.repeat(np.repeat(small.image, 2, 0), 2, 1)
    one, two = room_to_move(small.image, small.points), room_to_move(doubled, large.points)
    assert abs(one - two) < 0.06
