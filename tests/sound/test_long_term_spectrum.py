from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from emoanim.clips import Audio
from emoanim.sound.long_term_spectrum import BANDS, colour_between, long_term_spectrum

RATE = 24000


def noise(tilt: float = 0.0) -> Audio:
    sound = np.random.default_rng(0).normal(0, 0.05, 4 * RATE)
    return Audio(lfilter([1.0], [1.0, -tilt], sound).astype(np.float32), RATE)


def test_white_noise_is_flat_and_tilted_noise_is_not() -> None:
    flat, dark = long_term_spectrum(noise()), long_term_spectrum(noise(0.8))
    assert flat is not None
    assert dark is not None
    assert np.ptp(flat[3:]) < 3.0
    assert dark[3] - dark[-1] > 10.0


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(RATE), np.ones(500)])
def test_too_little_has_none(samples: np.ndarray) -> None:
    assert long_term_spectrum(Audio(samples.astype(np.float32), RATE)) is None


def test_the_colour_brings_one_to_the_other() -> None:
    target, source = np.zeros(len(BANDS)), np.linspace(3.0, -3.0, len(BANDS))
    gain = colour_between(target, source, BANDS)
    inside = BANDS >= 150.0
    assert np.ptp((gain - (target - source))[inside]) < 0.5
    assert gain[inside].mean() == pytest.approx(0.0, abs=1e-9)
    assert np.ptp(gain[BANDS < 150.0]) == 0.0


def test_no_more_than_twelve_decibels() -> None:
    frequency = np.linspace(0.0, 12000.0, 601)
    target = np.where(BANDS > 1000.0, 60.0, 0.0)
    gain = colour_between(target, np.zeros(len(BANDS)), frequency)
    assert gain.max() == 12.0
    assert gain.min() == -12.0
    assert gain[frequency < 350.0].min() == -4.0
