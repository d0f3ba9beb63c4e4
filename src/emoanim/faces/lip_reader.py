"""Lips from MediaPipe's face mesh with attention, which looks at the mouth closely.

The plain mesh network knows where a mouth is but misses its edges by a good part of a lip's
thickness. The one with attention (Grishchenko et al. 2020, "Attention Mesh") reads 80 points of
the lips from the part of its features around the mouth. Three operators in its file are MediaPipe's
own and unknown to LiteRT, so the file is taken apart at them: features and mesh first, then, from
the features turned and cut to the mouth, the lips.
"""

from __future__ import annotations

import math
import struct
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.extras import require
from emoanim.faces.crop import Square, cut
from emoanim.faces.interpreter import Network
from emoanim.faces.pose import canonical_mesh

__all__ = ["LIPS", "LipReader"]

Image = NDArray[np.uint8]
Points = NDArray[np.float32]

LIPS = (
    61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291, 185, 40, 39, 37, 0, 267, 269, 270, 409,
    78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308, 191, 80, 81, 82, 13, 312, 311, 310, 415,
    76, 77, 90, 180, 85, 16, 315, 404, 320, 307, 306, 184, 74, 73, 72, 11, 302, 303, 304, 408,
    62, 96, 89, 179, 86, 15, 316, 403, 319, 325, 292, 183, 42, 41, 38, 12, 268, 271, 272, 407,
)  # fmt: skip
"""Mesh points in the order of the network's lip points: four rings from the outside inwards."""

_RING = LIPS[:20]
_FEATURES, _MESH = "p_re_lu_3", "output_mesh"
_MOUTH, _FOUND = "transform_tensor_bilinear_v2", "reshape_1"
_REACH = 1.5
"""Size of the part that is looked at, over the size of the lips in the mesh."""
_ALIGNMENT = 16
_FADE = 0.7
"""The skin around the lips follows them with this standard deviation, cm."""


class LipReader:
    """The two parts of the network, loaded once; safe to call from several threads.

    Args:
        path: of face_landmark_with_attention.tflite.

    Raises:
        WeightsError: the file is not that network.
    """

    def __init__(self, path: Path) -> None:
        schema = require("ai_edge_litert.schema_py_generated", "rig")
        try:
            model = schema.ModelT.InitFromObj(schema.Model.GetRootAs(path.read_bytes(), 0))
            self._face = Network(_part(schema, model, None, (_FEATURES, _MESH)))
            self._mouth = Network(_part(schema, model, _MOUTH, (_FOUND,)))
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, struct.error) as error:
            raise WeightsError(
                f"{path} is not the face mesh with attention ({error!r}). "
                "Delete it and fetch it again."
            ) from error

    def __call__(self, image: Image, square: Square, points: Points) -> Points:
        """Return a mesh with its lips put right; the skin around them follows.

        Args:
            image: uint8 (h, w, 3) RGB.
            square: in which the mesh network saw the face (see ``emoanim.faces.finder``).
            points: (468, 3) pixels, its mesh.
        """
        cv2 = require("cv2", "rig")
        size = self._face.input_shape[1]
        seen = cut(image, square, size).astype(np.float32)[None] / np.float32(255.0)
        features, mesh = sorted(self._face(seen), key=lambda o: -o.size)
        reduced = features.shape[1] / size
        lips = mesh.reshape(468, 3)[list(LIPS), :2] * reduced
        turn = _window(lips, self._mouth.input_shape[1])
        # Pixel centres lie at halves in the network's coordinates, at whole numbers in OpenCV's.
        half = np.full(2, 0.5)
        look = np.column_stack([turn[:, :2], turn[:, :2] @ half + turn[:, 2] - half])
        side = self._mouth.input_shape[1]
        part = cv2.warpAffine(
            features[0], look, (side, side),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_CONSTANT,
        )  # fmt: skip
        outline = self._mouth(np.ascontiguousarray(part, np.float32)[None])[0].reshape(-1, 2)
        at = (outline * reduced) @ turn[:, :2].T + turn[:, 2]
        return _followed(points, square.to_image((at / features.shape[1]).astype(np.float32)))


def _window(lips: Points, side: int) -> NDArray[np.float64]:
    """Return the map (2, 3) from a part of ``side`` units to the features, level with the lips."""
    across = lips[LIPS.index(291)] - lips[LIPS.index(61)]
    angle = math.atan2(across[1], across[0])
    c, s = math.cos(angle), math.sin(angle)
    level = np.array([[c, -s], [s, c]])
    turned = lips @ level
    low, high = turned.min(0), turned.max(0)
    middle = (low + high) / 2 @ level.T
    turn = level * (_REACH * np.maximum(high - low, 1e-3) / side)
    return np.column_stack([turn, middle - turn @ np.full(2, side / 2)])


def _followed(points: Points, lips: Points) -> Points:
    """Return the mesh with its lip points where they were seen."""
    followed = points.copy()
    moved = lips - points[list(LIPS), :2]
    canonical = canonical_mesh()[0]
    others = np.setdiff1d(np.arange(len(points)), LIPS)
    apart = ((canonical[others, None] - canonical[None, list(_RING)]) ** 2).sum(-1)
    near = np.exp(-0.5 * apart / (_FADE / 2) ** 2)
    share = np.exp(-0.5 * apart.min(1) / _FADE**2)
    mean = near @ moved[: len(_RING)] / np.maximum(near.sum(1), 1e-12)[:, None]
    followed[others, :2] += (share[:, None] * mean).astype(np.float32)
    followed[list(LIPS), :2] = lips
    return followed


def _part(schema: Any, model: Any, start: str | None, ends: tuple[str, ...]) -> bytes:
    """Return the part of a model that computes some tensors, from its input or from a tensor."""
    flatbuffers = require("flatbuffers", "rig")
    whole = model.subgraphs[0]
    names = {tensor.name.decode(): k for k, tensor in enumerate(whole.tensors)}
    inputs = list(whole.inputs) if start is None else [names[start]]
    outputs = [names[name] for name in ends]
    maker = {int(out): op for op in whole.operators for out in op.outputs}
    wanted, seen = list(outputs), set(map(int, inputs))
    vertices: set[int] = set()
    while wanted:
        tensor = int(wanted.pop())
        if tensor in seen or tensor not in maker:
            continue
        seen.add(tensor)
        vertices.add(id(maker[tensor]))
        wanted += [int(i) for i in maker[tensor].inputs]
    part, graph = schema.ModelT(), schema.SubGraphT()
    part.version, part.operatorCodes = model.version, model.operatorCodes
    contents = [b"" if b.data is None else bytes(bytearray(b.data)) for b in model.buffers]
    part.buffers = [SimpleNamespace(Pack=partial(_write_weights, schema, c)) for c in contents]
    graph.tensors, graph.inputs, graph.outputs = whole.tensors, inputs, outputs
    graph.operators = [op for op in whole.operators if id(op) in vertices]
    part.subgraphs = [graph]
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(part.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _write_weights(schema: Any, content: bytes, builder: Any) -> int:
    """Write a buffer that begins at a multiple of 16 bytes, as the format demands.

    The object interface of flatbuffers knows nothing of that and puts it anywhere.

    Returns:
        Where it stands.
    """
    offset = None
    if content:
        builder.StartVector(1, len(content), _ALIGNMENT)
        builder.head = builder.head - len(content)
        builder.Bytes[builder.head : builder.head + len(content)] = content
        offset = builder.EndVector()
    schema.BufferStart(builder)
    if offset is not None:
        schema.BufferAddData(builder, offset)
    return int(schema.BufferEnd(builder))
