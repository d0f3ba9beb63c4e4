"""What the model is told, and what the guards let through."""

from __future__ import annotations

import pytest

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.language.rewrite_checks import Bounds, find_fault, plain
from emoanim.language.rewrite_prompt import SYSTEM_PROMPT, input_text, modification


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("very very very happy", "Make this text very very very happy"),
        ("happy", "Make this text happy"),
        ("slightly sad", "Make this text slightly sad"),
        ("Make this text very angry!", "Make this text very angry"),
        ("joy", "Make this text happy"),
        ("furious", "Make this text very very angry"),
        ("in an angry voice", "Make this text angry (in an angry voice)"),
        ("scared, 95 %", "Make this text very very very fearful (scared, 95 %)"),
    ],
)
def test_the_papers_prompt(words: str, told: str) -> None:
    assert modification(EmotionPrompt.parse(words)) == told


def test_marker_lines_never_stand_in_the_transcript() -> None:
    prompt = EmotionPrompt.parse("happy")
    first = input_text(Transcript("Hello there."), prompt, None)
    mark = first.split()[2]
    second = input_text(Transcript(f"Hello there. {mark}"), prompt, 7)
    assert second.split()[2] != mark
    assert "about 7 words" in second


SAID = [
    "We are going to meet the new team on Monday.",
    "I don't like it, and I told you so.",
    "Can you send me the report? I need it today: all 25 pages of it.",
    "No.",
    "It costs 5 dollars (or 4), says Mr. O'Neill of AT&T.",
    "To be or not to be, that is the question, is it not?",
]


@pytest.mark.parametrize("said", SAID)
@pytest.mark.parametrize("emotion", list(Emotion))
def test_good_texts_pass(said: str, emotion: Emotion) -> None:
    transcript = Transcript(said)
    for seed in range(4):
        text = LexiconTextEmoter(seed).rewrite(transcript, EmotionPrompt(emotion, 0.9))
        assert find_fault(plain(text), transcript, Bounds()) is None


@pytest.mark.parametrize(
    ("said", "text", "language"),
    [
        ("Wir treffen am Montag das neue Team.", "Juhu, wir treffen am Montag das Team!", "de"),
        ("明日新しいチームに会います。", "わあ、明日新しいチームに会いますよ！", "ja"),
        ("Мы встретим новую команду.", "Ура, мы встретим новую команду!", "ru"),
        ("I'm sorry, but I can't come.", "I'm so sorry, but I just can't come!", "en"),
        ("This is the rewritten text: hello.", "This is the rewritten text: hello!", "en"),
    ],
)
def test_other_languages_and_odd_speech_pass(said: str, text: str, language: str) -> None:
    assert find_fault(text, Transcript(said, language), Bounds()) is None


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (' "Hello." ', "Hello."),
        ("“Hello.”", "Hello."),
        ('"Hello," she said, "you."', '"Hello," she said, "you."'),
        ("One.\n\nTwo.", "One. Two."),
    ],
)
def test_plain(raw: str, text: str) -> None:
    assert plain(raw) == text


def test_a_short_answer_in_a_dense_script_is_too_short() -> None:
    fault = find_fault("はい。", Transcript("明日新しいチームに会います。", "ja"), Bounds())
    assert fault is not None
    assert "too short" in fault.what


@pytest.mark.parametrize("word", ["names", "numbers", "denied", "question", "person", "long"])
def test_the_model_is_told_what_its_text_is_checked_for(word: str) -> None:
    assert word in SYSTEM_PROMPT
