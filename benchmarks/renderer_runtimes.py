"""The renderer's decoder on torch, plain and made fast, against ONNX Runtime on the same graph.

``python benchmarks/renderer_runtimes.py``: pseudo-random weights, 256 px, one picture at a time.
Processor time is what is compared: it counts work, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable
from unittest.mock import patch

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emoanim.engines.keypoint_renderer.decoder import Decoder
from emoanim.engines.keypoint_renderer.fast_decoder import FastDecoder
from emoanim.engines.keypoint_renderer.winograd import Conv3x3


def filled(network: nn.Module) -> nn.Module:
    """Fill a network with small random numbers, spectral norms with unit vectors."""
    generator = torch.Generator().manual_seed(0)
    for name, tensor in (*network.named_parameters(), *network.named_buffers()):
        values = torch.randn(tensor.shape, generator=generator)
        if name.endswith(("weight_u", "weight_v")):
            values = values / values.norm()
        elif tensor.dim() > 1:
            values = values / tensor[0].numel() ** 0.5
        tensor.data = values
    return network.eval().requires_grad_(False)


def exported(network: nn.Module, seg: Tensor) -> bytes:
    """Return the network as an ONNX graph, constants folded."""
    file = io.BytesIO()
    torch.onnx.export(
        network, (seg,), file, dynamo=False, opset_version=17, do_constant_folding=True
    )
    return file.getvalue()


def session(model: bytes, threads: int) -> Callable[[Tensor], NDArray[np.float32]]:
    """Return a call of ONNX Runtime with all of its graph optimisations."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    running = onnxruntime.InferenceSession(model, options, ["CPUExecutionProvider"])
    name = running.get_inputs()[0].name
    return lambda seg: running.run(None, {name: seg.numpy()})[0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    plain = filled(Decoder())
    assert isinstance(plain, Decoder)
    fast = FastDecoder(plain).eval()
    seg = torch.randn(1, 256, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        runs: dict[str, Callable[[Tensor], NDArray[np.float32]]] = {
            "torch, plain": lambda x: plain(x).numpy(),
            "torch, made fast": lambda x: fast(x).numpy(),
            "ONNX Runtime, plain graph": session(exported(plain, seg), given.threads),
        }
        # Its own kernels instead of ours, on the graph with fewer products.
        with patch.object(Conv3x3, "_tiles", lambda self, x: False):
            graph = exported(fast, seg)
        runs["ONNX Runtime, folded graph"] = session(graph, given.threads)
        right = runs["torch, plain"](seg)
        best = dict.fromkeys(runs, (float("inf"), float("inf")))
        for _ in range(given.turns):
            for name, run in runs.items():
                wall, used = time.perf_counter(), time.process_time()
                made = run(seg)
                spent = time.process_time() - used, time.perf_counter() - wall
                best[name] = min(best[name], spent)
                error = float(np.abs(made - right).max())
                assert error < 5e-4, (name, error)
        for name, (cpu, clock) in best.items():
            error = float(np.abs(runs[name](seg) - right).max())
            print(f"{name:28} {cpu:6.2f} CPU-s  {clock:6.2f} s  largest error {error:.1e}")


if __name__ == "__main__":
    main()
