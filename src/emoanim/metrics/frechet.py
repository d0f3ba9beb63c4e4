"""FID and KID: distances between two sets of image features."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.measured import Measured

__all__ = ["FeatureExtractor", "check_weights", "extract_features", "fid", "kid"]

# FID of fewer images is dominated by its bias; 2,048 is also where covariances have full rank.
_ENOUGH = 2048


class FeatureExtractor(Protocol):
    """What turns images into features; for comparable FID, the 2015 Inception's pool3.

    Attributes:
        name: model, layer and resizing, said in full; goes into the method of the result.
    """

    name: str

    def features(self, batch: NDArray[np.uint8]) -> ArrayLike:
        """Return features (n, d) of RGB images (n, h, w, 3)."""


def extract_features(
    extractor: FeatureExtractor, batches: Iterable[NDArray[np.uint8]]
) -> NDArray[np.float64]:
    """Run an extractor over batches of images and stack the features (N, d).

    Raises:
        InputError: no batch, or features that are not (n, d) for n images.
    """
    parts = []
    for batch in batches:
        part = as_array(extractor.features(batch), np.float64)
        if part.ndim != 2 or len(part) != len(batch):
            raise InputError(
                f"{extractor.name} gave features of shape {part.shape} for {len(batch)} images; "
                f"expected ({len(batch)}, d)."
            )
        parts.append(part)
    if not parts:
        raise InputError("no images given; expected at least one batch.")
    return np.concatenate(parts)


def check_weights(path: str | Path, sha256: str) -> Path:
    """Return the path of a weight file after checking its SHA-256.

    Args:
        path: the file.
        sha256: its hash in hexadecimal; the first 8 digits at least.

    Raises:
        InputError: the file is missing or another one.
    """
    file = Path(path)
    wanted = sha256.lower()
    if len(wanted) < 8 or set(wanted) - set("0123456789abcdef"):
        raise InputError(f"sha256 {sha256!r} given; expected 8 to 64 hexadecimal digits.")
    if not file.is_file():
        raise InputError(f"{file} given as weights; there is no such file. Download it first.")
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    if not digest.startswith(wanted):
        raise InputError(
            f"{file} has the SHA-256 {digest}; expected {sha256}. Download it again, or correct "
            "the hash if you meant this file."
        )
    return file


def fid(real: ArrayLike, generated: ArrayLike, *, features: str = "unnamed features") -> Measured:
    """Frechet distance of the Gaussians fitted to two feature sets (Heusel et al. 2017), >= 0.

    ``FID = |mu_1 - mu_2|**2 + Tr(S_1 + S_2 - 2 (S_1 S_2)**(1/2))``, with unbiased covariances,
    lower is nearer. The trace of the root is the sum of the roots of the eigenvalues of the
    symmetric A S_2 A, A = S_1**(1/2): no general matrix root and no imaginary part. FID falls with
    the number of images: never compare values of different N. Negative rounding is clipped at 0.

    Args:
        real: features (N, d).
        generated: features (M, d).
        features: name of the extractor, for the method.

    Returns:
        The distance with N and M in its method; undefined for fewer than two images on a side.

    >>> fid([[0.0], [2.0]], [[1.0], [3.0]]).value
    1.0
    """
    x, y = _features(real, generated)
    method = f"FID of {features}, {len(x)} real and {len(y)} generated images"
    least = min(len(x), len(y))
    if least < 2:
        return _too_few(method, least, 2)
    shift = x.mean(axis=0) - y.mean(axis=0)
    cov_x, cov_y = (np.atleast_2d(np.cov(v, rowvar=False)) for v in (x, y))
    values, vectors = np.linalg.eigh(cov_x)
    root = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    product = root @ cov_y @ root
    roots = np.sqrt(np.maximum(np.linalg.eigvalsh((product + product.T) / 2), 0.0))
    value = float(shift @ shift + np.trace(cov_x) + np.trace(cov_y) - 2.0 * roots.sum())
    return Measured(max(0.0, value), method, least, notes=_size_notes(least, x.shape[1]))


def kid(
    real: ArrayLike,
    generated: ArrayLike,
    *,
    subsets: int = 100,
    subset_size: int = 1000,
    seed: int = 0,
    features: str = "unnamed features",
) -> Measured:
    """Kernel distance of two feature sets (Binkowski et al. 2018), unbiased; lower is nearer.

    The squared maximum mean discrepancy with the kernel (x . y / d + 1)**3, without the diagonal,
    averaged over random subsets; it may be slightly below 0.

    Args:
        real: features (N, d).
        generated: features (M, d).
        subsets: how many.
        subset_size: images of each side in each; at most the smaller side.
        seed: for numpy.random.default_rng.
        features: name of the extractor, for the method.

    Returns:
        The mean over subsets, which are in ``each``; undefined for fewer than two images on a side.
    """
    x, y = _features(real, generated)
    if subsets < 1 or subset_size < 2:
        raise InputError(
            f"{subsets} subsets of {subset_size} given; expected at least 1 subset of 2."
        )
    least = min(len(x), len(y))
    size = min(subset_size, least)
    method = f"KID of {features}, {subsets} subsets of {size}, seed {seed}"
    if least < 2:
        return _too_few(method, least, 2)
    random = np.random.default_rng(seed)
    each = np.empty(subsets)
    for i in range(subsets):
        a = x[random.choice(len(x), size, replace=False)]
        b = y[random.choice(len(y), size, replace=False)]
        aa, bb, ab = _kernel(a, a), _kernel(b, b), _kernel(a, b)
        within = aa.sum() - np.trace(aa) + bb.sum() - np.trace(bb)
        each[i] = within / (size * (size - 1)) - 2.0 * ab.mean()
    return Measured(float(each.mean()), method, least, each)


def _kernel(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray((a @ b.T / a.shape[1] + 1.0) ** 3)


def _features(real: ArrayLike, generated: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    x, y = as_array(real, np.float64), as_array(generated, np.float64)
    if x.ndim != 2 or y.ndim != 2 or x.shape[1] != y.shape[1]:
        raise InputError(
            f"features of shape {x.shape} and {y.shape} given; expected (N, d) and (M, d) of one "
            "extractor."
        )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise InputError("NaN or infinite features given; expected finite numbers.")
    return x, y


def _too_few(method: str, count: int, least: int) -> Measured:
    reason = f"{count} images on the smaller side; needs {least}"
    return Measured(math.nan, method, count, reason=reason)


def _size_notes(count: int, width: int) -> tuple[str, ...]:
    notes = []
    if count < _ENOUGH:
        notes.append(f"{count} images are below {_ENOUGH}: FID is biased upwards; prefer KID")
    if count <= width:
        notes.append(f"{count} images for {width} dimensions: the covariance has no full rank")
    return tuple(notes)
