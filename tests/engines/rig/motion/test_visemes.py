from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim.clips import Audio, Phone
from emoanim.engines.rig.motion.prosody import analyse
from emoanim.engines.rig.motion.visemes import (
    LIP_UNITS,
    Lips,
    lips_from_phones,
    lips_from_sound,
    trimmed,
)

FPS = 25.0
BILABIAL = {"P", "B", "M"}


def frame_times(duration, fps=FPS):
    return (np.arange(int(np.ceil(duration * fps))) + 0.5) / fps


def lips_of(speech, fps=FPS):
    prosody = analyse(speech.audio)
    times = frame_times(speech.audio.duration, fps)
    return lips_from_phones(speech.phones, prosody, times), times


def unit(lips: Lips, name: str):
    return lips.weights[:, LIP_UNITS.index(name)]


def peak(lips, times, name, phone, margin=0.03):
    inside = (times >= phone.start - margin) & (times <= phone.end + margin)
    return unit(lips, name)[inside].max()


def test_every_bilabial_has_a_frame_in_which_the_lips_meet(make_speech):
    script = "SIL 0.3 M 0.05 AA 0.12 P 0.04 AH 0.05 B 0.03 AE 0.2 T 0.05 M 0.02 IY 0.1 SIL 0.4"
    speech = make_speech(script)
    lips, times = lips_of(speech)
    for phone in speech.phones:
        if phone.symbol in BILABIAL:
            near = np.abs(times - (phone.start + phone.end) / 2) <= 1 / FPS
            assert unit(lips, "seal")[near].max() == 1.0, phone
            closed = near & (unit(lips, "seal") == 1.0)
            assert unit(lips, "26")[closed].min() <= 0.12


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(["P", "AA", "M", "IY", "F", "T", "UW", "B", "S", "SIL", "AY"]),
        min_size=1,
        max_size=14,
    ),
    st.floats(0.03, 0.2),
    st.sampled_from([24.0, 25.0, 29.97, 50.0]),
)
def test_any_phones_give_finite_weights_and_all_contacts(symbols, length, fps):
    phones = [Phone(s, i * length, (i + 1) * length) for i, s in enumerate(symbols)]
    duration = length * len(symbols)
    rng = np.random.default_rng(0)
    audio = Audio(0.2 * rng.standard_normal(int(16000 * duration)).astype(np.float32), 16000)
    times = frame_times(duration, fps)
    lips = lips_from_phones(phones, analyse(audio), times)
    assert np.isfinite(lips.weights).all()
    assert lips.weights.min() >= 0.0
    assert lips.weights.max() <= 1.3
    for phone in phones:
        if phone.symbol in BILABIAL:
            near = np.abs(times - (phone.start + phone.end) / 2) <= 1.01 / fps
            assert unit(lips, "seal")[near].max() == 1.0


def test_the_vowel_between_two_closures_is_seen(make_speech):
    speech = make_speech("SIL 0.3 P 0.06 AA 0.09 P 0.06 AA 0.2 SIL 0.3")
    lips, times = lips_of(speech)
    vowel = (times > 0.36) & (times < 0.45)
    assert unit(lips, "seal")[vowel].min() <= 0.3


def test_f_and_v_bring_the_lip_to_the_teeth(make_speech):
    speech = make_speech("SIL 0.3 AA 0.15 F 0.08 AA 0.15 V 0.03 IY 0.15 SIL 0.3")
    lips, times = lips_of(speech)
    for phone in (speech.phones[2], speech.phones[4]):
        assert peak(lips, times, "28", phone) >= 0.9
    assert unit(lips, "seal").max() < 0.01


def test_lips_round_before_the_rounded_vowel(make_speech):
    rounded, _ = lips_of(make_speech("SIL 0.3 AA 0.1 S 0.12 T 0.10 UW 0.2 SIL 0.4"), 100.0)
    spread, _ = lips_of(make_speech("SIL 0.3 AA 0.1 S 0.12 T 0.10 IY 0.2 SIL 0.4"), 100.0)
    lead = unit(rounded, "18")[52:61] - unit(spread, "18")[52:61]  # 100 to 10 ms before the vowel
    assert lead[-1] > 0.2
    assert lead[1] > 0.02
    assert abs(unit(rounded, "18")[35] - unit(spread, "18")[35]) < 1e-6


def test_closures_do_not_undo_rounding(make_speech):
    speech = make_speech("SIL 0.3 M 0.08 UW 0.12 V 0.07 SIL 0.3")
    lips, times = lips_of(speech)
    assert peak(lips, times, "18", speech.phones[2]) > 0.4


@pytest.mark.parametrize("vowel", ["AA", "AE", "AO", "AW", "AY"])
def test_open_vowels_open_more_than_close_ones(make_speech, vowel):
    speech = make_speech(f"SIL 0.3 T 0.05 {vowel} 0.18 T 0.05 IY 0.18 T 0.05 SIL 0.3")
    lips, times = lips_of(speech)
    assert peak(lips, times, "26", speech.phones[2]) > 0.45
    assert peak(lips, times, "26", speech.phones[4]) < 0.3


def test_short_and_soft_vowels_open_less(make_speech):
    script = "SIL 0.3 T 0.05 AA {} T 0.05 IY 0.1 T 0.05 AA 0.2 SIL 0.3"
    long, times = lips_of(make_speech(script.format(0.2)))
    long_peak = unit(long, "26")[(times > 0.3) & (times < 0.6)].max()
    short, times = lips_of(make_speech(script.format(0.05)))
    assert unit(short, "26")[(times > 0.3) & (times < 0.44)].max() < 0.75 * long_peak
    soft, times = lips_of(make_speech(script.format(0.2), gains=[1, 1, 0.1, 1, 1, 1, 1, 1]))
    assert unit(soft, "26")[(times > 0.3) & (times < 0.6)].max() < 0.75 * long_peak


def test_the_mouth_rests_in_pauses_and_starts_before_the_sound(make_speech):
    lips, times = lips_of(make_speech("SIL 0.8 AA 0.3 SIL 0.8 AE 0.3 SIL 0.8"), 100.0)
    moving = lips.weights.max(axis=1) > 1e-3
    still = ~((times > 0.67) & (times < 1.25)) & ~((times > 1.77) & (times < 2.35))
    assert not moving[still].any()
    assert lips.activity[still].max() == 0.0
    started = times[np.flatnonzero(moving)[0]]
    assert 0.69 <= started <= 0.78


def test_a_short_pause_does_not_close_the_mouth(make_speech):
    lips, times = lips_of(make_speech("SIL 0.3 AA 0.2 SIL 0.06 AA 0.2 SIL 0.4"))
    assert unit(lips, "26")[(times > 0.5) & (times < 0.56)].min() > 0.3


def test_a_phone_that_runs_into_silence_is_cut(make_speech):
    speech = make_speech("SIL 0.3 AA 0.3 SIL 1.0")
    late = [Phone("SIL", 0.0, 0.3), Phone("AA", 0.3, 1.6)]
    prosody = analyse(speech.audio)
    assert trimmed(late, prosody)[1].end == pytest.approx(0.65, abs=0.06)
    times = frame_times(1.6)
    lips = lips_from_phones(late, prosody, times)
    assert lips.weights[times > 0.85].max() == pytest.approx(0.0, abs=1e-3)


def test_stress_digits_and_case_do_not_matter(make_speech):
    speech = make_speech("SIL 0.3 M 0.08 AA 0.2 SIL 0.3")
    prosody, times = analyse(speech.audio), frame_times(0.88)
    other = [
        Phone({"AA": "aa1", "M": "m"}.get(p.symbol, p.symbol), p.start, p.end)
        for p in speech.phones
    ]
    np.testing.assert_array_equal(
        lips_from_phones(other, prosody, times).weights,
        lips_from_phones(speech.phones, prosody, times).weights,
    )


def test_unknown_symbols_and_gaps_are_survived(make_speech):
    speech = make_speech("SIL 0.3 AA 0.2 T 0.1 AA 0.2 SIL 0.3")
    odd = [Phone("AA", 0.3, 0.5), Phone("+NOISE+", 0.5, 0.6), Phone("AA", 0.6, 0.8)]
    lips = lips_from_phones(odd, analyse(speech.audio), frame_times(1.1))
    assert np.isfinite(lips.weights).all()
    assert unit(lips, "26").max() > 0.4


def test_without_phones_the_lips_follow_the_sound(make_speech):
    speech = make_speech("SIL 0.5 AA 0.2 P 0.07 AA 0.2 S 0.15 AA 0.2 SIL 0.8", phones=False)
    prosody, times = analyse(speech.audio), frame_times(speech.audio.duration)
    lips = lips_from_sound(prosody, times)
    jaw = unit(lips, "26")
    assert jaw[(times > 0.55) & (times < 0.68)].min() > 0.3
    assert jaw[(times > 1.02) & (times < 1.08)].max() < 0.5 * jaw.max()
    assert unit(lips, "seal")[(times > 0.68) & (times < 0.8)].max() > 0.6
    assert lips.weights[(times < 0.35) | (times > 1.6)].max() < 0.02


def test_silence_moves_nothing():
    prosody, times = analyse(Audio(np.zeros(16000, np.float32), 16000)), frame_times(1.0)
    assert lips_from_sound(prosody, times).weights.max() == 0.0
    assert lips_from_phones((), prosody, times).weights.max() == 0.0
