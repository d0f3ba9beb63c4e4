"""Where sentences end and what kind they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.sentences import lower_tokens, split, tidy

ENGLISH = pack_for("en")


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
    assert [s.text for s in split(text, ENGLISH)] == (expected or [text])


@given(st.text("aI .!?\n\"'“”()…1$é", max_size=60))
def test_splitting_loses_nothing(text):
    text = tidy(text)
    assert "".join(s.text + s.gap for s in split(text, ENGLISH)) == text
    assert all(s.text == s.text.strip() for s in split(text, ENGLISH))


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


@pytest.mark.parametrize("text", ["- one egg", "2) two eggs"])
def test_items(text):
    assert split(text, ENGLISH)[0].item


def test_tokens():
    assert lower_tokens("It’s D.C., at 3.5 Km!") == ("it's", "d.c", "at", "3.5", "km")
