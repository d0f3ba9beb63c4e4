"""Blinks of the packaged portrait, whose lashes are dark and long."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.demo import demo_portrait
from emoanim.engines.rig.eyes.lashes import lashes_of
from emoanim.engines.rig.eyes.lids import Eye, eyes
from emoanim.engines.rig.renderer import FaceRenderer
from emoanim.faces import FaceFinder, fit_pose

Image = NDArray[np.uint8]
Array = NDArray[np.float32]


class Blink(NamedTuple):
    """The portrait with open and with closed eyes."""

    opened: Image
    closed: Image
    eyes: tuple[Eye, Eye]


@pytest.fixture(scope="module")
def blink() -> Blink:
    image, finder = demo_portrait(), FaceFinder()
    face = finder.with_eyes(image, finder.largest_face(image))
    renderer = FaceRenderer(image, face.points, irises=face.irises, cancel=0.0)
    both = eyes(image, face.points, fit_pose(face.points).scale, face.irises)
    return Blink(renderer.render({}), renderer.render({"43": 1.0}), both)


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


@pytest.mark.parametrize(
    ("above", "below", "lid"), [(130, 200, 169), (190, 200, 190), (60, 40, 60)]
)
def test_a_closed_lid_is_out_of_the_shade_that_its_skin_lay_in(
    blink: Blink, above: int, below: int, lid: int
) -> None:
    eye = blink.eyes[0]
    rows, columns = np.mgrid[: len(blink.opened), : blink.opened.shape[1]].astype(np.float32)
    u, v = eye.slit.local(np.stack([columns, rows], -1))
    middle = (eye.slit.at(eye.slit.upper, u) + eye.slit.at(eye.slit.lower, u)) / 2
    skin = np.repeat(np.where(v < middle, above, below)[..., None], 3, axis=-1).astype(np.uint8)
    lashes = lashes_of(skin, eye.slit, eye.scale, -1.0)
    assert lashes.lid == pytest.approx([lid] * 3, abs=1)
    at = np.zeros(1, np.float32)
    dark = np.full((1, 3), above, np.float32)
    closed, half, brow = (
        float(lashes.evened(dark, at, np.full(1, height), np.full(1, 20.0), share)[0, 0])
        for height, share in ((1.0, 1.0), (1.0, 0.5), (20.0, 1.0))
    )
    assert brow == above
    assert half == pytest.approx((above + closed) / 2)
    assert closed == pytest.approx(above + 0.55 * (lid - above), abs=1)
