"""Which moment of the film every frame of the result shows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.film.following import Seen

__all__ = ["Moment", "TimeMap", "moments", "positions"]

TimeMap = Sequence[tuple[float, float]]
"""Knots (second of the speech, second of the film), rising, straight lines between them."""

SNAP = 0.12
"""A moment that is nearer to a frame than that share of the way to the next one is that frame."""
EVEN = 0.03
"""A film whose pace differs by no more from that of the result is shown frame by frame."""


class Moment(NamedTuple):
    """A moment between two frames of the film; ``second`` is None where the first one is shown."""

    first: Seen
    second: Seen | None
    share: float


def positions(length: int, fps: float, time_map: TimeMap) -> NDArray[np.float64]:
    """Return the time in the film of every frame of the result, never falling.

    Args:
        length: frames of the result.
        fps: of the result.
        time_map: which second of the film belongs to which of the speech; empty for the same.
    """
    times = np.arange(length) / fps
    if not time_map:
        return times
    new, old = np.array(time_map, np.float64).T
    source_times = np.interp(times, new, old)
    # Beyond its ends the map goes on at the film's own pace.
    source_times += np.minimum(times - new[0], 0.0) + np.maximum(times - new[-1], 0.0)
    return np.maximum.accumulate(np.maximum(source_times, 0.0))


def moments(seen: Iterable[Seen], wanted: NDArray[np.float64], fps: float) -> Iterator[Moment]:
    """Yield the moments of the film at rising times; after its end the last frame is held.

    Args:
        seen: the film.
        wanted: seconds, rising.
        fps: of the result; says where the film runs at its own pace and needs no frames between.
    """
    steps = np.gradient(wanted) * fps if len(wanted) > 1 else np.ones(len(wanted))
    source = iter(seen)
    first = next(source, None)
    if first is None:
        return
    second = next(source, None)
    late = False
    for time, pace in zip(wanted.tolist(), steps.tolist(), strict=True):
        while second is not None and second.time <= time + 1e-6:
            first, second = second, next(source, None)
        if second is None:
            yield Moment(first, None, 0.0)
            continue
        share = min(max((time - first.time) / (second.time - first.time), 0.0), 1.0)
        if math.isclose(pace, 1.0, abs_tol=EVEN):
            # Half way between two frames, rounding now up and now down would double and drop some.
            late = share >= 0.5 + (-SNAP if late else SNAP)
            share = float(late)
        if share < SNAP:
            yield Moment(first, None, 0.0)
        elif share > 1 - SNAP:
            yield Moment(second, None, 0.0)
        else:
            yield Moment(first, second, share)
