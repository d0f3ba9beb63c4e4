"""Cut an ONNX graph into parts without the onnx package.

The voice's network holds a duration, a pitch/energy and a spectrum stage in one graph. To change
the prosody before the sound is made, each stage becomes a graph of its own: the tensors between
them become inputs and outputs. Only protocol-buffer framing is read (tags, lengths); weights stay
untouched, and what no output needs is left out.

Field numbers are those of onnx.proto: ModelProto.graph 7; GraphProto.node 1, .initializer 5,
.input 11, .output 12, .value_info 13; NodeProto.input 1, .output 2; TensorProto.name 8;
ValueInfoProto.name 1, .type 2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

__all__ = ["FLOAT", "INT64", "cut"]

FLOAT = 1
INT64 = 7

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_NODE, _INITIALIZER = 1, 5


def cut(
    model: bytes, inputs: Mapping[str, tuple[int, int]], outputs: Mapping[str, tuple[int, int]]
) -> bytes:
    """Return the model with other inputs and outputs.

    Args:
        model: a serialised ModelProto.
        inputs: tensor name -> (element type, rank); a tensor that a node makes is taken from
            the caller instead.
        outputs: tensor name -> (element type, rank).
    """
    parts: list[bytes] = []
    for field, kind, value in _fields(model):
        if field == 7:
            value = _cut_graph(value, inputs, outputs)
        parts.append(_field(field, kind, value))
    return b"".join(parts)


def _cut_graph(
    graph: bytes, inputs: Mapping[str, tuple[int, int]], outputs: Mapping[str, tuple[int, int]]
) -> bytes:
    fields = list(_fields(graph))
    # Nodes stand in order of use: one pass from the end finds all that the outputs need.
    needed = {name.encode() for name in outputs}
    given = {name.encode() for name in inputs}
    used: set[int] = set()
    for index in range(len(fields) - 1, -1, -1):
        field, _, node = fields[index]
        if field == _NODE:
            names = list(_fields(node))
            if any(sub == 2 and name in needed - given for sub, _, name in names):
                used.add(index)
                needed.update(name for sub, _, name in names if sub == 1)
    parts: list[bytes] = []
    for index, (field, kind, value) in enumerate(fields):
        if field in (11, 12, 13) or (field == _NODE and index not in used):
            continue
        if field == _INITIALIZER and _tensor_name(value) not in needed:
            continue
        parts.append(_field(field, kind, value))
    parts += [_field(11, _BYTES, _value_info(n, *t)) for n, t in inputs.items()]
    parts += [_field(12, _BYTES, _value_info(n, *t)) for n, t in outputs.items()]
    return b"".join(parts)


def _tensor_name(tensor: bytes) -> bytes:
    return next((value for field, _, value in _fields(tensor) if field == 8), b"")


def _value_info(name: str, element: int, rank: int) -> bytes:
    # TypeProto.tensor_type 1 {elem_type 1, shape 2 {dim 1 ...}}; empty dims are of any size.
    shape = b"".join(_field(1, _BYTES, b"") for _ in range(rank))
    tensor = _field(1, _VARINT, _varint(element)) + _field(2, _BYTES, shape)
    return _field(1, _BYTES, name.encode()) + _field(2, _BYTES, _field(1, _BYTES, tensor))


def _fields(message: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield (field number, wire type, payload) of every field."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        kind = tag & 7
        if kind == _VARINT:
            start = at
            _, at = _read_varint(message, at)
        elif kind == _BYTES:
            size, start = _read_varint(message, at)
            at = start + size
        else:
            start = at
            at += {_FIXED64: 8, _FIXED32: 4}[kind]
        yield tag >> 3, kind, message[start:at]


def _field(number: int, kind: int, payload: bytes) -> bytes:
    size = _varint(len(payload)) if kind == _BYTES else b""
    return _varint(number << 3 | kind) + size + payload


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _varint(value: int) -> bytes:
    out: list[int] = []
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])
