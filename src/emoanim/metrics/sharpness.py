"""CPBD: the share of edges in which blur would not be noticed."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.extras import require
from emoanim.metrics.measured import Measured, mean_of
from emoanim.metrics.pictures import grey_frames

__all__ = ["cpbd", "edge_widths"]

_BLOCK = 64
# A block counts if more than this share of its pixels are edges.
_EDGE_SHARE = 0.002
# scikit-image's threshold of strong edges, for an image of float64.
_STRONG = 0.2
# Rows of a block that are searched first, and how far a Canny edge depends on its surroundings: 4
# pixels of its Gaussian (sigma 1), 1 of its gradient, 1 of its thinning.
_ROWS, _AROUND = 4, 6
# Edge widths in pixels at which blur is just noticed, in blocks of low and of high contrast.
_WIDTH_LOW, _WIDTH_HIGH = 5.0, 3.0
_LOW_CONTRAST = 50
_BETA = 3.6
# Probability of noticing blur, in per cent, up to which an edge counts as sharp.
_SHARP = 63
# An edge is followed at most this many pixels beyond its first on either side.
_REACH = 100
# Gradients within 22.5 degrees of a row count as horizontal.
_SLOPE = math.tan(math.pi / 8)


def cpbd(
    frames: ArrayLike, *, data_range: float | None = None, reference: bool = False
) -> Measured:
    """Cumulative probability of blur detection (Narvekar & Karam 2011), in [0, 1]; higher sharper.

    In every 64x64 block with more than 0.2 % edge pixels (Canny) the horizontal widths w of its
    Sobel edges are measured (Marziliano). Blur is noticed with P = 1 - exp(-(w / w_jnb)**3.6),
    w_jnb = 5 pixels at a contrast up to 50 and 3 above. CPBD is the share of edges with P, rounded
    to per cent, up to 63 %. Noise counts as sharp: never read CPBD alone. It depends on the size
    of the image, so state it.

    Args:
        frames: a clip (t, h, w, 3) or grey (t, h, w), or one picture (h, w, 3) or (h, w), as for
            :func:`emoanim.metrics.psnr`; colour is made grey with the weights of BT.601.
        data_range: what is white, where black is 0. None takes it from the dtype: 255 for uint8,
            65535 for uint16; floats do not tell and are refused without it.
        reference: give 0 where there is no edge to measure, as the authors' program does, instead
            of NaN.

    Returns:
        The mean over frames, which are in ``each``. A frame is undefined if it is smaller than a
        block or has no edge of measurable width.

    >>> import numpy as np
    >>> cpbd(np.zeros((64, 64), np.uint8)).reason
    'no frame has an edge of measurable width'
    """
    stack = grey_frames(frames, data_range)
    each = np.array([_frame_cpbd(frame) for frame in stack], dtype=np.float64)
    if reference:
        each[np.isnan(each)] = 0.0
    why_not = "no frame has an edge of measurable width"
    if not len(stack):
        why_not = "no frames given"
    elif min(stack.shape[1:]) < _BLOCK:
        why_not = f"frames of {stack.shape[2]}x{stack.shape[1]} are smaller than a block of 64x64"
    size = f"{stack.shape[2]}x{stack.shape[1]}"
    return mean_of(each, f"CPBD at {size}, mean over frames", why_not)


def _frame_cpbd(frame: NDArray[Any]) -> float:
    high, wide = (side // _BLOCK for side in frame.shape)
    if not high or not wide:
        return math.nan
    image = frame.astype(np.float64)
    rows, columns, widths = edge_widths(frame)
    inside = (rows < high * _BLOCK) & (columns < wide * _BLOCK)
    of = (rows[inside] // _BLOCK) * wide + columns[inside] // _BLOCK
    needed = np.bincount(of, minlength=high * wide).reshape(high, wide) > 0
    chosen = _edge_blocks(image, needed).ravel()[of]
    if not chosen.any():
        return math.nan
    blocks = _blocks(frame, high, wide)
    contrast = (blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3))).astype(np.int64)
    strong = (contrast > _LOW_CONTRAST).ravel()[of[chosen]]
    histogram = np.bincount(_noticed()[strong.astype(np.intp), widths[inside][chosen]])
    return float((histogram / histogram.sum())[: _SHARP + 1].sum())


def _edge_blocks(image: NDArray[np.float64], needed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether each block has enough Canny edges; right for the ``needed`` blocks at least.

    Most blocks have enough strong edges in a few rows, which are edges whatever lies around them.
    These rows are looked at first, with as much around them as they depend on; the whole image
    only if that leaves a needed block open.
    """
    canny = require("skimage.feature", "evaluation").canny
    high, wide = needed.shape
    first = (_BLOCK - _ROWS) // 2 - _AROUND
    strips = image[: high * _BLOCK].reshape(high, _BLOCK, -1)
    strips = strips[:, first : first + _ROWS + 2 * _AROUND]
    sure = canny(
        strips.reshape(-1, image.shape[1]), low_threshold=_STRONG, high_threshold=_STRONG
    ).reshape(strips.shape)
    sure = sure[:, _AROUND : _AROUND + _ROWS, : wide * _BLOCK]
    enough = sure.reshape(high, _ROWS, wide, _BLOCK).sum(axis=(1, 3)) > _EDGE_SHARE * _BLOCK**2
    if not enough[needed].all():
        enough = _blocks(canny(image), high, wide).sum(axis=(1, 3)) > _EDGE_SHARE * _BLOCK**2
    return np.asarray(enough)


def _noticed() -> NDArray[np.int64]:
    """Probability in per cent of noticing blur, by contrast (low, high) and edge width."""
    width = np.arange(2 * (_REACH + 1) + 1)
    jnb = np.array([[_WIDTH_LOW], [_WIDTH_HIGH]])
    percent = 100 * (1 - np.exp(-((width / jnb) ** _BETA)))
    return np.asarray(np.round(percent), dtype=np.int64)


def _blocks(image: NDArray[Any], high: int, wide: int) -> NDArray[Any]:
    """Cut whole blocks out, (high, 64, wide, 64)."""
    return image[: high * _BLOCK, : wide * _BLOCK].reshape(high, _BLOCK, wide, _BLOCK)


def edge_widths(
    image: NDArray[Any],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.int64]]:
    """Find the vertical Sobel edges of an image and their widths (Marziliano 2002).

    An edge whose gradient lies within 22.5 degrees of a row is followed to both sides as long as
    the grey value goes on rising (or falling), at most 101 pixels each.

    Args:
        image: grey (h, w), at least 2x2.

    Returns:
        Rows, columns and horizontal widths in pixels, each (edges,).
    """
    # Integers stay integers: half the memory, and exact as well.
    image = image.astype(np.int32 if image.dtype == np.uint8 else np.float64)
    width = image.shape[1]
    edges = np.flatnonzero(_sobel_edges(image))
    grey = image.reshape(-1)
    # Twice the gradient; edges never lie on the border.
    down, right = grey[edges + width] - grey[edges - width], grey[edges + 1] - grey[edges - 1]
    # A gradient with no horizontal part has no angle, and none counts as 0 degrees.
    level = (np.abs(down) <= _SLOPE * np.abs(right)) | (right == 0)
    if not (_has_angle(down, right) or _has_angle(*np.gradient(image))):
        level[:] = False
    edges, right = edges[level], right[level]
    rows, columns = np.divmod(edges, width)
    wanted = np.where(right < 0, -1, 1)
    steps = np.zeros(image.shape, dtype=np.int8)
    np.subtract(
        image[:, 1:] > image[:, :-1], image[:, 1:] < image[:, :-1], out=steps[:, :-1], dtype=np.int8
    )
    step = steps.reshape(-1)
    # Where the run of equal steps around each pixel begins and ends. The last step of a row is 0,
    # which ends every run there.
    change = np.flatnonzero(step[1:] != step[:-1])
    run = np.zeros(len(step), dtype=np.int32)
    run[change + 1] = 1
    np.cumsum(run, out=run)
    first = np.concatenate([[0], change + 1])
    last = np.concatenate([change, [len(step) - 1]])
    # The step into the neighbour two to the left, and the one out of the neighbour to the right.
    before, after = np.maximum(edges - 2, 0), edges + 1
    left = np.minimum(before - first[run[before]] + 1, _REACH)
    left[(columns < 2) | (step[before] != wanted)] = 0
    onward = np.minimum(last[run[after]] - after + 1, _REACH)
    onward[step[after] != wanted] = 0
    return rows, columns, 2 + left + onward


def _has_angle(down: NDArray[Any], right: NDArray[Any]) -> bool:
    """Whether any gradient has another angle than 0.

    In an image that only rises to the right none has, which the authors' program takes for "no
    angles measured".
    """
    return bool(((right < 0) | ((right != 0) & (down != 0))).any())


def _sobel_edges(image: NDArray[Any]) -> NDArray[np.bool_]:
    """Thinned vertical Sobel edges with the threshold of Matlab's edge function, not on borders."""
    padded = np.pad(image, 1, mode="symmetric")
    across = padded[:, 2:] - padded[:, :-2]
    strength = across[:-2] + across[2:]
    strength += across[1:-1]
    strength += across[1:-1]
    # Of the filter with weights of sum 1 this is 64 times the squared response.
    strength *= strength
    edges = np.zeros(image.shape, dtype=np.bool_)
    # A pixel stays if it is above both neighbours in its row, or both in its column.
    inner = strength[1:-1, 1:-1]
    thin = (inner > strength[1:-1, :-2]) & (inner > strength[1:-1, 2:])
    thin |= (inner > strength[:-2, 1:-1]) & (inner > strength[2:, 1:-1])
    np.logical_and(thin, inner > 16 * np.sqrt(strength.mean()), out=edges[1:-1, 1:-1])
    return edges
