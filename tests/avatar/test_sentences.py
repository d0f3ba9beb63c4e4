"""Text in pieces becomes sentences as soon as each is complete."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from emoanim.avatar.sentences import LONGEST, sentences
from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.errors import EmotionError, InputError

CALM = EmotionPrompt.parse("calm")


def said(pieces: object) -> list[tuple[str, str]]:
    return [(s.text, str(s.prompt.emotion)) for s in sentences(pieces, CALM)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Good day. How are you?", ["Good day.", "How are you?"]),
        ("Dr. Who met J. Smith at 3.14 p.m. yesterday. Fine!", None),
        ('He said "Stop!" and left.\nThen "No." It was over...', None),
        ("... *** \n :-) ", []),
        ("No end", ["No end"]),
    ],
)
def test_whole_texts(text: str, expected: list[str] | None) -> None:
    wanted = {
        "D": ["Dr. Who met J. Smith at 3.14 p.m. yesterday.", "Fine!"],
        "H": ['He said "Stop!"', "and left.", 'Then "No."', "It was over..."],
    }
    assert [s for s, _ in said(text)] == (wanted[text[0]] if expected is None else expected)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_the_cuts_do_not_depend_on_the_pieces(size: int) -> None:
    text = "[happy] I won! Dr. Grey [smiles] knows. [very sad] But she left, on 3.5. [odd] End"
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert said(pieces) == [
        ("I won!", "happy"),
        ("Dr. Grey [smiles] knows.", "happy"),
        ("But she left, on 3.5.", "sad"),
        ("[odd] End", "sad"),
    ]


def test_a_sentence_comes_before_the_next_piece_is_asked_for() -> None:
    asked: list[str] = []

    def stream() -> Iterator[str]:
        for piece in ("It is ", "late. ", "Go", " home."):
            asked.append(piece)
            yield piece

    assert next(sentences(stream(), CALM)).text == "It is late."
    assert asked == ["It is ", "late. "]


def test_pairs_bring_their_emotion_and_leave_that_of_the_rest() -> None:
    assert said(["I wait", ("You came! At last.", "happy"), " Go."]) == [
        ("I wait", "neutral"), ("You came!", "happy"), ("At last.", "happy"), ("Go.", "neutral"),
    ]  # fmt: skip
    with pytest.raises(EmotionError):
        said([("Hi.", "purple")])
    with pytest.raises(InputError, match="a bytes given"):
        said([b"Hi."])


def test_a_sentence_without_an_end_is_cut() -> None:
    endless = (f"word{i} " for i in range(10_000))
    first = next(sentences(endless, CALM))
    assert 100 < len(first.text) <= LONGEST
    whole = " ".join(f"word{i}" for i in range(300))
    assert " ".join(s for s, _ in said(list(whole))) == whole


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_timeline_gives_each_sentence_its_emotion(size: int) -> None:
    text = "One. ... Two, and on. [angry] Three. Four. Five."
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    timeline = Timeline.parse("sentence: happy, very sad, neutral, sad and angry")
    found = [(s.text, s.prompt.text) for s in sentences(pieces, timeline)]
    assert found == [
        ("One.", "happy"), ("Two, and on.", "very sad"), ("Three.", "angry"),
        ("Four.", "sad and angry"), ("Five.", "sad and angry"),
    ]  # fmt: skip


def test_a_part_of_a_sentence_goes_on_with_it() -> None:
    begins = [s.begins for s in sentences("So [happy] I won! Then. " + "word " * 100, CALM)]
    assert begins == [True, False, True, True, False, False]
