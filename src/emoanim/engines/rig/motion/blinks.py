"""When the eyes blink and how the lids move."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emoanim.engines.rig.motion.envelopes import Curve, smoothstep

__all__ = ["Blink", "blink_curve", "blink_times"]

_MIN_GAP = 0.8
_REACH = 0.5
MOST, LONGEST = 25.0, 4.4
"""Blinks a minute that no clip passes, and seconds from one to the next that none passes: people
who talk blink 8 to 25 times a minute, and a clip in which nobody ever does looks dead."""
_LATEST = 1.9


class Blink(NamedTuple):
    """One blink.

    Attributes:
        time: the lids begin to fall, seconds.
        closing: seconds until they meet; they stay for ``held`` and rise for ``opening``.
        depth: 1 is shut; about one in seven stays half open.
    """

    time: float
    closing: float
    held: float
    opening: float
    depth: float

    @property
    def end(self) -> float:
        """The lids are up again, seconds."""
        return self.time + self.closing + self.held + self.opening


def blink_times(
    duration: float,
    rate: float,
    slowness: float,
    pauses: Sequence[float],
    rng: np.random.Generator,
) -> tuple[Blink, ...]:
    """Return the blinks of a clip, at least 0.8 s from the end of one to the start of the next.

    From 2.4 s on there are between 8 and 25 a minute, whatever chance says.

    Args:
        duration: seconds.
        rate: blinks per minute.
        slowness: factor on their length (1 is 0.25-0.3 s).
        pauses: starts of pauses in the speech, where blinks are likelier; seconds.
        rng: where chance comes from.
    """
    mean = 60.0 / rate
    most = max(int(MOST * duration / 60.0), 1)
    blinks: list[Blink] = []
    earliest = 0.35
    wanted = min(float(rng.uniform(0.2, 0.6)) * min(mean, 4.0), _LATEST - _REACH)
    while True:
        near = [p for p in pauses if abs(p - wanted) < _REACH and p >= earliest]
        start = max(min(near, key=lambda p: abs(p - wanted)) if near else wanted, earliest)
        depth = float(rng.uniform(0.5, 0.7)) if rng.random() < 1.0 / 7.0 else 1.0
        blink = Blink(
            start,
            float(rng.uniform(0.075, 0.095)) * slowness,
            max(0.04 * slowness, 0.04),
            float(rng.uniform(0.14, 0.17)) * slowness,
            depth,
        )
        if blink.end > duration - 0.05 or len(blinks) == most:
            return tuple(blinks)
        blinks.append(blink)
        earliest = blink.end + _MIN_GAP
        # Gaps between blinks are skewed: many short ones, a few long.
        gap = mean * float(np.clip(rng.lognormal(-0.1, 0.45), 0.35, 2.0))
        wanted = start + min(gap, LONGEST)


def blink_curve(blinks: Sequence[Blink], times: Curve) -> Curve:
    """Return the closure of the eyes (unit "43", 0..1) at ``times``."""
    closed = np.zeros(len(times))
    for blink in blinks:
        fall = smoothstep((times - blink.time) / blink.closing)
        rise = smoothstep((blink.end - times) / blink.opening)
        closed = np.maximum(closed, blink.depth * fall * rise)
    return closed
