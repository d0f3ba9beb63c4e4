"""What a sentence does, what it is about, whose it is and when."""

from __future__ import annotations

import pytest

from emoanim.engines.lexicon.matters import matters
from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.reading import read, read_all
from emoanim.engines.lexicon.sentences import split

ENGLISH = pack_for("en")


def tags(text: str) -> frozenset[str]:
    return read(split(text, ENGLISH)[0], ENGLISH)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("The library opens at nine.", "statement"),
        ("Have you seen the library?", "question"),
        ("why didn't you call me", "question"),
        ("Could you send me the slides?", "request"),
        ("Put the chicken in the oven.", "instruction"),
        ("If it rings, don't answer.", "instruction"),
        ("I want to thank the nurses.", "thanks"),
        ("Good evening, everyone, and thank you for coming.", "thanks"),
        ("Good evening, everyone.", "greeting"),
        ("Hi, my name is Priya.", "introduction"),
        ("I'm so sorry about your father.", "condolence"),
        ("Please accept my condolences on the loss of your sister.", "condolence"),
        ("Are there any questions so far?", "invitation"),
        ("I never said that Sarah stole the money.", "denial"),
        ("We won't be raising taxes this year.", "promise"),
        ("I don't think we should cut the budget.", "opinion"),
        ("My goldfish has a better attention span than my boss.", "joke"),
        ("I'm sorry, I lost your book.", "apology"),
        ("- two eggs", "item"),
    ],
)
def test_acts(text, act):
    assert act in tags(text)


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("The tests found cancer.", {"illness", "grave", "bad"}, {"relief"}),
        ("The tests did not find any cancer.", {"relief", "good"}, {"illness", "grave", "bad"}),
        ("Nobody was hurt in the fire.", {"relief", "good"}, {"harm", "grave"}),
        ("We lost Emma in May.", {"death", "grave", "mine", "past"}, {"loss"}),
        ("We lost the game in May.", {"loss", "bad"}, {"death", "grave"}),
        ("I did not pass the test.", {"bad"}, {"gain"}),
        ("I passed my driving test.", {"gain", "good", "mine", "by-me"}, {"bad"}),
        ("They passed the salt.", {"plain"}, {"gain"}),
        ("There was a dead rat behind the fridge.", {"foul"}, {"death", "grave"}),
        ("They charged me twice.", {"grievance", "mine", "by-them"}, {"by-me"}),
        ("I forgot my keys.", {"mistake", "by-me"}, {"by-them"}),
        ("The neighbors play music until two in the morning.", {"grievance", "by-them"}, {"past"}),
        ("We won't raise taxes.", {"promise", "reassurance", "good"}, {"relief"}),
        ("A storm will hit the coast.", {"threat", "ahead"}, {"past"}),
        ("The mass on your lung is small.", {"illness", "yours", "grave"}, set()),
        ("The deadline is at noon.", {"plain"}, {"death", "grave"}),
        ("Good luck with the crash course.", {"plain"}, {"harm", "good"}),
        ('He said "she died" and left.', set(), {"death"}),
        ("If it breaks, call us.", {"unsure"}, set()),
    ],
)
def test_matters(text, wanted, unwanted):
    found = tags(text)
    assert wanted <= found
    assert not unwanted & found


def test_what_stands_before_the_main_clause_is_background():
    assert "background" in tags("When he died, my mother wanted to sell the place.")
    assert "background" not in tags("When I called, he died.")


def test_a_denial_reaches_its_own_clause_only():
    found = matters("It did not rain, but three people were injured", ENGLISH)
    assert [(m.kind, m.denied) for m in found] == [("harm", False)]


def test_the_longest_match_counts():
    (found,) = matters("the battery died", ENGLISH)
    assert found.kind == "failure"


def test_neighbours_know_of_what_is_grave():
    text = "He was a good man. My father died in June. We had soup. It rained."
    read_ = read_all(split(text, ENGLISH), ENGLISH)
    assert ["near-grave" in t for t in read_] == [True, False, True, False]
