"""Which frames of a clip become stills: the kinds that real people's files hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emoanim.clips import Image
from emoanim.errors import FaceError
from emoanim.face import notes_on_picture, pick_frames
from emoanim.faces import Face, FaceFinder, lip_contrast, shared_finder
from emoanim.faces.cautions import FaceCautions
from emoanim.memory_clip import MemoryClip

pytest.importorskip("ai_edge_litert")
cv2 = pytest.importorskip("cv2")

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


def masked(portrait: Image, colour: tuple[int, int, int], pattern: str) -> Image:
    """The portrait with a pleated cloth from the nose to below the chin, and its seams."""
    points = shared_finder().largest_face(portrait).points[:, :2]
    above, below = points[195], points[152] + 0.25 * (points[152] - points[17])
    across = points[366] - points[137]
    corners = [above - 0.48 * across, above + 0.48 * across]
    corners += [below + 0.4 * across, below - 0.4 * across]
    rows, columns = np.mgrid[: portrait.shape[0], : portrait.shape[1]]
    pleats = 1.0 + 0.04 * np.sin(rows / 4.0) - 0.08 * (rows % 22 < 2)
    cloth = np.array(colour) * pleats[..., None]
    if pattern == "checked":
        cloth *= np.where((rows // 12 + columns // 12) % 2, 1.0, 0.85)[..., None]
    shape = np.zeros(portrait.shape[:2], np.uint8)
    cv2.fillPoly(shape, [np.round(corners).astype(np.int32)], 1)
    return np.where(shape[..., None] > 0, cloth, portrait).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("colour", "pattern"),
    [
        ((120, 190, 225), "pleated"),
        ((105, 185, 160), "pleated"),
        ((215, 218, 222), "pleated"),
        ((35, 35, 38), "pleated"),
        ((170, 40, 50), "pleated"),
        ((205, 165, 140), "pleated"),
        ((150, 150, 190), "checked"),
    ],
)
def test_a_medical_mask_is_noticed(
    portrait: Image, colour: tuple[int, int, int], pattern: str
) -> None:
    """Its pleats and seams differ a little in brightness, as lips do."""
    face = np.ascontiguousarray(portrait[:320, 90:410])
    notes = notes_on_picture(masked(face, colour, pattern))
    assert "the mouth is covered; what is made of it is a guess" in notes


@pytest.mark.parametrize(("yaw", "noticed"), [(20.0, False), (45.0, True)])
def test_a_face_that_is_turned_away_is_noticed(portrait: Image, yaw: float, noticed: bool) -> None:
    finder = shared_finder()
    face = finder.largest_face(portrait)
    cos, sin = np.cos(np.radians(yaw)), np.sin(np.radians(yaw))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]])
    cautions = FaceCautions(finder)
    cautions.add(portrait, [replace(face, points=(face.points @ turn.T).astype(np.float32))])
    assert any("turned away by" in note for note in cautions.of_a_picture()) == noticed


def test_a_picture_that_stands_on_its_head_is_refused(portrait: Image) -> None:
    with pytest.raises(FaceError, match="180 degrees from upright"):
        notes_on_picture(np.ascontiguousarray(portrait[::-1, ::-1]))


def test_each_picture_is_searched_for_faces_once(
    portrait: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[Image] = []
    find = FaceFinder.find

    def watched(finder: FaceFinder, image: Image, *, thorough: bool = True) -> list[Face]:
        searched.append(image)
        return find(finder, image, thorough=thorough)

    monkeypatch.setattr(FaceFinder, "find", watched)
    face = np.ascontiguousarray(portrait[:320, 90:410])
    notes_on_picture(face)
    assert len(searched) == 1
    searched.clear()
    frames = [np.roll(face, i, axis=1) for i in range(5)]
    pick_frames(MemoryClip(frames, 25.0, None), 5, seed=0)
    assert len(searched) == 5


def test_two_persons_in_a_picture_are_noted(portrait: Image) -> None:
    one = portrait[:320, 90:410]
    assert notes_on_picture(np.hstack([one, one])) == (
        "several faces in the picture; the largest is taken",
    )
    assert notes_on_picture(np.zeros((200, 200, 3), np.uint8)) == ()  # the emoter says it


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
