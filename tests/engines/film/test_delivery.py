from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.film.delivery import expression_of, follows_phones, strengths, taken
from emoanim.engines.film.relaxed_skin import REGIONS
from emoanim.engines.rig.expressions.expression import UNITS
from emoanim.engines.rig.expressions.presets import emotion_units
from emoanim.engines.rig.eyes.lids import lid_motion


def sound(*parts: tuple[float, float]) -> Audio:
    """Return a buzz of seconds and loudness."""
    pieces = []
    for seconds, loud in parts:
        t = np.arange(round(seconds * 16000)) / 16000
        pieces.append(loud * sum(np.sin(2 * np.pi * 130 * k * t) / k for k in range(1, 9)))
    return Audio(np.concatenate(pieces).astype(np.float32), 16000)


def test_it_comes_and_goes_and_never_jumps() -> None:
    audio = sound((1.0, 0.05), (0.2, 0.3), (1.0, 0.05), (0.8, 0.0), (1.0, 0.1))
    times = np.arange(100) / 25
    found = strengths(audio, times)
    assert found[0] < 0.7
    assert found[-1] < 0.9
    assert found.max() <= 1.12
    assert np.abs(np.diff(found)).max() < 0.06


def test_stress_shows_and_a_pause_lets_go() -> None:
    audio = sound((1.0, 0.05), (0.2, 0.4), (1.0, 0.05), (0.8, 0.0), (1.0, 0.1))
    times = np.arange(100) / 25
    found = strengths(audio, times)
    stressed, before, pause = found[27], found[20], found[65]
    assert stressed > before > pause


def test_a_frown_gives_way_to_joy_but_not_to_anger() -> None:
    own = np.zeros(len(UNITS))
    own[UNITS.index("4")] = 1.0
    joy = taken(EmotionPrompt.parse("very happy")).of(own)["4"]
    anger = taken(EmotionPrompt.parse("very angry")).of(own)["4"]
    assert joy > 2 * anger


def test_what_speech_does_stays() -> None:
    own = np.ones(len(UNITS))
    gone = taken(EmotionPrompt.parse("very sad")).of(own)
    assert not {"26", "18", "20", "10L", "10R"} & set(gone)


def test_a_faint_emotion_takes_little() -> None:
    own = np.ones(len(UNITS))
    faint = taken(EmotionPrompt.parse("slightly happy")).of(own)["15"]
    assert 0 < faint < taken(EmotionPrompt.parse("happy")).of(own)["15"]


def test_silence_is_no_error() -> None:
    assert strengths(Audio(np.zeros(1600, np.float32), 16000), np.zeros(1)) == pytest.approx(
        [0.54], abs=0.1
    )


def test_neutral_calms_the_whole_face_and_joy_leaves_the_mouth() -> None:
    neutral, happy = (taken(EmotionPrompt.parse(e)) for e in ("neutral", "happy"))
    assert neutral.brows == neutral.corners == 1.0
    assert neutral.opening < 0.7 < happy.opening
    assert neutral.mouth > 2 * happy.mouth


def test_nothing_asked_leaves_the_face_alone() -> None:
    off = taken(EmotionPrompt(Emotion.NEUTRAL, 0.0))
    assert (off.brows, off.corners, off.mouth, off.opening, off.lids) == (0, 0, 0, 1, 0)
    assert not off.shares.any()


def test_a_blend_takes_the_mean() -> None:
    both = taken(EmotionPrompt.parse("happy and surprised"))
    each = [taken(EmotionPrompt.parse(e)) for e in ("happy", "surprised")]
    assert both.opening == pytest.approx(np.mean([one.opening for one in each]))
    assert both.brows == pytest.approx(np.mean([one.brows for one in each]))


def test_folds_that_an_emotion_makes_itself_stay() -> None:
    neutral, happy, angry = (taken(EmotionPrompt.parse(e)) for e in ("neutral", "happy", "angry"))
    forehead, glabella, cheeks, eyes = range(len(REGIONS))
    assert neutral.skin.min() == 1.0
    assert happy.skin[[cheeks, eyes]].max() == 0.0 < happy.skin[[forehead, glabella]].min()
    assert angry.skin[glabella] == 0.0 < angry.skin[forehead]
    faint = taken(EmotionPrompt.parse("slightly neutral"))
    assert 0 < faint.skin.min() < 1
    both = taken(EmotionPrompt.parse("happy and angry"))
    assert both.skin[cheeks] == pytest.approx((happy.skin[cheeks] + angry.skin[cheeks]) / 2)


def test_a_smile_of_one_side_is_larger_than_a_still_begins_with() -> None:
    sneer = EmotionPrompt.parse("very very contemptuous")
    still, film = emotion_units(sneer), expression_of(sneer)
    assert film["12L"] > 1.4 * still["12L"]
    assert film["14R"] == still["14R"]


def test_fear_keeps_its_lips_together_for_new_words_and_joy_shows_its_teeth() -> None:
    afraid, glad = (EmotionPrompt.parse(f"very {e}") for e in ("afraid", "happy"))
    for unit in ("16", "25", "26"):
        assert expression_of(afraid, new_words=True)[unit] < 0.7 * expression_of(afraid)[unit]
    assert expression_of(glad, new_words=True)["25"] > 0.95 * expression_of(glad)["25"]
    both = EmotionPrompt.parse("very afraid and very happy")
    share = expression_of(both, new_words=True)["25"] / expression_of(both)["25"]
    assert 0.7 < share < 0.9


def test_a_smile_is_made_whole_where_the_mouth_is_brought_to_rest() -> None:
    for word in ("happy", "very very happy"):
        glad = EmotionPrompt.parse(word)
        own, new = expression_of(glad), expression_of(glad, new_words=True)
        assert new["12"] > 1.1 * own["12"]
        assert new["6"] > own["6"]


def test_fear_widens_the_eyes_more_than_a_still_begins_with() -> None:
    afraid = EmotionPrompt.parse("very very afraid")
    assert expression_of(afraid)["5"] == pytest.approx(1.5 * emotion_units(afraid)["5"])
    assert expression_of(afraid, new_words=True)["5"] == expression_of(afraid)["5"]
    angry, both = EmotionPrompt.parse("very angry"), EmotionPrompt.parse("afraid and angry")
    assert expression_of(angry)["5"] == emotion_units(angry)["5"]
    assert expression_of(both)["5"] == pytest.approx(1.25 * emotion_units(both)["5"])


def test_eyes_smile_as_much_as_on_a_still_though_cheeks_are_bounded() -> None:
    glad = EmotionPrompt.parse("very very happy")
    still = lid_motion(emotion_units(glad), {}).lower
    for new in (False, True):
        units = expression_of(glad, new_words=new)
        assert units["6"] < emotion_units(glad)["6"]
        assert lid_motion(units, {}).lower == pytest.approx(still, rel=0.1)
    faint, disgusted = (expression_of(EmotionPrompt.parse(e)) for e in ("a bit happy", "disgusted"))
    assert faint["7"] < expression_of(glad)["7"]
    assert disgusted["7"] == emotion_units(EmotionPrompt.parse("disgusted"))["7"]


def test_what_parts_the_lips_goes_with_the_phones_by_the_emotion() -> None:
    shares = [follows_phones(EmotionPrompt.parse(e)) for e in ("disgusted", "happy")]
    assert shares == [0.8, 0.0]
    assert 0.3 < follows_phones(EmotionPrompt.parse("disgusted and happy")) < 0.5
