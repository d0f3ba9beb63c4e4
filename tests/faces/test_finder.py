from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim import EDAPipeline
from emoanim.errors import FaceError, InputError, WeightsError
from emoanim.faces import Face, FaceFinder, eye_openness, shared_finder
from emoanim.faces.crop import Square
from emoanim.faces.eyes import LIDS, read_eyes
from emoanim.faces.interpreter import Network

Image = NDArray[np.uint8]


def error_between(found: Face, expected: NDArray[np.floating]) -> float:
    """Mean distance of the points over the size of the face."""
    apart = np.linalg.norm(found.points[:, :2] - expected, axis=1)
    return float(apart.mean() / found.size)


def test_one_face_where_it_is(finder: FaceFinder, portrait: Image) -> None:
    (found,) = finder.find(portrait)
    assert found.presence > 0.95
    assert found.score > 0.8
    # read off the picture by eye: pupils, tip of the nose, middle of the chin
    right_eye = found.points[[33, 133], :2].mean(0)
    left_eye = found.points[[362, 263], :2].mean(0)
    assert right_eye == pytest.approx([215, 175], abs=4)
    assert left_eye == pytest.approx([295, 178], abs=4)
    assert found.points[1, :2] == pytest.approx([252, 223], abs=8)
    assert found.points[152, :2] == pytest.approx([248, 308], abs=8)
    assert found.points[1, 2] < found.points[234, 2]  # the nose is closer than the ear
    left, top, right, bottom = found.box
    assert left < right_eye[0] < left_eye[0] < right
    assert found.size == max(found.width, found.height) == pytest.approx(bottom - top)
    assert found.centre == ((left + right) / 2, (top + bottom) / 2)


@pytest.mark.parametrize("scale", [0.25, 0.5, 3.0])
def test_the_mesh_scales_with_the_image(
    finder: FaceFinder, portrait: Image, face: Face, scale: float
) -> None:
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = cv2.resize(portrait, None, fx=scale, fy=scale, interpolation=way)
    (found,) = finder.find(resized)
    assert error_between(found, face.points[:, :2] * scale) < 0.02


@pytest.mark.parametrize("degrees", [-40, 30, 60])
def test_the_mesh_turns_with_the_image(
    finder: FaceFinder, portrait: Image, face: Face, degrees: float
) -> None:
    turn = cv2.getRotationMatrix2D((256, 256), degrees, 1.0)
    turned = cv2.warpAffine(portrait, turn, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    found = finder.largest_face(turned)
    expected = face.points[:, :2] @ turn[:, :2].T + turn[:, 2]
    assert error_between(found, expected) < 0.03
    assert found.roll == pytest.approx(face.roll - degrees, abs=3)


def test_two_faces_largest_first(finder: FaceFinder, portrait: Image) -> None:
    small = cv2.resize(portrait, (320, 320), interpolation=cv2.INTER_AREA)
    both = np.full((512, 832, 3), 127, np.uint8)
    both[:320, :320] = small
    both[:, 320:] = portrait
    first, second = finder.find(both)
    assert first.centre[0] > 320 > second.centre[0]
    assert first.size > 1.4 * second.size


def test_a_face_at_the_border(finder: FaceFinder, portrait: Image, face: Face) -> None:
    cut = np.ascontiguousarray(portrait[140:, 180:400])
    found = finder.largest_face(cut)
    assert error_between(found, face.points[:, :2] - [180, 140]) < 0.04


def test_a_small_face_in_a_large_image(finder: FaceFinder, portrait: Image) -> None:
    """It is seen only when parts of the image are looked at."""
    large = np.full((1080, 1920, 3), 120, np.uint8)
    large[600:760, 1400:1560] = cv2.resize(portrait, (160, 160), interpolation=cv2.INTER_AREA)
    assert not finder.detect(large, thorough=False)
    found = finder.largest_face(large, min_size=40)
    assert found.centre == pytest.approx((1480, 666), abs=8)


def test_no_face(finder: FaceFinder) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (360, 640, 3), dtype=np.uint8)
    assert finder.find(noise) == []
    with pytest.raises(FaceError, match="no face found in an image of 640x360"):
        finder.largest_face(noise)


def test_too_small(finder: FaceFinder, portrait: Image) -> None:
    small = cv2.resize(portrait, (128, 128), interpolation=cv2.INTER_AREA)
    with pytest.raises(FaceError, match=r"largest face is 4\d px .* at least 64 px"):
        finder.largest_face(small)
    assert finder.largest_face(small, min_size=32).size < 64


def test_eyes(finder: FaceFinder, portrait: Image, face: Face) -> None:
    assert face.irises is None
    found = finder.with_eyes(portrait, face)
    assert found.irises is not None
    # the pupils, read off the picture by eye
    assert found.irises[0, 0] == pytest.approx([216, 175], abs=2)
    assert found.irises[1, 0] == pytest.approx([294, 179], abs=2)
    moved = np.flatnonzero((found.points != face.points).any(axis=1))
    assert set(moved) <= {i for eye in LIDS for i in eye}
    assert 0.2 < eye_openness(found.points) < 0.45
    # an eye that is painted over with skin from the cheek is closed for it
    shut = portrait.copy()
    shut[163:190, 196:236] = portrait[200:227, 196:236]
    x = found.points[list(LIDS[0]), :2]
    assert np.ptp(x[:, 0]) > 15
    closed = finder.with_eyes(shut, face)
    assert eye_openness(closed.points) < 0.75 * eye_openness(found.points)


def test_both_eyes_are_treated_alike(finder: FaceFinder, portrait: Image) -> None:
    """In a mirrored picture the eyes change places."""
    a = finder.with_eyes(portrait, finder.largest_face(portrait))
    mirrored = portrait[:, ::-1].copy()
    b = finder.with_eyes(mirrored, finder.largest_face(mirrored))
    assert a.irises is not None
    assert b.irises is not None
    back = b.irises[::-1, 0] * [-1, 1] + [512, 0]
    assert a.irises[:, 0] == pytest.approx(back, abs=1.5)


class Spy:
    """A network that keeps what it is shown and says that all points are in the middle."""

    def __init__(self, size: int, *outputs: int) -> None:
        self.input_shape = (1, size, size, 3)
        self.outputs = outputs
        self.seen: list[NDArray[np.float32]] = []

    def __call__(self, array: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        self.seen.append(array[0])
        half = self.input_shape[1] / 2
        return [np.full((1, n), half, np.float32) for n in self.outputs]


def test_what_the_networks_are_shown(face: Face) -> None:
    """Colours in [0, 1], red first; the left eye mirrored, so that both point the same way."""
    image = np.zeros((512, 512, 3), np.uint8)
    image[:, :256] = (255, 51, 0)
    made = FaceFinder()
    mesh = Spy(192, 1404, 1)
    made._mesh = mesh
    made.fit(image, Square(256, 256, 192))
    assert mesh.seen[0][96, 10] == pytest.approx([1, 0.2, 0])
    assert mesh.seen[0][96, 180] == pytest.approx([0, 0, 0])
    iris = Spy(64, 213, 15)
    points = face.points.copy()
    points[[33, 133, 362, 263], :2] = [[226, 200], [286, 200], [226, 300], [286, 300]]
    read_eyes(iris, image, points)
    right, left = iris.seen
    assert right[32, 5] == pytest.approx([1, 0.2, 0], abs=1e-6)
    assert right[32, 60] == pytest.approx([0, 0, 0])
    assert np.array_equal(left, right[:, ::-1])


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((0, 64, 3), np.uint8),
        np.zeros((64, 64, 3), np.float32),
        "portrait.jpg",
    ],
)
def test_what_is_no_image(finder: FaceFinder, image: object) -> None:
    with pytest.raises(InputError, match="given; expected"):
        finder.find(image)


def test_the_same_again_and_from_several_threads(finder: FaceFinder, portrait: Image) -> None:
    images = [portrait, portrait[:, ::-1].copy(), cv2.resize(portrait, (300, 300))] * 3
    alone = [finder.find(i)[0].points for i in images]
    with ThreadPoolExecutor(4) as pool:
        together = [faces[0].points for faces in pool.map(finder.find, images)]
    for a, b in zip(alone, together, strict=True):
        assert np.array_equal(a, b)


def test_a_damaged_model(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "face.tflite").write_bytes(b"no model at all")
    with pytest.raises(WeightsError, match="cannot be read as a TensorFlow Lite model"):
        Network(tmp_path / "face.tflite")
    FaceFinder()
    assert capfd.readouterr().err == ""


def test_one_finder_for_a_whole_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Emoter, animators and classifiers of a pipeline load the networks once."""
    shared_finder()
    loaded: list[object] = []
    monkeypatch.setattr(FaceFinder, "__init__", lambda self, *given: loaded.append(self))
    EDAPipeline.from_preset("local", classifier="facex")
    EDAPipeline.from_preset("local", animator="rig")
    assert shared_finder() is shared_finder()
    assert loaded == []
