"""Moving average over frames that keeps ties.

The paper smooths classifier outputs without saying over how many frames. The window matters: the
smoother the scores, the more extreme an EDD becomes, so the window goes with every number.

Windows are summed directly, always in the same order: two windows with the same content then have
the same mean to the last bit. Running sums would not: their rounding breaks exact ties.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError

__all__ = ["Edge", "moving_average"]

Edge = Literal["valid", "same"]
_EDGES = get_args(Edge)


def moving_average(
    values: ArrayLike,
    window: int,
    *,
    edge: Edge = "valid",
    segments: ArrayLike | None = None,
) -> NDArray[np.floating[Any]]:
    """Average ``window`` neighbouring frames.

    Args:
        values: shape (..., t, k), frames on the last axis but one; NaN marks a missing frame.
        window: number of frames, at least 1; 1 returns the values as they are.
        edge: "valid" gives the t - window + 1 whole windows, NaN where one holds a missing frame.
            "same" gives t centred windows, each the mean of the frames that are there (an even
            window reaches one frame further back), NaN where fewer than half of them are.
        segments: shape (t,), an id per frame that changes at every cut. No window crosses one:
            "valid" leaves such windows out, "same" cuts them.

    Returns:
        Shape (..., s, k), float64 (or as given for a window of 1). No padding with zeros, ever.

    Raises:
        InputError: the window is below 1 or longer than a "valid" clip, the edge rule unknown.

    >>> moving_average([[0.0], [3.0], [6.0], [9.0]], 3).ravel().tolist()
    [3.0, 6.0]
    >>> moving_average([[0.0], [3.0], [6.0], [9.0]], 3, edge="same").ravel().tolist()
    [1.5, 3.0, 6.0, 7.5]
    """
    x = as_array(values)
    if window < 1:
        raise InputError(f"window {window} given; expected at least 1 frame.")
    if edge not in _EDGES:
        raise InputError(f"edge {edge!r} given; expected 'valid' or 'same'.")
    t = x.shape[-2]
    piece = None if segments is None else _pieces(as_array(segments), t)
    if window == 1:
        return x
    # Time comes first here; swapping twice gives the shape back.
    frames = x if x.ndim == 2 else x.swapaxes(0, -2)
    if edge == "same":
        piece = np.zeros(t, dtype=np.intp) if piece is None else piece
        return _same(frames, window, piece).swapaxes(0, -2)
    if window > t:
        raise InputError(
            f"window {window} given for {t} frames; expected at most {t}. "
            "Shorten it, or use window='clip' or edge='same'."
        )
    last = t - window + 1
    total: NDArray[np.float64] = np.add(frames[:last], frames[1 : last + 1], dtype=np.float64)
    for i in range(2, window):
        total += frames[i : i + last]
    total /= float(window)
    if piece is not None:
        total = total[piece[:last] == piece[window - 1 :]]
    return total if x.ndim == 2 else total.swapaxes(0, -2)


def _same(x: NDArray[Any], window: int, piece: NDArray[np.intp]) -> NDArray[np.float64]:
    """Centred windows over the frames that are there and in the same piece, x (t, ...)."""
    t = len(x)
    there = ~np.isnan(x)
    filled = np.where(there, x, 0.0)
    column = (slice(None), *[None] * (x.ndim - 1))
    total = np.zeros(x.shape)
    present = np.zeros(x.shape, dtype=np.intp)
    expected = np.zeros(t, dtype=np.intp)
    for offset in range(-(window // 2), (window + 1) // 2):
        here = slice(max(0, -offset), max(0, min(t, t - offset)))
        other = slice(here.start + offset, here.stop + offset)
        if here.start >= here.stop:
            continue
        near = piece[here] == piece[other]
        total[here] += np.where(near[column], filled[other], 0.0)
        present[here] += near[column] & there[other]
        expected[here] += near
    enough = (present > 0) & (2 * present >= expected[column])
    mean = np.full(x.shape, np.nan)
    np.divide(total, present, out=mean, where=enough)
    return mean


def _pieces(segments: NDArray[Any], t: int) -> NDArray[np.intp]:
    """Number the runs of equal segment ids."""
    if segments.shape != (t,):
        raise InputError(
            f"segments of shape {segments.shape} given; expected one id per frame, shape ({t},)."
        )
    return np.concatenate([[0], np.cumsum(segments[1:] != segments[:-1])])[:t].astype(np.intp)
