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


def test_a_telephone_takes_no_voice_away() -> None:
    seconds = np.arange(2 * RATE) / RATE
    rng = np.random.default_rng(0)
    voice = np.diff(np.floor(100.0 * seconds), prepend=0.0) * (seconds % 1.0 < 0.7)
    for formant in (700.0, 1200.0, 2500.0):
        r = np.exp(-np.pi * 90.0 / RATE)
        voice = lfilter([1.0], [1.0, -2 * r * np.cos(2 * np.pi * formant / RATE), r * r], voice)
    spectrum = np.fft.rfft(0.1 * voice / voice.std() + 1e-4 * rng.standard_normal(2 * RATE))
    frequency = np.fft.rfftfreq(2 * RATE, 1.0 / RATE)
    spectrum[(frequency < 300.0) | (frequency > 3400.0)] = 0.0
    take = Take.of(Audio(np.fft.irfft(spectrum).astype(np.float32), RATE))
    assert take.median is not None
    assert abs(take.median - 100.0) < 3.0
    assert take.voiced_share > 0.8
    assert abs(len(take.pulses) - 140) < 15
