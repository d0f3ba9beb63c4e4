from __future__ import annotations

import numpy as np
import pytest
from vowels import vowels

from emoanim.clips import Audio
from emoanim.sound.fundamental import holds_fundamental
from emoanim.sound.signals import resample
from emoanim.sound.speaker import describe, formant_scale
from emoanim.sound.vocoder import pitch


def telephoned(audio: Audio, rate: int | None = None) -> Audio:
    """What a telephone passes: 300 to 3400 Hz with sharp edges; at 8 kHz in mu-law steps too."""
    sound = resample(audio, rate or audio.rate)
    spectrum = np.fft.rfft(sound.samples)
    frequency = np.fft.rfftfreq(len(sound.samples), 1.0 / sound.rate)
    spectrum[(frequency < 300.0) | (frequency > 3400.0)] = 0.0
    passed = np.fft.irfft(spectrum, len(sound.samples))
    if rate == 8000:
        pressed = np.sign(passed) * np.log1p(255.0 * np.abs(passed)) / np.log(256.0)
        steps = np.round(pressed * 127.0) / 127.0
        passed = np.sign(steps) * (256.0 ** np.abs(steps) - 1.0) / 255.0
    return Audio(passed.astype(np.float32), sound.rate)


@pytest.mark.parametrize("rate", [None, 8000])
@pytest.mark.parametrize("f0", [85.0, 96.0, 120.0, 150.0, 210.0, 260.0])
def test_pitch_by_telephone(f0: float, rate: int | None) -> None:
    heard = telephoned(vowels(f0), rate)
    assert not holds_fundamental(heard)
    found = describe(heard)
    assert found is not None
    assert 12 * abs(np.log2(found.f0 / f0)) < 0.5
    assert found.voiced > 1.5


@pytest.mark.parametrize("f0", [85.0, 120.0, 210.0])
def test_a_whole_recording_holds_its_fundamental(f0: float) -> None:
    assert holds_fundamental(vowels(f0))
    assert holds_fundamental(resample(vowels(f0), 8000))


@pytest.mark.parametrize("samples", [0, 100, 8000])
def test_silence_lacks_nothing(samples: int) -> None:
    assert holds_fundamental(Audio(np.zeros(samples, np.float32), 8000))


@pytest.mark.parametrize("f0", [110.0, 200.0])
def test_the_contour_by_telephone(f0: float) -> None:
    whole = vowels(f0)
    true = pitch(whole)
    found = pitch(telephoned(whole), f0)
    both = (true > 0) & (found > 0)
    assert both.mean() > 0.8
    assert np.median(np.abs(12 * np.log2(found[both] / true[both]))) < 0.3


def test_a_telephone_hides_no_vocal_tract() -> None:
    own, other = vowels(190.0), vowels(110.0, 0.88)
    whole, heard, voice = describe(other), describe(telephoned(other)), describe(own)
    assert whole is not None
    assert heard is not None
    assert voice is not None
    assert heard.formants is not None
    assert len(heard.formants) == 3
    assert formant_scale(heard, voice) == pytest.approx(formant_scale(whole, voice), rel=0.05)
