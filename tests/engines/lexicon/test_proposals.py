"""A model's sentences stand only where the meaning survives."""

from __future__ import annotations

import pytest

from emoanim.engines.lexicon.proposals import joined, original, vetted
from emoanim.language.alignment import aligned

SAID = "We sold 40 cars. I never met Tom. Is it late?"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("We sold 40 cars! I never met Tom! Is it late?", ["", "", ""]),
        ("We sold cars! I never met Tom! Is it late?", ["number 40", "", ""]),
        ("We sold 40 cars! I never met him! Is it late?", ["", "name Tom", ""]),
        ("We sold 40 cars! I met Tom! Is it late?", ["", "denial", ""]),
        ("We sold 40 cars! I never met Tom! It is late.", ["", "", "question"]),
        ("They sold 40 cars! I never met Tom! Is it late?", ["'we' is gone", "", ""]),
        ("We sold 40 cars! Is it late?", ["", "gone", ""]),
        (f"We sold 40 cars{', so many' * 6}! I never met Tom! Is it late?", ["words", "", ""]),
    ],
)
def test_faults(text, faults):
    found = vetted(text, original(SAID, "en", "happy", 1.0, 0))
    for proposal, fault in zip(found, faults, strict=True):
        assert (fault in proposal.fault) if fault else not proposal.fault


def test_the_first_that_can_stand_stands():
    source = original(SAID, "en", "sad", 1.0, 0)
    first = vetted("We sold cars. I never even met Tom. Is it late?", source)
    second = vetted("We just sold 40 cars. I met Tom. Is it so late?", source)
    text, by, why = joined([first, second], source)
    assert text == "We just sold 40 cars. I never even met Tom. Is it late?"
    assert by == ["model"] * 3
    assert why == [""] * 3
    text, by, why = joined([], source)
    assert by == ["lexicon"] * 3
    assert text.count("Tom") == 1


@pytest.mark.parametrize(
    ("new", "old", "groups"),
    [
        (["I'm glad!", "We met Tom.", "Great food!"], ["We met Tom.", "Good food."], [[0, 1], [2]]),
        (["We met Tom.", "Yay!"], ["We met Tom."], [[0, 1]]),
        (["We met."], ["We met Tom.", "Good food."], [[0], []]),
        (["Good food!"], ["We met Tom.", "Good food."], [[], [0]]),
        ([], ["We met Tom."], [[]]),
        (["We met."], [], []),
    ],
)
def test_alignment(new, old, groups):
    assert aligned(new, old) == groups
