"""Reading a frozen TensorFlow graph: nodes, their inputs and constants. No TensorFlow is needed.

The file is one protobuf message. Only what a frozen graph is made of is understood: GraphDef,
NodeDef, AttrValue, TensorProto and TensorShapeProto, by their published field numbers.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emoanim.errors import WeightsError

__all__ = ["Node", "constant_of", "read_graph"]

_DTYPES = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8"}
# Fields of a TensorProto that hold single values, and how these are written.
_VALUES = {5: "<f4", 6: "<f8", 7: "varint", 10: "varint"}
_MOST_NODES = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One operation.

    Attributes:
        name: unique.
        op: such as "Const" or "MatMul".
        inputs: names of other nodes, ":k" behind them for their k-th output.
        value: of a numeric constant, mapped from the file; else None.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    value: NDArray[Any] | None


def read_graph(path: str | Path) -> dict[str, Node]:
    """Return the nodes of a graph by name.

    Raises:
        WeightsError: no such file, or not a whole graph.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:
        raise WeightsError(f"{path} cannot be read ({error}); expected a frozen graph.") from error
    nodes: dict[str, Node] = {}
    try:
        for number, value in _fields(content):
            if number == 1:
                node = _node(_message(value))
                nodes[node.name] = node
            if len(nodes) > _MOST_NODES:
                raise ValueError("too many nodes")
    except (ValueError, IndexError, struct.error) as error:
        raise WeightsError(
            f"{path} is no whole frozen graph ({error}): damaged, half downloaded or another kind "
            "of file. Take the official one."
        ) from error
    if not nodes:
        raise WeightsError(f"{path} holds no nodes; expected a frozen graph.")
    return nodes


def constant_of(nodes: Mapping[str, Node], name: str) -> NDArray[Any] | None:
    """Return the constant that an input comes from, through what only hands it on; else None."""
    for _ in range(8):
        node = nodes.get(name.removeprefix("^").partition(":")[0])
        if node is None:
            return None
        if node.op == "Const":
            return node.value
        if node.op not in ("Identity", "Enter", "ReadVariableOp") or not node.inputs:
            return None
        name = node.inputs[0]
    return None


def _node(content: memoryview) -> Node:
    name = op = ""
    inputs: list[str] = []
    value: NDArray[Any] | None = None
    for number, field in _fields(content):
        if number == 1:
            name = _text(field)
        elif number == 2:
            op = _text(field)
        elif number == 3:
            inputs.append(_text(field))
        elif number == 5:
            entry = dict(_fields(_message(field)))
            if 1 in entry and 2 in entry and _text(entry[1]) == "value":
                tensors = [v for n, v in _fields(_message(entry[2])) if n == 8]
                value = _tensor(_message(tensors[0])) if tensors else None
    return Node(name, op, tuple(inputs), value if op == "Const" else None)


def _tensor(content: memoryview) -> NDArray[Any] | None:
    kind = 0
    shape: list[int] = []
    raw: memoryview | None = None
    single: list[Any] = []
    for number, field in _fields(content):
        if number == 1:
            kind = _number(field)
        elif number == 2:
            for n, dimension in _fields(_message(field)):
                if n == 2:
                    size = dict(_fields(_message(dimension))).get(1, 0)
                    shape.append(_number(size))
        elif number == 4:
            raw = _message(field)
        elif number in _VALUES:
            single += _singles(_VALUES[number], field)
    if kind not in _DTYPES:
        return None  # text and the like, which no weight is
    dtype = np.dtype(_DTYPES[kind])
    count = int(np.prod(shape, dtype=np.int64))
    if raw is not None and len(raw):
        elements = np.frombuffer(raw, dtype)
        if len(elements) != count:
            raise ValueError(f"{len(elements)} numbers for the shape {tuple(shape)}")
        return elements.reshape(shape)
    if count > _MOST_NODES or len(single) > max(count, 1):
        raise ValueError(f"{len(single)} numbers for the shape {tuple(shape)}")
    # Fewer values than places: the last one is repeated.
    values = np.array(single or [0], dtype)
    return np.pad(values, (0, max(count - len(values), 0)), mode="edge")[:count].reshape(shape)


def _singles(how: str, field: int | memoryview) -> list[Any]:
    if how == "varint":
        values = [field] if isinstance(field, int) else list(_varints(field))
        return [v - (1 << 64) if v >= 1 << 63 else v for v in values]
    if isinstance(field, int):
        return []
    return list(np.frombuffer(field, how))


def _fields(content: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield field numbers and values: whole numbers, or the bytes of anything else."""
    offset, end = 0, len(content)
    while offset < end:
        tag, offset = _varint(content, offset)
        number, wire = tag >> 3, tag & 7
        if number == 0:
            raise ValueError("field 0")
        if wire == 0:
            value, offset = _varint(content, offset)
            yield number, value
            continue
        if wire == 2:
            length, offset = _varint(content, offset)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError(f"wire type {wire}")
        if offset + length > end:
            raise ValueError("it ends inside a field")
        yield number, content[offset : offset + length]
        offset += length


def _varints(content: memoryview) -> Iterator[int]:
    offset = 0
    while offset < len(content):
        value, offset = _varint(content, offset)
        yield value


def _varint(content: memoryview, offset: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
        shift += 7
        if shift > 63:
            raise ValueError("a number too long")


def _message(field: int | memoryview) -> memoryview:
    if isinstance(field, int):
        raise ValueError("a number where a message is due")
    return field


def _text(field: int | memoryview) -> str:
    return bytes(_message(field)).decode()


def _number(field: int | memoryview) -> int:
    if not isinstance(field, int):
        raise ValueError("bytes where a number is due")
    return field - (1 << 64) if field >= 1 << 63 else field
