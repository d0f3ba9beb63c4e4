from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.engines.own_voice.periods import likeness, periods, repitched, tonal_frames

RATE = 16000
TIME = np.arange(201) * 0.005


def voice(hertz: float, rate: int = RATE) -> np.ndarray:
    """A second of pulses, each of which rings at 700 Hz."""
    ring = np.arange(rate // 50) / rate
    pulse = np.exp(-300.0 * ring) * np.sin(2 * np.pi * 700.0 * ring)
    train = np.zeros(rate)
    train[np.round(np.arange(0.05, 0.95, 1.0 / hertz) * rate).astype(int)] = 1.0
    return np.convolve(train, pulse)[:rate]


def tracked(hertz: float) -> np.ndarray:
    return np.where((TIME >= 0.05) & (TIME < 0.95), hertz, 0.0)


@pytest.mark.parametrize("hertz", [70.0, 120.0, 250.0, 420.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_every_period_is_found_once_and_at_the_same_place(hertz: float, sign: float) -> None:
    found = periods(sign * voice(hertz), RATE, tracked(hertz))
    assert np.diff(found)[2:-2] == pytest.approx(RATE / hertz, abs=3)
    assert len(found) == pytest.approx(0.9 * hertz, abs=3)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_a_burst_in_a_closure_is_no_voice(rate: int) -> None:
    """Though the tracker bridges it: taken apart by periods it would be lost or heard twice."""
    rng = np.random.default_rng(0)
    sound = voice(150.0, rate) + 1e-4 * rng.standard_normal(rate)
    start, burst, end = (round(k * rate) for k in (0.42, 0.5, 0.55))
    sound[start:end] = 1e-4 * rng.standard_normal(end - start)
    sound[burst : burst + rate // 100] += 0.3 * rng.standard_normal(rate // 100)
    tonal = tonal_frames(Audio(sound.astype(np.float32), rate), tracked(150.0))
    assert not tonal[(TIME > 0.43) & (TIME < 0.54)].any()
    assert tonal[(TIME > 0.07) & (TIME < 0.4)].mean() > 0.95
    assert tonal[(TIME > 0.57) & (TIME < 0.93)].mean() > 0.95


def test_likeness_is_one_for_periods_and_low_for_noise() -> None:
    rng = np.random.default_rng(0)
    alike = likeness(Audio(voice(150.0).astype(np.float32), RATE), tracked(150.0))
    assert alike[20:180].min() > 0.9
    assert alike[0] == 0.0
    noise = Audio(rng.standard_normal(RATE).astype(np.float32), RATE)
    assert np.median(likeness(noise, tracked(150.0))[20:180]) < 0.4


def test_a_voice_that_glides_is_followed() -> None:
    hertz = 120.0 * 2.0 ** np.linspace(0.0, 1.0, RATE)
    phase = np.cumsum(hertz) / RATE
    sound = sum(np.cos(2 * np.pi * k * phase) / k for k in (1, 2, 3))
    found = periods(np.asarray(sound), RATE, hertz[np.minimum(np.arange(201) * 80, RATE - 1)])
    # All pulses lie at one phase.
    away = (phase[found[2:-2]] + 0.5) % 1.0 - 0.5
    assert np.abs(away - np.median(away)).max() < 0.1


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_the_same_pitch_and_time_give_the_recording(rate: int) -> None:
    """Of an unsteady voice in noise, too, sample by sample."""
    rng = np.random.default_rng(0)
    sound = voice(125.0, rate) + 0.01 * rng.standard_normal(rate)
    sound = np.interp(np.arange(rate) + 20.0 * np.resize(rng.standard_normal(50).repeat(400), rate),
                      np.arange(rate), sound)  # fmt: skip
    found = periods(sound, rate, tracked(125.0))
    same = repitched(sound, rate, tracked(125.0), found, TIME, tracked(125.0), rate)
    inside = slice(rate // 10, -rate // 10)
    assert (same - sound)[inside].std() < 0.05 * sound[inside].std()


@pytest.mark.parametrize("factor", [0.8, 1.4])
def test_pitch_changes_and_power_stays(factor: float) -> None:
    sound = voice(150.0)
    found = periods(sound, RATE, tracked(150.0))
    new = repitched(sound, RATE, tracked(150.0), found, TIME, factor * tracked(150.0), RATE)
    distances = np.diff(periods(new, RATE, factor * tracked(150.0)))[2:-2]
    assert distances == pytest.approx(RATE / 150.0 / factor, abs=3)
    inside = slice(2000, -2000)
    assert 20 * np.log10(new[inside].std() / sound[inside].std()) == pytest.approx(0.0, abs=2.0)


def test_time_is_stretched_at_the_same_pitch() -> None:
    sound = voice(150.0)
    slow = np.arange(301) * 0.005 / 1.5
    hertz = np.interp(slow, TIME, tracked(150.0)).round(-1)
    found = periods(sound, RATE, tracked(150.0))
    new = repitched(sound, RATE, tracked(150.0), found, slow, hertz, 24000)
    assert len(periods(new, RATE, hertz)) == pytest.approx(1.5 * len(found), abs=4)


def test_without_a_voice_there_is_silence() -> None:
    nothing = np.zeros(201)
    hiss = np.random.default_rng(0).standard_normal(RATE)
    assert len(periods(hiss, RATE, nothing)) == 0
    none = np.zeros(0, np.int64)
    assert not repitched(hiss, RATE, nothing, none, TIME, nothing, RATE).any()


def test_a_voice_cut_off_at_both_ends_is_whole() -> None:
    sound = voice(120.0)[1000:-1000]
    f0 = np.full(len(sound) // 80 + 1, 120.0)
    found = periods(sound, RATE, f0)
    assert found[0] >= 0
    assert found[-1] < len(sound)
    time = np.arange(len(f0)) * 0.005
    new = repitched(sound, RATE, f0, found, time, 1.3 * f0, len(sound))
    assert np.isfinite(new).all()
    level = [np.std(new[k : k + 1600]) for k in range(0, len(new) - 1600, 1600)]
    assert min(level) > 0.5 * max(level)


def test_no_more_samples_than_wanted_though_the_voice_goes_on() -> None:
    sound = voice(120.0)
    found = periods(sound, RATE, tracked(120.0))
    for count in (8000, 8001, 7900, 1):
        assert len(
            repitched(sound, RATE, tracked(120.0), found, TIME, tracked(120.0), count)
        ) == count  # fmt: skip
