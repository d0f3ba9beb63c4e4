"""EAT's official files: found, trusted on first use, and loaded.

No hashes of them are published. So the first use of a file records its SHA-256 in the cache, and
a later use of other bytes under the same name is refused.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.weights import cache_folder

__all__ = ["EatFiles", "Silence", "find_files", "read_silence"]

LICENCE = "CC-BY-NC-4.0"
VARIABLE = "EMOANIM_WEIGHTS_EAT"
_CHECKPOINT = "deepprompt_eam3d_all_final_313.pth.tar"
_POSE = "pretrain_new_274.pth.tar"
_BASIS = "U_mead.npy"
_MEAN = "mean_mead.npy"
_PAD = "pad.npy"
_WHERE = (
    "ckpt.zip of EAT (Google Drive 1KK15n2fOdfLECWN5wvX54mVyDt18IZCo) and the folder "
    "expPCAnorm_fin of its code"
)
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
    """Find the files in a folder or the folders inside it.

    Args:
        folder: else the environment variable EMOANIM_WEIGHTS_EAT.
        accept_licence: CC BY-NC 4.0: no commercial use.
        sha256: hashes by file name, checked instead of what was recorded.

    Raises:
        WeightsError: the licence was not accepted, a file is missing, or it changed.
    """
    listed = os.environ.get("EMOANIM_ACCEPT_LICENCES", "").casefold().split(",")
    if not accept_licence and LICENCE.casefold() not in (n.strip() for n in listed):
        raise WeightsError(
            f"EAT's weights are under {LICENCE} (no commercial use), which has to be accepted "
            f"first. If you do: set EMOANIM_ACCEPT_LICENCES={LICENCE}, or accept_licence=True."
        )
    given = folder if folder is not None else os.environ.get(VARIABLE)
    if not given:
        raise WeightsError(
            f"no folder with EAT's files given; expected {_CHECKPOINT} and others. Get {_WHERE}, "
            f"unpack them into one folder and name it with weights=... or {VARIABLE}."
        )
    root = Path(given).expanduser()
    found = {}
    for name in (_CHECKPOINT, _POSE, _BASIS, _MEAN, _PAD):
        path = next(iter(sorted(root.rglob(name))), None)
        if path is not None:
            _check(path, (sha256 or {}).get(name, ""))
            found[name] = path
        elif name != _PAD:
            raise WeightsError(f"{root} holds no {name}. Get {_WHERE}, and unpack them there.")
    return EatFiles(found[_CHECKPOINT], found[_POSE], found[_BASIS], found[_MEAN], found.get(_PAD))


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


def _check(path: Path, wanted: str) -> None:
    """Compare a file with the hash that was given, or with the one of its first use."""
    with path.open("rb") as file:
        own = hashlib.file_digest(file, "sha256").hexdigest()
    record = cache_folder() / "records" / "eat.json"
    try:
        known = json.loads(record.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        known = {}
    expected = wanted.lower() or known.get(path.name, own)
    if own != expected:
        remedy = "name another hash" if wanted else f"take its line out of {record}"
        raise WeightsError(
            f"{path} has sha256:{own}; expected sha256:{expected}: the file was changed since it "
            f"was first used, or is another one. Take the right file, or, to trust it, {remedy}."
        )
    if path.name not in known and not wanted:
        record.parent.mkdir(parents=True, exist_ok=True)
        made = record.with_name(f"{record.name}.{os.getpid()}")
        made.write_text(json.dumps({**known, path.name: own}, indent=1), encoding="utf-8")
        made.replace(record)
