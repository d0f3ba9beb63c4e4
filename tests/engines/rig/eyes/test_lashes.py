"""Blinks of the packaged portrait, whose lashes are dark and long."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.demo import demo_portrait
from emoanim.engines.rig.eyes.closed_lid import closed_lid
from emoanim.engines.rig.eyes.lids import Eye, eyes, slits
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.faces import FaceFinder, fit_pose

Image = NDArray[np.uint8]
Array = NDArray[np.float32]


class Blink(NamedTuple):
    """The portrait with open and with closed eyes."""

    opened: Image
    closed: Image
    eyes: tuple[Eye, Eye]
    points: Array


@pytest.fixture(scope="module")
def blink() -> Blink:
    image, finder = demo_portrait(), FaceFinder()
    face = finder.with_eyes(image, finder.largest_face(image))
    renderer = FaceRenderer(image, face.points, irises=face.irises, cancel=0.0)
    both = eyes(image, face.points, fit_pose(face.points).scale, face.irises)
    return Blink(renderer.render({}), renderer.render({"43": 1.0}), both, face.points)


def grey(image: Image, eye: Eye, u: Array, below: Array) -> Array:
    """Return brightness at u along the slit and so many cm below the resting upper lid."""
    s = eye.slit
    v = s.at(s.upper, u)[None] + (below * eye.scale)[:, None]
    at = s.centre + u[None, :, None] * s.half * s.along + v[..., None] * s.down
    seen = cv2.remap(image, at.astype(np.float32), None, cv2.INTER_LINEAR)
    return np.asarray(seen.mean(axis=2), np.float32)


def test_no_lashes_stand_beside_a_closed_eye(blink: Blink) -> None:
    above = -np.linspace(0.06, 0.3, 13, dtype=np.float32)
    for eye, outer in zip(blink.eyes, (-1.0, 1.0), strict=True):
        u = outer * np.linspace(0.85, 1.1, 9, dtype=np.float32)
        opened, closed = (grey(i, eye, u, above) for i in (blink.opened, blink.closed))
        assert closed.min() > opened.min() + 25.0


def test_closed_lids_meet_in_one_soft_line(blink: Blink) -> None:
    u = np.linspace(-0.75, 0.75, 61, dtype=np.float32)
    below = np.linspace(0.0, 1.1, 111, dtype=np.float32)
    for eye in blink.eyes:
        closed = grey(blink.closed, eye, u, below)
        line = closed.min(axis=0)
        assert (line < np.median(closed) - 25.0).all()  # no gap in it
        assert line.min() > 60.0  # no black wire
        assert np.abs(np.diff(line)).max() < 20.0


def test_a_lid_that_hardly_closes_keeps_its_lashes(blink: Blink) -> None:
    assert all(eye.lashes is not None for eye in blink.eyes)
    lashes = blink.eyes[0].lashes
    assert lashes is not None
    assert [round(lashes.turned(c), 2) for c in (0.0, 0.1, 0.6, 1.0)] == [0.0, 0.0, 1.0, 1.0]


def test_the_brow_stays_where_it_is_when_the_eye_closes(blink: Blink) -> None:
    u = np.linspace(-0.9, 0.9, 37, dtype=np.float32)
    for eye in blink.eyes:
        above = -np.linspace(0.75, 1.1, 15, dtype=np.float32) * eye.above / eye.scale
        opened, closed = (grey(i, eye, u, above) for i in (blink.opened, blink.closed))
        assert np.abs(closed - opened).mean() < 1.0


def test_a_closed_lid_is_no_patch_with_upright_borders(blink: Blink) -> None:
    u = np.linspace(-1.3, 1.3, 105, dtype=np.float32)
    for eye in blink.eyes:
        seen = grey(blink.closed, eye, u, np.linspace(-0.1, 0.15, 10, dtype=np.float32))
        steps = np.abs(seen[:, 4:] - seen[:, :-4])
        assert steps[:, np.abs(u[2:-2]) < 0.7].max() < 10.0
        assert steps.mean(axis=0).max() < 36.0


@pytest.mark.parametrize(("above", "below"), [(130, 200), (190, 200), (60, 40)])
def test_a_closed_lid_is_no_darker_than_the_skin_around_it(
    blink: Blink, above: int, below: int
) -> None:
    eye = blink.eyes[0]
    rows, columns = np.mgrid[: len(blink.opened), : blink.opened.shape[1]].astype(np.float32)
    u, v = eye.slit.local(np.stack([columns, rows], -1))
    middle = (eye.slit.at(eye.slit.upper, u) + eye.slit.at(eye.slit.lower, u)) / 2
    skin = np.repeat(np.where(v < middle, above, below)[..., None], 3, axis=-1).astype(np.uint8)
    skin[(np.abs(v - middle) < 0.4 * eye.scale) & (np.abs(u) < 1)] = 10  # the eye
    lid = closed_lid(skin, blink.points, 0, eye.slit, eye.scale, eye.above)
    at = eye.slit.centre + np.array((0, -0.1), np.float32) * eye.scale
    colour, share = lid.at(at[None, None].astype(np.float32))
    assert share[0, 0, 0] == pytest.approx(1.0, abs=0.01)
    assert 0.95 * min(above, below) < colour.mean() < 1.1 * max(above, below)


def test_a_tiny_eye_is_painted_as_well(blink: Blink) -> None:
    small = cv2.resize(blink.opened, None, fx=0.05, fy=0.05, interpolation=cv2.INTER_AREA)
    points = blink.points * np.float32(0.05)
    scale = blink.eyes[0].scale * 0.05
    lid = closed_lid(small, points, 0, slits(points)[0], scale, blink.eyes[0].above * 0.05)
    assert np.isfinite(lid.painted).all()
