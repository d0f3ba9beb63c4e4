"""DeepSpeech's acoustic network on torch, with the weights of its frozen graph.

Three layers, a recurrent layer in both directions, two layers (Hannun et al. 2014; Mozilla's
version 0.1.0). Sizes, the bound of the activations and the forget gates' bias are read from the
graph, nothing is assumed of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from emoanim.engines.eat.frozen_graph import Node, constant_of, read_graph
from emoanim.engines.eat.mfcc import CONTEXT
from emoanim.errors import WeightsError

__all__ = ["AcousticNetwork", "load_network"]

_DENSE = ("1", "2", "3", "5", "6")
_INPUTS, _LETTERS = 494, 29
_STEPS = 1000
"""Steps that are held at once: 20 s."""


class AcousticNetwork(nn.Module):
    """Rows of cepstra to the scores of 29 letters.

    Args:
        dense: layer name -> weight (out, in) and bias (out,).
        recurrent: weights and biases in torch's order of gates, forwards and backwards.
        bound: of the activations.
    """

    def __init__(
        self,
        dense: Mapping[str, tuple[Tensor, Tensor]],
        recurrent: tuple[tuple[Tensor, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]],
        bound: float,
    ) -> None:
        super().__init__()
        self.dense = nn.ModuleDict({n: _linear(*dense[n]) for n in _DENSE})
        self.forwards, self.backwards = (_lstm(*weights) for weights in recurrent)
        self.bound = bound

    def _active(self, name: str, x: Tensor) -> Tensor:
        out: Tensor = self.dense[name](x).clamp(0, self.bound)
        return out

    def _hidden(self, rows: Tensor, first: int, last: int) -> Tensor:
        windows = rows[first : last + 2 * CONTEXT].unfold(0, 2 * CONTEXT + 1, 1)
        x = windows.transpose(1, 2).flatten(1)
        for name in _DENSE[:3]:
            x = self._active(name, x)
        return x

    def forward(self, rows: Tensor) -> Tensor:
        """Turn (n + 18, 26) into scores (n, 29), not normalised.

        The direction from the end is run twice for long sound, so that only the states between
        stretches of 20 s have to be kept.
        """
        count = len(rows) - 2 * CONTEXT
        stretches = [(k, min(k + _STEPS, count)) for k in range(0, count, _STEPS)]
        later: list[Any] = [None]
        for first, last in stretches[:0:-1]:
            _, state = self.backwards(self._hidden(rows, first, last).flip(0), later[-1])
            later.append(state)
        state = None
        parts = []
        for first, last in stretches:
            hidden = self._hidden(rows, first, last)
            ahead, state = self.forwards(hidden, state)
            back, _ = self.backwards(hidden.flip(0), later.pop())
            x = self._active("5", torch.cat((ahead, back.flip(0)), 1))
            parts.append(self.dense["6"](x))
        return torch.cat(parts)


def load_network(path: str | Path) -> AcousticNetwork:
    """Return the network of a frozen graph, in evaluation mode.

    Raises:
        WeightsError: damaged, or the graph of another network; the message says what differs.
    """
    nodes = read_graph(path)

    def wrong(what: str) -> WeightsError:
        return WeightsError(
            f"{path} is not the graph of DeepSpeech 0.1.0: {what}. Take the official file."
        )

    parameters = {name: _named(nodes, name) for n in _DENSE for name in (f"h{n}", f"b{n}")}
    cells = {
        (way, part): _named(nodes, part, way) for way in ("fw", "bw") for part in ("kernel", "bias")
    }
    absent = [n for n, v in parameters.items() if v is None]
    absent += [f"{way}/.../{part}" for (way, part), v in cells.items() if v is None]
    if absent:
        there = [n.name for n in nodes.values() if n.value is not None and n.value.ndim]
        raise wrong(f"it lacks {', '.join(absent[:4])}; its tensors are {', '.join(there[:6])} ...")
    dense = {n: (parameters[f"h{n}"], parameters[f"b{n}"]) for n in _DENSE}
    units = len(cells["fw", "bias"]) // 4 if cells["fw", "bias"] is not None else 0
    sizes = [_INPUTS, *(len(dense[n][1]) for n in "123"), 2 * units, len(dense["5"][1]), _LETTERS]
    wanted = {
        **{f"h{n}": (sizes[k], sizes[k + 1]) for n, k in zip("123", range(3), strict=True)},
        "h5": (sizes[4], sizes[5]),
        "h6": (sizes[5], sizes[6]),
        "b6": (_LETTERS,),
    }
    for name, shape in wanted.items():
        if parameters[name].shape != shape:
            raise wrong(f"{name} has the shape {parameters[name].shape}, expected {shape}")
    for (way, part), value in cells.items():
        shape = (sizes[3] + units, 4 * units) if part == "kernel" else (4 * units,)
        if value.shape != shape:
            raise wrong(f"{way}/.../{part} has the shape {value.shape}, expected {shape}")
    bounds = {
        float(value)
        for node in nodes.values()
        if node.op == "Minimum"
        for value in (constant_of(nodes, name) for name in node.inputs)
        if value is not None and value.ndim == 0
    }
    if len(bounds) != 1:
        raise wrong(f"its activations are bounded by {sorted(bounds) or 'nothing'}, expected one")
    biases = {way: _forget_bias(nodes, way) for way in ("fw", "bw")}
    for way, bias in biases.items():
        if bias is None:
            raise wrong(f"its {way} cell's gates are not in the order input, new, forget, output")
    tensors = {n: (_tensor(w.T), _tensor(b)) for n, (w, b) in dense.items()}
    recurrent = tuple(
        _gates(cells[way, "kernel"], cells[way, "bias"], float(biases[way] or 0))
        for way in ("fw", "bw")
    )
    network = AcousticNetwork(tensors, (recurrent[0], recurrent[1]), bounds.pop())
    return network.eval().requires_grad_(False)


def _named(nodes: Mapping[str, Node], last: str, inside: str = "") -> Any:
    """Return the constant whose path ends in a name, and runs through another."""
    for name, node in nodes.items():
        path, value = name.split("/"), node.value
        if value is None or value.dtype.kind != "f" or value.ndim == 0:
            continue
        if path[-1] == last and (not inside or inside in path):
            return value
    return None


def _forget_bias(nodes: Mapping[str, Node], way: str) -> float | None:
    """Return what is added to the third of a cell's four gates; None if they are not as known."""
    users: dict[str, list[Node]] = {}
    for node in nodes.values():
        for name in node.inputs:
            users.setdefault(name, []).append(node)
    for node in nodes.values():
        if node.op not in ("Split", "SplitV") or way not in node.name.split("/"):
            continue
        gates = [users.get(f"{node.name}:{k}" if k else node.name, []) for k in range(4)]
        gates[0] += users.get(f"{node.name}:0", [])
        ops = [{user.op for user in gate} for gate in gates]
        if "Sigmoid" not in ops[0] or "Tanh" not in ops[1] or "Sigmoid" not in ops[3]:
            continue
        for user in gates[2]:
            if user.op in ("Add", "AddV2"):
                for name in user.inputs:
                    value = constant_of(nodes, name)
                    if value is not None and value.ndim == 0:
                        return float(value)
    return None


def _gates(
    kernel: NDArray[np.float32], bias: NDArray[np.float32], forget: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Turn (inputs + units, input|new|forget|output) into torch's order input, forget, new, output.

    Returns:
        Weights of the inputs, of the units' own outputs, and biases with the forget gates' own.
    """
    units = len(bias) // 4
    entering, new, forgetting, leaving = np.split(kernel, 4, 1)
    matrix = np.concatenate((entering, forgetting, new, leaving), 1).T
    parts = np.split(np.asarray(bias, dtype=np.float32), 4)
    biases = np.concatenate((parts[0], parts[2] + np.float32(forget), parts[1], parts[3]))
    inputs = kernel.shape[0] - units
    return _tensor(matrix[:, :inputs]), _tensor(matrix[:, inputs:]), _tensor(biases)


def _tensor(values: NDArray[Any]) -> Tensor:
    # A copy of its own: what is mapped from the file is neither aligned nor writable.
    return torch.from_numpy(np.array(values, dtype=np.float32, order="C"))


def _linear(weight: Tensor, bias: Tensor) -> nn.Linear:
    layer = nn.Linear(weight.shape[1], weight.shape[0], device="meta")
    layer.weight, layer.bias = nn.Parameter(weight), nn.Parameter(bias)
    return layer


def _lstm(inputs: Tensor, own: Tensor, bias: Tensor) -> nn.LSTM:
    layer = nn.LSTM(inputs.shape[1], own.shape[1], device="meta")
    state = {
        "weight_ih_l0": inputs,
        "weight_hh_l0": own,
        "bias_ih_l0": bias,
        "bias_hh_l0": torch.zeros_like(bias),
    }
    layer.load_state_dict(state, assign=True)
    return layer
