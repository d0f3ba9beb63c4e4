from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter

from emoanim.clips import Audio
from emoanim.sound.speaker import Speaker, describe, formant_scale

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
    return lfilter([1.0], [1.0, -2 * r * np.cos(2 * np.pi * frequency / RATE), r * r], x)


@pytest.mark.parametrize("f0", [85.0, 120.0, 210.0, 300.0])
def test_pitch(f0: float) -> None:
    found = describe(vowels(f0))
    assert found is not None
    assert 12 * abs(np.log2(found.f0 / f0)) < 0.3
    assert found.voiced > 2.0
    assert found.spread < 2.0


@pytest.mark.parametrize("scale", [0.85, 0.92, 1.08])
def test_formant_scale_follows_the_vocal_tract(scale: float) -> None:
    plain, other = describe(vowels(120.0)), describe(vowels(120.0, scale))
    assert plain is not None
    assert other is not None
    # A third of the weight lies on the pitch, which says 1 here.
    expected = scale ** (2 / 3)
    assert formant_scale(other, plain) == pytest.approx(expected, abs=0.025)
    assert formant_scale(plain, plain) == 1.0


def test_pitch_alone_decides_where_no_formants_are_known() -> None:
    low = Speaker(100.0, 3.0, 4.0, None)
    high = Speaker(200.0, 3.0, 4.0, None)
    assert formant_scale(low, high) == pytest.approx(0.5**0.3)
    assert formant_scale(replace(low, f0=40.0), high) == 0.75


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros(RATE),
        np.random.default_rng(0).standard_normal(RATE) * 0.1,
        vowels(120.0).samples[:2000],
    ],
    ids=["empty", "silent", "noise", "short"],
)
def test_too_little_voice_is_said(samples: np.ndarray) -> None:
    assert describe(Audio(samples.astype(np.float32), RATE)) is None
