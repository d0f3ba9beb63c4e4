"""LSE-D and LSE-C: do the lips go with the sound, by SyncNet's embeddings."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emoanim.arrays import as_array
from emoanim.errors import InputError

__all__ = ["LipSync", "lip_sync_error"]

_EPSILON = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class LipSync:
    """Lip-sync errors of one clip.

    Attributes:
        lse_d: smallest mean distance over all shifts, >= 0; lower is better.
        lse_c: median minus smallest mean distance (confidence), >= 0; higher is better.
        offset: frames by which the sound is late (negative) or early at the smallest distance.
        distances: mean distance per shift, (2 vshift + 1,).
        method: with vshift, on which LSE-C depends.
        n: windows compared.
        reason: why the values are NaN, None otherwise.
    """

    lse_d: float
    lse_c: float
    offset: int | None
    distances: NDArray[np.float64]
    method: str
    n: int
    reason: str | None = None


def lip_sync_error(video: ArrayLike, audio: ArrayLike, *, vshift: int = 15) -> LipSync:
    """Compare SyncNet embeddings of the lips with those of the sound at every shift.

    Each video window is compared with the audio windows from ``vshift`` before to ``vshift`` after
    (zeros beyond the ends, and 1e-6 added to differences, as in SyncNet's program); the distances
    are averaged over time. LSE-D is the smallest, LSE-C the median minus the smallest (Prajwal et
    al. 2020). Recoding audio or video moves them by 0.4 to 1.2: use one encoder for all, and score
    the ground truth beside.

    Args:
        video: embeddings (t, d) of 5-frame windows at 25 fps.
        audio: embeddings (t, d) of the same times, 16 kHz, 20 MFCC columns each.
        vshift: largest shift in frames; 15 is Wav2Lip's evaluation, 10 SyncNet's function.

    Returns:
        :class:`LipSync`; NaN without windows.
    """
    v, a = as_array(video, np.float64), as_array(audio, np.float64)
    if v.ndim != 2 or v.shape != a.shape:
        raise InputError(
            f"embeddings of shape {v.shape} and {a.shape} given; expected (t, d) of the same "
            "times. Cut both to the windows that they share."
        )
    if vshift < 0:
        raise InputError(f"vshift {vshift} given; expected at least 0 frames.")
    method = f"SyncNet distance, vshift {vshift}"
    shifts = 2 * vshift + 1
    if not len(v):
        none = np.full(shifts, math.nan)
        return LipSync(math.nan, math.nan, None, none, method, 0, "no windows given")
    padded = np.pad(a, ((vshift, vshift), (0, 0)))
    distances = np.array(
        [
            np.sqrt(np.square(v - padded[s : s + len(v)] + _EPSILON).sum(axis=1)).mean()
            for s in range(shifts)
        ]
    )
    best = int(distances.argmin())
    return LipSync(
        lse_d=float(distances[best]),
        lse_c=float(np.median(distances) - distances[best]),
        offset=vshift - best,
        distances=distances,
        method=method,
        n=len(v),
    )
