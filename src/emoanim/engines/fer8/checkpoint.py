"""Reading the tensors of a PyTorch checkpoint without running what its pickle asks for.

A ``.pt`` file is a zip archive with a pickle, ``data.pkl``, and one file of raw numbers for each
storage. A pickle is a program; one that holds a whole model object can ask to import and call
anything. Here an ``Unpickler`` reads it that finds no class but inert stand-ins: what would have
been called or built becomes a record of its name, arguments and state. Names and opcodes that the
layout of such a checkpoint does not need are refused before anything is read.
"""

from __future__ import annotations

import io
import math
import pickle
import pickletools
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError
from emoanim.weights.pickles import check_pickle

__all__ = ["read_checkpoint", "read_tensors"]

MAX_BYTES = 64 << 20
"""Most bytes, unpacked, that a checkpoint may hold."""

MAX_MODULES = 10_000

_STORAGES: Mapping[str, type[np.generic]] = {
    "torch.HalfStorage": np.float16,
    "torch.FloatStorage": np.float32,
    "torch.DoubleStorage": np.float64,
    "torch.LongStorage": np.int64,
}
_NAMES = frozenset(
    [
        "__builtin__.set",
        "builtins.set",
        "collections.OrderedDict",
        "torch.Size",
        "ultralytics.nn.tasks.DetectionModel",
        "torch._utils._rebuild_parameter",
        "torch._utils._rebuild_tensor_v2",
        *_STORAGES,
    ]
)
_MODULES = ("torch.nn.modules.", "ultralytics.nn.modules.")
"""Where the classes of the layers live; their names are kept, the modules never imported."""

# fmt: off
_OPCODES = frozenset([
    "PROTO", "STOP", "MARK", "NONE", "NEWTRUE", "NEWFALSE", "BININT", "BININT1", "BININT2", "LONG1",
    "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE", "EMPTY_TUPLE", "TUPLE", "TUPLE1", "TUPLE2",
    "TUPLE3", "EMPTY_LIST", "APPEND", "APPENDS", "EMPTY_DICT", "SETITEM", "SETITEMS", "BINPUT",
    "LONG_BINPUT", "BINGET", "LONG_BINGET", "GLOBAL", "BINPERSID", "REDUCE", "NEWOBJ", "BUILD",
])
# fmt: on
"""What torch's pickles are made of (protocol 2)."""


class _Record:
    """Something that the pickle would have made: by calling what, with which arguments."""

    made_by: ClassVar[str]
    arguments: tuple[Any, ...]
    items: dict[Any, Any]
    state: Any

    def __new__(cls, *arguments: Any) -> _Record:
        instance = super().__new__(cls)
        instance.arguments, instance.items, instance.state = arguments, {}, None
        return instance

    def __init__(self, *arguments: Any) -> None:
        """Nothing is done with the arguments."""

    def __setitem__(self, key: Any, value: Any) -> None:
        self.items[key] = value

    def __setstate__(self, state: Any) -> None:
        self.state = state


class _Storage(NamedTuple):
    """A file of raw numbers inside the archive."""

    dtype: type[np.generic]
    key: str
    length: int


class _Reader(pickle.Unpickler):
    """Reads a pickle into plain containers, numbers, storages and records."""

    def find_class(self, module: str, name: str) -> type[_Record]:
        path = f"{module}.{name}"
        if path not in _NAMES and not path.startswith(_MODULES):
            raise ValueError(f"its pickle names {path}, which is not allowed")
        return type("_Record", (_Record,), {"made_by": path})

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage, key, _device, length = pid
        made_by = getattr(storage, "made_by", "")
        if kind != "storage" or made_by not in _STORAGES or not str(key).isalnum():
            raise ValueError(f"its pickle names the storage {kind!r} {key!r}")
        return _Storage(_STORAGES[made_by], str(key), int(length))


def read_checkpoint(path: str | Path) -> dict[str, NDArray[Any]]:
    """Return the tensors of the model in a checkpoint, by their state-dict names.

    Args:
        path: a zip-format ``.pt`` file: a dict whose "model" is a module object.

    Raises:
        WeightsError: not such a file, damaged, or its pickle asks for anything else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return read_tensors(archive)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _refused(path, str(error)) from error
    except Exception as error:
        # A pickle with missing operands, wrong types or a wrong order; whatever zipfile and zlib
        # make of damage.
        raise _refused(path, f"damaged: {error}") from error


def read_tensors(archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    """Return the tensors of an open archive; see ``read_checkpoint``."""
    if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES >> 20} MB unpacked")
    pickles = [n for n in archive.namelist() if n.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise ValueError(f"{len(pickles)} files named data.pkl, expected one")
    folder = pickles[0].removesuffix("data.pkl")
    model = _unpickled(archive.read(pickles[0]))["model"]
    if not isinstance(model, _Record):
        raise TypeError("its 'model' is no module")
    cache: dict[str, NDArray[Any]] = {}

    def storage(wanted: _Storage) -> NDArray[Any]:
        if wanted.key not in cache:
            numbers = archive.read(f"{folder}data/{wanted.key}")
            cache[wanted.key] = np.frombuffer(numbers, np.dtype(wanted.dtype).newbyteorder("<"))
        return cache[wanted.key]

    tensors: dict[str, NDArray[Any]] = {}
    pending = [("", model)]
    visited = 0
    while pending:
        prefix, module = pending.pop()
        visited += 1
        if visited > MAX_MODULES:  # modules may be shared, so a cycle shows in the count
            raise ValueError(f"more than {MAX_MODULES} modules")
        state = module.state
        for kind in ("_parameters", "_buffers"):
            for name, value in _items(state[kind]).items():
                if value is not None:
                    tensors[f"{prefix}{name}"] = _tensor(value, storage)
        for name, child in _items(state["_modules"]).items():
            if child is not None:
                pending.append((f"{prefix}{name}.", child))
    return tensors


def _unpickled(program: bytes) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser warns of odd escapes, which are refused
        for opcode, argument, _ in pickletools.genops(program):
            if opcode.name not in _OPCODES:
                raise ValueError(f"its pickle uses {opcode.name}, which is not allowed")
            # The unpickler makes room for all numbers below the largest.
            if opcode.name in ("BINPUT", "LONG_BINPUT") and int(argument or 0) > len(program):
                raise ValueError(f"its pickle keeps a value under the number {argument}")
    check_pickle(program)
    return _Reader(io.BytesIO(program)).load()


def _items(value: Any) -> dict[Any, Any]:
    items = value.items if isinstance(value, _Record) else value
    if not isinstance(items, dict):
        raise TypeError("a module's table is no dict")
    return items


def _tensor(record: _Record, storage: Callable[[_Storage], NDArray[Any]]) -> NDArray[Any]:
    if record.made_by == "torch._utils._rebuild_parameter":
        record = record.arguments[0]
    if record.made_by != "torch._utils._rebuild_tensor_v2":
        raise TypeError(f"a tensor made by {record.made_by}")
    where, offset, shape, strides = record.arguments[:4]
    numbers = storage(where)
    sizes = (offset, *shape, *strides)
    if any(type(n) is not int or n < 0 for n in sizes) or len(shape) != len(strides):
        raise ValueError(f"a tensor of shape {shape} with strides {strides} at {offset}")
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if len(numbers) != where.length or math.prod(shape) > len(numbers) or last >= len(numbers):
        raise ValueError(f"a tensor of shape {shape} does not fit its {len(numbers)} numbers")
    step = numbers.itemsize
    view = np.lib.stride_tricks.as_strided(
        numbers[offset:], shape, [s * step for s in strides], writeable=False
    )
    return np.array(view, order="C")


def _refused(path: str | Path, reason: str) -> WeightsError:
    return WeightsError(
        f"{path} is refused as a checkpoint ({reason}); expected a zip-format .pt file that holds "
        "tensors of a known model and nothing else. Delete it and fetch it again."
    )
