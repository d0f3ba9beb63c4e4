"""Telling drawn faces from photographs; the drawings are made here, from a mesh."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Image
from emoanim.engines.rig.skin.shading import shaded_share
from emoanim.face import notes_on_picture, pick_frames
from emoanim.faces import shared_finder
from emoanim.faces.drawings import SURELY_DRAWN, flat_share, looks_drawn
from emoanim.memory_clip import MemoryClip

cv2 = pytest.importorskip("cv2")
pytest.importorskip("ai_edge_litert")

OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
EYES = (
    (33, 246, 161, 160, 159, 158, 157, 173, 133, 155, 154, 153, 145, 144, 163, 7),
    (362, 398, 384, 385, 386, 387, 388, 466, 263, 249, 390, 373, 374, 380, 381, 382),
)
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)
MOUTH = (61, 78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308, 291)
BROWS = ((70, 63, 105, 66, 107, 55, 65, 52, 53, 46), (336, 296, 334, 293, 300, 276, 283, 282, 295))
NOSE = ((168, 6, 197, 195, 5, 4), (98, 97, 2, 326, 327))


def cartoon(portrait: Image) -> Image:
    """The portrait's face in plain colours and outlines."""
    points = shared_finder().largest_face(portrait).points[:, :2]
    picture = np.full(portrait.shape, (200, 220, 240), np.uint8)

    def ring(at: tuple[int, ...]) -> np.ndarray:
        return points[list(at)].round().astype(np.int32)

    def filled(at: tuple[int, ...], colour: tuple[int, int, int]) -> None:
        cv2.fillPoly(picture, [ring(at)], colour, cv2.LINE_AA)
        cv2.polylines(picture, [ring(at)], True, (60, 35, 25), 2, cv2.LINE_AA)

    x, y = points[list(OVAL)].mean(0)
    size = 0.68 * float(np.ptp(points[list(OVAL), 1]))
    hair = (int(x), int(y - 0.15 * size)), (int(0.85 * size), int(size))
    cv2.ellipse(picture, *hair, 0, 0, 360, (90, 50, 30), -1, cv2.LINE_AA)
    filled(OVAL, (245, 205, 175))
    for eye in EYES:
        filled(eye, (255, 255, 255))
        middle = tuple(int(v) for v in points[list(eye)].mean(0))
        cv2.circle(picture, middle, 3, (60, 90, 140), -1, cv2.LINE_AA)
    for brow in BROWS:
        filled(brow, (70, 40, 20))
    filled(LIPS, (200, 80, 80))
    for line in (MOUTH, *NOSE):
        cv2.polylines(picture, [ring(line)], False, (120, 60, 50), 2, cv2.LINE_AA)
    return picture


def inked(portrait: Image) -> Image:
    """The portrait in few colours, with ink along its edges."""
    smooth = portrait
    for _ in range(6):
        smooth = cv2.bilateralFilter(smooth, 9, 60, 9)
    grey = cv2.medianBlur(cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY), 5)
    paper = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_MEAN_C, cv2.THRESH_BINARY, 11, 4
    )  # fmt: skip
    picture = (smooth // 48) * 48 + 24
    picture[paper == 0] = 20
    return np.asarray(picture, np.uint8)


@pytest.mark.parametrize("draw", [cartoon, inked])
def test_a_drawn_face_gets_a_note(portrait: Image, draw: object) -> None:
    """In a clip and in a picture for ``say``; at half its size too."""
    assert callable(draw)
    drawing = draw(portrait)
    _, notes = pick_frames(MemoryClip([drawing] * 5, 25.0, None), 2, seed=0)
    assert any("looks drawn or painted" in note for note in notes)
    assert any("looks drawn or painted" in note for note in notes_on_picture(drawing))
    small = cv2.resize(drawing, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    assert any("looks drawn or painted" in note for note in notes_on_picture(small))


def test_a_photograph_gets_none(portrait: Image) -> None:
    """Dark, grey, soft, small or badly compressed."""
    _, coded = cv2.imencode(".jpg", portrait[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 20])
    kinds = [
        portrait,
        (portrait * 0.3).astype(np.uint8),
        np.repeat(portrait.mean(2).astype(np.uint8)[..., None], 3, axis=2),
        cv2.GaussianBlur(portrait, (0, 0), 2.0),
        cv2.resize(portrait, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA),
        np.ascontiguousarray(cv2.imdecode(coded, cv2.IMREAD_COLOR)[..., ::-1]),
    ]
    for image in kinds:
        assert looks_drawn(image, shared_finder().largest_face(image).points) < SURELY_DRAWN
        assert notes_on_picture(image) == ()


def test_plain_colours_get_no_shadows(portrait: Image) -> None:
    """A smile presses grey folds into a photograph's cheeks; on plain colours they are smears."""
    points = shared_finder().largest_face(portrait).points
    drawing = cartoon(portrait)
    assert flat_share(portrait, points) < 0.1
    assert shaded_share(portrait, points) == 1.0
    assert flat_share(drawing, points) > 0.5
    assert shaded_share(drawing, points) == 0.0


def test_a_face_at_the_border_is_measured(portrait: Image) -> None:
    """Mesh points outside the picture are no error."""
    points = shared_finder().largest_face(portrait).points.copy()
    points[:, 0] -= 200
    assert np.isfinite(looks_drawn(portrait, points))
    points[:] = 1.0  # a mesh without extent
    assert np.isfinite(looks_drawn(portrait, points))
