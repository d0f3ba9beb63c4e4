"""Reading the tensors of a PyTorch checkpoint without unpickling it.

A ``.pt`` file is a zip archive with a pickle, ``data.pkl``, and one file of raw numbers for each
storage. A pickle is a program, and ``pickle.load`` runs it; a checkpoint that holds a whole model
object can make it import and call anything. Here the program is read opcode by opcode
(``pickletools`` only parses) by an interpreter that has no way to import, call or instantiate:
a global becomes its name, a call becomes a record of what would have been called, and opcodes or
names that the layout of such a checkpoint does not need are refused.
"""

from __future__ import annotations

import math
import pickletools
import warnings
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError

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


@dataclass(frozen=True, slots=True)
class _Name:
    """A global: "module.attribute"."""

    path: str


@dataclass(slots=True, eq=False)
class _Record:
    """Something that the pickle would have made: by calling what, with which arguments."""

    made_by: str
    arguments: tuple[Any, ...]
    items: dict[Any, Any] = field(default_factory=dict)
    state: Any = None


@dataclass(frozen=True, slots=True)
class _Storage:
    """A file of raw numbers inside the archive."""

    dtype: type[np.generic]
    key: str
    length: int


_MARK = object()


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
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, ValueError) as error:
        raise _refused(path, str(error)) from error
    except (LookupError, TypeError, AttributeError, OverflowError) as error:
        # A pickle with missing operands, wrong types or a wrong order.
        raise _refused(path, f"damaged: {error}") from error


def read_tensors(archive: zipfile.ZipFile) -> dict[str, NDArray[Any]]:
    """Return the tensors of an open archive; see ``read_checkpoint``."""
    if sum(entry.file_size for entry in archive.infolist()) > MAX_BYTES:
        raise ValueError(f"more than {MAX_BYTES >> 20} MB unpacked")
    pickles = [n for n in archive.namelist() if n.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise ValueError(f"{len(pickles)} files named data.pkl, expected one")
    folder = pickles[0].removesuffix("data.pkl")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the parser warns of odd escapes, which are refused
        root = _Interpreter().run(archive.read(pickles[0]))
    model = root["model"]
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


class _Interpreter:
    """Runs the data part of a pickle program; see the module's docstring."""

    def __init__(self) -> None:
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, program: bytes) -> Any:
        """Return what the pickle holds, calls as records."""
        for opcode, argument, _ in pickletools.genops(program):
            if opcode.name in _CONSTANTS:
                self._stack.append(_CONSTANTS[opcode.name]())
            elif opcode.name in _LITERALS:
                self._stack.append(argument)
            elif opcode.name == "STOP":
                break
            else:
                handler = _HANDLERS.get(opcode.name)
                if handler is None:
                    raise ValueError(f"its pickle uses {opcode.name}, which is not allowed")
                handler(self, argument)
        if len(self._stack) != 1:
            raise ValueError(f"its pickle leaves {len(self._stack)} values")
        return self._stack[0]

    def _marked(self) -> list[Any]:
        at = max(i for i, value in enumerate(self._stack) if value is _MARK)
        values = self._stack[at + 1 :]
        del self._stack[at:]
        return values

    def _put(self, key: Any) -> None:
        self._memo[key] = self._stack[-1]

    def _get(self, key: Any) -> None:
        self._stack.append(self._memo[key])

    def _global(self, argument: str) -> None:
        path = argument.replace(" ", ".", 1)
        if path not in _NAMES and not path.startswith(_MODULES):
            raise ValueError(f"its pickle names {path}, which is not allowed")
        self._stack.append(_Name(path))

    def _persistent(self, _: None) -> None:
        kind, storage, key, _device, length = self._stack.pop()
        if kind != "storage" or storage.path not in _STORAGES or not str(key).isalnum():
            raise ValueError(f"its pickle names the storage {kind!r} {key!r}")
        self._stack.append(_Storage(_STORAGES[storage.path], str(key), int(length)))

    def _record(self, _: None) -> None:
        arguments = self._stack.pop()
        called = self._stack.pop()
        if not isinstance(called, _Name) or not isinstance(arguments, tuple):
            raise TypeError("a call of something that is no name")
        self._stack.append(_Record(called.path, arguments))

    def _build(self, _: None) -> None:
        state = self._stack.pop()
        self._stack[-1].state = state

    def _tuple(self, count: int) -> None:
        values = tuple(self._stack[-count:])
        if len(values) != count:
            raise ValueError("a tuple of too few values")
        self._stack[-count:] = [values]

    def _append(self, _: None) -> None:
        value = self._stack.pop()
        self._stack[-1].append(value)

    def _set_item(self, _: None) -> None:
        value = self._stack.pop()
        key = self._stack.pop()
        _items(self._stack[-1])[key] = value

    def _set_items(self, _: None) -> None:
        values = self._marked()
        _items(self._stack[-1]).update(zip(values[::2], values[1::2], strict=True))

    def _appends(self, _: None) -> None:
        values = self._marked()
        self._stack[-1].extend(values)


_CONSTANTS: Mapping[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
    "MARK": lambda: _MARK,
}
_LITERALS = frozenset(
    ["BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "SHORT_BINUNICODE"]
)
_HANDLERS: Mapping[str, Callable[[_Interpreter, Any], None]] = {
    "PROTO": lambda machine, argument: None,
    "BINPUT": _Interpreter._put,
    "LONG_BINPUT": _Interpreter._put,
    "BINGET": _Interpreter._get,
    "LONG_BINGET": _Interpreter._get,
    "GLOBAL": _Interpreter._global,
    "BINPERSID": _Interpreter._persistent,
    "REDUCE": _Interpreter._record,
    "NEWOBJ": _Interpreter._record,
    "BUILD": _Interpreter._build,
    "TUPLE": lambda machine, argument: machine._stack.append(tuple(machine._marked())),
    "TUPLE1": lambda machine, argument: machine._tuple(1),
    "TUPLE2": lambda machine, argument: machine._tuple(2),
    "TUPLE3": lambda machine, argument: machine._tuple(3),
    "APPEND": _Interpreter._append,
    "APPENDS": _Interpreter._appends,
    "SETITEM": _Interpreter._set_item,
    "SETITEMS": _Interpreter._set_items,
}


def _refused(path: str | Path, reason: str) -> WeightsError:
    return WeightsError(
        f"{path} is refused as a checkpoint ({reason}); expected a zip-format .pt file that holds "
        "tensors of a known model and nothing else. Delete it and fetch it again."
    )
