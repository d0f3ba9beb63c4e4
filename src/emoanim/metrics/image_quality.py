"""PSNR and SSIM: how near aligned frames are to a reference.

Both need a reference that shows the same thing at the same time. Against the original clip of a
person who now says it differently they say little, whatever the number.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.metrics.measured import Measured, frame_pairs, mean_of

__all__ = ["psnr", "ssim"]

SSIMVariant = Literal["wang", "uniform7"]

_UNALIGNED_DB = 15.0
_SIGMA = 1.5
_RADIUS = 5
_UNIFORM = 7
_K1, _K2 = 0.01, 0.03


def psnr(
    reference: ArrayLike,
    generated: ArrayLike,
    *,
    peak: float = 255.0,
    pooled: bool = False,
    cap: float | None = None,
) -> Measured:
    """Peak signal-to-noise ratio in dB, 10 log10(peak**2 / MSE); higher is nearer.

    Args:
        reference: frames (t, h, w, 3) or (t, h, w).
        generated: frames of the same shape.
        peak: the largest possible value, 255 for uint8.
        pooled: take the MSE over all frames instead of the mean of the frames' PSNR.
        cap: value in dB for identical frames. None leaves them out and says how many they were.

    Returns:
        The mean over frames, which are in ``each``. Undefined without frames and, without
        ``cap``, if all frames are identical.

    >>> import numpy as np
    >>> black = np.zeros((1, 2, 2), np.uint8)
    >>> round(psnr(black, black + 255).value, 6), psnr(black, black).reason
    (0.0, 'every frame is identical to its reference')
    """
    x, y = frame_pairs(reference, generated)
    if peak <= 0:
        raise ValueError(f"peak {peak} given; expected a positive number, 255 for uint8.")
    method = f"PSNR, peak {peak:g}, " + ("pooled MSE" if pooled else "mean over frames")
    if not x.size:
        return Measured(math.nan, method, 0, reason="no frames given")
    mse = np.array([np.square(a.astype(np.float64) - b).mean() for a, b in zip(x, y, strict=True)])
    if pooled:
        mse = mse.mean(keepdims=True)
    same = mse == 0
    ratio = np.divide(peak**2, mse, out=np.ones_like(mse), where=~same)
    each = 10.0 * np.log10(ratio)
    each[same] = math.nan if cap is None else cap
    notes = []
    if same.any() and not pooled:
        done = "left out" if cap is None else f"counted as {cap:g} dB"
        notes.append(f"{np.count_nonzero(same)} identical frames {done}")
    result = mean_of(each, method, "every frame is identical to its reference", tuple(notes))
    if result.value < _UNALIGNED_DB:
        notes.append(f"below {_UNALIGNED_DB:g} dB frames are hardly aligned with their reference")
        result = mean_of(each, method, "", tuple(notes))
    return result


def ssim(
    reference: ArrayLike,
    generated: ArrayLike,
    *,
    peak: float = 255.0,
    variant: SSIMVariant = "wang",
) -> Measured:
    """Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004), in [-1, 1]; higher is nearer.

    With local means m, variances s and covariance c of both frames,
    SSIM = (2 m_x m_y + C1)(2 c + C2) / ((m_x**2 + m_y**2 + C1)(s_x + s_y + C2)), C1 = (0.01
    peak)**2, C2 = (0.03 peak)**2, averaged over all whole windows, channels and frames.

    Args:
        reference: frames (t, h, w, 3) or (t, h, w).
        generated: frames of the same shape.
        peak: the largest possible value, 255 for uint8.
        variant: "wang", the paper's: 11x11 Gaussian window, sigma 1.5, biased covariance; or
            "uniform7", scikit-image's default: 7x7 box, unbiased covariance. They differ by
            0.03, so name it.

    Returns:
        The mean over frames, which are in ``each``. Undefined without frames or if they are
        smaller than the window.

    >>> import numpy as np
    >>> frame = np.arange(144, dtype=np.uint8).reshape(1, 12, 12)
    >>> round(ssim(frame, frame).value, 12)
    1.0
    """
    x, y = frame_pairs(reference, generated)
    if peak <= 0:
        raise ValueError(f"peak {peak} given; expected a positive number, 255 for uint8.")
    if variant not in ("wang", "uniform7"):
        raise ValueError(f"variant {variant!r} given; expected 'wang' or 'uniform7'.")
    if variant == "wang":
        method = "SSIM, Gaussian 11x11, sigma 1.5, biased"
        offsets = np.arange(-_RADIUS, _RADIUS + 1)
        weights = np.exp(-0.5 * (offsets / _SIGMA) ** 2)
        unbiased = 1.0
    else:
        method = "SSIM, uniform 7x7, unbiased"
        weights = np.ones(_UNIFORM)
        unbiased = _UNIFORM**2 / (_UNIFORM**2 - 1.0)
    weights = weights / weights.sum()
    if not x.size or min(x.shape[1:3]) < len(weights):
        reason = f"frames of shape {x.shape} are smaller than the {len(weights)}-pixel window"
        return Measured(math.nan, method, 0, reason=reason if x.size else "no frames given")
    each = [_ssim(a, b, weights, unbiased, peak) for a, b in zip(x, y, strict=True)]
    return mean_of(np.array(each), method, "")


def _ssim(
    x: NDArray[Any], y: NDArray[Any], weights: NDArray[np.float64], unbiased: float, peak: float
) -> float:
    x, y = x.astype(np.float64), y.astype(np.float64)
    mean_x, mean_y = _windows(x, weights), _windows(y, weights)
    var_x = unbiased * (_windows(x * x, weights) - mean_x * mean_x)
    var_y = unbiased * (_windows(y * y, weights) - mean_y * mean_y)
    both = unbiased * (_windows(x * y, weights) - mean_x * mean_y)
    c1, c2 = (_K1 * peak) ** 2, (_K2 * peak) ** 2
    similar = (2 * mean_x * mean_y + c1) * (2 * both + c2)
    similar /= (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    return float(similar.mean())


def _windows(image: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weighted means over all whole windows, rows then columns."""
    for axis in (0, 1):
        last = image.shape[axis] - len(weights) + 1
        moved = image.swapaxes(0, axis)
        total = weights[0] * moved[:last]
        for i in range(1, len(weights)):
            total += weights[i] * moved[i : i + last]
        image = total.swapaxes(0, axis)
    return image
