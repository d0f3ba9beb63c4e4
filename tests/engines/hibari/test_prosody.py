from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.hibari.delivery import (
    creak_curve,
    energy_curve,
    pitch_curve,
    timed,
)
from emoanim.engines.hibari.network import Spectra
from emoanim.engines.hibari.phone_times import LAG, phones
from emoanim.engines.hibari.reading import Symbol
from emoanim.engines.hibari.styles import STYLES, Style, style_of
from emoanim.engines.hibari.timbre import coloured, effort_shape, rough_pitch

# "həlˈO, ɜɹ sɪː." in the network's letters
SYMBOLS = [
    Symbol("h", 0, 0.0),
    Symbol("ə", 0, 0.0),
    Symbol("l", 0, 0.0),
    Symbol("ˈ", 0, 0.0),
    Symbol("O", 0, 1.0),
    Symbol(",", -1, 0.0),
    Symbol(" ", -1, 0.0),
    Symbol("ɜ", 1, 0.5),
    Symbol("ɹ", 1, 0.0),
    Symbol(" ", -1, 0.0),
    Symbol("s", 2, 0.0),
    Symbol("ɪ", 2, 0.5),
    Symbol("ː", 2, 0.0),
    Symbol(".", -1, 0.0),
]
RAW = np.array([13, 3, 2, 3, 1, 6, 6, 2, 4, 3, 1, 4, 5, 2, 8, 20], float)
PLAIN = Style()


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_styles_scale_with_intensity() -> None:
    assert style_of(EmotionPrompt(Emotion.ANGER, 0.0)) == PLAIN
    assert style_of(EmotionPrompt(Emotion.ANGER, 1.0)) == STYLES[Emotion.ANGER]
    half = style_of(EmotionPrompt(Emotion.ANGER, 0.5))
    assert half.pitch == STYLES[Emotion.ANGER].pitch / 2
    assert half.pace == (1 + STYLES[Emotion.ANGER].pace) / 2
    assert style_of(EmotionPrompt(Emotion.NEUTRAL, 1.0)) == PLAIN


def test_every_emotion_differs_from_every_other() -> None:
    assert len(set(STYLES.values())) == len(Emotion) == len(STYLES)


@pytest.mark.parametrize("pace", [0.7, 1.0, 1.37, 1.9])
def test_rounding_is_carried_on(pace: float) -> None:
    out = timed(RAW, SYMBOLS, PLAIN, pace)
    assert out.min() >= 1
    # the pads are cut to 5 and 4 frames
    assert out.sum() == pytest.approx((RAW[1:-1].sum() + 9) / pace, abs=2.0)


def test_pauses_and_stressed_vowels_are_stretched() -> None:
    plain = timed(RAW, SYMBOLS, PLAIN, 1.0)
    slow = timed(RAW, SYMBOLS, replace(PLAIN, pause=2.0, stretch=0.5), 1.0)
    assert slow[6] == 2 * plain[6]
    assert slow[5] == 1.5 * plain[5]
    assert slow[1] == plain[1]


def curve(style: Style, base: float = 120.0) -> np.ndarray:
    durations = timed(RAW, SYMBOLS, PLAIN, 1.0)
    f0 = np.full(2 * durations.sum(), 190.0, np.float32)
    f0[20:24] = 0.0
    return pitch_curve(f0, SYMBOLS, durations, style, base, rng())


def semitones(hertz: np.ndarray) -> np.ndarray:
    return 12 * np.log2(hertz[hertz > 0] / 120.0)


def test_pitch_moves_where_the_style_says() -> None:
    assert np.allclose(semitones(curve(PLAIN)), 0.0, atol=1e-4)
    assert np.all(curve(PLAIN)[20:24] == 0.0)
    assert np.allclose(semitones(curve(replace(PLAIN, pitch=5.0))), 5.0, atol=1e-4)
    falling = semitones(curve(replace(PLAIN, final=-3.0)))
    assert falling[-1] < falling.max() - 2.5
    assert falling.mean() == pytest.approx(0.0, abs=1e-6)
    sloping = semitones(curve(replace(PLAIN, slope=-2.0)))
    assert sloping[0] - sloping[10] > 0.3
    accented = curve(replace(PLAIN, accent=4.0))
    stressed = 2 * (timed(RAW, SYMBOLS, PLAIN, 1.0)[:6].sum() - 3 - LAG)
    assert abs(int(np.argmax(accented)) - stressed) <= 3
    assert np.std(semitones(curve(replace(PLAIN, tremor=0.5)))) == pytest.approx(0.35, abs=0.08)


def test_spread_widens_the_melody() -> None:
    durations = timed(RAW, SYMBOLS, PLAIN, 1.0)
    f0 = (190.0 * 2 ** (np.sin(np.arange(2 * durations.sum()) / 9) / 6)).astype(np.float32)
    plain, wide = (
        semitones(pitch_curve(f0, SYMBOLS, durations, replace(PLAIN, spread=s), 120.0, rng()))
        for s in (1.0, 1.5)
    )
    assert np.std(wide) == pytest.approx(1.5 * np.std(plain), rel=1e-3)
    assert not pitch_curve(f0 * 0, SYMBOLS, durations, PLAIN, 120.0, rng()).any()


def test_energy_is_pushed_and_punched() -> None:
    durations = timed(RAW, SYMBOLS, PLAIN, 1.0)
    plain = np.zeros(2 * durations.sum(), np.float32)
    pushed = energy_curve(plain, SYMBOLS, durations, replace(PLAIN, push=1.0, punch=2.0), rng())
    assert pushed.min() == pytest.approx(1.0, abs=0.2)
    assert pushed.max() > 2.3


def test_creak_sits_at_the_ends_of_phrases() -> None:
    durations = timed(RAW * 4, SYMBOLS, PLAIN, 1.0)
    f0 = np.full(2 * durations.sum(), 120.0)
    creak = creak_curve(f0, SYMBOLS, durations, replace(PLAIN, creak=0.6))
    assert creak[-1] == pytest.approx(0.6)
    assert creak[0] == 0.0
    assert not creak_curve(f0, SYMBOLS, durations, PLAIN).any()
    pitch = rough_pitch(f0, creak, PLAIN, rng())
    assert pitch[-1] < 105.0
    assert pitch[0] == 120.0
    assert rough_pitch(np.array([50.0, 0.0]), np.ones(2), PLAIN, rng()).tolist() == [45.0, 0.0]


def spectra(steps: int = 40) -> Spectra:
    flat = np.zeros((601, steps), np.float32)
    return Spectra(flat, flat, flat - 9.0, flat - 4.0, flat)


def test_effort_brightens_voiced_sound_most() -> None:
    f0 = np.repeat([190.0, 0.0], 20)
    out = coloured(spectra(), f0, replace(PLAIN, effort=8.0), rng())
    decibels = out.harmonic * 20 / np.log(10)
    assert decibels[100, 5] == pytest.approx(8.0, abs=0.01)
    assert decibels[10, 5] == pytest.approx(0.0, abs=0.01)
    assert 2.0 < decibels[100, 35] < 4.0
    assert np.allclose(out.free - spectra().free, out.harmonic, atol=1e-5)
    assert effort_shape(np.array([0.0, 350.0, 1400.0, 5000.0, 10000.0])).tolist() == [
        0.0,
        0.0,
        1.0,
        1.0,
        0.5,
    ]


def test_breath_adds_noise_above_the_low_harmonics() -> None:
    f0 = np.repeat([190.0, 0.0], 20)
    out = coloured(spectra(), f0, replace(PLAIN, breath=1.0), rng())
    assert out.noise[200, 5] > -2.0
    assert out.noise[10, 5] < -4.0
    assert out.noise[200, 35] == pytest.approx(-7.9, abs=1.0)


def test_low_pitches_get_a_fundamental() -> None:
    lacking = spectra()
    lacking.harmonic[:9] = -6.0
    low = coloured(lacking, np.full(40, 100.0), PLAIN, rng()).harmonic
    high = coloured(lacking, np.full(40, 190.0), PLAIN, rng()).harmonic
    assert low[5, 20] == pytest.approx(-3 * np.log(10) / 20, abs=1e-3)
    assert high[5, 20] == -6.0


def test_sounds_and_their_times() -> None:
    durations = np.array([5, 3, 2, 3, 1, 6, 6, 2, 4, 3, 1, 4, 5, 2, 8, 4])
    found = phones(SYMBOLS, durations, 0.025)
    assert [p.symbol for p in found] == [
        "SIL",
        "HH",
        "AH",
        "L",
        "OW",
        "SIL",
        "ER",
        "S",
        "IH",
        "SIL",
    ]
    assert found[0].start == 0.0
    assert found[1].start == pytest.approx((5 - LAG) * 0.025)
    assert found[4].end - found[4].start == pytest.approx(7 * 0.025)
    assert found[-1].end == pytest.approx(durations.sum() * 0.025)
    assert all(a.end == b.start for a, b in pairwise(found))
