"""EAT's official files: found or fetched, and trusted on first use.

No hashes of them are published. So the first use of a file that could be loaded records its
SHA-256 in the cache, and a later use of other bytes under the same name is refused.
"""

from __future__ import annotations

import io
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim import weights
from emoanim.errors import WeightsError
from emoanim.parsing import read_array
from emoanim.weights import checkpoints
from emoanim.weights.cache import check_digest
from emoanim.weights.sources import ByHand
from emoanim.weights.table import Weight

__all__ = ["EatFiles", "Silence", "find_files", "read_arrays", "read_silence", "trust_files"]

_NAMES = (
    "deepprompt_eam3d_all_final_313.pth.tar",
    "pretrain_new_274.pth.tar",
    "U_mead.npy",
    "mean_mead.npy",
)
_PAD = "pad.npy"
# It is never fetched: where it lies in the official files is not known.
_PAD_FILE = Weight(f"eat/{_PAD}", ByHand("EAT's code"), "CC-BY-NC-4.0", first_use=True)
_BANDS, _LETTERS = 80, (16, 29)


@dataclass(frozen=True, slots=True)
class EatFiles:
    """Paths of the official files.

    Attributes:
        checkpoint: the five networks of the demonstration.
        pose: the head-pose estimator.
        basis: (45, 45), principal components of the expressions.
        mean: (45,), their mean.
        pad: sound features of silence; None if it is not there.
    """

    checkpoint: Path
    pose: Path
    basis: Path
    mean: Path
    pad: Path | None


@dataclass(frozen=True, slots=True, eq=False)
class Silence:
    """What the networks hear when nothing is said.

    Attributes:
        mel: float32 (80,).
        deep: float32 (16, 29).
    """

    mel: NDArray[np.float32]
    deep: NDArray[np.float32]


def find_files(
    folder: str | Path | None = None,
    *,
    accept_licence: bool = False,
    sha256: Mapping[str, str] | None = None,
) -> EatFiles:
    """Find the files, or fetch them, and check their hashes as far as any are known.

    Args:
        folder: holds them, or folders inside it do; else the environment variable
            EMOANIM_WEIGHTS_EAT, the cache, and at last their official places.
        accept_licence: CC BY-NC 4.0: no commercial use.
        sha256: hashes by file name, checked instead of what was recorded.

    Raises:
        WeightsError: the licence was not accepted, a file cannot be had, or it changed.
    """
    if folder is not None and not Path(folder).expanduser().is_dir():
        raise WeightsError(f"{folder} given for EAT's files; expected a folder that holds them.")
    given = dict(sha256 or {})
    unknown = sorted(set(given) - {*_NAMES, _PAD})
    if unknown:
        raise WeightsError(
            f"a hash of {unknown[0]!r} given; EAT's files are {', '.join((*_NAMES, _PAD))}."
        )
    checkpoint, pose, basis, mean = (
        checkpoints.official(
            f"eat/{name}", folder, sha256=given.get(name, ""), accept_licence=accept_licence
        )
        for name in _NAMES
    )
    pad = _beside(basis, folder)
    if pad is not None:
        wanted = given.get(_PAD, "").lower()
        weight = replace(_PAD_FILE, sha256=wanted, first_use=not wanted)
        advice = "Take the official file, or take it away: silence is then assumed."
        check_digest(weight, pad, f"at {pad}", advice)
    return EatFiles(checkpoint, pose, basis, mean, pad)


def trust_files(files: EatFiles, sha256: Mapping[str, str] | None = None) -> None:
    """Record the hashes of files that were used for the first time and could be loaded.

    Args:
        files: see ``find_files``.
        sha256: files whose hash the user named are left out.
    """
    given = sha256 or {}
    paths = (files.checkpoint, files.pose, files.basis, files.mean)
    pairs = [(weights.known(f"eat/{n}"), p) for n, p in zip(_NAMES, paths, strict=True)]
    if files.pad is not None:
        pairs.append((_PAD_FILE, files.pad))
    for weight, path in pairs:
        if path.name not in given and not weights.expected(weight):
            weights.trust(weight, weight.digest_of(path))


def read_arrays(files: EatFiles) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return principal components (45, 45) and mean (45,) of the expressions.

    Raises:
        WeightsError: a file is damaged or of another shape.
    """
    return _read_array(files.basis, (45, 45)), _read_array(files.mean, (45,))


def _read_array(path: Path, shape: tuple[int, ...]) -> NDArray[np.float32]:
    try:
        array = read_array(path)
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{path} cannot be read as an array ({error}): damaged or half downloaded. Take the "
            "official file."
        ) from error
    if not isinstance(array, np.ndarray) or array.shape != shape or array.dtype.kind != "f":
        raise WeightsError(
            f"{path} holds {getattr(array, 'dtype', type(array).__name__)} "
            f"{getattr(array, 'shape', '')}; expected float {shape}. Take the official file."
        )
    return array.astype(np.float32)


def _beside(basis: Path, folder: str | Path | None) -> Path | None:
    """The pad file lies in the user's folder, at any depth, or beside the other arrays."""
    given = folder if folder is not None else os.environ.get("EMOANIM_WEIGHTS_EAT")
    inside = sorted(Path(given).expanduser().rglob(_PAD)) if given else []
    beside = basis.with_name(_PAD)
    return inside[0] if inside else beside if beside.is_file() else None


def read_silence(path: Path | None) -> Silence:
    """Return the features of silence; without the official ones, the floor of each.

    Raises:
        WeightsError: the file is damaged or holds something else.
    """
    if path is None:
        floor = np.full(_BANDS, (np.log(1e-5) + 4) / 4, dtype=np.float32)
        return Silence(floor, np.zeros(_LETTERS, dtype=np.float32))
    try:
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            if version != (1, 0):
                raise ValueError(f"format {version}")
            np.lib.format.read_array_header_1_0(file)
            items = list(np.ravel(_Plain(file).load()))
        arrays = [np.asarray(item, dtype=np.float32) for item in items]
        mel = next(a for a in arrays if a.size == _BANDS).reshape(_BANDS)
        deep = next(a for a in arrays if a.size == np.prod(_LETTERS)).reshape(_LETTERS)
    except (ValueError, TypeError, EOFError, StopIteration, pickle.UnpicklingError) as error:
        raise WeightsError(
            f"{path} does not hold the two arrays that it should ({error}). Take the official "
            "file, or take it away: silence is then assumed."
        ) from error
    return Silence(mel, deep)


class _Plain(pickle.Unpickler):
    """Makes arrays and tensors and nothing else: every other name is refused."""

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}".replace("numpy._core", "numpy.core")
        if full == "torch.storage._load_from_bytes":
            return _tensor_bytes
        if full in (
            "numpy.core.multiarray._reconstruct",
            "numpy.core.multiarray.scalar",
            "numpy.ndarray",
            "numpy.dtype",
            "torch._utils._rebuild_tensor_v2",
            "collections.OrderedDict",
        ):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{full} is no part of an array")


def _tensor_bytes(content: bytes) -> Any:
    import torch

    return torch.load(io.BytesIO(content), weights_only=True)
