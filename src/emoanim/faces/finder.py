"""Every face of an image with its 468-point mesh."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import FaceError, InputError
from emoanim.faces.crop import LEFT_CORNERS, RIGHT_CORNERS, Square, cut
from emoanim.faces.detector import Detection, Detector, merge, overlap_of
from emoanim.faces.eyes import read_eyes
from emoanim.faces.interpreter import Network
from emoanim.faces.lip_reader import LipReader
from emoanim.folders import cache_folder

__all__ = ["Face", "FaceFinder", "check_image", "shared_finder", "square_of"]

Image = NDArray[np.uint8]

MARGIN = 1.5
"""Side of the square that the mesh network sees, over the face's longer side: 25 % around it."""
SMALLEST_TILE = 320


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face in an image.

    Attributes:
        box: left, top, right, bottom of the mesh, float pixels.
        score: the detector's, in [0, 1]; of a face that was followed, its presence.
        points: float32 (468, 3), the mesh in pixels: x to the right, y downwards, z away from the
            camera, in the same unit, 0 near the centre of the head.
        presence: the mesh network's belief that it sees a face, in [0, 1].
        irises: float32 (2, 5, 2) pixels, the person's right eye first, centre and rim; None
            unless the eyes were looked at (``FaceFinder.with_eyes``).
    """

    box: tuple[float, float, float, float]
    score: float
    points: NDArray[np.float32]
    presence: float
    irises: NDArray[np.float32] | None = None

    @property
    def width(self) -> float:
        """Pixels."""
        return self.box[2] - self.box[0]

    @property
    def height(self) -> float:
        """Pixels."""
        return self.box[3] - self.box[1]

    @property
    def size(self) -> float:
        """The longer side of the box, pixels."""
        return max(self.width, self.height)

    @property
    def centre(self) -> tuple[float, float]:
        """Middle of the box, pixels."""
        return (self.box[0] + self.box[2]) / 2, (self.box[1] + self.box[3]) / 2

    @property
    def roll(self) -> float:
        """Angle of the eye line in degrees, clockwise on the screen."""
        across = _eye_line(self.points)
        return math.degrees(math.atan2(across[1], across[0]))


class FaceFinder:
    """The detectors and the mesh network, loaded once; safe to call from several threads.

    Args:
        folder: holds the .tflite files; without it they are fetched (see ``emoanim.weights``).
        threshold: least detector score and least presence of a face, in [0, 1].
    """

    def __init__(self, folder: str | Path | None = None, threshold: float = 0.5) -> None:
        self._threshold = threshold
        self._near = Detector(
            _model("face_detection_short_range.tflite", folder), ((16, 2), (8, 6)), threshold
        )
        self._far = Detector(
            _model("face_detection_full_range.tflite", folder), ((48, 1),), threshold
        )
        self._mesh = Network(_model("face_landmark.tflite", folder))
        self._mesh_size = self._mesh.input_shape[1]
        self._folder = folder

    def find(self, image: Image, *, thorough: bool = True) -> list[Face]:
        """Return all faces, largest first; [] if there is none.

        Args:
            image: uint8 (h, w, 3) RGB.
            thorough: see ``detect``.

        Raises:
            InputError: not such an image.
        """
        check_image(image)
        faces: list[Face] = []
        for detection in self.detect(image, thorough=thorough):
            face = self.fit(image, _square_of(detection), score=detection.score, passes=2)
            if face is None:
                continue
            box = np.array(face.box, np.float32)
            if all(overlap_of(box, np.array(f.box, np.float32)) < 0.5 for f in faces):
                faces.append(face)
        return sorted(faces, key=lambda f: -f.size)

    def detect(self, image: Image, *, thorough: bool = True) -> list[Detection]:
        """Return where faces seem to be, without their mesh.

        The whole image first; if nothing is found there and ``thorough``, overlapping square
        parts of it, smaller and smaller, so that a small face in a large image is found too.
        """
        detections = merge(self._near(image) + self._far(image))
        if detections or not thorough:
            return detections
        height, width = image.shape[:2]
        tile = min(height, width)
        if tile == max(height, width):
            tile //= 2
        while not detections and tile >= SMALLEST_TILE:
            parts: list[Detection] = []
            for top in _starts(height, tile):
                for left in _starts(width, tile):
                    part = image[top : top + tile, left : left + tile]
                    parts += self._near(part, left, top) + self._far(part, left, top)
            detections = merge(parts)
            tile //= 2
        return detections

    def fit(
        self, image: Image, square: Square, *, score: float | None = None, passes: int = 1
    ) -> Face | None:
        """Fit the mesh inside a square of the image; None if no face is there.

        Args:
            image: uint8 (h, w, 3) RGB.
            square: around the face with a margin, upright along it (see ``square_of``).
            score: kept in the result; its presence by default.
            passes: a second pass sees the square that the first one's mesh gives, which is
                more exact than a detector's.
        """
        for _ in range(passes):
            seen = cut(image, square, self._mesh_size).astype(np.float32)[None] / 255.0
            raw, logit = sorted(self._mesh(seen), key=lambda o: -o.size)
            presence = float(1.0 / (1.0 + np.exp(-np.clip(logit.reshape(-1)[0], -80.0, 80.0))))
            if presence < self._threshold:
                return None
            local = raw.reshape(468, 3) / np.float32(self._mesh_size)
            points = np.empty((468, 3), np.float32)
            points[:, :2] = square.to_image(local[:, :2])
            points[:, 2] = local[:, 2] * square.side
            square = square_of(points)
        low, high = points[:, :2].min(0), points[:, :2].max(0)
        box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
        return Face(box, presence if score is None else score, points, presence)

    def with_eyes(self, image: Image, face: Face) -> Face:
        """Return the face with its lids put right and its irises found.

        The mesh alone hardly notices blinks; measure ``eye_openness`` after this.

        Args:
            image: uint8 (h, w, 3) RGB.
            face: found in it.
        """
        points, irises = read_eyes(self._iris, image, face.points)
        return replace(face, points=points, irises=irises)

    def with_lips(self, image: Image, face: Face) -> Face:
        """Return the face with its lips put right, the skin around them following.

        The mesh alone misses the edges of the lips by a good part of their thickness.

        Args:
            image: uint8 (h, w, 3) RGB.
            face: found in it.
        """
        return replace(face, points=self._lips(image, square_of(face.points), face.points))

    @cached_property
    def _lips(self) -> LipReader:
        return LipReader(_model("face_landmark_with_attention.tflite", self._folder))

    @cached_property
    def _iris(self) -> Network:
        return Network(_model("iris_landmark.tflite", self._folder))

    def largest_face(self, image: Image, min_size: float = 64.0) -> Face:
        """Return the largest face.

        Args:
            image: uint8 (h, w, 3) RGB.
            min_size: least length of the longer side of the face, pixels.

        Raises:
            FaceError: no face, or the largest is smaller than that.
        """
        faces = self.find(image)
        height, width = image.shape[:2]
        if not faces:
            raise FaceError(
                f"no face found in an image of {width}x{height}; expected a person who looks "
                "towards the camera. Give a picture in which the face is seen, well lit."
            )
        if faces[0].size < min_size:
            raise FaceError(
                f"the largest face is {faces[0].size:.0f} px in an image of {width}x{height}; "
                f"expected at least {min_size:.0f} px. Give a closer or larger picture."
            )
        return faces[0]


def square_of(points: NDArray[np.float32]) -> Square:
    """Return the square in which the mesh network should see a face whose mesh is known."""
    flat = np.asarray(points, np.float64)[:, :2]
    across = _eye_line(points)
    angle = math.atan2(across[1], across[0])
    c, s = math.cos(angle), math.sin(angle)
    level = np.array([[c, -s], [s, c]])
    turned = flat @ level
    low, high = turned.min(0), turned.max(0)
    x, y = ((low + high) / 2) @ level.T
    return Square(float(x), float(y), max(MARGIN * float((high - low).max()), 1.0), angle)


def _square_of(detection: Detection) -> Square:
    across = detection.eyes[1] - detection.eyes[0]
    x, y = (detection.box[:2] + detection.box[2:]) / 2
    return Square(
        float(x),
        float(y),
        max(MARGIN * detection.size, 1.0),
        math.atan2(float(across[1]), float(across[0])),
    )


def _eye_line(points: NDArray[np.float32]) -> tuple[float, float]:
    across = points[list(RIGHT_CORNERS), :2].mean(0) - points[list(LEFT_CORNERS), :2].mean(0)
    return float(across[0]), float(across[1])


def _starts(length: int, tile: int) -> list[int]:
    """Return where tiles that overlap by a quarter or more begin, covering the length."""
    count = max(math.ceil((length - tile) / (0.75 * tile)), 0) + 1
    return [round(i * (length - tile) / max(count - 1, 1)) for i in range(count)]


def _model(name: str, folder: str | Path | None) -> Path:
    if folder is not None:
        return Path(folder) / name
    from emoanim.weights import fetch

    return Path(fetch(name))


def check_image(image: Image) -> None:
    """Raise InputError unless this is uint8 (h, w, 3)."""
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3:
        raise InputError(
            f"an image of {getattr(image, 'dtype', type(image).__name__)} "
            f"{getattr(image, 'shape', '')} given; expected uint8 (h, w, 3) RGB."
        )
    if image.shape[2] != 3 or 0 in image.shape:
        raise InputError(f"an image of shape {image.shape} given; expected (h, w, 3) RGB.")


def shared_finder() -> FaceFinder:
    """Return the process's own finder: the networks are loaded once for whoever asks.

    Raises:
        MissingExtraError: its packages are not installed.
        WeightsError: its weights are neither here nor to be had.
    """
    return _finder_of(cache_folder())


@cache
def _finder_of(folder: Path) -> FaceFinder:
    return FaceFinder()
