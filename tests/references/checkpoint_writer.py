"""Writes what the checkpoint reader reads: a zip with a pickle of modules, opcode by opcode.

No class needs to exist for it, so that a test can put any name into the pickle.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

STORAGES = {"float16": "HalfStorage", "float32": "FloatStorage", "int64": "LongStorage"}


@dataclass
class Module:
    """A module object: its class and its three tables."""

    kind: str = "torch.nn.modules.container Sequential"
    parameters: dict[str, NDArray[Any] | None] = field(default_factory=dict)
    buffers: dict[str, NDArray[Any] | None] = field(default_factory=dict)
    modules: dict[str, Module | None] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)


class Writer:
    """Pickle program and storages in the making."""

    def __init__(self) -> None:
        self.program = bytearray(b"\x80\x02")
        self.storages: list[bytes] = []

    def name(self, path: str) -> None:
        module, attribute = path.split(" ")
        self.program += b"c" + module.encode() + b"\n" + attribute.encode() + b"\n"

    def text(self, value: str) -> None:
        coded = value.encode()
        self.program += b"X" + struct.pack("<I", len(coded)) + coded

    def value(self, value: Any) -> None:
        if value is None:
            self.program += b"N"
        elif isinstance(value, bool):
            self.program += b"\x88" if value else b"\x89"
        elif isinstance(value, int):
            self.program += b"J" + struct.pack("<i", value)
        elif isinstance(value, float):
            self.program += b"G" + struct.pack(">d", value)
        elif isinstance(value, str):
            self.text(value)
        elif isinstance(value, tuple):
            self.program += b"("
            for item in value:
                self.value(item)
            self.program += b"t"
        elif isinstance(value, dict):
            self.program += b"}"
            self.items(value)
        elif isinstance(value, np.ndarray):
            self.tensor(value)
        elif isinstance(value, Module):
            self.module(value)
        else:
            raise TypeError(type(value))

    def items(self, table: Mapping[Any, Any]) -> None:
        self.program += b"("
        for key, value in table.items():
            self.value(key)
            self.value(value)
        self.program += b"u"

    def ordered(self, table: Mapping[str, Any]) -> None:
        self.name("collections OrderedDict")
        self.program += b")R"
        self.items(table)

    def tensor(self, array: NDArray[Any], strides: tuple[int, ...] | None = None) -> None:
        key = str(len(self.storages))
        self.storages.append(array.tobytes())
        self.name("torch._utils _rebuild_tensor_v2")
        self.program += b"(("
        self.text("storage")
        self.name("torch " + STORAGES[array.dtype.name])
        self.text(key)
        self.text("cpu")
        self.value(array.size)
        self.program += b"tQ"
        self.value(0)
        self.value(array.shape)
        self.value(strides or tuple(s // array.itemsize for s in array.strides))
        self.value(False)
        self.ordered({})
        self.program += b"tR"

    def module(self, module: Module) -> None:
        self.name(module.kind)
        self.program += b")\x81}("
        self.text("training")
        self.value(False)
        for name, table in (
            ("_parameters", module.parameters),
            ("_buffers", module.buffers),
            ("_modules", module.modules),
        ):
            self.text(name)
            self.ordered(table)
        for name, value in module.extra.items():
            self.text(name)
            self.value(value)
        self.program += b"ub"

    def save(self, path: Path, folder: str = "best") -> Path:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{folder}/data.pkl", bytes(self.program) + b".")
            for key, numbers in enumerate(self.storages):
                archive.writestr(f"{folder}/data/{key}", numbers)
        return path


def save_checkpoint(path: Path, tensors: Mapping[str, NDArray[Any]]) -> Path:
    """Write tensors, named as in a state dict, the way the real checkpoint holds them."""
    root = Module("ultralytics.nn.tasks DetectionModel")
    for name, array in tensors.items():
        *folders, leaf = name.split(".")
        module = root
        for folder in folders:
            child = module.modules.setdefault(folder, Module())
            assert child is not None
            module = child
        plain = leaf in ("weight", "bias")
        (module.parameters if plain else module.buffers)[leaf] = array
    writer = Writer()
    writer.value({"epoch": -1, "ema": None, "model": root, "date": "today", "lr": 0.01})
    return writer.save(path)


def archive_of(program: bytes) -> io.BytesIO:
    """A checkpoint with this pickle and no storages."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("best/data.pkl", program)
    file.seek(0)
    return file
