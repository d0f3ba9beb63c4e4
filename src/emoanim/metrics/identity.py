"""CSIM and LMD: is it the same person, and do the landmarks lie where they should."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError
from emoanim.metrics.measured import Measured, mean_of

__all__ = ["csim", "lmd"]

Part = Literal["mouth", "face"]

_MISSING = "no frame has a face on both sides"


def csim(reference: ArrayLike, generated: ArrayLike, *, model: str = "unnamed model") -> Measured:
    """Cosine similarity of face embeddings, in [-1, 1]; higher is the more similar identity.

    Args:
        reference: embeddings (t, d), or one (d,) for all frames.
        generated: embeddings (t, d). A row with a NaN is a frame without a face.
        model: name of the face recogniser (ArcFace is usual), for the method.

    Returns:
        The mean over frames, which are in ``each``; a frame without a face, or with an embedding
        of length 0, is undefined.

    >>> csim([1.0, 0.0], [[2.0, 0.0], [0.0, 1.0]]).value
    0.5
    """
    y = as_array(generated, np.float64)
    x = as_array(reference, np.float64)
    if y.ndim != 2 or x.shape not in (y.shape, y.shape[1:]):
        raise InputError(
            f"embeddings of shape {x.shape} and {y.shape} given; expected (t, d) of the same "
            "frames, or one reference (d,)."
        )
    x = np.broadcast_to(x, y.shape)
    lengths = np.sqrt(np.square(x).sum(axis=1) * np.square(y).sum(axis=1))
    each = np.divide((x * y).sum(axis=1), lengths, out=np.full(len(y), np.nan), where=lengths > 0)
    return mean_of(each, f"cosine similarity of {model}", _MISSING, _gaps(each))


def lmd(
    reference: ArrayLike,
    generated: ArrayLike,
    *,
    part: Part,
    scale: float | None = None,
) -> Measured:
    """Landmark distance, >= 0; lower is nearer.

    The mean Euclidean distance of corresponding points, over points and frames of aligned crops at
    one frame rate. "mouth" (M-LMD) and "face" (F-LMD) differ in the points alone; give those.

    Args:
        reference: landmarks (t, p, 2) in pixels of the crop. A NaN is a frame without a face.
        generated: the same of the other clip.
        part: "mouth" or "face", for the method.
        scale: what to divide by, such as the distance of the eyes in pixels; None for pixels.

    Returns:
        The mean over frames, which are in ``each``.

    >>> lmd([[[0.0, 0.0]]], [[[3.0, 4.0]]], part="mouth").value
    5.0
    """
    x, y = as_array(reference, np.float64), as_array(generated, np.float64)
    if x.shape != y.shape or x.ndim != 3 or x.shape[2] not in (2, 3) or not x.shape[1]:
        raise InputError(
            f"landmarks of shape {x.shape} and {y.shape} given; expected (t, p, 2) of the same "
            "frames and points."
        )
    if part not in ("mouth", "face"):
        raise InputError(f"part {part!r} given; expected 'mouth' or 'face'.")
    if scale is not None and scale <= 0:
        raise InputError(f"scale {scale} given; expected a positive number of pixels.")
    each = np.sqrt(np.square(x - y).sum(axis=2)).mean(axis=1) / (1.0 if scale is None else scale)
    unit = "pixels" if scale is None else f"units of {scale:g} pixels"
    method = f"{part[0].upper()}-LMD of {x.shape[1]} points in {unit}"
    return mean_of(each, method, _MISSING, _gaps(each))


def _gaps(each: NDArray[np.float64]) -> tuple[str, ...]:
    missing = int(np.count_nonzero(np.isnan(each)))
    return (f"{missing} of {len(each)} frames left out",) if missing else ()
