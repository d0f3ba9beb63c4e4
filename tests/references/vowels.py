"""A made-up speaker whose pitch and formants are known."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

from emoanim.clips import Audio

RATE = 16000
VOWELS = ((660, 1720, 2410, 3500), (300, 2240, 2950, 3650), (420, 1100, 2400, 3350))


def vowels(f0: float, scale: float = 1.0, noise: float = 1e-4) -> Audio:
    """Pulses through four resonators per vowel: a speaker whose pitch and formants are known."""
    rng = np.random.default_rng(0)
    parts = []
    for formants in VOWELS * 2:
        n = RATE // 2
        pitch = f0 * (1 + 0.03 * np.sin(np.arange(n) * 2 * np.pi * 4 / RATE))
        phase = np.cumsum(pitch) / RATE
        sound = np.diff(np.floor(phase), prepend=0.0) + noise * rng.standard_normal(n)
        sound = lfilter([1.0], [1.0, -0.97], sound)
        for formant in formants:
            sound = resonance(sound, formant * scale, 60 + formant * 0.04)
        parts.append(sound / np.abs(sound).max() * 0.5)
    return Audio(np.concatenate(parts).astype(np.float32), RATE)


def resonance(x: np.ndarray, frequency: float, width: float) -> np.ndarray:
    r = np.exp(-np.pi * width / RATE)
    poles = [1.0, -2 * r * np.cos(2 * np.pi * frequency / RATE), r * r]
    return np.asarray(lfilter([1.0], poles, x))
