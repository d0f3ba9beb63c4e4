from __future__ import annotations

import pytest

from emoanim.clips import Transcript, Word
from emoanim.engines.hibari.fitting import Fit, fitted
from emoanim.engines.hibari.pacing import Pacing, pacing_of
from emoanim.engines.hibari.phrasing import phrased
from emoanim.engines.hibari.reading import Reader


def transcript(
    pauses: dict[str, float], text: str = "We met in Rome, and it was cold."
) -> Transcript:
    at, words = 0.4, []
    for word in text.split():
        words.append(Word(word, at, at + 0.3))
        at += 0.3 + pauses.get(word, 0.0)
    return Transcript(text, "en", tuple(words))


def pacing(pauses: dict[str, float], articulation: float = 2.4) -> Pacing:
    found = pacing_of(transcript(pauses), articulation, 5.0)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def test_pace_is_the_voices_time_over_the_speakers() -> None:
    # eight words of 0.3 s; the pause is none of it
    assert pacing({}, 2.4).pace == pytest.approx(1.0)
    assert pacing({"met": 0.8}, 3.0).pace == pytest.approx(1.25)
    assert pacing({}, 9.0).pace == 1.4
    assert pacing({}, 0.5).pace == 0.72
    assert pacing({}).lead == pytest.approx(0.4)
    assert pacing({}).trail == pytest.approx(2.2)


def test_too_few_words_tell_nothing() -> None:
    assert pacing_of(transcript({}, "Oh no."), 1.0, 3.0) is None
    assert pacing_of(Transcript("We met in Rome.", "en"), 1.0, 3.0) is None


def test_pauses_go_with_their_words() -> None:
    found = pacing({"met": 0.5, "Rome,": 0.1})
    assert found.after(["We", "met", "in", "Rome", "and", "it", "was", "cold"]) == [
        0.0,
        pytest.approx(0.5),
        0.0,
        0.0,
        0.0,
        0.0,
        0.0,
        None,
    ]
    # what was put in has no pause; the pause after "met" stays
    new = found.after(["We", "really", "met", "happily", "in", "Rome"])
    assert new == [None, None, pytest.approx(0.5), None, 0.0, None]


def test_the_speakers_pauses_become_rests(reader: Reader) -> None:
    sentences = reader.sentences("We met in Rome, and it was cold. We left.")
    found = pacing({"met": 0.5, "cold.": 0.0})
    first, second = phrased(sentences, 0.0, found)
    assert [s.letter for s in first.sentence.symbols].count(",") == 2
    marks = sorted(first.rests)
    assert first.rests[marks[0]] == pytest.approx(0.5)
    assert first.rests[marks[1]] == pytest.approx(0.03)
    assert first.gap == pytest.approx(0.32)
    assert second.gap == 0.0


def test_phrases_break_off_before_what_opens_one(reader: Reader) -> None:
    text = "They told me yesterday that the new office will open in the middle of the summer."
    sentences = reader.sentences(text)
    (whole,) = phrased(sentences, 0.0, None)
    assert whole.sentence == sentences[0]
    assert not whole.rests
    (broken,) = phrased(sentences, 1.0, None)
    letters = [s.letter for s in broken.sentence.symbols]
    words = sentences[0].words
    before = {
        words[max(s.word for s in broken.sentence.symbols[:i])]
        for i, c in enumerate(letters)
        if c == ","
    }
    assert before == {"yesterday", "open", "middle"}
    assert all(r == pytest.approx(0.2) for r in broken.rests.values())
    assert len(phrased(sentences, 0.5, None)[0].rests) < 3


def test_marks_alone_and_long_sentences(reader: Reader) -> None:
    assert all(not p.rests for p in phrased(reader.sentences("... !"), 1.0, pacing({})))
    parts = reader.sentences("we met " * 120 + "in Rome.")
    assert len(parts) > 1
    made = phrased(parts, 0.0, pacing({"met": 0.5}))
    assert [p.gap for p in made[:-1]] == [0.12] * (len(made) - 1)


@pytest.mark.parametrize(
    ("spoken", "paused", "wanted"), [(8.0, 2.0, 8.0), (6.0, 1.0, 9.5), (9.0, 0.0, 7.5)]
)
def test_the_length_comes_within_fifteen_percent(
    spoken: float, paused: float, wanted: float
) -> None:
    fit = fitted(spoken, paused, 1.0, wanted)
    made = spoken / fit.pace + paused * fit.pause
    assert fit.reached
    assert abs(made / wanted - 1.0) <= 0.15
    assert abs(made / wanted - 1.0) >= 0.13  # no further than it must


def test_what_fits_is_left_alone() -> None:
    assert fitted(7.0, 1.0, 1.0, 8.5) == Fit()


def test_pauses_give_way_before_speech() -> None:
    fit = fitted(8.0, 2.0, 1.0, 8.2)
    assert fit.pace == pytest.approx(1.0)
    assert fit.pause < 0.7


def test_speech_stays_speakable() -> None:
    fast = fitted(20.0, 1.0, 1.2, 8.0)
    assert fast.pace * 1.2 == pytest.approx(1.5)
    assert not fast.reached
    slow = fitted(2.0, 0.2, 1.0, 9.0)
    assert slow.pace == pytest.approx(0.68)
    assert not slow.reached
