from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.sound.loudness import at_loudness, loudness


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
