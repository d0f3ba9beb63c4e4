"""The class branch of YOLO11n as an ONNX graph, built from the tensors of a checkpoint.

Only what the class scores need is built: the backbone, the neck and the class convolutions of
the head, no boxes. Batch normalisation (eps 1e-3) is folded into the convolutions. Units and
names follow Ultralytics' state dict: ``model.N`` with N from 0 to 23.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.onnx_graph import FLOAT, OnnxGraph, cpu_session
from emoanim.errors import MissingExtraError, WeightsError

__all__ = ["class_graph", "session"]

EPSILON = 1e-3
CLASSES = 8
HEADS = 2
KEY_CHANNELS = 32
Tensors = Mapping[str, NDArray[Any]]


def class_graph(tensors: Tensors) -> bytes:
    """Return a serialised ONNX model: crops in, one score per class out.

    Its input ``faces`` is uint8 (n, side, side, 3) RGB with a side divisible by 32, its output
    ``scores`` float32 (n, 8): for each class the maximum over all cells of all three scales of
    the sigmoid score. The scores are independent; they do not sum to 1.

    Args:
        tensors: of the checkpoint, by state-dict name, any floating type.

    Raises:
        WeightsError: a tensor is missing.
    """
    graph = _Graph(tensors)
    # /255 is folded into the first convolution: its zero padding stays zero.
    x = graph.add("Cast", [graph.add("Transpose", ["faces"], perm=[0, 3, 1, 2])], to=FLOAT)
    x = graph.unit("model.0", x, stride=2, gain=1.0 / 255.0)
    x = graph.unit("model.1", x, stride=2)
    x = graph.c3k2("model.2", x)
    x = graph.unit("model.3", x, stride=2)
    p3 = graph.c3k2("model.4", x)
    x = graph.unit("model.5", p3, stride=2)
    p4 = graph.c3k2("model.6", x)
    x = graph.unit("model.7", p4, stride=2)
    x = graph.c3k2("model.8", x)
    x = graph.pools("model.9", x)
    p5 = graph.attended("model.10", x)
    n4 = graph.c3k2("model.13", graph.join(graph.doubled(p5), p4))
    n3 = graph.c3k2("model.16", graph.join(graph.doubled(n4), p3))
    x = graph.unit("model.17", n3, stride=2)
    n4 = graph.c3k2("model.19", graph.join(x, n4))
    x = graph.unit("model.20", n4, stride=2)
    n5 = graph.c3k2("model.22", graph.join(x, p5))
    best = []
    for i, scale in enumerate((n3, n4, n5)):
        head = f"model.23.cv3.{i}"
        for step in (0, 1):
            scale = graph.unit(f"{head}.{step}.0", scale, depthwise=True)
            scale = graph.unit(f"{head}.{step}.1", scale)
        best.append(graph.add("GlobalMaxPool", [graph.plain(f"{head}.2", scale)]))
    # The sigmoid rises with its argument, so the maximum may come first.
    best_of_all = graph.add("Sigmoid", [graph.add("Max", best)])
    graph.add("Flatten", [best_of_all], output="scores", axis=1)
    return graph.model("fer8", ["n", "side", "side", 3], {"scores": ["n", CLASSES]})


def session(model: bytes, threads: int) -> Any:
    """Return an ONNX Runtime session of a serialised model on the CPU.

    Raises:
        WeightsError: the graph does not fit together; the tensors are not this network's.
    """
    try:
        onnx_session = cpu_session(model, threads, "fer8")
        onnx_session.run(
            None, {"faces": np.zeros((1, 32, 32, 3), np.uint8)}
        )  # shapes show in a run
        return onnx_session
    except MissingExtraError:
        raise
    except Exception as error:  # its exceptions share no public parent
        raise WeightsError(
            f"the checkpoint's tensors do not make the expected network ({error}); expected "
            "YOLO11n with 8 classes. Fetch the checkpoint again."
        ) from error


class _Graph(OnnxGraph):
    def __init__(self, tensors: Tensors) -> None:
        super().__init__("fer8")
        self._tensors = tensors

    def tensor(self, name: str) -> NDArray[np.float64]:
        """Return one tensor of the checkpoint in float64."""
        try:
            return np.asarray(self._tensors[name], np.float64)
        except KeyError:
            raise WeightsError(
                f"the checkpoint has no tensor {name!r}; expected YOLO11n. Fetch it again."
            ) from None

    def unit(
        self,
        name: str,
        x: str,
        *,
        stride: int = 1,
        depthwise: bool = False,
        active: bool = True,
        gain: float = 1.0,
    ) -> str:
        """Add convolution, batch normalisation and, if ``active``, SiLU."""
        kernel = self.tensor(f"{name}.conv.weight")
        norm = {k: self.tensor(f"{name}.bn.{k}") for k in ("weight", "bias")}
        mean, variance = (
            self.tensor(f"{name}.bn.running_mean"),
            self.tensor(f"{name}.bn.running_var"),
        )
        factor = norm["weight"] / np.sqrt(variance + EPSILON)
        bias = norm["bias"] - mean * factor
        kernel = kernel * factor[:, None, None, None] * gain
        out = self._convolution(name, x, kernel, bias, stride, depthwise)
        return self.add("Mul", [out, self.add("Sigmoid", [out])]) if active else out

    def plain(self, name: str, x: str) -> str:
        """Add a convolution with bias alone."""
        return self._convolution(
            name, x, self.tensor(f"{name}.weight"), self.tensor(f"{name}.bias"), 1, False
        )

    def _convolution(
        self,
        name: str,
        x: str,
        kernel: NDArray[np.float64],
        bias: NDArray[np.float64],
        stride: int,
        depthwise: bool,
    ) -> str:
        size = kernel.shape[-1]
        inputs = [
            x,
            self.constant(f"{name}.kernel", kernel.astype(np.float32)),
            self.constant(f"{name}.shift", bias.astype(np.float32)),
        ]
        return self.add(
            "Conv",
            inputs,
            kernel_shape=[size, size],
            strides=[stride, stride],
            pads=[(size - 1) // 2] * 4,
            group=len(kernel) if depthwise else 1,
        )

    def join(self, *parts: str) -> str:
        """Concatenate along the channels."""
        return self.add("Concat", parts, axis=1)

    def doubled(self, x: str) -> str:
        """Repeat every pixel twice in both directions."""
        name = self.constant(f"{x}.twice", np.array([1, 1, 2, 2], np.float32))
        return self.add(
            "Resize",
            [x, "", name],
            mode="nearest",
            coordinate_transformation_mode="asymmetric",
            nearest_mode="floor",
        )

    def halves(self, x: str) -> tuple[str, str]:
        """Split the channels in two."""
        outputs = [f"{x}.half.{i}" for i in (0, 1)]
        self.add("Split", [x], outputs, axis=1, num_outputs=2)
        return outputs[0], outputs[1]

    def residual(self, name: str, x: str) -> str:
        """Add x + cv2(cv1(x))."""
        return self.add("Add", [x, self.unit(f"{name}.cv2", self.unit(f"{name}.cv1", x))])

    def c3k2(self, name: str, x: str) -> str:
        """Add a C3k2 block, its inner part a bottleneck or a C3k as the checkpoint has it."""
        a, b = self.halves(self.unit(f"{name}.cv1", x))
        inner = f"{name}.m.0"
        if f"{inner}.cv3.conv.weight" in self._tensors:
            first = self.unit(f"{inner}.cv1", b)
            for i in (0, 1):
                first = self.residual(f"{inner}.m.{i}", first)
            second = self.unit(f"{inner}.cv2", b)
            c = self.unit(f"{inner}.cv3", self.join(first, second))
        else:
            c = self.residual(inner, b)
        return self.unit(f"{name}.cv2", self.join(a, b, c))

    def pools(self, name: str, x: str) -> str:
        """Add spatial pyramid pooling: three 5x5 maxima in a chain."""
        parts = [self.unit(f"{name}.cv1", x)]
        for _ in range(3):
            parts.append(
                self.add(
                    "MaxPool", [parts[-1]], kernel_shape=[5, 5], strides=[1, 1], pads=[2, 2, 2, 2]
                )
            )
        return self.unit(f"{name}.cv2", self.join(*parts))

    def attended(self, name: str, x: str) -> str:
        """Add a C2PSA block: attention and a feed-forward unit on half of the channels."""
        a, b = self.halves(self.unit(f"{name}.cv1", x))
        b = self.add("Add", [b, self.attention(f"{name}.m.0.attn", b)])
        wide = self.unit(f"{name}.m.0.ffn.0", b)
        b = self.add("Add", [b, self.unit(f"{name}.m.0.ffn.1", wide, active=False)])
        return self.unit(f"{name}.cv2", self.join(a, b))

    def attention(self, name: str, x: str) -> str:
        """Add self-attention over the pixels, with a depthwise convolution of the values."""
        mixed = self.unit(f"{name}.qkv", x, active=False)
        total = len(self.tensor(f"{name}.qkv.conv.weight"))
        each = total // HEADS
        split = self.constant(
            f"{name}.split", np.array([KEY_CHANNELS, KEY_CHANNELS, each - 2 * KEY_CHANNELS])
        )
        by_head = self.constant(f"{name}.by_head", np.array([0, HEADS, each, -1]))
        heads = self.add("Reshape", [mixed, by_head])
        q, k, v = (f"{name}.{part}" for part in "qkv")
        self.add("Split", [heads, split], [q, k, v], axis=2)
        scale = self.constant(f"{name}.scale", np.array(KEY_CHANNELS**-0.5, np.float32))
        match = self.add("MatMul", [self.add("Transpose", [q], perm=[0, 1, 3, 2]), k])
        weights = self.add("Softmax", [self.add("Mul", [match, scale])], axis=-1)
        seen = self.add("MatMul", [v, self.add("Transpose", [weights], perm=[0, 1, 3, 2])])
        shape = self.add("Shape", [x])
        seen, values = (self.add("Reshape", [part, shape]) for part in (seen, v))
        position = self.unit(f"{name}.pe", values, depthwise=True, active=False)
        return self.unit(f"{name}.proj", self.add("Add", [seen, position]), active=False)
