from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("cv2")

import cv2

from emoanim.engines.film.following import followed
from emoanim.engines.film.mouth_inside import mouth_inside
from emoanim.engines.film.reel import Reel
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER


def reel_of(film, finder, paint=None) -> Reel:
    reel = Reel()
    for seen in followed(film.frames(), finder):
        if paint is not None:
            ring = seen.points[[*INNER_UPPER, *INNER_LOWER[::-1]], :2]
            cv2.fillPoly(seen.image, [ring.round().astype(np.int32)], paint)
        reel.add(seen)
    return reel


def test_the_persons_own_teeth_are_found(still, swaying, finder) -> None:
    assert mouth_inside(reel_of(swaying(still, duration=0.5), finder), 0).shown > 0.3


def test_a_tongue_is_not_taken_for_teeth(still, swaying, finder) -> None:
    reel = reel_of(swaying(still, duration=0.5), finder, (110, 60, 60))
    assert mouth_inside(reel, 0).shown == 0.0


def test_a_row_too_narrow_for_a_smile_is_not_borrowed(still, swaying, finder, monkeypatch) -> None:
    monkeypatch.setattr("emoanim.engines.film.mouth_inside.NARROW", 7.0)
    assert mouth_inside(reel_of(swaying(still, duration=0.5), finder), 0).shown == 0.0
