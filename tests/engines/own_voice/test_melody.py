from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from emoanim.engines.own_voice import Take
from emoanim.engines.own_voice.melody import contour, median_pitch, trembling
from emoanim.engines.own_voice.spoken import Spoken
from emoanim.sound.emotional_cues import Cues


@pytest.fixture(scope="module")
def spoken(take: Take, talked: Any) -> Spoken:
    return Spoken.of(talked.phones, talked.words, take.level, [])


def test_the_median_is_the_speakers(take: Take) -> None:
    assert take.median == pytest.approx(129.0, abs=4.0)
    wild = take.f0.copy()
    wild[np.flatnonzero(wild > 0)[::6]] *= 2.0
    assert median_pitch(wild, take.level) == pytest.approx(take.median, rel=0.03)
    assert median_pitch(np.zeros(50), take.level[:50]) is None


def test_no_cues_give_the_own_contour(take: Take, spoken: Spoken) -> None:
    voiced = take.f0 > 0
    own = 12 * np.log2(take.f0[voiced] / 120.0)
    assert contour(take.f0, 120.0, spoken, Cues())[voiced] == pytest.approx(own, abs=1e-9)


def test_pitch_moves_all_and_spread_widens(take: Take, spoken: Spoken) -> None:
    voiced = take.f0 > 0
    plain = contour(take.f0, 120.0, spoken, Cues())[voiced]
    high = contour(take.f0, 120.0, spoken, Cues(pitch=4.0))[voiced]
    assert high - plain == pytest.approx(np.full(len(plain), 4.0))
    wide = contour(take.f0, 120.0, spoken, Cues(spread=1.5))[voiced]
    assert wide.std() == pytest.approx(1.5 * plain.std(), rel=0.02)


def test_what_widens_stays_within_an_octave_more(take: Take, spoken: Spoken) -> None:
    jumped = take.f0.copy()
    place = np.flatnonzero(jumped > 0)[40]
    jumped[place] *= 4.0
    wide = contour(jumped, 120.0, spoken, Cues(spread=2.0))
    assert wide[place] < 24.0 + 12.0 + 3.0


def test_endings_fall_and_the_mean_stays(take: Take, spoken: Spoken) -> None:
    voiced = take.f0 > 0
    change = contour(take.f0, 120.0, spoken, Cues(final=-3.0)) - contour(
        take.f0, 120.0, spoken, Cues()
    )
    last = voiced & (spoken.ends < 0.05)
    first = voiced & (spoken.ends > 0.6)
    assert change[last].mean() < change[first].mean() - 1.5
    assert change[voiced].mean() == pytest.approx(0.0, abs=1e-9)


def test_stressed_vowels_rise_and_light_words_do_not(
    take: Take, talked: Any, spoken: Spoken
) -> None:
    symbols = {talked.phones[place].symbol for place in spoken.stressed}
    assert "AO" not in symbols  # "or"
    assert len(symbols) == 3
    change = contour(take.f0, 120.0, spoken, Cues(accent=2.0)) - contour(
        take.f0, 120.0, spoken, Cues()
    )
    assert change[spoken.stress > 0.95].mean() > change[spoken.stress < 0.2].mean() + 1.0


def test_tremor_wobbles_at_its_rate() -> None:
    semitones, voiced = np.zeros(400), np.ones(400, bool)
    hertz = trembling(semitones, voiced, 100.0, Cues(tremor=0.5), np.random.default_rng(0))
    swings = 12 * np.log2(hertz / 100.0)
    assert np.abs(swings).max() == pytest.approx(0.5, abs=0.02)
    spectrum = np.abs(np.fft.rfft(swings))
    assert np.argmax(spectrum[1:]) + 1 == pytest.approx(5.5 * 2.0, abs=1.1)
    voiced[10:] = False
    assert not trembling(semitones, voiced, 100.0, Cues(), np.random.default_rng(0))[10:].any()
