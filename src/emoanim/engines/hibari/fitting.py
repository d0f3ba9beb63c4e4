"""Bring the length of what is said to that of what was said."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["MARGIN", "Fit", "fitted"]

MARGIN = 0.15
"""Part of the original's length by which the result may be shorter or longer."""

_AIM = 0.14
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.45, 1.8
# Of the voice's own speed: beyond it words run together or drawl.
_FASTEST, _SLOWEST = 1.5, 0.68


@dataclass(frozen=True, slots=True)
class Fit:
    """What brings a text to a length.

    Attributes:
        pace: factor on the speed.
        pause: factor on the pauses.
        reached: whether the length comes within 15 % of the original's.
    """

    pace: float = 1.0
    pause: float = 1.0
    reached: bool = True


def fitted(spoken: float, paused: float, pace: float, wanted: float) -> Fit:
    """Return what brings ``spoken + paused`` seconds near ``wanted``; pauses give way first.

    Args:
        spoken: seconds of speech at the pace that the emotion and the speaker ask for.
        paused: seconds of pauses.
        pace: that pace over the voice's own; the result is never over 1.5 nor under 0.68 of it.
        wanted: seconds of the original.
    """
    low, high = (1.0 - _AIM) * wanted, (1.0 + _AIM) * wanted
    total = spoken + paused
    if low <= total <= high or spoken <= 0.0:
        return Fit()
    aim = low if total < low else high
    pause = 1.0
    if paused > 0.0:
        pause = min(max((aim - spoken) / paused, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    factor = spoken / max(aim - paused * pause, 0.05 * aim)
    factor = min(max(factor, min(1.0, _SLOWEST / pace)), max(1.0, _FASTEST / pace))
    length = spoken / factor + paused * pause
    reached = (1.0 - MARGIN) * wanted <= length <= (1.0 + MARGIN) * wanted
    return Fit(factor, pause, reached)
