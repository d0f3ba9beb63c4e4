"""A way through the film for words it does not hold: which frame is shown when.

The film is walked forwards and backwards one frame at a time, so that heads and hands move as they
did. Where it turns round, things should be still; and a frame whose mouth is nearer to what is to
be said needs less done to it. Dynamic programming finds the cheapest way.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["way_through"]

Numbers = NDArray[np.float64]

TURN = 4.0
"""Cost of turning round where nothing moves."""
TURN_MOVING = 30.0
"""Further cost of it per face size a second of motion."""
FROM_START = 0.5
"""Cost of every frame by which the way begins elsewhere than asked."""
CUT = 40.0
"""Cost of crossing a cut in the film."""
HOLD = 0.6
"""Cost of showing a frame a second time."""


def way_through(
    wanted: ArrayLike,
    costs: Numbers,
    speed: ArrayLike,
    apart: int = 30,
    first: int | None = None,
    shots: ArrayLike | None = None,
) -> NDArray[np.intp]:
    """Return the frame of the film for each frame of the result.

    Neighbours in the result are neighbours in the film; at the ends and at turns a frame is held
    once.

    Args:
        wanted: (t,) gap that the lips shall have, in the unit of ``costs``' first column.
        costs: (n, 2) gap of the lips in each frame of the film, and what speaks against using it.
        speed: (n,) of the motion in each, face sizes a second.
        first: frame to begin at or near; the cheapest by default.
        apart: frames between two turns, at least: a head must not tremble.
        shots: (n,) number of the shot of each frame; the way rather turns than crosses a cut.
    """
    goals = np.asarray(wanted, np.float64)
    gaps, against = costs.T
    count = len(gaps)
    if count == 1:
        return np.zeros(len(goals), np.intp)
    turning = TURN + TURN_MOVING * np.asarray(speed, np.float64)
    last = np.ones(count, bool)  # of its shot, or of the film
    if shots is None:
        last[:-1] = False
    else:
        last[:-1] = np.diff(np.asarray(shots)) != 0
    begins = np.roll(last, 1)
    turning[last | begins] = TURN  # there is no other way
    cut = np.where(last[:-1], CUT, 0.0)
    # States: frame, direction, and how long ago it turned (up to apart).
    best = np.zeros((2, count))
    best += against + np.abs(gaps - goals[0])
    if first is not None:
        best += FROM_START * np.abs(np.arange(count) - first)
    since = np.full((2, count), apart)
    came: list[NDArray[np.int8]] = []
    edge = np.full(1, np.inf)
    for goal in goals[1:]:
        forth = np.concatenate([edge, best[0, :-1] + cut])
        back = np.concatenate([best[1, 1:] + cut, edge])
        # Turning round shows the same frame again, in the other direction.
        ready = since >= apart
        ready |= np.stack([last, begins])
        turned = np.where(ready[::-1], best[::-1] + turning + HOLD, np.inf)
        onwards = np.stack([forth, back])
        turns = turned < onwards
        age = np.stack(
            [np.concatenate([[apart], since[0, :-1]]), np.concatenate([since[1, 1:], [apart]])]
        )
        since = np.where(turns, 0, np.minimum(age + 1, apart))
        best = np.where(turns, turned, onwards) + against + np.abs(gaps - goal)
        came.append(turns.astype(np.int8))
    way = np.empty(len(goals), np.intp)
    direction, frame = np.unravel_index(int(np.argmin(best)), best.shape)
    for k in range(len(goals) - 1, -1, -1):
        way[k] = frame
        if k == 0:
            break
        if came[k - 1][direction, frame]:
            direction = 1 - direction
        else:
            frame = frame - 1 if direction == 0 else frame + 1
    return way
