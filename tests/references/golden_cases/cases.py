"""A recorded case: its files, its inputs, and how an output is compared with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from golden_cases.fill import load_manifest, random_input

__all__ = ["Case", "Check", "Tolerance", "find_cases"]

Array = NDArray[Any]
_SIDE = 32  # rows and columns that the thinned-out copy of a map keeps


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far an output may be from the recorded one.

    Attributes:
        absolute: largest error, in the output's unit.
        relative: largest error over the output's largest magnitude; used if ``absolute`` is 0.
        mean: mean error; 0 for no such limit.
        stray: share of the elements that may be wrong by up to ``stray_absolute``.
        stray_absolute: see ``stray``.
    """

    absolute: float = 0.0
    relative: float = 0.0
    mean: float = 0.0
    stray: float = 0.0
    stray_absolute: float = 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """One output beside its record.

    Attributes:
        name: of the output.
        error: largest error; inf if the shape differs.
        allowed: what the largest error may be.
        passed: whether this and the tolerance's other limits hold.
        note: what else is worth saying, such as two shapes.
    """

    name: str
    error: float
    allowed: float
    passed: bool
    note: str = ""


class Case:
    """A case of a folder.

    Args:
        path: its ``.npz``.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.name = path.stem
        with np.load(path, allow_pickle=False) as content:
            self.arrays: dict[str, Array] = {k: content[k] for k in content.files}

    @cached_property
    def manifest_path(self) -> Path | None:
        """The manifest with the longest name that this case's name begins with."""
        return self._beside("manifest")

    @cached_property
    def manifest(self) -> dict[str, Any]:
        """The manifest's content."""
        assert self.manifest_path is not None
        return load_manifest(self.manifest_path)

    @cached_property
    def taps(self) -> Mapping[str, Mapping[str, Any]]:
        """Statistics of inner points by name; empty if there are none for exactly this case."""
        path = self.path.with_name(f"taps_{self.name}.json")
        if not path.is_file():
            return {}
        content: dict[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return content

    def records(self, name: str) -> bool:
        """Tell whether an output is stored, in whole or in part."""
        return name in self.arrays or f"{name}.shape" in self.arrays

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs that are marked as such by their shape."""
        return tuple(n.removesuffix(".shape") for n in self.arrays if n.endswith(".shape"))

    def has(self, name: str) -> bool:
        """Tell whether an input is stored."""
        return any(name + suffix in self.arrays for suffix in ("", "_f32", "_f16", "_u8"))

    def input(self, name: str) -> Array:
        """Return an input; half precision is widened."""
        for suffix in ("", "_f32", "_f16", "_u8"):
            if name + suffix in self.arrays:
                found = self.arrays[name + suffix]
                return found.astype(np.float32) if found.dtype == np.float16 else found
        raise KeyError(f"the case {self.name} has no input {name!r}")

    def input_or_random(
        self, name: str, tag: str, shape: tuple[int, ...], scale: float
    ) -> NDArray[np.float32]:
        """Return an input, or the random numbers of its tag if it is not stored."""
        if self.has(name):
            return np.asarray(self.input(name), dtype=np.float32)
        return random_input(tag, shape, scale)

    def images(self, name: str = "image") -> NDArray[np.float32]:
        """Return images as a network takes them: float32 (b, 3, h, w) in [0, 1]."""
        found = self.input(name)
        found = found[None] if found.ndim == 3 else found
        return np.ascontiguousarray(found.transpose(0, 3, 1, 2), dtype=np.float32) / np.float32(255)

    def check(self, name: str, ours: ArrayLike, tolerance: Tolerance) -> Check:
        """Compare an output with everything that is stored of it."""
        got = np.asarray(ours, dtype=np.float64)
        shape = self._shape(name)
        if got.shape != shape:
            return Check(name, np.inf, 0.0, False, f"shape {got.shape}, expected {shape}")
        pairs = list(self._pairs(name, got))
        errors = np.concatenate([np.abs(a - b).ravel() for a, b in pairs])
        scale = self._largest(name)
        allowed = tolerance.absolute or tolerance.relative * scale
        worst = float(errors.max()) if errors.size else 0.0
        if not np.isfinite(got).all():
            return Check(name, np.inf, allowed, False, "not finite")
        passed = worst <= allowed
        note = ""
        if tolerance.stray and not passed:
            share = float((errors > allowed).mean())
            passed = share <= tolerance.stray and worst <= tolerance.stray_absolute
            note = f"{share:.1e} of the elements above"
        if tolerance.mean:
            mean = float(errors.mean())
            passed = passed and mean <= tolerance.mean
            note = f"mean {mean:.1e}, allowed {tolerance.mean:.0e}"
        return Check(name, worst, allowed, passed, note)

    def _beside(self, kind: str) -> Path | None:
        found = [
            p
            for p in self.path.parent.glob(f"{kind}_*.json")
            if f"{self.name}_".startswith(p.stem.removeprefix(f"{kind}_") + "_")
        ]
        return max(found, key=lambda p: len(p.stem), default=None)

    def _shape(self, name: str) -> tuple[int, ...]:
        stored = self.arrays.get(f"{name}.shape")
        return tuple(map(int, stored)) if stored is not None else self.arrays[name].shape

    def _pairs(self, name: str, got: Array) -> Iterator[tuple[Array, Array]]:
        if name in self.arrays:
            yield got, self.arrays[name].astype(np.float64)
        if f"{name}.probe_idx" in self.arrays:
            places = self.arrays[f"{name}.probe_idx"]
            yield got.ravel()[places], self.arrays[f"{name}.probe_val"].astype(np.float64)
        if f"{name}.sub32" in self.arrays:
            rows, columns = (max(1, side // _SIDE) for side in got.shape[-2:])
            yield got[..., ::rows, ::columns], self.arrays[f"{name}.sub32"].astype(np.float64)
        if f"{name}.stats" in self.arrays and got.size:
            ours = np.array([got.mean(), got.min(), got.max()])
            yield ours, self.arrays[f"{name}.stats"][[0, 2, 3]]

    def _largest(self, name: str) -> float:
        if name in self.arrays:
            return float(np.abs(self.arrays[name]).max(initial=0.0))
        return float(np.abs(self.arrays[f"{name}.stats"][2:4]).max())


def find_cases(folder: str | Path) -> list[Path]:
    """Return the ``.npz`` files of a folder and the folders inside it, in order of name."""
    return sorted(Path(folder).rglob("*.npz"))
