from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from emoanim.clips import Audio
from emoanim.sound.long_term_spectrum import long_term_spectrum
from emoanim.sound.spectral_map import SpectralMap, mapped, spectral_map

RATE = 24000


def sounds(dark: float, bright: float, seed: int = 0) -> Audio:
    """Two kinds of sound in turn, 0.2 s each: noise with a low-pass and noise with a high-pass."""
    rng = np.random.default_rng(seed)
    pieces = [
        lfilter([1.0], [1.0, -pole], rng.normal(0.0, 0.05, RATE // 5))
        for pole in (dark, bright) * 10
    ]
    return Audio(np.concatenate(pieces).astype(np.float32), RATE)


def away(a: Audio, b: Audio) -> float:
    """How far two long-term spectra lie apart in dB, whatever their level."""
    first, second = long_term_spectrum(a), long_term_spectrum(b)
    assert first is not None
    assert second is not None
    difference = first - second
    return float(np.std(difference))


def halves(audio: Audio) -> tuple[Audio, Audio]:
    pieces = audio.samples.reshape(-1, RATE // 5)
    return Audio(pieces[::2].ravel(), RATE), Audio(pieces[1::2].ravel(), RATE)


def test_each_kind_of_sound_gets_its_own_gain() -> None:
    source, target = sounds(0.6, -0.3), sounds(0.9, -0.8, seed=1)
    change = spectral_map(target, source)
    assert change is not None
    made = Audio(mapped(source.samples, change), RATE)
    assert away(made, target) < 0.4 * away(source, target)
    kinds = list(zip(*map(halves, (made, source, target)), strict=True))
    before = sum(away(old, wanted) for _, old, wanted in kinds)
    assert sum(away(new, wanted) for new, _, wanted in kinds) < 0.6 * before
    # one gain for all could not do both: they need opposite ones
    gains = change.gains[:, -1] - change.gains[:, 10]
    assert gains.max() > 1.0
    assert gains.min() < -1.0


def test_a_voice_is_brought_to_itself_unchanged() -> None:
    source = sounds(0.7, -0.5)
    change = spectral_map(source, source)
    assert change is not None
    assert np.abs(change.gains).max() < 0.5
    made = mapped(source.samples, change)
    assert made.dtype == np.float32
    assert np.std(made - source.samples) < 0.05 * np.std(source.samples)


@pytest.mark.parametrize("count", [0, 1, 255, 1024, 5001])
def test_the_length_is_kept(count: int) -> None:
    flat = SpectralMap(np.zeros((4, 12)), 1.0, np.zeros((4, 32)))
    samples = np.random.default_rng(0).normal(0.0, 0.1, count).astype(np.float32)
    made = mapped(samples, flat)
    assert len(made) == count
    assert np.abs(made - samples).max(initial=0.0) < 1e-6


def test_gains_are_bounded() -> None:
    source, target = sounds(0.0, 0.0), sounds(0.99, 0.99)
    change = spectral_map(target, source)
    assert change is not None
    assert np.abs(change.gains).max() <= 15.0
    reverse = spectral_map(source, target)
    assert reverse is not None
    # a fundamental that has nearly gone is heard as another pitch
    assert reverse.gains[:, :3].min() >= -4.0


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(RATE), np.ones(500)])
def test_too_little_gives_none(samples: np.ndarray) -> None:
    short = Audio(samples.astype(np.float32), RATE)
    assert spectral_map(short, sounds(0.7, -0.5)) is None
    assert spectral_map(sounds(0.7, -0.5), short) is None
