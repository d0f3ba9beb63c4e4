"""Every metric the paper names, as pure functions on arrays; numpy is all that is needed.

The functions are the names to use; each says its formula, source, shapes, range and direction, and
gives NaN with a reason, never a silent infinity or a made-up 0, where it is undefined.
"""

from __future__ import annotations

from emoanim.metrics.auroc import pair_counts
from emoanim.metrics.divergence import EDDWarning, edd, null_edd
from emoanim.metrics.result import EDDMatrix, EDDOptions, EDDProfile, EDDResult, Interval
from emoanim.metrics.smoothing import moving_average

__all__ = [
    "EDDMatrix",
    "EDDOptions",
    "EDDProfile",
    "EDDResult",
    "EDDWarning",
    "Interval",
    "edd",
    "moving_average",
    "null_edd",
    "pair_counts",
]
