from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.sound import signals
from emoanim.sound.signals import evened, fade, level, levelled, resample, runs


def tone(frequency: float, rate: int, seconds: float = 1.0) -> Audio:
    return Audio(np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate), rate)


@pytest.mark.parametrize(
    ("rate", "wanted"),
    [(44100, 16000), (48000, 16000), (16000, 24000), (22050, 24000), (20160, 24000), (24000, 8000)],
)
def test_a_tone_stays_the_same_tone(rate: int, wanted: int) -> None:
    frequency = 0.4 * min(rate, wanted)
    out = resample(tone(frequency, rate), wanted)
    assert out.rate == wanted
    assert len(out.samples) == -(-rate * wanted // rate)
    inner = slice(wanted // 10, -wanted // 10)
    error = (out.samples - tone(frequency, wanted).samples)[inner]
    assert 20 * np.log10(error.std() / np.sqrt(0.5)) < -80


def test_what_the_lower_rate_cannot_hold_is_gone() -> None:
    out = resample(tone(8600.0, 44100), 16000)
    assert np.abs(out.samples[1000:-1000]).max() < 1e-4


def test_resampling_corner_cases() -> None:
    same = tone(100.0, 16000)
    assert resample(same, 16000) is same
    assert len(resample(Audio(np.zeros(0, np.float32), 44100), 16000).samples) == 0
    assert len(resample(Audio(np.ones(1, np.float32), 8000), 16000).samples) == 2
    assert len(resample(Audio(np.ones(3, np.float32), 48000), 16000).samples) == 1
    with pytest.raises(ValueError, match="rate 0"):
        resample(same, 0)


def test_level_leaves_pauses_out() -> None:
    loud = tone(200.0, 16000).samples * 0.1
    paused = np.concatenate([loud, np.zeros(32000, np.float32), loud])
    assert level(loud, 16000) == pytest.approx(-23.01, abs=0.05)
    assert level(paused, 16000) == pytest.approx(level(loud, 16000), abs=0.1)
    assert level(np.zeros(100, np.float32), 16000) == -120.0
    assert level(np.zeros(0, np.float32), 16000) == -120.0


def test_levelled_reaches_the_level_and_never_the_ceiling() -> None:
    rng = np.random.default_rng(0)
    soft = (rng.standard_normal(48000) * 0.01).astype(np.float32)
    assert level(levelled(soft, 24000), 24000) == pytest.approx(-20.0, abs=0.1)
    spiky = soft.copy()
    spiky[::6000] = 0.9
    out = levelled(spiky, 24000, -20.0, -1.0)
    assert np.abs(out).max() <= 10 ** (-1 / 20) + 1e-6
    # Away from the spikes only the gain differs: nothing is clipped.
    away = slice(1000, 5000)
    ratio = out[away] / spiky[away]
    assert ratio.std() / ratio.mean() < 1e-3
    silent = np.zeros(10, np.float32)
    assert levelled(silent, 24000) is silent


def test_fade_starts_and_ends_at_nothing() -> None:
    ones = np.ones(1000, np.float32)
    out = fade(ones, 1000, 0.1)
    assert out[0] < 0.01
    assert out[-1] < 0.01
    assert np.all(out[100:-100] == 1)
    assert ones[0] == 1
    assert len(fade(ones[:1], 1000)) == 1


def test_levelling_in_blocks_leaves_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    spiky = (rng.standard_normal(20000) * np.exp(1.5 * rng.standard_normal(20000))).astype(
        np.float32
    )
    whole = levelled(spiky, 24000)
    assert np.abs(whole).max() == pytest.approx(10 ** (-1 / 20), abs=0.01)  # the limiter works
    monkeypatch.setattr(signals, "_BLOCK", 700)
    assert np.abs(levelled(spiky, 24000) - whole).max() < 1e-6


def test_what_stands_out_is_turned_down_and_nothing_else() -> None:
    time = np.arange(2 * 24000) / 24000
    even = (0.1 * np.sin(2 * np.pi * 200 * time)).astype(np.float32)
    assert np.allclose(evened(even, 24000), even, atol=1e-4)
    uneven = even.copy()
    uneven[20000:24000] *= 4.0
    out = evened(uneven, 24000)
    assert np.allclose(out[:18000], even[:18000], atol=1e-4)
    # 12 dB over the others: 2 stay, and three tenths of the other 10
    assert 20 * np.log10(np.abs(out[21500:22500]).max() / 0.1) == pytest.approx(5.0, abs=0.5)
    assert len(evened(even[:100], 24000)) == 100


def test_runs() -> None:
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert runs(np.zeros(3, bool)) == []
