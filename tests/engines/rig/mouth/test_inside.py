from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.clips import Frame
from emoanim.engines.rig.geometry.landmarks import INNER_LOWER, INNER_UPPER
from emoanim.engines.rig.mouth.inside import MouthInterior, mouth_plane
from emoanim.faces import Face

Drawn = Any
Draw = Callable[..., Any]

WHITE = (225, 222, 215)


def _with_teeth(drawn: Drawn) -> Drawn:
    """Draw white upper teeth into an open mouth, its upper half."""
    image = drawn.image.copy()
    upper = drawn.points[list(INNER_UPPER), :2]
    middle = (upper + drawn.points[list(INNER_LOWER), :2]) / 2
    ring = np.concatenate([upper, middle[::-1]])
    cv2.fillPoly(image, [np.round(ring).astype(np.int32)], WHITE)
    return replace(drawn, image=image)


@pytest.fixture(scope="module")
def toothed(drawn_face: Draw) -> Drawn:
    return _with_teeth(drawn_face(512, gap=1.0))


def _mean(layer: NDArray[np.float32], x: float, y: float) -> NDArray[np.float32]:
    place = np.array([[[x, y]]], np.float32)
    return MouthInterior(layer, layer * 0, *np.zeros((2, 3), np.float32)).seen(place, 0.0)[0, 0]


def test_closed_lips_give_no_interior(drawn_face: Draw) -> None:
    drawn = drawn_face()
    assert MouthInterior.from_face(drawn.image, drawn.points) is None


def test_the_plane_is_in_cm_from_the_mouth_line(drawn_face: Draw) -> None:
    drawn = drawn_face(320)
    plane = mouth_plane(drawn.points)
    corners = drawn.points[[61, 291], :2] @ plane[:, :2].T + plane[:, 2]
    assert corners[1, 0] - corners[0, 0] == pytest.approx(4.92, abs=0.15)
    assert np.abs(corners[:, 1]).max() < 0.3


def test_the_persons_own_teeth_are_taken(toothed: Drawn) -> None:
    mouth = MouthInterior.from_face(toothed.image, toothed.points)
    assert mouth is not None
    plane = mouth_plane(toothed.points)
    tooth = toothed.points[13, :2] + (0, 0.25 * toothed.scale)
    place = (tooth @ plane[:, :2].T + plane[:, 2]).astype(np.float32)
    assert np.abs(mouth.seen(place[None, None], 0.0)[0, 0] - WHITE).max() < 30
    assert mouth.cavity.max() < 80


def test_a_tooth_in_the_shade_and_the_dark_corners_leave_no_hole(drawn_face: Draw) -> None:
    drawn = drawn_face(512, gap=0.8)
    ring = [*INNER_UPPER, *INNER_LOWER[-2:0:-1]]
    corners = drawn.points[ring, :2].round().astype(np.int32)
    inside = np.zeros(drawn.image.shape[:2], np.uint8)
    cv2.fillPoly(inside, [corners], 1)
    image = drawn.image.copy()
    image[inside > 0] = WHITE
    x, y = drawn.points[[81, 178], :2].mean(0).astype(int)
    shade = np.s_[y - 2 : y + 16, x - 3 : x + 3]
    image[shade][inside[shade] > 0] = 40
    left = drawn.points[INNER_UPPER[0], 0]
    wide = np.ptp(drawn.points[ring, 0])
    across = np.arange(image.shape[1])
    image[(inside > 0) & ((across - left) < 0.15 * wide)[None]] = 40
    mouth = MouthInterior.from_face(image, drawn.points)
    assert mouth is not None
    plane = mouth_plane(drawn.points)
    at = np.argwhere(cv2.erode(inside, np.ones((7, 7), np.uint8)) > 0)[:, ::-1].astype(np.float32)
    place = at @ plane[:, :2].T + plane[:, 2]
    still, dropped = (mouth.seen(place[None].astype(np.float32), d)[0] for d in (0.0, 0.8))
    assert np.abs(still - dropped).max() < 12  # all that is seen is of the skull


def test_the_line_between_lips_has_their_colour(toothed: Drawn) -> None:
    mouth = MouthInterior.painted(toothed.image, toothed.points)
    ratio = mouth.line / (175, 87, 87)
    assert ratio == pytest.approx(0.42, abs=0.05)


def test_upper_teeth_stay_and_the_lower_ones_drop_with_the_jaw(toothed: Drawn) -> None:
    mouth = MouthInterior.painted(toothed.image, toothed.points)
    x, y = np.meshgrid(np.linspace(-1.5, 1.5, 31), np.linspace(-0.3, 2.0, 47))
    place = np.stack([x, y], -1).astype(np.float32)
    shut, dropped = mouth.seen(place, 0.0), mouth.seen(place, 1.2)
    plane = mouth_plane(toothed.points)
    line = (toothed.points[list(INNER_UPPER), :2] @ plane[:, :2].T + plane[:, 2])[5, 1]
    teeth = y < line - 0.1
    assert np.abs(shut - dropped)[teeth].max() < 2
    assert np.abs(shut - dropped)[y > line + 0.7].max() > 20


def test_painted_teeth_are_bright_and_tinted_like_the_light(toothed: Drawn) -> None:
    mouth = MouthInterior.painted(toothed.image, toothed.points)
    tooth = _mean(mouth.teeth, 0.4, 0.0)
    assert tooth.mean() > 150
    assert tooth[0] >= tooth[2]
    dim = MouthInterior.painted(toothed.image // 3, toothed.points)
    assert _mean(dim.teeth, 0.4, 0.0).mean() < 0.5 * tooth.mean()


def test_a_grey_portrait_gets_a_grey_mouth(toothed: Drawn) -> None:
    grey = cv2.cvtColor(toothed.image, cv2.COLOR_RGB2GRAY)
    mouth = MouthInterior.painted(np.repeat(grey[..., None], 3, 2), toothed.points)
    for layer in (mouth.teeth, mouth.floor):
        assert np.ptp(layer[..., :3], axis=-1).max() < 1
    assert np.ptp(mouth.cavity) < 1


class _Clip:
    """A clip whose mouth opens in the middle."""

    size, duration, fps = (256, 256), 2.0, 10.0

    def __init__(self, drawn_face: Draw, gaps: dict[float, float]) -> None:
        self.faces = {}
        self.pictures = []
        for time, gap in gaps.items():
            drawn = drawn_face(256, gap=gap)
            drawn = _with_teeth(drawn) if gap > 0.5 else drawn
            self.pictures.append(Frame(time, drawn.image))
            self.faces[drawn.image.tobytes()] = drawn.points

    def frames(self, start: float = 0.0, end: float | None = None) -> Iterator[Frame]:
        return (f for f in self.pictures if start <= f.time < (end or 9.0))

    def find(self, image: NDArray[np.uint8]) -> list[Face]:
        points = self.faces[image.tobytes()]
        return [Face((0.0, 0.0, 200.0, 200.0), 1.0, points, 1.0)]

    def with_lips(self, image: NDArray[np.uint8], face: Face) -> Face:
        return face


def test_the_best_open_mouth_of_a_clip_is_used(drawn_face: Draw) -> None:
    clip = _Clip(drawn_face, {k / 10: (1.0 if k == 7 else 0.05) for k in range(20)})
    mouth = MouthInterior.from_clip(clip, clip, 1.0)
    assert mouth is not None
    assert _mean(mouth.teeth, 0.0, 0.3).mean() > 150


def test_a_clip_that_never_opens_its_mouth_gives_none(drawn_face: Draw) -> None:
    clip = _Clip(drawn_face, {0.0: 0.0, 0.1: 0.05})
    assert MouthInterior.from_clip(clip, clip) is None
