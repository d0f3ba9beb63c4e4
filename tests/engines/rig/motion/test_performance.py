from __future__ import annotations

import numpy as np
import pytest

from emoanim.emotions import TARGETS, EmotionPrompt
from emoanim.engines.rig.motion.performance import perform

HAPPY = {"6": 0.8, "12": 1.0, "25": 0.6, "7": 0.2}
ANGER = {"4": 1.0, "5": 0.4, "7": 0.6, "23": 0.6, "24": 0.5, "17": 0.3}
CONTEMPT = {"12L": 0.7, "14L": 0.8, "2R": 0.2}
SCRIPT = "SIL 0.6 M 0.06 AA 0.15 T 0.05 UW 0.15 P 0.05 AE 0.2 SIL 0.9 B 0.05 AO 0.2 S 0.1 SIL 0.8"


@pytest.fixture(scope="module")
def speech(make_speech):
    return make_speech(SCRIPT)


def play(speech, word="happy", expression=HAPPY, **options):
    return perform(speech, EmotionPrompt.parse(word), expression=expression, **options)


def times_of(performance):
    return (np.arange(len(performance)) + 0.5) / performance.fps


@pytest.mark.parametrize("fps", [24.0, 25.0, 29.97])
def test_frames_cover_the_speech(speech, fps):
    performance = play(speech, fps=fps)
    assert len(performance) == int(np.ceil(speech.audio.duration * fps - 1e-6))
    assert performance.weights.dtype == performance.head.dtype == np.float32
    assert performance.weights.shape == (len(performance), len(performance.names))
    assert performance.head.shape == (len(performance), 6)
    assert len(set(performance.names)) == len(performance.names)


def test_same_seed_same_numbers_other_seed_others(speech):
    first, again, other = play(speech), play(speech), play(speech, seed=1)
    np.testing.assert_array_equal(first.weights, again.weights)
    np.testing.assert_array_equal(first.head, again.head)
    assert np.abs(first.head - other.head).max() > 0.1
    # The lips belong to the words, not to chance.
    np.testing.assert_allclose(first.of("26"), other.of("26"), atol=0.02)


def test_what_parts_the_lips_can_go_with_the_phones(speech):
    fear = {"25": 0.6, "16": 0.6, "20": 1.0}
    always = play(speech, "fear", fear)
    following = play(speech, "fear", fear, follows=1.0)
    times = times_of(always)

    def level(performance, symbol, unit):
        phone = next(p for p in speech.phones if p.symbol == symbol)
        frame = int(np.argmin(np.abs(times - (phone.start + phone.end) / 2)))
        return performance.of(unit)[frame]

    assert level(following, "S", "25") < level(always, "S", "25") - 0.05
    assert level(following, "AE", "25") > level(always, "AE", "25") + 0.05
    assert following.of("25")[-8:].max() < 0.7 * always.of("25")[-8:].min()
    # The corners are no business of the phones.
    np.testing.assert_array_equal(following.of("20"), always.of("20"))


def test_closures_win_over_the_smile(speech):
    performance = play(speech)
    times = times_of(performance)
    for phone in speech.phones:
        if phone.symbol in {"M", "P", "B"}:
            middle = (phone.start + phone.end) / 2
            frame = int(
                np.argmax(np.where(np.abs(times - middle) <= 0.04, performance.of("seal"), -1.0))
            )
            assert performance.of("seal")[frame] == 1.0
            assert performance.of("25")[frame] == 0.0
            assert performance.of("26")[frame] < 0.06


def test_a_smile_keeps_its_corners_up_while_speaking(speech):
    performance = play(speech)
    assert performance.of("12").min() > 0.55
    assert performance.of("6").min() > 0.55


def test_the_emotion_shows_from_the_first_frame_and_lives(speech):
    performance = play(speech)
    cheeks = performance.of("6") / HAPPY["6"]
    assert cheeks[0] >= 0.7
    assert cheeks[10:].min() > 0.74
    assert cheeks.max() < 1.2
    assert cheeks[15:].std() > 0.005


def test_contempt_stays_one_sided(speech):
    performance = play(speech, "contempt", CONTEMPT)
    assert performance.of("12L").min() > 0.35
    assert performance.of("12R").max() == 0.0
    assert performance.of("14R").max() == 0.0


def test_jaws_differ_by_emotion(speech):
    sad = play(speech, "very sad", {"15": 0.8}).of("26").max()
    happy = play(speech, "very happy", {"12": 0.8}).of("26").max()
    assert sad < 0.8 * happy


def test_the_mouth_is_closed_and_still_when_nothing_is_said(speech):
    performance = play(speech, "anger", ANGER)
    times = times_of(performance)
    silent = (times < 0.48) | ((times > 1.42) & (times < 2.02)) | (times > 2.75)
    assert performance.of("seal")[silent].min() > 0.99
    assert performance.of("26")[silent].max() < 0.01
    assert performance.of("25")[silent].max() < 0.01
    # What moves is only the slow life of the expression.
    mouth = np.stack([performance.of(n) for n in ("17", "23", "24")], axis=1)
    assert np.abs(np.diff(mouth, axis=0))[silent[1:] & silent[:-1]].max() < 0.04


def test_open_vowels_are_not_sealed(speech):
    performance = play(speech, "anger", ANGER)
    times = times_of(performance)
    for phone in speech.phones:
        if phone.symbol in {"AA", "AE", "AO"}:
            inside = (times > phone.start + 0.03) & (times < phone.end - 0.03)
            assert performance.of("seal")[inside].min() < 0.3
            assert performance.of("26")[inside].max() > 0.25


def test_without_an_expression_only_speech_moves_the_mouth(speech):
    performance = play(speech, expression={}, keep_mouth=True)
    times = times_of(performance)
    for name in ("26", "25", "seal", "20", "18"):
        assert performance.of(name)[times < 0.45].max() == 0.0
    assert performance.of("12").max() == 0.0
    assert performance.of("43").max() > 0.4


def test_eyes_blink_and_the_raised_lid_yields(make_speech):
    long = make_speech("SIL 0.3 " + "AA 0.2 M 0.08 " * 30 + "SIL 0.3")
    performance = play(long, "fear", {"1": 0.8, "5": 0.9})
    shut = performance.of("43") >= 0.95
    assert shut.any()
    assert performance.of("5")[shut].max() < 0.1


def test_brows_flash_with_the_pitch(make_speech):
    speech = make_speech("SIL 0.4 " + "AA 0.15 T 0.05 " * 8 + "SIL 0.4")
    flat = play(speech, "neutral", {})
    samples = speech.audio.samples.copy()
    high = make_speech("AA 0.2", pitch=160.0).audio.samples
    samples[16000 : 16000 + len(high)] = 1.3 * high
    object.__setattr__(speech.audio, "samples", samples)
    accented = play(speech, "neutral", {})
    assert accented.of("2").max() > flat.of("2").max() + 0.03
    assert times_of(accented)[accented.of("2").argmax()] == pytest.approx(1.1, abs=0.15)


def test_units_leave_zeros_out(speech):
    performance = play(speech, expression={})
    units = performance.units(0)
    assert 0.0 not in units.values()
    assert set(units) <= set(performance.names)


def test_a_neutral_mouth_is_closed_at_rest(speech):
    assert play(speech, "neutral", {}).of("seal")[0] == 1.0
    assert play(speech, "neutral", {}, keep_mouth=True).of("seal")[0] == 0.0


@pytest.mark.parametrize("emotion", TARGETS)
@pytest.mark.parametrize("phones", [True, False])
def test_every_emotion_can_be_performed(make_speech, emotion, phones):
    speech = make_speech(SCRIPT, phones=phones)
    performance = perform(speech, EmotionPrompt(emotion, 1.0), expression=HAPPY)
    assert np.isfinite(performance.weights).all()
    assert np.abs(performance.weights).max() < 1.6


def test_silence_can_be_performed(make_speech):
    performance = play(make_speech("SIL 2.0", phones=False))
    assert performance.of("26").max() < 1e-6
