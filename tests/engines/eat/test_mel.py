"""EAT's spectrogram and its windows."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from emoanim.engines.eat.mel import (
    mel_spectrogram,
    window_rows,
    windows,
)


def plain_spectrogram(samples):
    """The definition, sum by sum."""
    x = np.pad(samples.astype(float), 1024, mode="reflect")
    window = np.zeros(2048)
    window[704:1344] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(640) / 640)
    waves = np.exp(-2j * np.pi * np.outer(np.arange(1025), np.arange(2048)) / 2048)
    corners = 700 * (10 ** (np.linspace(0, 2595 * np.log10(1 + 8000 / 700), 82) / 2595) - 1)
    out = np.zeros((1 + len(samples) // 640, 80))
    for k in range(len(out)):
        power = np.abs(waves @ (x[640 * k : 640 * k + 2048] * window)) ** 2
        for b in range(80):
            low, middle, high = corners[b : b + 3]
            total = 0.0
            for i, value in enumerate(power):
                hertz = i * 16000 / 2048
                if low < hertz <= middle:
                    total += value * (hertz - low) / (middle - low)
                elif middle < hertz < high:
                    total += value * (high - hertz) / (high - middle)
            out[k, b] = (np.log(1e-5 + total) + 4) / 4
    return out


@pytest.mark.parametrize("count", [1280, 1919, 3200])
def test_the_spectrogram_follows_its_definition(count):
    samples = np.random.default_rng(count).standard_normal(count).astype(np.float32) * 0.1
    made = mel_spectrogram(samples)
    assert made.shape == (1 + count // 640, 80)
    assert np.abs(made - plain_spectrogram(samples)).max() < 1e-5


def test_silence_is_the_floor():
    assert np.allclose(mel_spectrogram(np.zeros(1280, np.float32)), (np.log(1e-5) + 4) / 4)


def test_windows_are_padded_outside_the_clip():
    values = np.arange(1, 8, dtype=np.float32)[:, None] * np.ones(3, np.float32)
    pad = np.full(3, -1, np.float32)
    made = windows(values, window_rows(0, 7), 6, pad)
    assert made.shape == (7, 11, 3)
    assert made[0, :, 0].tolist() == [-1] * 5 + [1, 2, 3, 4, 5, 6]
    assert made[5, :, 2].tolist() == [1, 2, 3, 4, 5, 6] + [-1] * 5
    assert made[6, :, 0].tolist() == [2, 3, 4, 5, 6] + [-1] * 6
    assert (windows(values, window_rows(3, 4), 7, pad) == made[3:4]).sum() == 30  # all but frame 6
