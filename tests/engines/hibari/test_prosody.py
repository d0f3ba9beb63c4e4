from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from emoanim.engines.hibari.delivery import (
    creak_curve,
    energy_curve,
    lengths,
    pitch_curve,
    rested,
    timed,
)
from emoanim.engines.hibari.network import Spectra
from emoanim.engines.hibari.phone_times import LAG, phones
from emoanim.engines.hibari.reading import Symbol
from emoanim.engines.hibari.timbre import coloured, rough_pitch
from emoanim.sound.emotional_cues import Cues

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
PLAIN = Cues()
NO_COLOUR = np.zeros(0)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def frames(cues: Cues = PLAIN, pace: float = 1.0) -> np.ndarray:
    return timed(lengths(RAW, SYMBOLS, cues) / pace)


@pytest.mark.parametrize("pace", [0.7, 1.0, 1.37, 1.9])
def test_rounding_is_carried_on(pace: float) -> None:
    out = frames(pace=pace)
    assert out.min() >= 1
    # the pads are cut to 5 and 4 frames
    assert out.sum() == pytest.approx((RAW[1:-1].sum() + 9) / pace, abs=2.0)


def test_stressed_vowels_are_stretched() -> None:
    plain, slow = frames(), frames(replace(PLAIN, stretch=0.5))
    assert slow[5] == 1.5 * plain[5]
    assert slow[1] == plain[1]
    assert slow[6] == plain[6]


def test_marks_rest_as_long_as_they_are_told() -> None:
    rest = rested(RAW, SYMBOLS, {5: 20.0}, 0.5)
    assert rest[6] == 20.0
    assert rest[14] == RAW[14] / 2
    assert np.array_equal(np.delete(rest, [6, 14]), np.delete(RAW, [6, 14]))


def curve(cues: Cues, base: float = 120.0) -> np.ndarray:
    durations = frames()
    f0 = np.full(2 * durations.sum(), 190.0, np.float32)
    f0[20:24] = 0.0
    return pitch_curve(f0, SYMBOLS, durations, cues, base, rng())


def semitones(hertz: np.ndarray) -> np.ndarray:
    return 12 * np.log2(hertz[hertz > 0] / 120.0)


def test_pitch_moves_where_the_cues_say() -> None:
    assert np.allclose(semitones(curve(PLAIN)), 0.0, atol=1e-4)
    assert np.all(curve(PLAIN)[20:24] == 0.0)
    assert np.allclose(semitones(curve(replace(PLAIN, pitch=5.0))), 5.0, atol=1e-4)
    falling = semitones(curve(replace(PLAIN, final=-3.0)))
    assert falling[-1] < falling.max() - 2.5
    assert falling.mean() == pytest.approx(0.0, abs=1e-6)
    sloping = semitones(curve(replace(PLAIN, slope=-2.0)))
    assert sloping[0] - sloping[10] > 0.3
    accented = curve(replace(PLAIN, accent=4.0))
    stressed = 2 * (frames()[:6].sum() - 3 - LAG)
    assert abs(int(np.argmax(accented)) - stressed) <= 3
    assert np.std(semitones(curve(replace(PLAIN, tremor=0.5)))) == pytest.approx(0.35, abs=0.08)


def test_spread_widens_the_melody() -> None:
    durations = frames()
    f0 = (190.0 * 2 ** (np.sin(np.arange(2 * durations.sum()) / 9) / 6)).astype(np.float32)
    plain, wide = (
        semitones(pitch_curve(f0, SYMBOLS, durations, replace(PLAIN, spread=s), 120.0, rng()))
        for s in (1.0, 1.5)
    )
    assert np.std(wide) == pytest.approx(1.5 * np.std(plain), rel=1e-3)
    assert not pitch_curve(f0 * 0, SYMBOLS, durations, PLAIN, 120.0, rng()).any()


def test_energy_swings_and_punches() -> None:
    durations = frames()
    plain = np.linspace(-1.0, 1.0, 2 * durations.sum()).astype(np.float32)
    wide = energy_curve(plain, SYMBOLS, durations, replace(PLAIN, swing=1.4), rng())
    # the first word is eased in: an unstressed "The" would not be heard
    assert np.allclose(wide[:10], plain[:10], atol=1e-6)
    assert np.allclose(wide[34:], 1.4 * plain[34:], atol=1e-6)
    punched = energy_curve(plain, SYMBOLS, durations, replace(PLAIN, punch=2.0), rng()) - plain
    assert punched.min() == pytest.approx(0.0, abs=0.2)
    assert punched.max() > 1.3


def test_creak_sits_at_the_ends_of_phrases() -> None:
    durations = timed(lengths(RAW * 4, SYMBOLS, PLAIN))
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
    out = coloured(spectra(), f0, replace(PLAIN, effort=8.0), NO_COLOUR, rng())
    decibels = out.harmonic * 20 / np.log(10)
    assert decibels[100, 5] == pytest.approx(8.0, abs=0.01)
    assert decibels[10, 5] == pytest.approx(0.0, abs=0.01)
    assert 2.0 < decibels[100, 35] < 4.0
    assert np.allclose(out.free - spectra().free, out.harmonic, atol=1e-5)


def test_formants_move_and_the_fundamental_weakens() -> None:
    peaked = spectra()
    peaked.harmonic[25] = 3.0
    peaked.harmonic[75] = 3.0
    out = coloured(peaked, np.full(40, 190.0), replace(PLAIN, f1=1.2, f2=1.1), NO_COLOUR, rng())
    assert out.harmonic[15:45, 5].argmax() + 15 == 30
    assert out.harmonic[60:100, 5].argmax() + 60 in (82, 83)
    weak = coloured(
        spectra(), np.full(40, 200.0), replace(PLAIN, fundamental=-6.0), NO_COLOUR, rng()
    )
    decibels = weak.harmonic[:, 5] * 20 / np.log(10)
    assert decibels[9] == pytest.approx(-6.0, abs=0.01)
    assert decibels[25:].max() == pytest.approx(0.0, abs=0.01)


def test_the_speakers_colour_is_taken_on() -> None:
    colour = np.linspace(-6.0, 6.0, 601)
    out = coloured(spectra(), np.full(40, 190.0), PLAIN, colour, rng())
    assert np.allclose(out.harmonic[:, 5] * 20 / np.log(10), colour, atol=1e-4)


def test_breath_adds_noise_above_the_low_harmonics() -> None:
    f0 = np.repeat([190.0, 0.0], 20)
    out = coloured(spectra(), f0, replace(PLAIN, breath=1.0), NO_COLOUR, rng())
    assert out.noise[200, 5] > -2.0
    assert out.noise[10, 5] < -4.0
    assert out.noise[200, 35] == pytest.approx(-7.9, abs=1.0)


def test_low_pitches_get_a_fundamental() -> None:
    lacking = spectra()
    lacking.harmonic[:9] = -6.0
    low = coloured(lacking, np.full(40, 100.0), PLAIN, NO_COLOUR, rng()).harmonic
    high = coloured(lacking, np.full(40, 190.0), PLAIN, NO_COLOUR, rng()).harmonic
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
