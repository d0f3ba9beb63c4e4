"""What neutral takes away, and what it leaves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.lexicon.packs import pack_for

CALM = pack_for("en").calm
RAGGED = (
    "Wow! oh, I we love so very really a an the terrible day was not Tom 3.5 "
    '"Wow, great!" it. ugh, amazing and'
)


def neutral(text: str, intensity: float = 0.6) -> str:
    prompt = EmotionPrompt(Emotion.NEUTRAL, intensity)
    return LexiconTextEmoter().rewrite(Transcript(text), prompt)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wow! We won!!!", "We won."),
        ("Ugh, I really hate this terrible movie!", "I dislike this movie."),
        ("Oh, come on, seriously, do you really think so?", "Do you think so?"),
        ("Are you serious?!", "Are you serious?"),
        ("This is an absolutely amazing day!", "This is a good day."),
        ("We took the amazing old bus.", "We took the old bus."),
        ("We took an amazing bus.", "We took a good bus."),
        ("He told a horrible untruth.", "He told a bad untruth."),
        ("It was an awful hour.", "It was a bad hour."),
        ("He had a terrible hour.", "He had a bad hour."),
        ("She is a truly unique talent.", "She is a unique talent."),
        ("It is a very old car.", "It is an old car."),
        ("What an incredible, sunny day!", "What an unusual, sunny day."),
        ("The wonderful and kind man left.", "The good and kind man left."),
        ("I am so happy to see you! I love it so much!", "I am happy to see you. I like it."),
        ("you are so, so beautiful", "You are beautiful."),
        ("We were totally, completely lost.", "We were lost."),
        ("It rained, and, oh my God, I was terrified.", "It rained, and I was uneasy."),
        ("It rained, oh no, all day.", "It rained, all day."),
        ("It rained, ugh!", "It rained."),
        ("The very same thing.", "The very same thing."),
        ("It was not very good. She isn't so tired.", "It was not very good. She isn't so tired."),
        ("He is so tired that he fell asleep.", "He is so tired that he fell asleep."),
        ("Seriously injured people came.", "Seriously injured people came."),
        ('He said, "Wow, really amazing!" and left!', 'He said, "Wow, really amazing!" and left.'),
        ("My love for it is old.", "My love for it is old."),
        ("Are there any questions so far?", "Are there any questions so far?"),
        ("So far, so good! So long!", "So far, so good. So long."),
        ("Wow!", "Wow."),
        ("We moved to Rome.", "We moved to Rome."),
        ("we moved to", "We moved to..."),
        ("I love her. We love to sing.", "I love her. We like to sing."),
        ("so i was really lost in denver", "So I was lost in Denver."),
    ],
)
def test_calmer(text, expected):
    assert neutral(text) == expected


def test_intensity_says_how_much_goes():
    text = "Wow, it was really wonderful!"
    assert neutral(text, 0.0) == text
    assert neutral(text, 0.1) == "It was really wonderful."
    assert neutral(text, 0.3) == "It was wonderful."
    assert neutral(text, 0.6) == "It was good."


def test_every_strong_word_has_a_calmer_one():
    for word, calmer in CALM.softer.items():
        assert calmer not in CALM.softer
        if word not in CALM.softer_verbs:
            assert neutral(f"They look {word}.") == f"They look {calmer}."
    for word, calmer in CALM.softer_verbs.items():
        assert neutral(f"We {word} it.") == f"We {calmer} it."


def test_every_interjection_goes():
    for word in CALM.interjections:
        assert neutral(f"{word.capitalize()}! It rained.") == "It rained."
        assert neutral(f"{word}, it rained.").lower() == "it rained."


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(RAGGED.split()),
        min_size=1,
        max_size=25,
    ).map(" ".join),
    st.floats(0.01, 1.0),
)
def test_clean_shorter_and_settled(text, intensity):
    if not any(c.isalnum() for c in text):
        return
    new = neutral(text, intensity)
    assert len(new.split()) <= len(text.split())
    assert not re.search(r"  | [.,]", new)
    assert "!" not in re.sub(r'"[^"]*"?', "", new)
    assert new.count("Tom") == text.count("Tom")
    assert new.count("3.5") == text.count("3.5")
