"""Pictures and clips as people hold them, read as frames with the range of their values."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array, is_tensor
from emoanim.errors import InputError

__all__ = ["frame_pairs", "grey_frames", "range_of", "read_frames"]

_RANGES = {"bool": 1.0, "uint8": 255.0, "uint16": 65535.0}
_COLOURS = (3, 4)
_CHANNELS = (1, 3, 4)
# Values may leave their range a little: resizing rings, networks overshoot.
_OVER = 1.5
_SHAPES = "(h, w), (h, w, 3), (t, h, w) or (t, h, w, 3)"


def read_frames(pictures: ArrayLike) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Return frames (t, h, w) or (t, h, w, c), and a note where the shape has two readings.

    A last axis of 3 or 4 is colour, with or without a clip's axis before it. Without one, colour
    may come first, as torch has it: (n, c, h, w), or a tensor (c, h, w). An array (3, h, w) is
    three grey frames.

    Raises:
        InputError: a shape that is neither a picture nor a clip.
    """
    frames = as_array(pictures)
    notes: tuple[str, ...] = ()
    if frames.ndim == 4 and frames.shape[-1] not in _CHANNELS and frames.shape[1] in _CHANNELS:
        frames = np.moveaxis(frames, 1, -1)
    elif frames.ndim == 3 and frames.shape[-1] in _COLOURS:
        frames = frames[None]
    elif frames.ndim == 3 and frames.shape[0] in _CHANNELS and is_tensor(pictures):
        frames = np.moveaxis(frames, 0, -1)[None]
    elif frames.ndim == 3 and frames.shape[0] in _COLOURS:
        size = f"{frames.shape[2]}x{frames.shape[1]}"
        reading = f"read as {len(frames)} grey frames of {size}"
        notes = (f"{reading}; of one picture put the colours last, (h, w, 3)",)
    elif frames.ndim == 2:
        frames = frames[None]
    if frames.ndim == 4 and frames.shape[-1] == 1:
        frames = frames[..., 0]
    if frames.ndim not in (3, 4) or (frames.ndim == 4 and frames.shape[-1] not in _COLOURS):
        raise InputError(
            f"pictures of shape {frames.shape} given; expected {_SHAPES}, or torch's (n, 3, h, w)."
        )
    if frames.dtype.kind not in "fiub":
        raise InputError(f"pictures of dtype {frames.dtype} given; expected real numbers.")
    return frames, notes


def range_of(data_range: float | None, *frames: NDArray[Any]) -> float:
    """Return the difference of white and black: what is given, or that of the frames' dtype.

    Raises:
        InputError: none is given for floats or for different dtypes, it is not positive, or the
            values go far beyond it.
    """
    dtypes = {str(f.dtype) for f in frames}
    if data_range is None:
        if len(dtypes) == 1 and dtypes <= set(_RANGES):
            return _RANGES[dtypes.pop()]
        raise InputError(
            f"pictures of {' and '.join(sorted(dtypes))} given without data_range, and only uint8 "
            "and uint16 tell theirs. Give data_range=1.0 for values from 0 to 1, 2.0 for -1 to 1, "
            "255 for 0 to 255."
        )
    if not data_range > 0:
        raise InputError(f"data_range {data_range} given; expected a positive number.")
    sizable = [f for f in frames if f.size]
    low, high = (
        (min(f.min() for f in sizable), max(f.max() for f in sizable)) if sizable else (0, 0)
    )
    if not float(high) - float(low) <= _OVER * data_range:
        raise InputError(
            f"values from {low:g} to {high:g} given with data_range={data_range:g}; expected the "
            "difference of white and black, such as 255 for uint8."
        )
    return float(data_range)


def frame_pairs(
    reference: ArrayLike, generated: ArrayLike, data_range: float | None
) -> tuple[NDArray[Any], NDArray[Any], float, tuple[str, ...]]:
    """Read two pictures or clips that are compared frame by frame.

    Returns:
        Both, of one shape (t, h, w) or (t, h, w, c), the range of their values, and notes.

    Raises:
        InputError: no pictures, shapes that differ, or an unknown range; nothing is cut to the
            shorter one.
    """
    x, notes = read_frames(reference)
    y, _ = read_frames(generated)
    if x.shape != y.shape:
        raise InputError(
            f"frames of shape {x.shape} and {y.shape} given; expected the same of both, aligned "
            "frame by frame. Cut or resample them first."
        )
    return x, y, range_of(data_range, x, y), notes


def grey_frames(pictures: ArrayLike, data_range: float | None) -> NDArray[Any]:
    """Return grey frames (t, h, w) from 0 to 255; colours by the weights of BT.601.

    Colour is rounded to 256 levels first, so that a picture is the same in every form it has.
    """
    frames, _ = read_frames(pictures)
    span = range_of(data_range, frames)
    if frames.size and not (frames.min() >= 0 and frames.max() <= span):
        raise InputError(
            f"values from {frames.min():g} to {frames.max():g} given; expected 0 to {span:g}."
        )
    if span != 255.0:
        frames = frames * (255.0 / span)
    if frames.ndim == 3:
        return frames
    # BT.601 luma in 16-bit fixed point, rounded.
    wide = (frames if frames.dtype == np.uint8 else np.round(frames)).astype(np.uint32)
    luma = wide[..., 0] * 19595 + wide[..., 1] * 38470 + wide[..., 2] * 7471 + 0x8000
    return np.asarray(luma >> 16)
