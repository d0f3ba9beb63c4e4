from __future__ import annotations

import numpy as np
import pytest

from emoanim.clips import Audio, EmotionScores


def test_audio_is_mono_float32() -> None:
    audio = Audio(np.zeros(8000, np.float64), 16000)
    assert audio.samples.dtype == np.float32
    assert audio.duration == 0.5


def test_audio_refuses_stereo_and_a_rate_of_zero() -> None:
    with pytest.raises(ValueError, match=r"\(2, 8\) given; expected mono"):
        Audio(np.zeros((2, 8), np.float32), 16000)
    with pytest.raises(ValueError, match="rate 0 Hz"):
        Audio(np.zeros(8, np.float32), 0)


def scores(rows: list[list[float]], times: list[float] | None = None) -> EmotionScores:
    return EmotionScores(("happy", "sad"), np.array(rows), np.array(times or []), "test")


def test_scores_carry_their_labels() -> None:
    made = scores([[0.75, 0.25], [np.nan, np.nan], [0.5, 0.5]])
    assert made.of("sad")[0] == 0.25
    assert made.found.tolist() == [True, False, True]
    assert made.coverage == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match="'fear' given; test knows happy, sad"):
        made.of("fear")


def test_scores_of_the_wrong_shape() -> None:
    with pytest.raises(ValueError, match=r"shape \(1, 3\).*expected \(t, 2\)"):
        scores([[0.1, 0.2, 0.7]])
    with pytest.raises(ValueError, match="2 times given for 1 rows"):
        scores([[0.5, 0.5]], [0.0, 1.0])


def test_no_frames_have_no_coverage() -> None:
    assert EmotionScores(("happy",), np.zeros((0, 1))).coverage == 0.0


def test_batches_are_joined_in_order() -> None:
    joined = EmotionScores.joined([scores([[1, 0]], [0.0]), scores([[0, 1]], [0.04])])
    assert joined.values.tolist() == [[1, 0], [0, 1]]
    assert joined.times.tolist() == [0.0, 0.04]
    with pytest.raises(ValueError, match="no scores"):
        EmotionScores.joined([])
    other = EmotionScores(("sad", "happy"), np.array([[1.0, 0.0]]))
    with pytest.raises(ValueError, match="differ between batches"):
        EmotionScores.joined([scores([[1, 0]]), other])
