"""A third judge of faces: the expression network of face-api.js, read from its npm package.

A small dense network of separable convolutions on 112 x 112 pixels (MIT). Unpack the npm package
``@vladmandic/face-api`` 1.7.15; its folder ``model`` holds the weights. Needs torch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn.functional import conv2d, pad, relu

from emoanim.clips import EmotionScores, Image
from emoanim.faces import FaceFinder

LABELS = ("neutral", "happy", "sad", "anger", "fear", "disgust", "surprise")
MEAN = np.array((122.782, 117.001, 104.298), np.float32)
SIDE = 112


class FaceApi:
    """Scores faces one by one; rows without a face are nan.

    Args:
        folder: the package's ``model``.
        finder: of the faces.
    """

    def __init__(self, folder: Path, finder: FaceFinder) -> None:
        self._weights = _read(folder)
        self._finder = finder

    def classify(self, pictures: Sequence[Image]) -> EmotionScores:
        rows = np.full((len(pictures), len(LABELS)), np.nan, np.float32)
        for row, picture in zip(rows, pictures, strict=True):
            faces = self._finder.find(picture)
            if faces:
                row[:] = self._scores(_cropped(picture, faces[0].points))
        return EmotionScores(LABELS, rows)

    @torch.no_grad()
    def _scores(self, crop: Image) -> np.ndarray:
        x = torch.tensor((crop.astype(np.float32) - MEAN) / 255).permute(2, 0, 1)[None]
        for k in range(4):
            x = self._block(x, f"dense{k}", first=k == 0)
        logits = x.mean((2, 3)) @ self._weights["fc/weights"] + self._weights["fc/bias"]
        return torch.softmax(logits, 1)[0].numpy()

    def _block(self, x: torch.Tensor, name: str, *, first: bool) -> torch.Tensor:
        total = relu(
            self._plain(x, f"{name}/conv0") if first else self._apart(x, f"{name}/conv0", 2)
        )
        for k in (1, 2, 3):
            total = total + self._apart(relu(total), f"{name}/conv{k}", 1)
        return relu(total)

    def _plain(self, x: torch.Tensor, name: str) -> torch.Tensor:
        kernel = self._weights[f"{name}/filters"].permute(3, 2, 0, 1)
        return conv2d(_padded(x, 2), kernel, self._weights[f"{name}/bias"], stride=2)

    def _apart(self, x: torch.Tensor, name: str, stride: int) -> torch.Tensor:
        deep = self._weights[f"{name}/depthwise_filter"].permute(2, 3, 0, 1)
        across = self._weights[f"{name}/pointwise_filter"].permute(3, 2, 0, 1)
        seen = conv2d(_padded(x, stride), deep, stride=stride, groups=x.shape[1])
        return conv2d(seen, across, self._weights[f"{name}/bias"])


def _padded(x: torch.Tensor, stride: int) -> torch.Tensor:
    size = x.shape[-1]
    more = max((-(-size // stride) - 1) * stride + 3 - size, 0)
    return pad(x, (more // 2, more - more // 2) * 2)


def _cropped(picture: Image, points: np.ndarray) -> Image:
    low, high = points[:, :2].min(0), points[:, :2].max(0)
    (x, y), half = (low + high) / 2, 0.56 * float((high - low).max())
    zoom = SIDE / (2 * half)
    turn = np.array([[zoom, 0, SIDE / 2 - x * zoom], [0, zoom, SIDE / 2 - y * zoom]], np.float32)
    soft = cv2.GaussianBlur(picture, (0, 0), max(0.35 / zoom, 0.3))
    return cv2.warpAffine(soft, turn, (SIDE, SIDE))


def _read(folder: Path) -> dict[str, torch.Tensor]:
    """Read the weights, bytes with a scale and a least value each."""
    raw = (folder / "face_expression_model.bin").read_bytes()
    manifest = json.loads((folder / "face_expression_model-weights_manifest.json").read_text())
    weights, at = {}, 0
    for entry in (w for group in manifest for w in group["weights"]):
        count, small = int(np.prod(entry["shape"])), entry.get("quantization")
        values = np.frombuffer(raw, np.uint8 if small else np.float32, count, at)
        at += values.nbytes
        if small:
            values = values.astype(np.float32) * small["scale"] + small["min"]
        weights[entry["name"]] = torch.tensor(values.reshape(entry["shape"]).copy())
    return weights
