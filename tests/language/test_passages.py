"""Where a timeline changes what is said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest

from emoanim.clips import Transcript, Word
from emoanim.emotions import Timeline, read_prompt
from emoanim.errors import EmotionError
from emoanim.language.passages import passages_of


def said(text: str, *, step: float = 0.5, pauses: dict[int, float] | None = None) -> Transcript:
    """A transcript of words of 0.4 s every 0.5 s, with longer pauses before some."""
    words, at = [], 0.0
    for index, token in enumerate(text.split()):
        at += (pauses or {}).get(index, 0.0)
        words.append(Word(token, at, at + 0.8 * step))
        at += step
    return Transcript(text, "en", tuple(words), at)


def cut(transcript: Transcript, line: str) -> list[tuple[str, str, float]]:
    timeline = read_prompt(line)
    assert isinstance(timeline, Timeline)
    passages, _ = passages_of(transcript, timeline, transcript.duration)
    assert passages[0].start == 0.0
    assert passages[-1].end == transcript.duration
    assert all(a.end == b.start for a, b in pairwise(passages))
    return [(p.transcript.text, str(p.prompt.emotion), p.start) for p in passages]


def test_a_change_waits_for_the_end_of_the_sentence():
    transcript = said("One two three four. Five six seven eight.")
    assert cut(transcript, "neutral@0 sad@1.5") == [
        ("One two three four.", "neutral", 0.0),
        ("Five six seven eight.", "sad", pytest.approx(1.94, abs=0.021)),
    ]


def test_far_from_a_sentence_it_comes_after_a_clause_then_in_a_pause_then_between_words():
    long = "one two three four five six seven eight nine ten eleven twelve"
    assert cut(said(long), "neutral@0 sad@3")[1][0].startswith("seven")
    assert cut(said(long.replace("five", "five,")), "neutral@0 sad@3")[1][0].startswith("six")
    assert cut(said(long, pauses={7: 0.3}), "neutral@0 sad@3")[1][0].startswith("eight")


def test_each_sentence_has_its_emotion_and_the_last_goes_on():
    transcript = said('Dr. Low came. "Did he?" Yes. And left.')
    assert [p[:2] for p in cut(transcript, "sentence: happy, sad, fear")] == [
        ("Dr. Low came.", "happy"),
        ('"Did he?"', "sad"),
        ("Yes. And left.", "fear"),
    ]


def test_neighbours_in_one_emotion_are_one_passage():
    transcript = said("One two. Three four. Five six.")
    passages = cut(transcript, "sentence: happy, happy, sad")
    assert [p[0] for p in passages] == ["One two. Three four.", "Five six."]


def test_words_and_pauses_go_along():
    transcript = said("One two. Three four.", pauses={2: 1.0})
    passages, notes = passages_of(transcript, Timeline.parse("sentence: happy, sad"), 3.0)
    assert notes == ()
    assert passages[0].pause == pytest.approx(1.1)
    assert [w.start for w in passages[1].transcript.words] == [2.0, 2.5]
    assert passages[0].end * 50 == pytest.approx(round(passages[0].end * 50))


def test_words_without_times_are_spread_evenly_and_it_is_said():
    transcript = Transcript("One two. Three four.")
    passages, notes = passages_of(transcript, Timeline.parse("happy@0 sad@5"), 10.0)
    assert passages[1].transcript.text == "Three four."
    assert "no times" in notes[0]


def test_an_emotion_where_nothing_more_is_said_is_left_out_and_it_is_said():
    transcript = said("One two. Three four.")
    passages, notes = passages_of(transcript, Timeline.parse("happy@0 sad@2.1"), 4.0)
    assert len(passages) == 1
    assert "nothing is said from 2.1 s on" in notes[0]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sentence: happy, sad, fear", r"3 emotions given for 2 sentences .*'happy@0 sad@2.5'"),
        ("happy@0 sad@9", r"from 9 s on given for 4.0 s of sound; expected seconds within it"),
    ],
)
def test_what_does_not_fit_is_refused(line, message):
    with pytest.raises(EmotionError, match=message):
        passages_of(said("One two. Three four."), Timeline.parse(line), 4.0)


def test_a_cut_goes_where_it_is_quietest_and_keeps_every_word() -> None:
    words = (Word("One.", 0.0, 1.0), Word("Two.", 1.1, 1.2), Word("Three.", 1.3, 2.0))
    transcript = Transcript("One. Two. Three.", "en", words, 2.0)
    asked: list[list[float]] = []

    def quietest(seconds: Sequence[float]) -> float:
        asked.append(list(seconds))
        return seconds[-1]

    timeline = Timeline.parse("sentence: happy, sad, happy")
    passages, _ = passages_of(transcript, timeline, 2.0, quietest)
    assert [p.end for p in passages] == [1.14, 1.36, 2.0]
    assert asked[0][0] == 0.92
    assert asked[1][0] == 1.16  # not before the middle of "Two."
    assert [p.transcript.text for p in passages] == ["One.", "Two.", "Three."]
