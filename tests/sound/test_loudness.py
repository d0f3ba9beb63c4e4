from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.sound.loudness import _filters, at_loudness, loudness


def tone(level: float, seconds: float = 3.0, rate: int = 48000) -> Audio:
    """A sine of 997 Hz; at 0 dBFS it measures -3.01 LUFS (ITU-R BS.1770-4, annex 1)."""
    time = np.arange(int(seconds * rate)) / rate
    return Audio((10 ** (level / 20) * np.sin(2 * np.pi * 997 * time)).astype(np.float32), rate)


def test_the_standards_own_tone() -> None:
    assert loudness(tone(0.0)) == pytest.approx(-3.01, abs=0.05)
    assert loudness(tone(-20.0)) == pytest.approx(-23.01, abs=0.05)
    assert loudness(tone(-20.0, rate=16000)) == pytest.approx(-23.01, abs=0.3)


def test_silence_has_none() -> None:
    assert loudness(Audio(np.zeros(16000, np.float32), 16000)) is None
    assert loudness(Audio(np.zeros(0, np.float32), 16000)) is None
    assert loudness(tone(-90.0)) is None


def test_a_short_sound_can_be_measured() -> None:
    assert loudness(tone(-10.0, 0.1)) is not None


def test_a_sound_is_brought_to_a_loudness() -> None:
    assert loudness(at_loudness(tone(-30.0), -18.0)) == pytest.approx(-18.0, abs=0.1)
    silent = Audio(np.zeros(9000, np.float32), 16000)
    assert at_loudness(silent, -18.0) is silent


def test_peaks_stay_below_full_scale_and_are_not_squeezed_flat() -> None:
    spiky = tone(-40.0)
    spiky.samples[::4800] = 0.5
    made = at_loudness(spiky, -10.0)
    assert np.abs(made.samples).max() <= 10 ** (-1 / 20) + 1e-6
    quiet = np.abs(made.samples[2000:2400]).max() / np.abs(spiky.samples[2000:2400]).max()
    # 6 dB of headroom up to full scale, less 1, plus the 4 dB that the limiter may take
    assert 20 * np.log10(quiet) == pytest.approx(9.0, abs=0.2)


def test_the_standards_own_coefficients() -> None:
    """ITU-R BS.1770-4, tables 1 and 2, for 48 kHz."""
    shelf, high_pass = _filters(48000)
    first = shelf[0] / shelf[1][0], shelf[1] / shelf[1][0]
    assert first[0] == pytest.approx([1.53512485958697, -2.69169618940638, 1.19839281085285])
    assert first[1] == pytest.approx([1.0, -1.69065929318241, 0.73248077421585])
    assert high_pass[0] == pytest.approx([1.0, -2.0, 1.0])
    assert high_pass[1] == pytest.approx([1.0, -1.99004745483398, 0.99007225036621])


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 48000])
@pytest.mark.parametrize("seconds", [0.4, 2.0, 45.0])
def test_it_measures_what_pyloudnorm_does(rate: int, seconds: float) -> None:
    """Speech-like bursts with pauses, longer than one piece of the filters too."""
    pyloudnorm = pytest.importorskip("pyloudnorm")
    rng = np.random.default_rng(0)
    time = np.arange(int(rate * seconds)) / rate
    sound = np.sin(2 * np.pi * 180 * time) * np.maximum(0, np.sin(3 * time + 0.4))
    sound = (0.3 * sound + 0.003 * rng.standard_normal(len(time))).astype(np.float32)
    meter = pyloudnorm.Meter(rate, filter_class="DeMan")
    assert loudness(Audio(sound, rate)) == pytest.approx(
        meter.integrated_loudness(sound.astype(np.float64)), abs=2e-3
    )
