"""PSNR and SSIM: how near aligned frames are to a reference.

Both need a reference that shows the same thing at the same time. Against the original clip of a
person who now says it differently they say little, whatever the number.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.errors import InputError
from emoanim.metrics.measured import Measured, mean_of
from emoanim.metrics.pictures import frame_pairs

__all__ = ["psnr", "ssim"]

SSIMVariant = Literal["wang", "uniform7"]

_UNALIGNED_DB = 15.0
# A share of the range below 0 that is ringing, not a scale from -1 to 1.
_BELOW = 0.25
_SIGMA = 1.5
_RADIUS = 5
_UNIFORM = 7
_K1, _K2 = 0.01, 0.03


def psnr(
    reference: ArrayLike,
    generated: ArrayLike,
    *,
    data_range: float | None = None,
    pooled: bool = False,
    cap: float | None = None,
    peak: float | None = None,
) -> Measured:
    """Peak signal-to-noise ratio in dB, 10 log10(data_range**2 / MSE); higher is nearer.

    Args:
        reference: a clip (t, h, w, 3) or grey (t, h, w); one picture (h, w, 3) or grey (h, w),
            which is one frame; or torch's (n, 3, h, w), and a tensor (3, h, w).
        generated: the same of the other.
        data_range: the difference of white and black. None takes it from the dtype: 255 for uint8,
            65535 for uint16; floats do not tell and are refused without it.
        pooled: take the MSE over all frames instead of the mean of the frames' PSNR.
        cap: value in dB for identical frames. None leaves them out and says how many they were.
        peak: the earlier name of ``data_range``.

    Returns:
        The mean over frames, which are in ``each``. Undefined without frames and, without
        ``cap``, if all frames are identical.

    >>> import numpy as np
    >>> black = np.zeros((1, 2, 2), np.uint8)
    >>> round(psnr(black, black + 255).value, 6), psnr(black, black).reason
    (0.0, 'every frame is identical to its reference')
    """
    x, y, peak, notes = frame_pairs(reference, generated, _either(data_range, peak))
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
    if same.any() and not pooled:
        done = "left out" if cap is None else f"counted as {cap:g} dB"
        notes += (f"{np.count_nonzero(same)} identical frames {done}",)
    result = mean_of(each, method, "every frame is identical to its reference", notes)
    if result.value < _UNALIGNED_DB:
        notes += (f"below {_UNALIGNED_DB:g} dB frames are hardly aligned with their reference",)
        result = mean_of(each, method, "", notes)
    return result


def ssim(
    reference: ArrayLike,
    generated: ArrayLike,
    *,
    data_range: float | None = None,
    variant: SSIMVariant = "wang",
    peak: float | None = None,
) -> Measured:
    """Structural similarity (Wang, Bovik, Sheikh & Simoncelli 2004), in [-1, 1]; higher is nearer.

    With local means m, variances s and covariance c of both frames,
    SSIM = (2 m_x m_y + C1)(2 c + C2) / ((m_x**2 + m_y**2 + C1)(s_x + s_y + C2)), C1 = (0.01
    peak)**2, C2 = (0.03 peak)**2, averaged over all whole windows, channels and frames.

    Args:
        reference: a clip or one picture, as for :func:`psnr`.
        generated: the same of the other.
        data_range: as for :func:`psnr`.
        variant: "wang", the paper's: 11x11 Gaussian window, sigma 1.5, biased covariance; or
            "uniform7", scikit-image's default: 7x7 box, unbiased covariance. They differ by
            0.03, so name it.
        peak: the earlier name of ``data_range``.

    Returns:
        The mean over frames, which are in ``each``. Undefined without frames or if they are
        smaller than the window.

    >>> import numpy as np
    >>> frame = np.arange(144, dtype=np.uint8).reshape(1, 12, 12)
    >>> round(ssim(frame, frame).value, 12)
    1.0
    """
    x, y, peak, notes = frame_pairs(reference, generated, _either(data_range, peak))
    if variant not in ("wang", "uniform7"):
        raise InputError(f"variant {variant!r} given; expected 'wang' or 'uniform7'.")
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
    if min(x.min(), y.min()) < -_BELOW * peak:
        notes += ("values below 0: SSIM compares means, so it is another number than from 0 up",)
    each = [_ssim(a, b, weights, unbiased, peak) for a, b in zip(x, y, strict=True)]
    return mean_of(np.array(each), method, "", notes)


def _either(data_range: float | None, peak: float | None) -> float | None:
    if data_range is not None and peak is not None:
        raise InputError("data_range and peak given, which are one; expected data_range alone.")
    return data_range if peak is None else peak


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
