"""Locating the first inner point of a network that differs from its record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from golden_cases.cases import Case
from golden_cases.kinds import NetworkKind

__all__ = ["first_divergence"]

_ALLOWED = 1e-4


def first_divergence(network: Any, kind: NetworkKind, case: Case) -> str:
    """Run the plain network and name the first recorded point that differs, in order of flow."""
    seen: dict[str, Any] = {}

    def note(name: str, values: Any) -> None:
        if hasattr(values, "detach") and name not in seen:
            flat = values.detach().to("cpu").double()
            seen[name] = (
                list(values.shape),
                {
                    "mean": float(flat.mean()),
                    "std": float(flat.std()) if flat.numel() > 1 else 0.0,
                    "min": float(flat.min()),
                    "max": float(flat.max()),
                },
            )

    handles = []
    for name, module in network.named_modules():
        if name in case.taps:
            handles.append(module.register_forward_hook(_output_hook(note, name)))
    for point, module_name in kind.points.items():
        module = network.get_submodule(module_name)
        handles.append(module.register_forward_pre_hook(_input_hook(note, point)))
    try:
        kind.run(network, case)
    finally:
        for handle in handles:
            handle.remove()
    for name, (shape, statistics) in seen.items():
        if name not in case.taps:
            continue
        wrong = _difference(case.taps[name], shape, statistics)
        if wrong:
            return f"first divergence of the plain network at {name}: {wrong}"
    return (
        f"all {len(seen)} recorded points of the plain network agree: the divergence lies after "
        "them, or in what makes the network fast"
    )


def _difference(record: Mapping[str, Any], shape: list[int], ours: Mapping[str, float]) -> str:
    if list(record["shape"]) != shape and np.prod(record["shape"]) != np.prod(shape):
        return f"shape {shape}, recorded {record['shape']}"
    scale = max(1.0, abs(record["min"]), abs(record["max"]))
    for name, value in ours.items():
        if not abs(value - record[name]) <= _ALLOWED * scale:
            return f"{name} {value:.6g}, recorded {record[name]:.6g}"
    return ""


def _output_hook(note: Callable[[str, Any], None], name: str) -> Callable[..., None]:
    def hook(_module: Any, _inputs: Any, output: Any) -> None:
        note(name, output)

    return hook


def _input_hook(note: Callable[[str, Any], None], name: str) -> Callable[..., None]:
    def hook(_module: Any, inputs: Any) -> None:
        note(name, inputs[0])

    return hook
