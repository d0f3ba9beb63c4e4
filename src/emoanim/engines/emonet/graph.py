"""EmoNet as an ONNX graph in memory, for ONNX Runtime on the CPU; the same layers as ``network``.

Nothing is written to disk and nothing is folded by us: the licence of the weights allows no altered
copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.onnx_graph import FLOAT, OnnxGraph, cpu_session

__all__ = ["EmoNetSession"]

_EXTRA = "emofan,fer8"
_SIZE, _MAPS, _LANDMARKS = 256, 64, 68
_DEPTH = 4
_EPSILON = 1e-5


class EmoNetSession:
    """EmoNet in ONNX Runtime.

    Args:
        tensors: of the checkpoint, by state-dict name; emptied, so that they are not held twice.
        threads: of the processor.

    Raises:
        MissingExtraError: onnx or ONNX Runtime is not installed.
    """

    def __init__(self, tensors: dict[str, NDArray[np.float32]], threads: int) -> None:
        model = _EmoNetGraph(tensors).whole()
        tensors.clear()
        self._session = cpu_session(model, threads, _EXTRA)

    def __call__(self, faces: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Return heat maps (b, 68, 64, 64), logits (b, k), valence (b,) and arousal (b,).

        Args:
            faces: uint8 (b, 256, 256, 3) RGB; they are run one by one, so that memory does not
                grow with their number.
        """
        rows = [self._session.run(["maps", "head"], {"faces": face[None]}) for face in faces]
        maps, head = (np.concatenate(part) for part in zip(*rows, strict=True))
        return maps, head[:, :-2], head[:, -2], head[:, -1]


class _EmoNetGraph(OnnxGraph):
    def __init__(self, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        super().__init__(_EXTRA)
        self._tensors = tensors

    def whole(self) -> bytes:
        x = self.add("Cast", [self.add("Transpose", ["faces"], perm=[0, 3, 1, 2])], to=FLOAT)
        x = self.add("Div", [x, self.constant("white", np.array(255.0, np.float32))])
        x = self._relu(self._norm("bn1", self._conv("conv1", x, strides=[2, 2])))
        x = self._halved(self._block("conv2", x))
        stem = self._block("conv4", self._block("conv3", x))
        first, maps = self._stack(0, stem)
        shortcut = self._conv("bl0", first)
        x = self.add("Add", [self.add("Add", [stem, shortcut]), self._conv("al0", maps)])
        second, maps = self._stack(1, x, "maps")
        axis = self.constant("axis", np.array([1]))
        mask = self.add("ReduceSum", [maps, axis], keepdims=1)
        parts = [stem, *(self.add("Mul", [each, mask]) for each in (shortcut, second))]
        x = self._conv("conv1x1_input_emo_2", self.add("Concat", parts, axis=1))
        for step in range(0, 8, 2):
            x = self._halved(self._block(f"emo_net_2.{step}", x))
        x = self.add("Flatten", [self.add("AveragePool", [x], kernel_shape=[4, 4])], axis=1)
        x = self._relu(self._norm("emo_fc_2.1", self._linear("emo_fc_2.0", x)))
        self._linear("emo_fc_2.3", x, "head")
        wide = len(self._tensors["emo_fc_2.3.bias"])
        return self.model(
            "emonet",
            ["b", _SIZE, _SIZE, 3],
            {"maps": ["b", _LANDMARKS, _MAPS, _MAPS], "head": ["b", wide]},
        )

    def _stack(self, i: int, x: str, maps: str = "") -> tuple[str, str]:
        x = self._block(f"top_m_{i}", self._level(f"m{i}", _DEPTH, x))
        x = self._relu(self._norm(f"bn_end{i}", self._conv(f"conv_last{i}", x)))
        return x, self._conv(f"l{i}", x, maps)

    def _level(self, name: str, level: int, x: str) -> str:
        upper = self._block(f"{name}.b1_{level}", x)
        lower = self._block(f"{name}.b2_{level}", self._halved(x))
        if level > 1:
            lower = self._level(name, level - 1, lower)
        else:
            lower = self._block(f"{name}.b2_plus_1", lower)
        lower = self._block(f"{name}.b3_{level}", lower)
        scales = self.constant(f"{name}.scales.{level}", np.array([1, 1, 2, 2], np.float32))
        how = {"mode": "nearest", "coordinate_transformation_mode": "asymmetric"}
        lower = self.add("Resize", [lower, "", scales], nearest_mode="floor", **how)
        return self.add("Add", [upper, lower])

    def _block(self, name: str, x: str) -> str:
        parts = [x]
        for i in (1, 2, 3):
            parts.append(self._normed(f"{name}.bn{i}", f"{name}.conv{i}", parts[-1]))
        side = x
        if f"{name}.downsample.2.weight" in self._tensors:
            side = self._normed(f"{name}.downsample.0", f"{name}.downsample.2", x)
        return self.add("Add", [self.add("Concat", parts[1:], axis=1), side])

    def _normed(self, norm: str, conv: str, x: str) -> str:
        return self._conv(conv, self._relu(self._norm(norm, x)))

    def _conv(self, name: str, x: str, output: str = "", **options: Any) -> str:
        pad = self._tensors[f"{name}.weight"].shape[2] // 2
        given = [x, *(self._own(f"{name}.{part}") for part in self._parts(name))]
        return self.add("Conv", given, output, pads=[pad] * 4, **options)

    def _linear(self, name: str, x: str, output: str = "") -> str:
        given = [x, *(self._own(f"{name}.{part}") for part in self._parts(name))]
        return self.add("Gemm", given, output, transB=1)

    def _parts(self, name: str) -> tuple[str, ...]:
        return ("weight", "bias") if f"{name}.bias" in self._tensors else ("weight",)

    def _norm(self, name: str, x: str) -> str:
        parts = ("weight", "bias", "running_mean", "running_var")
        given = [x, *(self._own(f"{name}.{part}") for part in parts)]
        return self.add("BatchNormalization", given, epsilon=_EPSILON)

    def _own(self, name: str) -> str:
        return self.constant(name, self._tensors[name])

    def _relu(self, x: str) -> str:
        return self.add("Relu", [x])

    def _halved(self, x: str) -> str:
        return self.add("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])
