from __future__ import annotations

import numpy as np
import pytest

from emoanim.sound.colour import (
    effort_shape,
    formant_source,
    fundamental_shape,
    opening_shape,
    smooth,
)

FREQUENCY = np.linspace(0.0, 12000.0, 601)


def test_effort_lifts_what_lies_above_the_first_formant() -> None:
    shape = effort_shape(FREQUENCY)
    assert np.all(shape[FREQUENCY <= 340] == 0.0)
    assert shape[FREQUENCY == 1400] == pytest.approx(1.0)
    assert shape[FREQUENCY == 5000] == pytest.approx(1.0)
    assert shape[FREQUENCY == 10000] == pytest.approx(0.5)


def test_the_fundamental_is_reached_and_500_hz_is_not() -> None:
    f0 = np.array([100.0, 0.0, 250.0, 450.0])
    shape = fundamental_shape(FREQUENCY, f0)
    assert shape.shape == (4, 601)
    assert shape[0, 5] == 1.0
    assert shape[0, 15] == pytest.approx(0.5)
    assert shape[0, 25] == 0.0
    assert not shape[1].any()
    assert shape[2, FREQUENCY <= 250].min() == 1.0
    # a high voice: its own fundamental still, its second harmonic no more
    assert shape[3, FREQUENCY <= 440].min() == 1.0
    assert shape[3, FREQUENCY >= 675].max() == 0.0


def test_an_opening_mouth_takes_from_350_hz_and_gives_to_800_hz() -> None:
    shape = opening_shape(FREQUENCY)
    assert FREQUENCY[shape.argmax()] == pytest.approx(800.0, abs=40.0)
    assert FREQUENCY[shape.argmin()] == pytest.approx(350.0, abs=40.0)
    assert shape.max() == pytest.approx(0.95, abs=0.05)
    assert shape.min() == pytest.approx(-0.95, abs=0.05)
    assert np.abs(shape[(FREQUENCY <= 120) | (FREQUENCY >= 2000)]).max() < 0.05


def test_formants_move_and_the_top_stays() -> None:
    source = formant_source(FREQUENCY, 1.2, 1.1)
    assert source[FREQUENCY == 600] == pytest.approx(500.0)
    assert np.interp(1650.0, FREQUENCY, source) == pytest.approx(1500.0, abs=2.0)
    assert np.allclose(source[FREQUENCY >= 3500], FREQUENCY[FREQUENCY >= 3500])
    assert np.all(np.diff(source) > 0)
    assert np.allclose(formant_source(FREQUENCY, 1.0, 1.0), FREQUENCY)


def test_smoothing_keeps_the_mean_of_what_is_constant() -> None:
    assert np.allclose(smooth(np.ones((9, 2)), 5), 1.0)
    assert smooth(np.eye(1, 9, 4)[0], 3).tolist() == pytest.approx(
        [0, 0, 0, 1 / 3, 1 / 3, 1 / 3, 0, 0, 0]
    )
