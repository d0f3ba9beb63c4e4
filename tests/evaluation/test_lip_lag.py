from __future__ import annotations

import math

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.evaluation.lip_lag import ENVELOPE_RATE, envelope, lip_lag


def syllables(seconds: float, seed: int = 0) -> np.ndarray:
    """Loudness of speech-like bursts, 100 a second."""
    random = np.random.default_rng(seed)
    grid = np.arange(round(seconds * ENVELOPE_RATE)) / ENVELOPE_RATE
    centres = np.cumsum(random.uniform(0.12, 0.4, round(seconds * 5)))
    return sum(np.exp(-(((grid - c) / 0.05) ** 2)) for c in centres)


@pytest.mark.parametrize("late", [-0.2, 0.0, 0.12, 0.3])
def test_a_shifted_sound_is_found(late: float) -> None:
    loud = syllables(8.0)
    times = np.arange(200) / 25.0
    mouth = np.interp(times + late, np.arange(len(loud)) / ENVELOPE_RATE, loud)
    found = lip_lag(times, mouth, loud)
    assert found.lag == pytest.approx(late, abs=0.02)
    assert found.correlation > 0.9
    if late == 0.0:
        assert found.at_zero == pytest.approx(found.correlation, abs=0.02)
    else:
        assert found.at_zero < found.correlation


def test_a_mouth_that_does_its_own_correlates_little() -> None:
    times = np.arange(500) / 25.0
    own = np.interp(times, np.arange(2000) / ENVELOPE_RATE, syllables(20.0, 7))
    assert lip_lag(times, own, syllables(20.0, 1)).correlation < 0.4


@pytest.mark.parametrize(
    ("mouth", "loud", "reason"),
    [
        (np.linspace(0, 1, 100), np.zeros(0), "no sound"),
        (np.full(100, np.nan), syllables(4.0), "less than 2 s of a face"),
        (np.full(100, 0.1), syllables(4.0), "does not move"),
        (np.linspace(0, 1, 100), np.zeros(400), "silent"),
        (np.linspace(0, 1, 100), np.full(400, 0.3), "steady"),
        (np.linspace(0, 1, 100), syllables(1.0), "both a face and sound"),
    ],
)
def test_what_cannot_be_compared_says_why(mouth: np.ndarray, loud: np.ndarray, reason: str) -> None:
    found = lip_lag(np.arange(100) / 25.0, mouth, loud)
    assert math.isnan(found.correlation)
    assert reason in (found.reason or "")


def test_frames_without_a_face_are_bridged() -> None:
    loud = syllables(8.0)
    times = np.arange(200) / 25.0
    mouth = np.interp(times, np.arange(len(loud)) / ENVELOPE_RATE, loud)
    mouth[50:55] = np.nan
    assert lip_lag(times, mouth, loud).lag == pytest.approx(0.0, abs=0.02)


def test_the_envelope_rises_with_the_sound() -> None:
    quiet, loud = np.full(8000, 0.01), np.full(8000, 0.5)
    found = envelope(Audio(np.concatenate([quiet, loud]).astype(np.float32), 16000))
    assert len(found) == 100
    assert found[:49].max() < found[51:].min()
    assert len(envelope(Audio(np.zeros(0, np.float32), 16000))) == 0


def test_a_peak_outside_the_search_gives_no_lag() -> None:
    loud = np.linspace(0.0, 1.0, 800)  # rises all the time, so every later shift fits as well
    times = np.arange(200) / 25.0
    found = lip_lag(times, np.interp(times + 0.7, np.arange(800) / 100.0, np.sin(loud * 9.0)), loud)
    assert math.isnan(found.lag)
    assert found.reason is None
    assert "largest that was tried" in (found.lag_reason or "")


def test_lips_of_another_speech_have_no_lag() -> None:
    """Of mouths that move to other words nearly none is said to be early or late."""
    said = 0
    for seed in range(40):
        times = np.arange(150) / 25.0
        own = np.interp(times, np.arange(600) / ENVELOPE_RATE, syllables(6.0, 100 + seed))
        found = lip_lag(times, own, syllables(6.0, seed))
        assert math.isnan(found.lag) == (found.lag_reason is not None)
        said += not math.isnan(found.lag)
    assert said <= 2


def test_a_rhythm_that_repeats_itself_has_no_lag() -> None:
    grid = np.arange(800) / ENVELOPE_RATE
    times = np.arange(200) / 25.0
    regular = 1.0 + np.sin(2 * np.pi * 4.0 * grid)  # every shift of 0.25 s fits as well
    found = lip_lag(times, np.interp(times + 0.1, grid, regular), regular)
    assert math.isnan(found.lag)
    assert "another shift" in (found.lag_reason or "")
    assert found.correlation > 0.9


@pytest.mark.parametrize("seconds", [3.0, 6.0])
def test_lips_that_follow_loosely_still_have_their_lag(seconds: float) -> None:
    count = round(25 * seconds)
    times = np.arange(count) / 25.0
    loud = syllables(seconds, 3)
    noise = np.random.default_rng(1).normal(0.0, 0.15, count)
    mouth = np.interp(times + 0.2, np.arange(len(loud)) / ENVELOPE_RATE, loud) + noise
    assert lip_lag(times, mouth, loud).lag == pytest.approx(0.2, abs=0.03)
