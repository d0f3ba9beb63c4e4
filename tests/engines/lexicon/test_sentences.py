"""Where sentences end and what kind they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoanim.engines.lexicon.sentences import form, lower_tokens, split, tidy, tones


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("I came. I saw.", ["I came.", "I saw."]),
        ("i came. i saw. it was late", ["i came.", "i saw.", "it was late"]),
        ("Dr. Who met Mrs. Peel vs. Mr. Spock.", None),
        ("It costs 3.50 at example.com or so.", None),
        ("He lives in the U.S. Senate building.", None),
        ("He lives in the U.S. We live here.", ["He lives in the U.S.", "We live here."]),
        ("At 7 a.m. Maria left.", None),
        ("Fruit, e.g. Braeburn apples.", None),
        ("Bread, etc. We ate it.", ["Bread, etc.", "We ate it."]),
        ("J. R. Smith came.", None),
        ("Item No. 5 is sold.", None),
        ("No. Maria left.", ["No.", "Maria left."]),
        ("Well... I think so.", None),
        ("Well... The end.", ["Well...", "The end."]),
        ("Wait… We stay.", ["Wait…", "We stay."]),
        ('"Stop!" he said. Then he left.', ['"Stop!" he said.', "Then he left."]),
        ('"Stop!" Maria said.', None),
        (
            'He said, "It is late. Go home." We went.',
            ['He said, "It is late. Go home."', "We went."],
        ),
        ("She said 'it's over. Go' twice.", None),
        ("The dogs' owner is here. It's Tom's.", ["The dogs' owner is here.", "It's Tom's."]),
        ("It rained (we got wet. Very). Fine.", ["It rained (we got wet. Very).", "Fine."]),
        ("Is it? Yes! Good.", ["Is it?", "Yes!", "Good."]),
        ("Yahoo! is a site.", None),
        ("1. Wash it. 2. Cook it.", ["1. Wash it.", "2. Cook it."]),
        ("List:\n- a\n- b", ["List:", "- a", "- b"]),
        ('An open "quote. It never ends', None),
        ("Write to a.b@c.org. Thanks.", ["Write to a.b@c.org.", "Thanks."]),
    ],
)
def test_split(text, expected):
    assert [s.text for s in split(text)] == (expected or [text])


@given(st.text("aI .!?\n\"'“”()…1$é", max_size=60))
def test_splitting_loses_nothing(text):
    text = tidy(text)
    assert "".join(s.text + s.gap for s in split(text)) == text
    assert all(s.text == s.text.strip() for s in split(text))


@given(st.text("ab .!?\n\t,\u200b", max_size=40))
def test_tidy_settles(text):
    assert tidy(tidy(text)) == tidy(text)
    assert "  " not in tidy(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b\t c ", "a b c"),
        ("What?!! No!!!", "What? No!"),
        ('He said "No!!" twice!!', 'He said "No!!" twice!'),
        ("so.... yes", "so... yes"),
        ("so , yes !", "so, yes!"),
        ("a\u200bb \n  c", "ab\nc"),
        ("Cafe\u0301", "Café"),
    ],
)
def test_tidy(text, expected):
    assert tidy(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Is it late?", "question"),
        ("what time is it", "question"),
        ("can you help me", "question"),
        ("What a day.", "other"),
        ('She asked, "Why?"', "statement"),
        ("Hello there.", "greeting"),
        ("Good morning, Tom.", "greeting"),
        ("Close it.", "imperative"),
        ("Let's go.", "imperative"),
        ("It rained.", "statement"),
        ("I'm here.", "statement"),
        ("The dog has a bone.", "statement"),
        ("The best day ever.", "other"),
        ("You and me.", "other"),
        ("It", "other"),
        ("Children play.", "other"),
        ("- one egg", "item"),
        ("2) two eggs", "item"),
        ("$$$", "other"),
    ],
)
def test_form(text, expected):
    assert form(text, split(text)[0].protected) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We sat down.", {"plain"}),
        ("It was a good day.", {"positive"}),
        ("It was not a good day.", {"negative"}),
        ("It died.", {"negative"}),
        ("He didn't come.", {"negative"}),
        ("He didn’t come.", {"negative"}),
        ("Not bad at all.", {"plain"}),
        ("No problem, that's great.", {"positive"}),
        ("I love it, but I lost it.", {"positive", "negative"}),
    ],
)
def test_tones(text, expected):
    assert tones(text) == expected


def test_tokens():
    assert lower_tokens("It’s D.C., at 3.5 Km!") == ("it's", "d.c", "at", "3.5", "km")
