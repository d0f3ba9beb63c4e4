"""Pseudo-random tensors from their names: a checkpoint that anybody can write from a manifest.

A manifest lists every tensor of a state dictionary (name, shape, dtype, kind, factor). Each value
comes from a generator seeded by the CRC-32 of the tensor's name, so the same file arises anywhere
and no trained weight is needed to prove that a network is computed as it should be.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["checksum_error", "fill", "load_manifest", "random_input"]

Manifest = Mapping[str, Any]
Array = NDArray[Any]


def load_manifest(path: str | Path) -> dict[str, Any]:
    """Read a manifest file."""
    content: dict[str, Any] = json.loads(Path(path).read_text(encoding="utf-8"))
    return content


def fill(manifest: Manifest) -> dict[str, Array]:
    """Return every tensor of a manifest by name.

    Raises:
        ValueError: a kind that the recipe does not know.
    """
    gain = float(manifest.get("gain", 1.0))
    found: dict[str, Array] = {}
    late = []
    for entry in manifest["tensors"]:
        if entry["kind"] == "sn_v":
            late.append(entry)
        else:
            found[entry["name"]] = _values(entry, gain)
    for entry in late:
        stem = entry["name"].removesuffix("_v")
        matrix = found[f"{stem}_orig"].astype(np.float64)
        # u is used as it is stored, in float32.
        u = found[f"{stem}_u"].astype(np.float64)
        x = matrix.reshape(len(matrix), -1).T @ u
        found[entry["name"]] = (x / np.linalg.norm(x)).astype(np.float32)
    return {e["name"]: found[e["name"]] for e in manifest["tensors"]}


def random_input(tag: str, shape: tuple[int, ...], scale: float) -> NDArray[np.float32]:
    """Return the stand-in input of a tag: normal numbers times ``scale``."""
    generator = _generator(f"input:{tag}")
    return np.asarray(generator.standard_normal(shape) * scale, dtype=np.float32)


def checksum_error(manifest: Manifest, tensors: Mapping[str, Array]) -> tuple[float, str]:
    """Return the largest ratio of a checksum's error to what is allowed, and the tensor's name.

    Allowed are 1e-6 absolute plus 2e-6 of the sum of magnitudes.
    """
    worst, name = 0.0, ""
    for entry in manifest["tensors"]:
        if "abs_sum" not in entry:
            continue
        values = tensors[entry["name"]].astype(np.float64)
        allowed = 1e-6 + 2e-6 * float(entry["abs_sum"])
        error = max(
            abs(float(values.sum()) - entry["sum"]),
            abs(float(np.abs(values).sum()) - entry["abs_sum"]),
        )
        if error / allowed > worst:
            worst, name = error / allowed, entry["name"]
    return worst, name


def _generator(text: str) -> np.random.RandomState:
    # The recipe is defined over this legacy generator, whose stream is frozen for ever.
    return np.random.RandomState(zlib.crc32(text.encode()) & 0xFFFFFFFF)


def _values(entry: Mapping[str, Any], gain: float) -> Array:
    kind, name = entry["kind"], entry["name"]
    shape = tuple(entry["shape"])
    mult = float(entry.get("mult", 1.0))
    generator = _generator(name)
    if kind == "counter":
        return np.zeros(shape, dtype=np.int64)
    if kind == "weight":
        scale = gain * mult / np.sqrt(np.prod(shape[1:]))
        values = generator.standard_normal(shape) * scale
    elif kind == "bias":
        values = generator.standard_normal(shape) * 0.05 * mult
    elif kind == "gamma":
        values = (0.75 + 0.5 * generator.random_sample(shape)) * mult
    elif kind in ("beta", "bn_mean"):
        values = generator.standard_normal(shape) * 0.1
    elif kind == "bn_var":
        values = 0.5 + generator.random_sample(shape)
    elif kind == "sn_u":
        values = generator.standard_normal(shape)
        values = values / np.linalg.norm(values)
    elif kind == "table":
        values = generator.standard_normal(shape)
    elif kind == "const" and name.endswith("down.weight"):
        values = _gaussian(shape)
    elif kind == "const" and name.endswith("pos_table"):
        values = _sinusoids(shape)
    else:
        raise ValueError(f"the manifest's tensor {name} is of the unknown kind {kind!r}.")
    return np.asarray(values, dtype=np.float32)


def _gaussian(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """A normalised Gaussian of sigma 1.5, the same for every channel."""
    side = shape[-1]
    line = np.exp(-((np.arange(side) - side // 2) ** 2) / (2 * 1.5**2))
    kernel = np.outer(line, line)
    return np.broadcast_to(kernel / kernel.sum(), shape).copy()


def _sinusoids(shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Rows of sines (even places) and cosines (odd places) of falling frequency."""
    positions, width = shape[-2:]
    place = np.arange(width)
    angle = np.arange(positions)[:, None] / 10000.0 ** (2 * (place // 2) / width)
    return np.where(place % 2 == 0, np.sin(angle), np.cos(angle)).reshape(shape)
