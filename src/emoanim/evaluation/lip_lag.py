"""Do the lips move with the sound: mouth opening against loudness.

No trained network is asked, so this is not LSE (``emoanim.metrics.lip_sync_error``), which needs
SyncNet's weights. It finds a picture that runs early or late, and a mouth that does not follow.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emoanim.clips import Audio

__all__ = ["ENVELOPE_RATE", "LipLag", "envelope", "lip_lag"]

ENVELOPE_RATE = 100
"""Hz of the loudness."""

_REACH = 0.5
_STEP = 0.01
_LEAST_SECONDS = 2.0
_SILENT = 1e-4
_STILL = 1e-3
_NEAR = 0.1
"""Seconds around the best shift that belong to the same peak."""
_PEAK, _MARGIN = 3.5, 0.75
"""Standard errors that a peak has to rise above none, and above the shifts that are not near it."""
_FULL = 0.95
"""Correlation above which two shifts are alike: what is left is the picture's rate."""
_MEMORY = 1.0
"""Seconds within which a moment of speech resembles another."""


@dataclass(frozen=True, slots=True)
class LipLag:
    """How mouth and sound go together.

    Attributes:
        correlation: Pearson's between mouth opening and loudness at the best shift, in [-1, 1].
            NaN with a ``reason`` if undefined.
        lag: seconds by which the sound comes after the lips at that shift (negative: before). NaN
            if it cannot be measured, with ``lag_reason``: the best shift is the largest that was
            tried, the correlation is no larger than chance gives, or another shift is as good.
        at_zero: correlation without a shift.
        seconds: length compared.
        reason: why ``correlation`` is NaN, None otherwise.
        lag_reason: why ``lag`` is NaN though the correlation is known, None otherwise.
    """

    correlation: float
    lag: float
    at_zero: float
    seconds: float
    reason: str | None = None
    lag_reason: str | None = None


def envelope(audio: Audio) -> NDArray[np.float64]:
    """Return the loudness, (n,), 100 per second: the RMS of 20 ms windows to the power 0.6."""
    hop = max(1, audio.rate // ENVELOPE_RATE)
    squares = np.square(audio.samples[: len(audio.samples) // hop * hop], dtype=np.float64)
    power = squares.reshape(-1, hop).mean(axis=1)
    if not len(power):
        return np.asarray(power, np.float64)
    both = (power + np.concatenate([power[1:], power[-1:]])) / 2.0
    return np.asarray(np.sqrt(both) ** 0.6)


def lip_lag(
    times: NDArray[np.float64], mouth: NDArray[np.float64], loudness: NDArray[np.float64]
) -> LipLag:
    """Correlate the mouth's opening with the loudness at shifts up to half a second.

    Both are averaged over 0.1 s first, about a phone. Shifts are steps of 10 ms.

    Args:
        times: of the frames, seconds, (t,).
        mouth: opening (t,), NaN without a face (see ``emoanim.faces.mouth_openness``).
        loudness: 100 per second from time 0 (see ``envelope``).
    """
    known = ~np.isnan(mouth)
    length = float(times[-1] - times[0]) if len(times) else 0.0

    def none(reason: str) -> LipLag:
        return LipLag(math.nan, math.nan, math.nan, length, reason)

    if not len(loudness):
        return none("no sound")
    if known.sum() < 3 or length < _LEAST_SECONDS:
        return none(f"less than {_LEAST_SECONDS:g} s of a face")
    end = min(float(times[known][-1]), (len(loudness) - 1) / ENVELOPE_RATE)
    grid = np.arange(float(times[known][0]), end, _STEP)
    if len(grid) * _STEP < _LEAST_SECONDS:
        return none(f"less than {_LEAST_SECONDS:g} s with both a face and sound")
    opening = _smooth(np.interp(grid, times[known], mouth[known]))
    if opening.std() < _STILL:
        return none("the mouth does not move")
    if loudness.max() < _SILENT:
        return none("the sound is silent")
    loud = _smooth(loudness)
    stamps = np.arange(len(loud)) / ENVELOPE_RATE
    shifts = np.arange(-round(_REACH / _STEP), round(_REACH / _STEP) + 1) * _STEP
    correlations = np.array([_pearson(opening, np.interp(grid + s, stamps, loud)) for s in shifts])
    if np.isnan(correlations).all():
        return none("the sound is steady")
    best = int(np.nanargmax(correlations))
    zero = float(correlations[len(correlations) // 2])
    away = np.abs(shifts - shifts[best]) > _NEAR
    error = _standard_error(opening, np.interp(grid, stamps, loud))
    doubt = _doubt(best, correlations, float(np.nanmax(correlations[away], initial=-1.0)), error)
    lag = math.nan if doubt else float(round(shifts[best], 3))
    return LipLag(float(correlations[best]), lag, zero, len(grid) * _STEP, lag_reason=doubt)


def _doubt(best: int, correlations: NDArray[np.float64], other: float, error: float) -> str | None:
    """Say why the best shift is no measurement, or None.

    The best of a hundred shifts is positive by chance, and speech repeats itself, syllable by
    syllable. Both are held against Fisher's z, whose standard error does not depend on the value.
    """
    if best in (0, len(correlations) - 1):
        return "the best shift is the largest that was tried"
    peak, beside = (math.atanh(min(r, _FULL)) / error for r in (correlations[best], other))
    if peak < _PEAK:
        return "mouth and loudness are no more alike than chance gives in so short a clip"
    if peak - beside < _MARGIN:
        return "another shift fits nearly as well"
    return None


def _standard_error(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Return that of a correlation of two series whose neighbours are alike (Bartlett 1946)."""
    n = len(x)
    lags = np.arange(1, min(round(_MEMORY / _STEP), n - 1) + 1)
    products = _autocorrelation(x, lags) * _autocorrelation(y, lags)
    inflation = 1.0 + 2.0 * float(((1.0 - lags / n) * products).sum())
    return math.sqrt(max(inflation, 1.0) / n)


def _autocorrelation(x: NDArray[np.float64], lags: NDArray[np.intp]) -> NDArray[np.float64]:
    centred = x - x.mean()
    power = float(centred @ centred)
    if power <= 0.0:
        return np.zeros(len(lags))
    return np.array([float(centred[:-k] @ centred[k:]) for k in lags]) / power


def _smooth(series: NDArray[np.float64]) -> NDArray[np.float64]:
    width = round(0.1 / _STEP)
    return np.convolve(np.pad(series, (width // 2, width - 1 - width // 2), mode="edge"),
                       np.full(width, 1.0 / width), mode="valid")  # fmt: skip


def _pearson(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    if y.std() < 1e-9:  # rounding of what is steady
        return math.nan
    return float(np.corrcoef(x, y)[0, 1])
