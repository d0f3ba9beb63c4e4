"""Which frames of a clip become stills: the kinds that real people's files hold."""

from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Image
from emoanim.errors import FaceError
from emoanim.face import pick_frames
from emoanim.faces import lip_contrast, shared_finder
from emoanim.memory_clip import MemoryClip

pytest.importorskip("ai_edge_litert")

COVERS = {"mask": (150, 190, 215), "microphone": (25, 25, 28), "hand": (205, 160, 130)}


def covered(portrait: Image, colour: tuple[int, int, int]) -> Image:
    """The portrait with something of a colour, shaded and rough, before the mouth."""
    finder = shared_finder()
    points = finder.largest_face(portrait).points
    x, y = points[13, :2]
    width = 0.6 * float(np.linalg.norm(points[61, :2] - points[291, :2])) + 12
    rows, columns = slice(int(y - width), int(y + width)), slice(int(x - width), int(x + width))
    picture = portrait.astype(float)
    shape = picture[rows, columns].shape
    shade = np.linspace(8, -8, shape[0])[:, None, None]
    rough = np.random.default_rng(0).normal(0, 3, shape)
    picture[rows, columns] = np.array(colour) + shade + rough
    return picture.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("kind", list(COVERS))
def test_frames_with_a_free_mouth_come_first(portrait: Image, kind: str) -> None:
    """Two of three frames are covered: none of them becomes a still, and a note says so."""
    cover = covered(portrait[:320, 90:410], COVERS[kind])
    free = np.ascontiguousarray(portrait[:320, 90:410])
    clip = MemoryClip([free if i % 3 == 0 else cover for i in range(30)], 25.0, None)
    frames, notes = pick_frames(clip, 4, seed=1)
    assert len(frames) == 4
    assert all(np.array_equal(frame.image, free) for frame in frames)
    assert any("the mouth is covered in" in note and "guess" not in note for note in notes)


def test_a_mouth_that_is_never_free_is_said_to_be_a_guess(portrait: Image) -> None:
    cover = covered(portrait[:320, 90:410], COVERS["mask"])
    frames, notes = pick_frames(MemoryClip([cover] * 10, 25.0, None), 2, seed=0)
    assert len(frames) == 2
    assert (
        "the mouth is covered in 10 of 10 frames looked at; the mouth of the still is a guess"
        in notes
    )


def test_free_mouths_get_no_note(portrait: Image) -> None:
    """Not in the dark, in grey, or small either."""
    face = np.ascontiguousarray(portrait[:320, 90:410])
    dark = (face * 0.3).astype(np.uint8)
    grey = np.repeat(face.mean(2).astype(np.uint8)[..., None], 3, axis=2)
    for image in (face, dark, grey, np.ascontiguousarray(face[::2, ::2])):
        _, notes = pick_frames(MemoryClip([image] * 3, 25.0, None), 1, seed=0)
        assert notes == ()
    finder = shared_finder()
    seen = finder.with_lips(face, finder.largest_face(face))
    assert lip_contrast(face, seen.points) > 5.0


def test_a_webcam_inset_is_found(portrait: Image) -> None:
    """300 pixels in the corner of a screen of 1920x1080."""
    screen = np.full((1080, 1920, 3), 245, np.uint8)
    screen[100:900:40, 200:1500] = 60  # lines of text
    screen[760:1060, 1600:1900] = portrait[:300, 90:390]
    frames, _ = pick_frames(MemoryClip([screen] * 4, 25.0, None), 2, seed=0)
    assert len(frames) == 2
    tiny = np.full((1080, 1920, 3), 245, np.uint8)
    tiny[960:1060, 1800:1900] = portrait[:300:3, 90:390:3]
    with pytest.raises(FaceError, match=r"pixels wide; expected at least 64\. Crop or enlarge"):
        pick_frames(MemoryClip([tiny] * 2, 25.0, None), 1, seed=0)
