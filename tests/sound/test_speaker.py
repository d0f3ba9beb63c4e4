from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vowels import RATE, vowels

from emoanim.clips import Audio
from emoanim.sound.speaker import Speaker, describe, formant_scale


@pytest.mark.parametrize("f0", [85.0, 120.0, 210.0, 300.0])
def test_pitch(f0: float) -> None:
    found = describe(vowels(f0))
    assert found is not None
    assert 12 * abs(np.log2(found.f0 / f0)) < 0.3
    assert found.voiced > 2.0
    assert found.spread < 2.0


@pytest.mark.parametrize("scale", [0.85, 0.92, 1.08])
def test_formant_scale_follows_the_vocal_tract(scale: float) -> None:
    plain, other = describe(vowels(120.0)), describe(vowels(120.0, scale))
    assert plain is not None
    assert other is not None
    # A third of the weight lies on the pitch, which says 1 here.
    expected = scale ** (2 / 3)
    assert formant_scale(other, plain) == pytest.approx(expected, abs=0.025)
    assert formant_scale(plain, plain) == 1.0


def test_pitch_alone_decides_where_no_formants_are_known() -> None:
    low = Speaker(100.0, 3.0, 4.0, None)
    high = Speaker(200.0, 3.0, 4.0, None)
    assert formant_scale(low, high) == pytest.approx(0.5**0.3)
    assert formant_scale(replace(low, f0=40.0), high) == 0.75


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(0),
        np.zeros(RATE),
        np.random.default_rng(0).standard_normal(RATE) * 0.1,
        vowels(120.0).samples[:2000],
    ],
    ids=["empty", "silent", "noise", "short"],
)
def test_too_little_voice_is_said(samples: np.ndarray) -> None:
    assert describe(Audio(samples.astype(np.float32), RATE)) is None
