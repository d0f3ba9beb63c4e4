from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from emoanim.clips import Animation, Audio, EmotionScores, Portrait, Speech
from emoanim.emotions import EmotionPrompt
from emoanim.errors import InputError


def test_audio_is_mono_float32() -> None:
    audio = Audio(np.zeros(8000, np.float64), 16000)
    assert audio.samples.dtype == np.float32
    assert audio.duration == 0.5


def test_audio_refuses_stereo_and_a_rate_of_zero() -> None:
    with pytest.raises(ValueError, match=r"\(2, 8\) given; expected mono"):
        Audio(np.zeros((2, 8), np.float32), 16000)
    with pytest.raises(ValueError, match="rate 0 given; expected a whole number of Hz"):
        Audio(np.zeros(8, np.float32), 0)


@pytest.mark.parametrize("kind", [np.int8, np.int16, np.int32])
def test_integers_are_scaled_by_their_type(kind: type) -> None:
    lowest, highest = np.iinfo(kind).min, np.iinfo(kind).max
    half = highest // 2 + 1
    audio = Audio(np.array([lowest, 0, half, highest], kind), 16000)
    assert audio.samples.dtype == np.float32
    assert audio.samples.tolist()[:3] == [-1.0, 0.0, 0.5]
    assert 0.99 < audio.samples[3] <= 1.0


def test_bytes_of_a_wav_file_have_their_silence_at_128() -> None:
    assert Audio(np.array([0, 128, 192], np.uint8), 8000).samples.tolist() == [-1.0, 0.0, 0.5]


@pytest.mark.parametrize(
    "samples",
    [
        np.array([0.0, 1200.0, -32768.0], np.float32),
        np.array([0, 1200, -3000]),
        np.array([0.0, np.nan, 99.0]),
        np.array([0.0, np.inf]),
    ],
)
def test_what_is_far_out_of_range_is_refused(samples: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match=r"given; expected -1 to 1. Divide them by .*32768"):
        Audio(samples, 16000)


def test_a_little_beyond_full_scale_is_sound() -> None:
    assert Audio(np.array([1.2, -1.3]), 16000).samples.tolist() == pytest.approx([1.2, -1.3])
    assert Audio(np.array([0, 0]), 16000).samples.tolist() == [0.0, 0.0]
    assert Audio(np.zeros(0), 16000).duration == 0.0


def test_sound_may_be_a_tensor() -> None:
    torch = pytest.importorskip("torch")
    made = torch.linspace(-0.5, 0.5, 9, requires_grad=True)
    assert Audio(made, 16000).samples[-1] == 0.5
    assert Audio(made.bfloat16(), 16000).samples[0] == -0.5
    assert Audio(torch.tensor([16384], dtype=torch.int16), 16000).samples[0] == 0.5


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


def test_short_reprs() -> None:
    """A second of sound or a thousand frames of scores are no wall of numbers."""
    sound = Audio(np.zeros(24000, np.float32), 16000)
    scores = EmotionScores(("happy", "sad"), np.array([[0.5, 0.5], [np.nan, np.nan]]))
    still = Portrait(np.zeros((4, 6, 3), np.uint8), np.zeros((4, 6, 3), np.uint8), 0.5, "rig")
    assert repr(sound) == "Audio(1.50 s at 16000 Hz)"
    assert repr(scores) == "EmotionScores(2 frames of happy, sad; 50% found)"
    assert repr(still) == "Portrait(6x4, quality=0.5, emoter='rig')"
    happy = replace(still, quality=2 / 3, prompt=EmotionPrompt.parse("very happy"))
    assert repr(happy) == "Portrait(6x4, 'very happy', quality=0.667, emoter='rig')"
    assert repr(Speech(sound, "a" * 80)).startswith("Speech('aaa")
    assert len(repr(Speech(sound, "a" * 800))) < 120


def test_scores_as_a_data_frame() -> None:
    pd = pytest.importorskip("pandas")
    frame = EmotionScores(("happy", "sad"), np.eye(2), np.array([0.0, 0.04])).to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert list(frame.columns) == ["happy", "sad"]
    assert frame.index.tolist() == [0.0, 0.04]


def test_labels_of_scores_stand_once_and_a_near_one_is_named() -> None:
    with pytest.raises(ValueError, match="label 'happy' given twice"):
        EmotionScores(("happy", "happy"), np.full((1, 2), 0.5))
    with pytest.raises(ValueError, match=r"'hapy' given; .* Did you mean 'happy'\?"):
        EmotionScores(("happy", "sad"), np.full((1, 2), 0.5)).of("hapy")


def test_frames_that_were_read_say_so_in_a_second_loop() -> None:
    pictures = [np.full((2, 2, 3), i, np.uint8) for i in range(3)]
    animation = Animation(25.0, (2, 2), 3, iter(pictures))
    assert next(animation.frames)[0, 0, 0] == 0
    assert len(list(animation.frames)) == 2
    with pytest.raises(InputError, match=r"read to their end .* Keep them from the first loop"):
        list(replace(animation, fps=30.0).frames)


@pytest.mark.parametrize(
    ("samples", "rate", "says"),
    [
        ("talk.wav", 16000, "'talk.wav' given as samples; expected numbers"),
        (Audio(np.zeros(3), 16000), 16000, "an Audio given as samples; expected numbers"),
        ([0.0, 0.1], "16000", "rate '16000' given; expected a whole number of Hz"),
        ([0.0, 0.1], 16000.5, "rate 16000.5 given; expected a whole number of Hz"),
        ([0.0, 0.1], True, "rate True given"),
    ],
)
def test_sound_of_another_kind_is_refused_in_one_line(samples: Any, rate: Any, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        Audio(samples, rate)
