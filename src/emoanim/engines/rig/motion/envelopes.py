"""Smooth curves over time: low-pass filters, noise without seams, and pulses."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Curve", "low_pass", "pulse", "smoothstep", "soft_limit", "wander"]

Curve = NDArray[np.float64]


def smoothstep(x: ArrayLike) -> Curve:
    """Return 0 below 0, 1 above 1 and a smooth rise (zero slope at both ends) between."""
    clipped = np.clip(np.asarray(x, dtype=np.float64), 0.0, 1.0)
    return np.asarray(clipped * clipped * (3.0 - 2.0 * clipped), dtype=np.float64)


def low_pass(curve: ArrayLike, sigma: float) -> Curve:
    """Filter along the first axis with a Gaussian of ``sigma`` samples; the ends are held."""
    values = np.asarray(curve, dtype=np.float64)
    if sigma <= 0.0 or len(values) == 0:
        return values.copy()
    reach = int(np.ceil(3.0 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    kernel /= kernel.sum()
    columns = values.reshape(len(values), -1)
    padded = np.pad(columns, ((reach, reach), (0, 0)), mode="edge")
    smooth = np.stack([np.convolve(c, kernel, mode="valid") for c in padded.T], axis=1)
    return np.asarray(smooth.reshape(values.shape), dtype=np.float64)


def wander(count: int, fps: float, cutoff: float, rng: np.random.Generator) -> Curve:
    """Return ``count`` samples of noise below about ``cutoff`` Hz, mean 0, unit variance.

    The variance is that of the process, not of the sample, so a short clip is no livelier than a
    long one.
    """
    sigma = fps / (2.0 * np.pi * cutoff)
    reach = int(np.ceil(3.0 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    white = rng.standard_normal(count + 2 * reach)
    return np.asarray(np.convolve(white, kernel, "valid") / np.sqrt((kernel**2).sum()))


def pulse(times: ArrayLike, peak: float, rise: float, fall: float) -> Curve:
    """Return a bump of height 1 at ``peak`` that takes ``rise`` s to come and ``fall`` s to go."""
    t = np.asarray(times, dtype=np.float64)
    return smoothstep((t - peak) / rise + 1.0) * smoothstep(1.0 - (t - peak) / fall)


def soft_limit(curve: ArrayLike, limit: ArrayLike) -> Curve:
    """Bend values so that none passes ``limit``; below half of it they stay nearly as they are."""
    bound = np.asarray(limit, dtype=np.float64)
    return np.asarray(bound * np.tanh(np.asarray(curve, dtype=np.float64) / bound))
