"""Where the eyes look: at the camera while the head moves, with small saccades."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emoanim.engines.rig.eyes.lids import FARTHEST
from emoanim.engines.rig.motion.envelopes import Curve, smoothstep

__all__ = ["gaze_curves"]

HOLD = (0.35, 2.2)
"""Seconds for which the eyes fixate, at least and at most."""
SIZE = (1.6, 0.9)
"""Standard deviation of where they look while on the camera, degrees across and up."""
AWAY = 0.16
"""Share of fixations beside the camera, as those of people who think of what to say."""
ASIDE = (3.6, 2.2)
"""Standard deviation of those, degrees."""
SACCADE = 0.045
"""Seconds of a small saccade."""
HELD = 0.75
"""Share of the head's turn that the eyes take back to stay on the camera."""


def gaze_curves(
    times: NDArray[np.float64], head: Curve, amount: float, rng: np.random.Generator
) -> dict[str, Curve]:
    """Return the curves of the gaze's units "61" to "64" at ``times``.

    Args:
        times: of the frames, seconds.
        head: (t, 6) pose of the head, relative to the still.
        amount: factor on saccades and on what is held against the head.
        rng: where chance comes from.
    """
    across, up = (np.zeros(len(times)) for _ in range(2))
    clock, last = float(rng.uniform(*HOLD)), np.zeros(2)
    while len(times) and clock < times[-1]:
        aside = rng.random() < AWAY
        target = rng.standard_normal(2) * (ASIDE if aside else SIZE)
        target = np.clip(target, -FARTHEST, FARTHEST)
        step = smoothstep((times - clock) / SACCADE)
        across += step * (target[0] - last[0])
        up += step * (target[1] - last[1])
        last = target
        clock += float(rng.uniform(0.35, 0.8) if aside else rng.uniform(*HOLD))
    across = amount * (across - HELD * head[:, 1]) / FARTHEST
    up = amount * (up - HELD * head[:, 0]) / FARTHEST
    return {
        "61": np.clip(-across, 0, 1),
        "62": np.clip(across, 0, 1),
        "63": np.clip(up, 0, 1),
        "64": np.clip(-up, 0, 1),
    }
