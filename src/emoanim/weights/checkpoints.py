"""Checkpoints of torch networks: read without running anything inside them, loaded strictly.

Only two formats are read: safetensors, by its own library, and torch files through
``weights_only=True``, which builds tensors and plain containers and nothing else.
"""

from __future__ import annotations

import hashlib
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emoanim.errors import SettingsError, WeightsError
from emoanim.extras import require
from emoanim.weights import check_licence, expected, fetch, first_use_note, known, own_file
from emoanim.weights.pickles import check_checkpoint

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = [
    "build",
    "device_named",
    "official",
    "own_memory",
    "read",
    "strip",
    "under",
]

_EXTRA = "sadtalker"
_SHOWN = 4
_LARGEST_HEADER = 16_000_000
"""Bytes; a network of 10,000 tensors has a header of 1 MB."""


def official(
    name: str, path: str | Path | None = None, *, sha256: str = "", accept_licence: bool = False
) -> Path:
    """Return the path of an official file whose licence is accepted and whose hash is right.

    Args:
        name: of the weight (see ``emoanim.weights``).
        path: the user's own file or a folder that holds it; else the weight's environment
            variable, the cache, or its official place.
        sha256: the hash that the user trusts instead of the official one.
        accept_licence: the user accepts the licence.

    Raises:
        WeightsError: no such file, another hash, or the licence was not accepted.
    """
    weight = known(name)
    check_licence(weight, accepted=accept_licence)
    if sha256 and weight.first_use:
        weight = replace(weight, sha256=sha256.lower(), first_use=False)
    file = fetch(weight, path=path, accept_licence=accept_licence)
    if own_file(weight, path) is None:
        return file  # the cache holds nothing that was not checked
    own = _sha256(file)
    if sha256 and own == sha256.lower():
        return file
    digest = weight.digest_of(file)
    wanted = f"sha256:{sha256.lower()}" if sha256 else expected(weight)
    if sha256 or digest != (wanted or digest):
        shown = f"sha256:{own}" + ("" if digest == f"sha256:{own}" else f" ({digest})")
        raise WeightsError(
            f"{file} has {shown}; expected {wanted} for {name}{first_use_note(weight)}: another "
            "file, damaged or changed. Take the official one, or name the hash that you trust "
            "with the option sha256."
        )
    return file


def device_named(device: str) -> Any:
    """Return a torch device; "auto" takes CUDA, then MPS, then the processor.

    Raises:
        SettingsError: this machine has no such device.
    """
    torch = _torch()
    mps = torch.backends.mps.is_available()
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "mps" if mps else "cpu"
    kind = device.partition(":")[0]
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": mps}
    if not there.get(kind, False):
        known_here = ", ".join(k for k, v in there.items() if v)
        raise SettingsError(f"device {device!r} given; this machine has: {known_here}.")
    return torch.device(device)


def read(path: str | Path, *, key: str = "") -> dict[str, Tensor]:
    """Return the tensors of a checkpoint by name, mapped from the file where the format allows.

    Args:
        path: a ``.safetensors`` file, or a torch file.
        key: entry of the torch file's outer dictionary that holds them; "" for none.

    Raises:
        WeightsError: the file is missing, damaged, holds more than tensors, or lacks the key.
    """
    path = Path(path)
    if not path.is_file():
        raise WeightsError(f"no file {path}; expected a checkpoint. Check the path.")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    return _read_torch(path, key)


def under(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Return the tensors whose names begin with a prefix, without it."""
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def strip(tensors: Mapping[str, Tensor], part: str) -> dict[str, Tensor]:
    """Return the tensors with a part taken out of every name ("module." of data parallelism)."""
    return {name.replace(part, ""): tensor for name, tensor in tensors.items()}


def build(make: Callable[[], nn.Module], tensors: Mapping[str, Tensor], what: str) -> Any:
    """Make a network and give it exactly these tensors, without a copy.

    Only the ``num_batches_tracked`` counters may be absent: nothing is computed from them.

    Args:
        make: constructor of the network; it is called on the meta device.
        tensors: its state by name.
        what: the network and its file, for the messages.

    Returns:
        The network in evaluation mode, without gradients.

    Raises:
        WeightsError: a name, shape or dtype differs; the message lists the first few.
    """
    import torch

    with torch.device("meta"):
        network = make()
    expected = network.state_dict()
    counters = {n for n in expected if n.endswith("num_batches_tracked")}
    missing = [n for n in expected if n not in tensors and n not in counters]
    unknown = [n for n in tensors if n not in expected]
    if missing or unknown:
        parts = [_listed(p, n) for p, n in (("lacks", missing), ("also has", unknown)) if n]
        raise WeightsError(
            f"{what} is not the checkpoint expected: it {' and '.join(parts)}. "
            "Another version of the model? Take the official file."
        )
    wrong = [
        f"{n} is {_kind(tensors[n])}, expected {_kind(e)}"
        for n, e in expected.items()
        if n in tensors and _kind(tensors[n]) != _kind(e)
    ]
    if wrong:
        raise WeightsError(f"{what} has tensors of another kind: {_listed('', wrong).strip()}.")
    state = {
        n: tensors[n] if n in tensors else torch.zeros((), dtype=torch.int64) for n in expected
    }
    network.load_state_dict(state, assign=True)
    return network.eval().requires_grad_(False)


def own_memory(network: nn.Module) -> None:
    """Copy what a network still shares with its file, so that the file is let go."""
    for tensor in (*network.parameters(), *network.buffers()):
        tensor.data = tensor.data.clone()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _read_torch(path: Path, key: str) -> dict[str, Tensor]:
    torch = _torch()
    try:
        # Files of torch before 1.6 are no archives and cannot be mapped.
        mapped = zipfile.is_zipfile(path)
        check_checkpoint(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what torch thinks of a damaged file's opcodes
            content = torch.load(path, map_location="cpu", weights_only=True, mmap=mapped)
    except Exception as error:
        raise WeightsError(
            f"{path} cannot be read as a torch checkpoint of plain tensors ({_first_line(error)}). "
            "It is damaged, half downloaded, or wants to run code, which is refused. "
            "Take the official file."
        ) from error
    if key:
        if not isinstance(content, dict) or not isinstance(content.get(key), dict):
            there = _names(content) if isinstance(content, dict) else "no dictionary"
            raise WeightsError(f"{path} has no entry {key!r}; it holds: {there or 'nothing'}.")
        content = content[key]
    if not isinstance(content, dict) or not all(
        isinstance(n, str) and isinstance(t, torch.Tensor) for n, t in content.items()
    ):
        raise WeightsError(f"{path} holds something else than named tensors; take the right file.")
    return content


def _read_safetensors(path: Path) -> dict[str, Tensor]:
    package = require("safetensors", _EXTRA)
    with path.open("rb") as file:
        header = int.from_bytes(file.read(8), "little")
    if header > _LARGEST_HEADER:
        raise WeightsError(
            f"{path} says that its header has {header} bytes; expected at most {_LARGEST_HEADER}. "
            "It is damaged, or no safetensors file. Delete it and fetch it again."
        )
    try:
        # Tensors are views of a private mapping: pages are read when a network touches them.
        with package.safe_open(str(path), framework="pt") as file:
            names = file.keys()  # the file itself is not iterable
            return {name: file.get_tensor(name) for name in names}
    except (package.SafetensorError, OSError) as error:
        raise WeightsError(
            f"{path} is no whole safetensors file ({_first_line(error)}): damaged or half "
            "downloaded. Delete it and fetch it again."
        ) from error


def _kind(tensor: Tensor) -> str:
    return f"{str(tensor.dtype).removeprefix('torch.')} {tuple(tensor.shape)}"


def _names(content: Mapping[Any, Any]) -> str:
    names = [name[:60] for name in content if isinstance(name, str)]
    return _listed("", names).strip()


def _listed(verb: str, names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"{verb} {', '.join(names[:_SHOWN])}{more}"


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _torch() -> Any:
    import torch

    return torch
