"""JSON, TOML and arrays from outside: bounded before they are read, and any fault is a ValueError.

What a file holds may be damaged or hostile. Parsers answer such content with errors of many kinds,
with gigabytes of memory, or not at all; here all of that becomes one error with a reason.
"""

from __future__ import annotations

import json
import math
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["TooDeepError", "parse_json", "parse_toml", "read_array", "read_arrays", "read_text"]

_TEXT = 10_000_000
_ARRAYS = 512_000_000
_MEMBERS = 4096
_SHOWN = 160


class TooDeepError(ValueError):
    """Values inside values, more deeply than anything sensible."""


def parse_json(text: str | bytes) -> Any:
    """Return the values of a JSON text.

    Raises:
        ValueError: it is none, or nested too deeply.
    """
    return _parsed(json.loads, text)


def parse_toml(text: str) -> dict[str, Any]:
    """Return the table of a TOML text.

    Raises:
        ValueError: it is none, or nested too deeply.
    """
    table: dict[str, Any] = _parsed(tomllib.loads, text)
    return table


def _parsed(parse: Callable[[Any], Any], text: Any) -> Any:
    try:
        return parse(text)
    except RecursionError:
        raise TooDeepError("it is nested too deeply") from None


def read_text(path: Path, most: int = _TEXT) -> str:
    """Return the text of an ordinary file in UTF-8.

    Raises:
        OSError: no such file, or it cannot be read.
        ValueError: a folder, pipe or device, larger than ``most`` bytes, or not UTF-8.
    """
    status = path.stat()
    if not path.is_file():
        raise ValueError("it is no ordinary file")
    if status.st_size > most:
        raise ValueError(f"it has {status.st_size} bytes, more than {most}")
    return path.read_text(encoding="utf-8")


def read_arrays(path: Path, most: int = _ARRAYS) -> dict[str, NDArray[Any]]:
    """Return the arrays of an .npz file by name; no pickles.

    Raises:
        OSError: no such file, or it cannot be read.
        ValueError: damaged, no archive of plain arrays, or larger than ``most`` bytes unpacked.
    """
    with path.open("rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                return _members(archive, most)
        except Exception as error:  # whatever numpy, zipfile and zlib make of damage
            raise _fault(error) from error


def read_array(path: Path, most: int = _ARRAYS) -> NDArray[Any]:
    """Return the array of an .npy file; no pickles.

    Raises:
        OSError: no such file, or it cannot be read.
        ValueError: damaged, no plain array, or larger than ``most`` bytes.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        if size > most:
            raise ValueError(f"it has {size} bytes, more than {most}")
        try:
            return _array(file, size)
        except Exception as error:  # whatever numpy makes of damage
            raise _fault(error) from error


def _members(archive: zipfile.ZipFile, most: int) -> dict[str, NDArray[Any]]:
    listed = archive.infolist()
    total = sum(member.file_size for member in listed)
    if len(listed) > _MEMBERS or total > most:
        raise ValueError(f"it unpacks to {len(listed)} arrays of {total} bytes, more than {most}")
    members = {}
    for member in listed:
        if not member.filename.endswith(".npy"):
            raise ValueError(f"it holds {member.filename!r}, which is no array")
        with archive.open(member) as file:
            members[member.filename.removesuffix(".npy")] = _array(file, member.file_size)
    return members


def _array(file: IO[bytes], size: int) -> NDArray[Any]:
    """Read one array whose data fill the rest of ``size`` bytes exactly."""
    form = np.lib.format
    version = form.read_magic(file)
    read = form.read_array_header_1_0 if version == (1, 0) else form.read_array_header_2_0
    shape, by_column, dtype = read(file)
    if dtype.hasobject:
        raise ValueError("it holds objects of Python, not numbers or text")
    count = math.prod(shape)
    if any(side < 0 for side in shape) or count * dtype.itemsize != size - file.tell():
        raise ValueError(f"its header tells of {shape} {dtype}, which does not fit its size")
    if not dtype.itemsize:
        return np.zeros(shape, dtype) if count <= _MEMBERS else _refuse(shape)
    flat = np.frombuffer(file.read(size), dtype)
    return flat.reshape(shape, order="F" if by_column else "C").copy()


def _refuse(shape: tuple[int, ...]) -> NDArray[Any]:
    raise ValueError(f"its header tells of {shape} empty texts")


def _fault(error: Exception) -> ValueError:
    said = " ".join(str(error).split())[:_SHOWN]
    return ValueError(said or type(error).__name__)
