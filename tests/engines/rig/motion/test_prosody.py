from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.engines.rig.motion.prosody import RATE, analyse


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
def test_level_and_silence_do_not_depend_on_the_rate(rate):
    t = np.arange(2 * rate) / rate
    sound = np.where((t > 0.5) & (t < 1.5), 0.3 * np.sin(2 * np.pi * 150 * t), 0.0)
    prosody = analyse(Audio(sound.astype(np.float32), rate))
    assert prosody.silent[: int(0.44 * RATE)].all()
    assert not prosody.silent[int(0.53 * RATE) : int(1.47 * RATE)].any()
    assert prosody.silent[int(1.56 * RATE) :].all()
    assert prosody.level[RATE] == pytest.approx(0.0, abs=0.5)


def test_a_short_dip_is_no_silence(make_speech):
    prosody = analyse(make_speech("AA 0.3 P 0.09 AA 0.3").audio)
    assert not prosody.silent[5:60].any()


def test_pitch_is_found(make_speech):
    low = make_speech("AA 0.5", pitch=120.0).audio.samples
    high = make_speech("AA 0.2", pitch=120.0 * 2 ** (4 / 12)).audio.samples
    prosody = analyse(Audio(np.concatenate([low, high, low]), 16000))
    assert prosody.pitch[25] == pytest.approx(0.0, abs=0.3)
    assert prosody.pitch[60] == pytest.approx(4.0, abs=0.6)
    assert len(prosody.accents) >= 1
    best = max(prosody.accents, key=lambda a: a.pitch)
    assert best.time == pytest.approx(0.6, abs=0.1)
    assert best.pitch > 2.0


def test_accents_fall_on_loud_syllables(make_speech):
    script = "SIL 0.4 " + "AA 0.15 T 0.08 " * 8 + "SIL 0.4"
    gains = [1.0] + [0.25, 1.0] * 8 + [1.0]
    gains[5] = gains[11] = 1.0
    prosody = analyse(make_speech(script, gains=gains).audio)
    times = [a.time for a in prosody.accents]
    for expected in (0.4 + 2 * 0.23 + 0.075, 0.4 + 5 * 0.23 + 0.075):
        assert min(abs(t - expected) for t in times) < 0.08
    assert np.diff(times).min() >= 0.28
    assert all(0.0 < a.strength <= 1.0 for a in prosody.accents)


def test_hiss_is_high_and_buzz_is_dark(make_speech):
    prosody = analyse(make_speech("AA 0.3 S 0.3 M 0.3").audio)
    assert prosody.high[45] > 0.5 > prosody.high[15]
    assert prosody.centre[75] < 700.0


def test_silence_and_very_short_sound():
    quiet = analyse(Audio(np.zeros(8000, np.float32), 16000))
    assert quiet.silent.all()
    assert quiet.accents == ()
    assert np.isfinite(analyse(Audio(np.ones(10, np.float32), 16000)).level).all()
    assert np.isfinite(analyse(Audio(np.zeros(0, np.float32), 16000)).level).all()
