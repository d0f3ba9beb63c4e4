"""The class branch of YOLO11n in plain numpy, float64: an independent second implementation.

Slow and literal; ``layout`` lists the tensors from the network's published description, so it
agrees with the graph builder only if both are right.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def layout() -> Iterator[tuple[str, tuple[int, int, int, int], bool]]:
    """Yield name, kernel shape (out, in per group, k, k) and whether a norm follows."""

    def unit(name: str, i: int, o: int, k: int = 1) -> tuple[str, tuple[int, int, int, int], bool]:
        return name, (o, i, k, k), True

    def block(n: int, i: int, o: int, c: int, deep: bool) -> Iterator[tuple]:
        name, half = f"model.{n}", c // 2
        yield unit(f"{name}.cv1", i, 2 * c)
        yield unit(f"{name}.cv2", 3 * c, o)
        if deep:
            for part in ("cv1", "cv2"):
                yield unit(f"{name}.m.0.{part}", c, half)
            yield unit(f"{name}.m.0.cv3", 2 * half, c)
            for m in (0, 1):
                for part in ("cv1", "cv2"):
                    yield unit(f"{name}.m.0.m.{m}.{part}", half, half, 3)
        else:
            yield unit(f"{name}.m.0.cv1", c, half, 3)
            yield unit(f"{name}.m.0.cv2", half, c, 3)

    for n, i, o in ((0, 3, 16), (1, 16, 32), (3, 64, 64), (5, 128, 128), (7, 128, 256)):
        yield unit(f"model.{n}", i, o, 3)
    yield unit("model.17", 64, 64, 3)
    yield unit("model.20", 128, 128, 3)
    for n, i, o, c, deep in (
        (2, 32, 64, 16, False),
        (4, 64, 128, 32, False),
        (6, 128, 128, 64, True),
        (8, 256, 256, 128, True),
        (13, 384, 128, 64, False),
        (16, 256, 64, 32, False),
        (19, 192, 128, 64, False),
        (22, 384, 256, 128, True),
    ):
        yield from block(n, i, o, c, deep)
    yield unit("model.9.cv1", 256, 128)
    yield unit("model.9.cv2", 512, 256)
    yield unit("model.10.cv1", 256, 256)
    yield unit("model.10.cv2", 256, 256)
    yield unit("model.10.m.0.attn.qkv", 128, 256)
    yield unit("model.10.m.0.attn.pe", 1, 128, 3)
    yield unit("model.10.m.0.attn.proj", 128, 128)
    yield unit("model.10.m.0.ffn.0", 128, 256)
    yield unit("model.10.m.0.ffn.1", 256, 128)
    for scale, i in enumerate((64, 128, 256)):
        head = f"model.23.cv3.{scale}"
        yield unit(f"{head}.0.0", 1, i, 3)
        yield unit(f"{head}.0.1", i, 64)
        yield unit(f"{head}.1.0", 1, 64, 3)
        yield unit(f"{head}.1.1", 64, 64)
        yield f"{head}.2", (8, 64, 1, 1), False


def random_tensors(seed: int) -> dict[str, NDArray[np.float16]]:
    """Random weights whose norms fit the signal, as training would have left them.

    Each kernel has a strength of its own, so that some variances are as small as eps and a wrong
    eps shows.
    """
    rng = np.random.default_rng(seed)
    tensors: dict[str, NDArray[np.float16]] = {}
    for name, shape, normed in layout():
        kernel = rng.normal(0, np.prod(shape[1:]) ** -0.5, shape)
        if not normed:
            tensors[f"{name}.weight"] = kernel.astype(np.float16)
            tensors[f"{name}.bias"] = rng.normal(-2, 1, shape[0]).astype(np.float16)
            continue
        kernel *= 10 ** rng.uniform(-1.5, 0.5, (shape[0], 1, 1, 1))
        tensors[f"{name}.conv.weight"] = kernel.astype(np.float16)
        tensors[f"{name}.bn.weight"] = rng.uniform(0.7, 1.3, shape[0]).astype(np.float16)
        tensors[f"{name}.bn.running_mean"] = rng.normal(0, 0.05, shape[0]).astype(np.float16)
        tensors[f"{name}.bn.bias"] = rng.normal(0, 0.2, shape[0]).astype(np.float16)
    Reference(tensors, fit=True).scores(blocks(rng))
    return tensors


def blocks(rng: np.random.Generator) -> NDArray[np.uint8]:
    """An image (96, 96, 3) of 8-pixel blocks, which deep layers still tell apart."""
    return rng.integers(0, 256, (12, 12, 3), dtype=np.uint8).repeat(8, axis=0).repeat(8, axis=1)


class Reference:
    """Runs one image at a time; with ``fit`` it sets the norms' variances as it goes."""

    def __init__(self, tensors: dict[str, NDArray[np.float16]], *, fit: bool = False) -> None:
        self.t = {name: value.astype(np.float64) for name, value in tensors.items()}
        self.fitted = tensors if fit else None

    def scores(self, image: NDArray[np.uint8]) -> Array:
        """Scores (8,) of one image (side, side, 3)."""
        x = image.transpose(2, 0, 1) / 255.0
        x = self.unit("model.1", self.unit("model.0", x, 2), 2)
        x = self.unit("model.3", self.c3k2("model.2", x), 2)
        x4 = self.c3k2("model.4", x)
        x6 = self.c3k2("model.6", self.unit("model.5", x4, 2))
        x = self.c3k2("model.8", self.unit("model.7", x6, 2))
        pools = [self.unit("model.9.cv1", x)]
        for _ in range(3):
            pools.append(pooled(pools[-1]))
        x10 = self.c2psa("model.10", self.unit("model.9.cv2", np.concatenate(pools)))
        x13 = self.c3k2("model.13", np.concatenate([twice(x10), x6]))
        x16 = self.c3k2("model.16", np.concatenate([twice(x13), x4]))
        x19 = self.c3k2("model.19", np.concatenate([self.unit("model.17", x16, 2), x13]))
        x22 = self.c3k2("model.22", np.concatenate([self.unit("model.20", x19, 2), x10]))
        cells = []
        for i, x in enumerate((x16, x19, x22)):
            head = f"model.23.cv3.{i}"
            for step in (0, 1):
                x = self.unit(f"{head}.{step}.1", self.unit(f"{head}.{step}.0", x, groups=len(x)))
            x = convolved(x, self.t[f"{head}.2.weight"], 1, 1)
            cells.append((x + self.t[f"{head}.2.bias"][:, None, None]).reshape(8, -1))
        return sigmoid(np.concatenate(cells, axis=1)).max(axis=1)

    def unit(
        self, name: str, x: Array, stride: int = 1, *, groups: int = 1, silu: bool = True
    ) -> Array:
        kernel = self.t[f"{name}.conv.weight"]
        if self.fitted is not None:
            variance = (kernel**2).sum((1, 2, 3)) * (x**2).mean()
            kept = self.fitted[f"{name}.bn.running_var"] = variance.astype(np.float16)
            self.t[f"{name}.bn.running_var"] = kept.astype(np.float64)
        x = convolved(x, kernel, stride, groups)
        mean, variance, weight, bias = (
            self.t[f"{name}.bn.{part}"][:, None, None]
            for part in ("running_mean", "running_var", "weight", "bias")
        )
        x = (x - mean) / np.sqrt(variance + 0.001) * weight + bias
        return x * sigmoid(x) if silu else x

    def residual(self, name: str, x: Array) -> Array:
        return x + self.unit(f"{name}.cv2", self.unit(f"{name}.cv1", x))

    def c3k2(self, name: str, x: Array) -> Array:
        a, b = np.split(self.unit(f"{name}.cv1", x), 2)
        inner = f"{name}.m.0"
        if name in ("model.6", "model.8", "model.22"):
            c = self.residual(f"{inner}.m.0", self.unit(f"{inner}.cv1", b))
            c = np.concatenate([self.residual(f"{inner}.m.1", c), self.unit(f"{inner}.cv2", b)])
            c = self.unit(f"{inner}.cv3", c)
        else:
            c = self.residual(inner, b)
        return self.unit(f"{name}.cv2", np.concatenate([a, b, c]))

    def c2psa(self, name: str, x: Array) -> Array:
        a, b = np.split(self.unit(f"{name}.cv1", x), 2)
        b = b + self.attention(f"{name}.m.0.attn", b)
        wide = self.unit(f"{name}.m.0.ffn.0", b)
        b = b + self.unit(f"{name}.m.0.ffn.1", wide, silu=False)
        return self.unit(f"{name}.cv2", np.concatenate([a, b]))

    def attention(self, name: str, x: Array) -> Array:
        channels, height, width = x.shape
        mixed = self.unit(f"{name}.qkv", x, silu=False).reshape(2, 128, height * width)
        out, values = [], []
        for head in mixed:
            q, k, v = head[:32], head[32:64], head[64:]
            match = q.T @ k / np.sqrt(32.0)
            match = np.exp(match - match.max(axis=1, keepdims=True))
            out.append(v @ (match / match.sum(axis=1, keepdims=True)).T)
            values.append(v)
        v = np.concatenate(values).reshape(channels, height, width)
        seen = np.concatenate(out).reshape(channels, height, width)
        place = self.unit(f"{name}.pe", v, groups=channels, silu=False)
        return self.unit(f"{name}.proj", seen + place, silu=False)


def convolved(x: Array, kernel: Array, stride: int, groups: int) -> Array:
    k = kernel.shape[-1]
    p = (k - 1) // 2
    padded = np.pad(x, ((0, 0), (p, p), (p, p)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, (k, k), (1, 2))
    windows = windows[:, ::stride, ::stride]
    if groups > 1:
        return np.einsum("chwij,cij->chw", windows, kernel[:, 0])
    return np.tensordot(kernel, windows, ([1, 2, 3], [0, 3, 4]))


def pooled(x: Array) -> Array:
    padded = np.pad(x, ((0, 0), (2, 2), (2, 2)), constant_values=-np.inf)
    return np.lib.stride_tricks.sliding_window_view(padded, (5, 5), (1, 2)).max((-1, -2))


def twice(x: Array) -> Array:
    return x.repeat(2, axis=1).repeat(2, axis=2)


def sigmoid(x: Array) -> Array:
    return 1.0 / (1.0 + np.exp(-x))
