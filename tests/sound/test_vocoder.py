from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import lfilter

from emoanim.clips import Audio
from emoanim.sound.emotional_cues import Cues
from emoanim.sound.vocoder import World, analyse, coloured, swung, synthesise

RATE = 16000


def vowel(f0: float = 130.0, seconds: float = 1.0) -> Audio:
    """Pulses through resonators at 500, 1500 and 2500 Hz."""
    n = int(RATE * seconds)
    phase = np.cumsum(np.full(n, f0)) / RATE
    sound = np.diff(np.floor(phase), prepend=0.0) + 1e-4 * np.random.default_rng(0).normal(size=n)
    sound = lfilter([1.0], [1.0, -0.97], sound)
    for formant in (500.0, 1500.0, 2500.0):
        r = np.exp(-np.pi * 80.0 / RATE)
        sound = lfilter([1.0], [1.0, -2 * r * np.cos(2 * np.pi * formant / RATE), r * r], sound)
    return Audio((sound / np.abs(sound).max() * 0.5).astype(np.float32), RATE)


@pytest.fixture(scope="module")
def parts() -> World:
    return analyse(vowel())


def envelope(parts: World) -> np.ndarray:
    return 10 * np.log10(parts.spectrum[60:140].mean(axis=0))


def test_a_vowel_survives_analysis_and_synthesis(parts: World) -> None:
    assert np.median(parts.f0) == pytest.approx(130.0, abs=1.0)
    assert parts.frequency[-1] == RATE / 2
    again = synthesise(parts)
    assert again.rate == RATE
    assert again.duration == pytest.approx(1.0, abs=0.02)
    assert np.std(again.samples) == pytest.approx(np.std(vowel().samples), rel=0.15)
    assert np.median(analyse(again).f0) == pytest.approx(130.0, abs=1.0)


def test_neutral_cues_change_nothing(parts: World) -> None:
    same = swung(coloured(parts, Cues()), 1.0)
    assert np.allclose(same.spectrum, parts.spectrum, rtol=1e-6)
    assert np.allclose(same.aperiodicity, parts.aperiodicity)


def test_cues_move_the_formants(parts: World) -> None:
    moved = envelope(coloured(parts, Cues(f1=1.2, f2=1.1)))
    low, middle = parts.frequency < 1000, (parts.frequency > 1000) & (parts.frequency < 2100)
    assert parts.frequency[low][moved[low].argmax()] == pytest.approx(600.0, abs=40.0)
    assert parts.frequency[middle][moved[middle].argmax()] == pytest.approx(1650.0, abs=60.0)


def test_cues_tilt_and_weaken_the_fundamental(parts: World) -> None:
    change = envelope(coloured(parts, Cues(effort=6.0, fundamental=-5.0))) - envelope(parts)
    at = {f: change[np.abs(parts.frequency - f).argmin()] for f in (120.0, 600.0, 3000.0)}
    assert at[120.0] == pytest.approx(-5.0, abs=0.3)
    assert 0.0 < at[600.0] < 2.5
    assert at[3000.0] == pytest.approx(6.0, abs=0.3)


def test_breath_is_noise_above_where_it_is_voiced(parts: World) -> None:
    airy = coloured(parts, Cues(breath=0.8)).aperiodicity - parts.aperiodicity
    assert airy[100, parts.frequency > 3000].mean() > 0.2
    assert not airy[:, parts.frequency < 1000].any()


def test_energy_swings(parts: World) -> None:
    wave = 1.0 + 0.8 * np.sin(np.arange(len(parts.f0)) / 15.0)
    uneven = replace(parts, spectrum=parts.spectrum * (wave**2)[:, None])

    def spread(made: World) -> float:
        return float(np.log(made.spectrum[50:150].sum(axis=1)).std())

    assert spread(swung(uneven, 1.4)) > 1.15 * spread(uneven)
    assert spread(swung(uneven, 0.7)) < 0.9 * spread(uneven)
