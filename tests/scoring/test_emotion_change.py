from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from synthetic_talk import talk

from emoanim.clips import EmotionScores
from emoanim.metrics import edd, null_edd
from emoanim.scoring.emotion_change import compare_scores, edd_of, smoothing_windows


def test_the_numbers_are_those_of_the_metrics() -> None:
    before, after = talk(300, -1.0, 1), talk(250, 1.0, 2)
    found = compare_scores(before, after, "happy", seed=3)
    expected = edd(before, after, "happy", ci="block", seed=3)
    assert found.edd == expected
    assert found.unsmoothed.edd == edd(before, after, "happy", window=1).edd
    assert found.null.edd == null_edd(before, "happy").edd
    assert found.mean == pytest.approx((before.of("happy").mean(), after.of("happy").mean()))
    assert found.top[0] == np.mean(before.values.argmax(1) == 1)
    assert found.profile[1] == found.edd.edd
    assert found.coverage == (1.0, 1.0)


def hardly(levels: tuple[float, float], share_of_rest: float = 0.7) -> list[EmotionScores]:
    """Scores of two clips whose ranks are apart, with means of "happy" about the levels."""
    rng = np.random.default_rng(0)
    clips = []
    for level in levels:
        happy = level * rng.uniform(0.8, 1.2, 100)
        rest = 1.0 - happy
        values = np.stack([happy, share_of_rest * rest, (1 - share_of_rest) * rest], axis=1)
        clips.append(
            EmotionScores(("happy", "surprise", "sad"), values, np.arange(100) / 25.0, "fer8")
        )
    return clips


def test_a_target_that_is_hardly_there_is_the_first_note() -> None:
    before, after = hardly((0.0001, 0.1))
    found = compare_scores(before, after, "happy")
    assert found.edd.edd == 0.0
    assert not found.seen
    assert found.notes[0] == found.unseen
    assert (
        "happy is not what fer8 sees: it is on top in 0% of the generated frames" in found.notes[0]
    )
    assert "read as surprise (100%)" in found.notes[0]
    assert "goes from 0.000 to 0.1" in found.notes[0]
    alone = edd_of(before, after, "happy", ci="block")
    assert alone.notes[0] == found.notes[0]
    assert alone.mean == found.mean
    assert alone.top == found.top == (0.0, 0.0)
    assert "0.000 -&gt; 0.1" in alone._repr_html_().replace("->", "-&gt;")
    assert alone.to_dict()["top1_rate"] == [0.0, 0.0]


def test_a_target_on_top_in_half_of_the_frames_is_seen() -> None:
    before, after = hardly((0.1, 0.8))
    for count, seen in ((50, True), (49, False)):
        values = after.values.copy()
        values[count:] = [0.2, 0.5, 0.3]
        found = compare_scores(before, replace(after, values=values), "happy")
        assert found.seen is seen
        assert (found.unseen is None) is seen
        assert found.top == (0.0, count / 100)


def test_an_edd_is_a_number() -> None:
    less, more = hardly((0.1, 0.8))
    low, high = edd_of(less, more, "happy"), edd_of(more, less, "happy")
    assert float(low) == 0.0
    assert low < 0.5 <= high
    assert low <= 0.0
    assert high > low
    assert high >= 1.0
    assert sorted([high, low]) == [low, high]


def test_windows_are_as_long_in_seconds() -> None:
    before, after = talk(300, 0.0, 1, fps=25.0), talk(300, 0.0, 2, fps=50.0)
    assert smoothing_windows(before, after, 0.2) == ((5, 10), ())
    found = compare_scores(before, after, "happy")
    assert found.edd.options.window == (5, 10)
    expected = edd(before, after, "happy", window_seconds=0.2, fps=(25.0, 50.0))
    assert found.edd.edd == expected.edd


def test_stills_and_short_clips_are_not_smoothed() -> None:
    before, after = talk(300, 0.0, 1), talk(300, 2.0, 2)
    stills = compare_scores(before, after, "happy", moving=False)
    assert stills.edd.options.window == (1, 1)
    assert "stills are not smoothed" in stills.notes
    assert math.isnan(stills.null.edd)
    assert stills.null.reason == "stills have no order in time"
    assert stills.edd.interval is not None
    assert "1 frames" in stills.edd.interval.method
    short = compare_scores(talk(12, 0.0, 1), talk(3, 2.0, 2), "happy")
    assert short.edd.options.window == (1, 1)
    assert "too few frames to smooth them" in short.notes
    untimed = EmotionScores(before.labels, before.values)
    assert compare_scores(untimed, untimed, "happy").edd.options.window == (1, 1)


def test_no_change_and_less_of_it_are_said() -> None:
    same = compare_scores(talk(200, 0.0, 1), talk(200, 0.0, 2), "happy")
    assert any("holds 0.5" in n for n in same.notes)
    apart = compare_scores(talk(300, -9.0, 1), talk(300, 9.0, 2), "happy")
    assert apart.edd.edd == 0.0
    assert any("without width is no proof" in n for n in apart.notes)
    less = compare_scores(talk(300, 2.0, 1), talk(300, -2.0, 2), "happy")
    assert less.edd.edd > 0.5
    assert any("less of the emotion" in n for n in less.notes)
    drifting = talk(200, 0.0, 1)
    values = drifting.values.copy()
    values[100:] = talk(100, 4.0, 5).values
    moved = compare_scores(
        EmotionScores(drifting.labels, values, drifting.times), drifting, "happy"
    )
    assert any("drifts as much" in n for n in moved.notes)


def test_missing_faces_are_counted_and_none_is_no_number() -> None:
    before, after = talk(200, 0.0, 1), talk(200, 2.0, 2)
    values = after.values.copy()
    values[:150] = np.nan
    rare = EmotionScores(after.labels, values, after.times, after.classifier)
    found = compare_scores(before, rare, "happy")
    assert found.coverage == (1.0, 0.25)
    assert found.edd.bounds[1] - found.edd.bounds[0] > 0.5
    nobody = EmotionScores(after.labels, np.full_like(values, np.nan), after.times)
    none = compare_scores(before, nobody, "happy")
    assert math.isnan(none.edd.edd)
    assert math.isnan(none.mean[1])
    assert any(n.startswith("no EDD") for n in none.notes)


@pytest.mark.parametrize("count", [1, 2])
def test_a_single_frame_has_no_interval(count: int) -> None:
    found = compare_scores(talk(count, 0.0, 1), talk(1, 2.0, 2), "happy")
    assert any("no interval" in n for n in found.notes)
