"""A frozen graph of DeepSpeech's form, written byte by byte, and what it computes, in numpy."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

N1, N2, N3, N5, UNITS = 12, 10, 14, 9, 7


def varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while True:
        out.append((value & 127) | (128 if value > 127 else 0))
        value >>= 7
        if not value:
            return bytes(out)


def whole(number, value):
    return varint(number << 3) + varint(value)


def part(number, content):
    content = content.encode() if isinstance(content, str) else content
    return varint(number << 3 | 2) + varint(len(content)) + content


def tensor(array, *, how="content"):
    array = np.asarray(array)
    kind = {"f": 1, "i": 3}[array.dtype.kind]
    shape = b"".join(part(2, whole(1, n)) for n in array.shape)
    body = whole(1, kind) + part(2, shape)
    if how == "content":
        return body + part(4, array.astype("<f4" if kind == 1 else "<i4").tobytes())
    if how == "packed":
        return body + part(5, array.astype("<f4").tobytes())
    if how == "single":
        return body + varint(5 << 3 | 5) + struct.pack("<f", array.ravel()[0])
    return body + whole(7, int(array.ravel()[0]))


def node(name, op, *inputs, value=None, how="content"):
    body = part(1, name) + part(2, op) + b"".join(part(3, i) for i in inputs)
    body += part(5, part(1, "T") + part(2, whole(6, 1)))
    if value is not None:
        body += part(5, part(1, "value") + part(2, part(8, tensor(value, how=how))))
    return part(1, body)


def weights(seed=0):
    rng = np.random.default_rng(seed)
    shapes = {
        "h1": (494, N1), "b1": (N1,), "h2": (N1, N2), "b2": (N2,), "h3": (N2, N3), "b3": (N3,),
        "h5": (2 * UNITS, N5), "b5": (N5,), "h6": (N5, 29), "b6": (29,),
        "fw/kernel": (N3 + UNITS, 4 * UNITS), "fw/bias": (4 * UNITS,),
        "bw/kernel": (N3 + UNITS, 4 * UNITS), "bw/bias": (4 * UNITS,),
    }  # fmt: skip
    return {
        n: (rng.standard_normal(s) * (2 / np.sqrt(s[0]) if len(s) > 1 else 0.3)).astype(np.float32)
        for n, s in shapes.items()
    }


def cell(way, forget, order=(0, 1, 2, 3)):
    """The gates of one direction: input, new, forget, output of the split."""
    inside = f"bidirectional_rnn/{way}/{way}/while/{way}/basic_lstm_cell"
    outputs = [f"{inside}/split" + (f":{k}" if k else "") for k in order]
    return (
        node(f"{inside}/split/split_dim", "Const", value=np.int32(1), how="int")
        + node(f"{inside}/split", "Split", f"{inside}/split/split_dim", f"{inside}/BiasAdd")
        + node(f"{inside}/Const", "Const", value=np.float32(forget), how="single")
        + node(f"{inside}/Add", "Add", outputs[2], f"{inside}/Const")
        + node(f"{inside}/Sigmoid", "Sigmoid", f"{inside}/Add")
        + node(f"{inside}/Sigmoid_1", "Sigmoid", outputs[0])
        + node(f"{inside}/Tanh", "Tanh", outputs[1])
        + node(f"{inside}/Sigmoid_2", "Sigmoid", outputs[3])
    )


def write_graph(path, made, *, bound=3.5, forget=(1.0, 1.0), order=(0, 1, 2, 3), without=()):
    """Write a graph; big tensors as bytes, small ones in the other ways that the format has."""
    out = node("input_node", "Placeholder")
    for name, array in made.items():
        if name in without:
            continue
        way, _, last = name.rpartition("/")
        full = f"bidirectional_rnn/{way}/basic_lstm_cell/{last}" if way else name
        out += node(full, "Const", value=array, how="packed" if name == "b2" else "content")
        out += node(f"{full}/read", "Identity", full)
    for k in ("", "_1", "_2", "_3"):
        out += node(f"Minimum{k}/y", "Const", value=np.float32(bound), how="single")
        out += node(f"Minimum{k}", "Minimum", f"Relu{k}", f"Minimum{k}/y")
    for way, value in zip(("fw", "bw"), forget, strict=True):
        out += cell(way, value, order)
    out += part(4, whole(1, 24))  # the versions of the graph
    Path(path).write_bytes(out)
    return path


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def reference(made, rows, *, bound=3.5, forget=(1.0, 1.0)):
    """What the graph computes of rows (n + 18, 26), step by step in float64."""
    w = {n: a.astype(np.float64) for n, a in made.items()}
    x = np.stack([rows[k : k + 19].ravel() for k in range(len(rows) - 18)])
    for n in "123":
        x = np.clip(x @ w[f"h{n}"] + w[f"b{n}"], 0, bound)
    both = []
    for way, extra in zip(("fw", "bw"), forget, strict=True):
        h = c = np.zeros(UNITS)
        out = []
        for step in x if way == "fw" else x[::-1]:
            gates = np.concatenate((step, h)) @ w[f"{way}/kernel"] + w[f"{way}/bias"]
            i, j, f, o = np.split(gates, 4)
            c = c * sigmoid(f + extra) + sigmoid(i) * np.tanh(j)
            h = np.tanh(c) * sigmoid(o)
            out.append(h)
        both.append(np.array(out if way == "fw" else out[::-1]))
    x = np.clip(np.concatenate(both, 1) @ w["h5"] + w["b5"], 0, bound)
    return x @ w["h6"] + w["b6"]
