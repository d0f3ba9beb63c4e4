"""Networks as ONNX graphs in memory: put together node by node, run on the CPU."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.extras import require

__all__ = ["OnnxGraph", "cpu_session"]

FLOAT = 1
"""``onnx.TensorProto.FLOAT``."""


class OnnxGraph:
    """Nodes and weights in the making; every method returns the name of its output.

    Args:
        extra: installs onnx and ONNX Runtime.
    """

    def __init__(self, extra: str) -> None:
        self._onnx = require("onnx", extra)
        self._model = self._onnx.ModelProto(ir_version=9)
        self._model.opset_import.append(self._onnx.helper.make_opsetid("", 18))

    def add(
        self, kind: str, inputs: Sequence[str], output: str | Sequence[str] = "", **attributes: Any
    ) -> str:
        """Add one operator; of several outputs the first is returned."""
        names = [output] if isinstance(output, str) else list(output)
        nodes = self._model.graph.node
        names = [name or f"{kind}.{len(nodes)}" for name in names]
        nodes.append(self._onnx.helper.make_node(kind, list(inputs), names, **attributes))
        return names[0]

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add one array."""
        tensor = self._onnx.numpy_helper.from_array(np.ascontiguousarray(value), name)
        self._model.graph.initializer.append(tensor)
        return name

    def model(
        self,
        name: str,
        faces: Sequence[int | str],
        outputs: Mapping[str, Sequence[int | str]],
    ) -> bytes:
        """Return the serialised model; the graph is spent then and holds no weights any more.

        Args:
            name: of the graph.
            faces: shape of the input ``faces``, uint8.
            outputs: name and shape of each output, float32.
        """
        value, kinds = self._onnx.helper.make_tensor_value_info, self._onnx.TensorProto
        graph = self._model.graph
        graph.name = name
        graph.input.append(value("faces", kinds.UINT8, list(faces)))
        graph.output.extend(value(n, kinds.FLOAT, list(s)) for n, s in outputs.items())
        serialised = bytes(self._model.SerializeToString())
        self._model.Clear()
        return serialised


def cpu_session(model: bytes, threads: int, extra: str) -> Any:
    """Return an ONNX Runtime session of a serialised model on the CPU."""
    runtime = require("onnxruntime", extra)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Threads that spin between batches would take the cores from detection and decoding.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
