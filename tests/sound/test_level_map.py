from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.sound.level_map import LevelMap, level_map, levelled_bands
from emoanim.sound.mel_frames import BANDS, loud_levels

RATE = 24000


def swinging(depth: float, seed: int = 0) -> Audio:
    """Noise whose level swings by so many dB either way, three times a second, for 5 s."""
    time = np.arange(5 * RATE) / RATE
    noise = np.random.default_rng(seed).normal(0.0, 0.02, len(time))
    swing = depth * np.sin(2.0 * np.pi * 3.0 * time)
    return Audio((noise * 10.0 ** (swing / 20.0)).astype(np.float32), RATE)


def spread(audio: Audio) -> float:
    return float(np.std(loud_levels(audio), axis=0).mean())


@pytest.mark.parametrize(("own", "wanted"), [(4.0, 8.0), (8.0, 4.0)])
def test_bands_swing_as_far_as_the_targets(own: float, wanted: float) -> None:
    source, target = swinging(own), swinging(wanted, seed=1)
    change = level_map(target, source)
    assert change is not None
    made = Audio(levelled_bands(source.samples, change), RATE)
    away = abs(spread(source) - spread(target))
    assert abs(spread(made) - spread(target)) < 0.35 * away
    # the loud moments stay where the source has them
    blocks = [a.samples[: 4 * RATE].reshape(-1, 480).std(axis=1) for a in (source, made)]
    assert np.corrcoef(np.log(blocks[0]), np.log(blocks[1]))[0, 1] > 0.9


def test_a_voice_is_brought_to_itself_unchanged() -> None:
    source = swinging(5.0)
    change = level_map(source, source)
    assert change is not None
    made = levelled_bands(source.samples, change)
    assert made.dtype == np.float32
    assert np.std(made - source.samples) < 0.01 * np.std(source.samples)


def test_gains_are_bounded_and_pauses_stay_quiet() -> None:
    source, target = swinging(10.0), swinging(0.0, seed=1)
    change = level_map(target, source)
    assert change is not None
    assert np.ptp(change.gains[1:]) <= 30.0
    assert np.ptp(change.gains[1:, BANDS < 400.0]) <= 19.0
    assert not change.gains[0].any()
    faint = np.random.default_rng(2).normal(0.0, 1e-5, RATE).astype(np.float32)
    made = levelled_bands(faint, change)
    assert np.std(made) < 1.05 * np.std(faint)


def test_bands_that_a_telephone_lacks_make_nothing_louder() -> None:
    source = swinging(6.0)
    spectrum = np.fft.rfft(swinging(3.0, seed=1).samples)
    spectrum[len(spectrum) // 6 :] = 0.0  # nothing from 2 kHz on
    change = level_map(Audio(np.fft.irfft(spectrum).astype(np.float32), RATE), source)
    assert change is not None
    made = levelled_bands(source.samples, change)
    assert np.std(made) == pytest.approx(np.std(source.samples), rel=0.2)


def test_what_an_emotion_raises_is_no_habit() -> None:
    source = swinging(6.0)
    change = level_map(swinging(2.0, seed=1), source)
    assert change is not None
    raised = (source.samples * 10.0 ** (6.0 / 20.0)).astype(np.float32)
    plain = levelled_bands(source.samples, change)
    made = levelled_bands(raised, change, np.full(len(BANDS), 6.0))
    assert np.allclose(made, plain * 10.0 ** (6.0 / 20.0), atol=1e-4)


@pytest.mark.parametrize("count", [0, 1, 255, 1024, 5001])
def test_the_length_is_kept(count: int) -> None:
    flat = LevelMap(np.linspace(-90.0, 0.0, 5)[:, None] + np.zeros(32), np.zeros((5, 32)))
    samples = np.random.default_rng(0).normal(0.0, 0.1, count).astype(np.float32)
    made = levelled_bands(samples, flat)
    assert len(made) == count
    assert np.abs(made - samples).max(initial=0.0) < 1e-6


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(RATE), np.ones(500)])
def test_too_little_gives_none(samples: np.ndarray) -> None:
    short = Audio(samples.astype(np.float32), RATE)
    assert level_map(short, swinging(3.0)) is None
    assert level_map(swinging(3.0), short) is None
