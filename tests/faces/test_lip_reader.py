from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.faces import Face, FaceFinder, lip_reader
from emoanim.faces.lip_reader import LIPS, LipReader
from emoanim.weights import fetch

Image = NDArray[np.uint8]
RING = list(LIPS)


@pytest.fixture(scope="module")
def seen(finder: FaceFinder, portrait: Image, face: Face) -> Face:
    return finder.with_lips(portrait, face)


def test_the_lips_are_where_the_picture_shows_them(seen: Face, face: Face) -> None:
    # read off the picture by eye: where the upper lip ends on the teeth, and the lower one begins
    assert seen.points[13, 1] == pytest.approx(251.8, abs=1.0)
    assert seen.points[14, 1] == pytest.approx(262.5, abs=1.5)
    assert abs(face.points[13, 1] - 251.8) > 1.5  # the plain mesh is not as exact
    assert seen.points[61, 0] < seen.points[13, 0] < seen.points[291, 0]
    assert seen.points[0, 1] < seen.points[13, 1] < seen.points[14, 1] < seen.points[17, 1]


def test_the_skin_around_them_follows_and_the_rest_stays(seen: Face, face: Face) -> None:
    moved = np.linalg.norm(seen.points[:, :2] - face.points[:, :2], axis=1)
    lip = moved[[0, 37, 39, 267, 269]].mean()
    assert 0 < moved[164] < lip  # between upper lip and nose
    assert moved[[1, 6, 10, 33, 263, 152, 234]].max() < 0.05
    assert np.array_equal(seen.points[:, 2], face.points[:, 2])


@pytest.mark.parametrize(("degrees", "scale"), [(0, 2.0), (25, 1.0), (-30, 0.6)])
def test_they_turn_and_scale_with_the_picture(
    finder: FaceFinder, portrait: Image, seen: Face, degrees: float, scale: float
) -> None:
    turn = cv2.getRotationMatrix2D((250, 220), degrees, scale)
    turn[:, 2] += scale * 256 - turn[:, :2] @ (250, 220) - turn[:, 2]
    size = round(512 * scale)
    turned = cv2.warpAffine(portrait, turn, (size, size), borderMode=cv2.BORDER_REPLICATE)
    found = finder.with_lips(turned, finder.largest_face(turned))
    expected = seen.points[RING, :2] @ turn[:, :2].T + turn[:, 2]
    apart = np.linalg.norm(found.points[RING, :2] - expected, axis=1)
    assert apart.mean() < 0.012 * found.size


def test_every_lip_point_once() -> None:
    assert len(set(LIPS)) == 80


@pytest.mark.parametrize("content", [b"", b"no model at all" * 9])
def test_another_file_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "face_landmark_with_attention.tflite"
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="Delete it and fetch it again"):
        LipReader(path)


def test_another_network_is_told() -> None:
    from emoanim.weights import fetch

    with pytest.raises(WeightsError, match="is not the face mesh with attention"):
        LipReader(Path(fetch("face_landmark.tflite")))


def test_the_weights_of_a_part_are_aligned() -> None:
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated")
    content = fetch("face_landmark_with_attention.tflite").read_bytes()
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))
    part = lip_reader._part(schema, model, None, (lip_reader._FEATURES, lip_reader._MESH))
    start = np.frombuffer(part, np.uint8).ctypes.data
    packed = schema.Model.GetRootAs(part, 0)
    buffers = [packed.Buffers(i) for i in range(packed.BuffersLength())]
    filled = [b.DataAsNumpy() for b in buffers if b.DataLength()]
    assert len(filled) > 100
    assert {(b.ctypes.data - start) % 16 for b in filled} == {0}
