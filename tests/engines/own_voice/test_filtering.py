from __future__ import annotations

import numpy as np
import pytest

from emoanim.engines.own_voice.filtering import filtered, moved

RATE = 16000


@pytest.fixture
def hiss() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(RATE)


def free(count: int) -> np.ndarray:
    return np.zeros(count, bool)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 44100])
def test_time_that_stays_leaves_every_sample(rate: int) -> None:
    hiss = np.random.default_rng(0).standard_normal(rate)
    time = np.arange(201) * 0.005
    same = moved(hiss, rate, time, free(201), rate)
    inside = slice(rate // 50, -rate // 50)
    assert same[inside] == pytest.approx(hiss[inside], abs=0.02)


def test_a_delay_is_a_delay(hiss: np.ndarray) -> None:
    time = np.arange(201) * 0.005
    later = moved(hiss, RATE, np.maximum(time - 0.1, 0.0), free(201), RATE)
    assert later[4000:12000] == pytest.approx(hiss[2400:10400], abs=1e-9)


def test_stretched_noise_keeps_its_power_and_is_not_combed(hiss: np.ndarray) -> None:
    time = np.arange(241) * 0.005
    slow = moved(hiss, RATE, time / 1.2, free(241), 19200)[400:-400]
    assert slow.std() == pytest.approx(1.0, abs=0.06)
    power = np.abs(np.fft.rfft(slow[: 17 * 1024].reshape(17, 1024), axis=1)) ** 2
    # A comb would show as a rhythm in the spectrum: a peak of the autocorrelation.
    lags = np.fft.irfft(power.mean(axis=0))
    assert np.abs(lags[8:400]).max() < 0.15 * lags[0]


def test_gain_per_frequency(hiss: np.ndarray) -> None:
    gain = np.zeros((201, 65))
    gain[:, 33:] = -40.0
    out = filtered(hiss, gain, RATE)
    power = np.abs(np.fft.rfft(out)) ** 2
    before = np.abs(np.fft.rfft(hiss)) ** 2
    assert power[:3500].sum() == pytest.approx(before[:3500].sum(), rel=0.05)
    assert power[4500:].sum() < 1e-3 * before[4500:].sum()


def test_gain_per_time(hiss: np.ndarray) -> None:
    gain = np.zeros((201, 65))
    gain[100:] = 6.0
    out = filtered(hiss, gain, RATE)
    assert out[:7000] == pytest.approx(hiss[:7000], abs=1e-6)
    assert out[9000:].std() == pytest.approx(2.0 * hiss[9000:].std(), rel=0.02)
