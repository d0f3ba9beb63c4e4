"""What a rewrite has lost or invented."""

from __future__ import annotations

import pytest

from emoanim.language.meaning import lost_meaning, names, negations, numbers, persons
from emoanim.language.numbers import spoken


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("40 percent, forty percent", {"40"}),
        ("three hundred and forty people, two dogs", {"340", "2"}),
        ("two hundred thousand", {"200000"}),
        ("between nine and five", {"9", "5"}),
        ("twenty-two signatures of 41,000", {"22", "41000"}),
        ("At 7:40, for $3.50, on 555-0142", {"7:40", "3.50", "555-0142"}),
        ("one of them", set()),
    ],
)
def test_numbers(text, found):
    assert numbers(text) == found


def test_names():
    found = names("Then I met Tom Becker. Maria's here, it's Lindgren's on Monday... He saw Rome.")
    assert found == {"Tom", "Becker", "Maria", "Lindgren", "Monday", "Rome"}


def test_negations_count_the_same_contracted_or_not():
    assert (
        negations("I don't, won’t and can't.") == negations("I do not, will not and cannot.") == 3
    )


def test_persons():
    assert persons("She's my sister, and they know us.") == {"she", "I", "they", "we"}


@pytest.mark.parametrize(
    ("new", "old", "what"),
    [
        ("We sold many.", "We sold 40.", "number 40"),
        ("Please, call him at nine.", "Call Tom at nine, not Tim.", "name Tim"),
        ("I said that.", "I never said that.", "denial"),
        ("You saw it.", "Have you seen it?", "question"),
        ("They charged for it twice.", "They charged me twice.", "'I' is gone"),
        ("Look, I do not know Tom! Not at all!", "I don't know Tom.", ""),
        ("Ask for Tom!", "Please ask for Tom.", ""),
    ],
)
def test_lost(new, old, what):
    assert (what in lost_meaning(new, old)) if what else lost_meaning(new, old) == ""


@pytest.mark.parametrize(
    ("new", "old", "what"),
    [
        ("We sold all 40.", "We sold all.", "number 40"),
        ("We met Tom there.", "We met him there, Tom.", "'he' is gone"),
        ("We met him and Anna.", "We met him.", "name Anna"),
        ("We never met him.", "We met him.", "denial"),
        ("Did we meet?", "We did meet.", "question"),
        ("She left us.", "We left.", "was not there"),
        ("Oh God, we left, and I cried.", "We left.", ""),
    ],
)
def test_invented(new, old, what):
    found = lost_meaning(new, old, strict=True)
    assert (what in found) if what else found == ""


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "zero"), (14, "fourteen"), (40, "forty"), (35, "thirty-five"), (300, "three hundred")],
)
def test_spoken(number, words):
    assert spoken(number) == words
    assert number < 2 or numbers(words) == {str(number)}


def test_spoken_knows_its_range():
    with pytest.raises(ValueError, match="0 to 999"):
        spoken(1000)
