from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from emoanim.clips import Audio
from emoanim.engines.own_voice import Take
from emoanim.sound.signals import runs

RATE = 16000


def test_a_hiss_that_repeats_itself_for_a_moment_is_no_voice() -> None:
    rng = np.random.default_rng(0)
    seconds = np.arange(RATE) / RATE
    buzz = lfilter([1.0], [1.0, -1.6, 0.9], np.diff(np.floor(150.0 * seconds), prepend=0.0))
    long = (seconds > 0.1) & (seconds < 0.4)
    short = (seconds > 0.7) & (seconds < 0.722)
    hiss = 0.02 * rng.standard_normal(RATE) * (seconds > 0.5) * (seconds < 0.9)
    sound = 0.2 * buzz * (long | short) + hiss + 1e-4 * rng.standard_normal(RATE)
    take = Take.of(Audio(sound.astype(np.float32), RATE))
    assert [first * 0.005 < 0.4 for first, _ in runs(take.f0 > 0)] == [True]
