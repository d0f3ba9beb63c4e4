"""The face detectors of MediaPipe: a close-range network and one for small or far faces.

Both are single-shot detectors (BlazeFace, Bazarevsky et al. 2019) with a box and six key points
per anchor. They see the whole image, letterboxed into their square input, in [-1, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require
from emoanim.faces.interpreter import Network

__all__ = ["Detection", "Detector", "merge"]

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """A face as a detector sees it, in pixels of the image.

    Attributes:
        box: float32 (4,), left, top, right, bottom: from the brows to the chin.
        eyes: float32 (2, 2), the eye on the left of the image, then the other.
        score: in [0, 1].
    """

    box: NDArray[np.float32]
    eyes: NDArray[np.float32]
    score: float

    @property
    def size(self) -> float:
        """The longer side of the box."""
        return float(max(self.box[2] - self.box[0], self.box[3] - self.box[1]))


class Detector:
    """One detection network; safe to call from several threads.

    Args:
        path: the .tflite file.
        grid: (cells along a side, anchors per cell) of each output layer.
        threshold: least score of a face.
    """

    def __init__(
        self, path: Path, grid: tuple[tuple[int, int], ...], threshold: float = 0.5
    ) -> None:
        self._network = Network(path)
        self._size = int(self._network.input_shape[1])
        self._anchors = _anchors(grid)
        self._threshold = threshold

    def __call__(self, image: Image, left: int = 0, top: int = 0) -> list[Detection]:
        """Return the faces of an image (h, w, 3), best first, overlapping ones merged.

        ``left`` and ``top`` are added to the coordinates: the image's place in a larger one.
        """
        square, reach = _letterboxed(image, self._size)
        outputs = self._network(square)
        raw, logits = sorted(outputs, key=lambda o: -o.shape[-1])
        scores = 1.0 / (1.0 + np.exp(-np.clip(logits.reshape(-1), -80.0, 80.0)))
        chosen = scores >= self._threshold
        if not chosen.any():
            return []
        values = raw.reshape(len(scores), -1)[chosen].astype(np.float32) / self._size
        anchors = self._anchors[chosen]
        corner = np.array([left, top], np.float32)
        offset = (np.array(image.shape[1::-1], np.float32) - reach) / 2 + corner
        centres = (values[:, :2] + anchors) * reach + offset
        halves = values[:, 2:4] * (reach / 2)
        eyes = (values[:, 4:8].reshape(-1, 2, 2) + anchors[:, None]) * reach + offset
        detections = [
            Detection(np.concatenate([c - h, c + h]), e, float(s))
            for c, h, e, s in zip(centres, halves, eyes, scores[chosen], strict=True)
        ]
        return merge(detections)


def merge(detections: list[Detection], overlap: float = 0.3) -> list[Detection]:
    """Blend detections that overlap, weighted by score; best first.

    Args:
        detections: in any order.
        overlap: intersection over union from which two are the same face.
    """
    rest = sorted(detections, key=lambda d: -d.score)
    merged = []
    while rest:
        best = rest[0]
        same = [d for d in rest if overlap_of(best.box, d.box) > overlap or d is best]
        rest = [d for d in rest if not any(d is s for s in same)]
        weights = np.array([d.score for d in same], np.float32)
        weights /= weights.sum()
        box = np.einsum("n,nk->k", weights, np.stack([d.box for d in same]))
        eyes = np.einsum("n,nij->ij", weights, np.stack([d.eyes for d in same]))
        merged.append(Detection(box, eyes, best.score))
    return merged


def overlap_of(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Return the intersection over union of two boxes (left, top, right, bottom)."""
    common = np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2])
    if (common <= 0).any():
        return 0.0
    shared = float(common.prod())
    total = float((a[2:] - a[:2]).prod() + (b[2:] - b[:2]).prod()) - shared
    return shared / total if total > 0 else 0.0


def _anchors(grid: tuple[tuple[int, int], ...]) -> NDArray[np.float32]:
    """Return the anchor centres (n, 2) in [0, 1], layer by layer, row by row."""
    layers: list[NDArray[Any]] = []
    for cells, each in grid:
        at = (np.arange(cells) + 0.5) / cells
        y, x = np.meshgrid(at, at, indexing="ij")
        layers.append(np.repeat(np.stack([x, y], -1).reshape(-1, 2), each, axis=0))
    return np.concatenate(layers).astype(np.float32)


def _letterboxed(image: Image, size: int) -> tuple[NDArray[np.float32], float]:
    """Return the image centred in a black square in [-1, 1], and the square's side in pixels."""
    cv2 = require("cv2", "rig")
    height, width = image.shape[:2]
    reach = float(max(height, width))
    columns = max(round(width * size / reach), 1)
    rows = max(round(height * size / reach), 1)
    way = cv2.INTER_AREA if reach > size else cv2.INTER_LINEAR
    small = cv2.resize(image, (columns, rows), interpolation=way)
    square = np.full((1, size, size, 3), -1.0, np.float32)
    x, y = (size - columns) // 2, (size - rows) // 2
    square[0, y : y + rows, x : x + columns] = small.astype(np.float32) / 127.5 - 1.0
    return square, reach
