"""Scenes: frights, filth, baseness, vanity and small joys that several words together tell."""

from __future__ import annotations

import pytest

from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.reading import read
from emoanim.engines.lexicon.rewriting import Rewriting, rewriting
from emoanim.engines.lexicon.scenes import scenes_of
from emoanim.engines.lexicon.sentences import Sentence

ENGLISH = pack_for("en")
SEEN = [
    ("intruder", "There's somebody moving around downstairs, and the kids are up here."),
    ("lostchild", "I turned round for one second and Noah wasn't next to me any more."),
    ("bodily", "I found a lump under my arm this morning."),
    ("falling", "The brakes went soft on the way down."),
    ("falling", "Then the ceiling came down while my daughter was brushing her teeth."),
    ("bill", "The bill from the vet came to two thousand four hundred pounds."),
    ("watched", "A car has been parked opposite our house every night this week."),
    ("eviction", "The letter says we have to be out by the thirtieth."),
    ("broke", "We're down to sixty euros and it's only the twelfth."),
    ("silence", "My sister hasn't answered her phone since the earthquake."),
    ("drain", "I pulled the hair out of the shower drain and it just kept coming."),
    ("manners", "Somebody had used the towel and hung it back up."),
    ("hypocrisy", "He preaches about family every Sunday and he hasn't paid child support."),
    ("gossip", "She told the whole office about Karen's miscarriage."),
    ("greed", "The landlord put the rent up the week after her husband died."),
    ("excuse", "He said he couldn't help us move because his cat was tired."),
    ("shoddy", "They painted over the damp and called it a refurbishment."),
    ("show", "He mentions his Porsche before he mentions his name."),
    ("vain", "She read one book about wine and now she corrects the waiter."),
    ("kind-turn", "The bus driver waited for me."),
    ("lucky", "I found a twenty in my winter coat."),
    ("growing", "My tomatoes are finally red."),
    ("kind-turn", "My daughter laughed at one of my jokes."),
]
UNSEEN = [
    "It turns out the noise in the attic was just a squirrel.",
    "The invoice is number 20931, and it is due in thirty days.",
    "I read my daughter's diary, and she found out.",
    "I once found a wedding ring in here, and it wasn't mine.",
    "This cheese has been in the fridge since Easter and it still smells all right.",
    "My mother called and asked when we're coming home.",
    "They brought me the same plate again.",
    "The gas engineer said that it smelled all right.",
]


def said(text: str, emotion: str) -> Rewriting:
    return rewriting(text, ENGLISH, emotion, 1.0, 1.4, 0)


@pytest.mark.parametrize(("name", "text"), SEEN)
def test_a_scene_is_seen(name, text):
    assert name in read(Sentence(text), ENGLISH)


@pytest.mark.parametrize("text", UNSEEN)
def test_what_is_none_is_not(text):
    tags = read(Sentence(text), ENGLISH)
    assert not tags & {tag for s in ENGLISH.scenes for tag in (s.name, s.family)} - {"manners"}


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("There's somebody moving around downstairs, and I'm alone.", "fear"),
        ("Somebody had used the towel and hung it back up.", "disgust"),
        ("She told the whole office about Karen's miscarriage.", "disgust"),
        ("He said he couldn't help us move because his cat was tired.", "contempt"),
        ("They painted over the damp and called it a refurbishment.", "contempt"),
        ("Grandad remembered my name today.", "happy"),
    ],
)
def test_the_emotion_of_a_scene_has_something_to_say(text, own):
    assert said(text, own).text.rstrip(".!") != text.rstrip(".!")


def test_disgust_contempt_and_anger_have_words_of_their_own():
    tails = {
        e: {p.text for p in ENGLISH.books[e].phrases if p.rank >= 5}
        for e in ("anger", "contempt", "disgust")
    }
    assert not tails["disgust"] & (tails["contempt"] | tails["anger"])
    assert not tails["contempt"] & tails["anger"]


@pytest.mark.parametrize(
    "text",
    [
        "We'll be in Zurich from the fourth to the ninth.",
        "I bought a lamp at the market for three pounds.",
        "My number is 555-0188, and I'm in the office on Tuesdays.",
        "An octopus has three hearts and blue blood.",
    ],
)
def test_fear_puts_no_bare_filler_to_a_plain_fact(text):
    assert said(text, "fear").text == text


def test_a_talk_of_frights_holds_nothing_for_scorn():
    text = (
        "I was home on my own. I heard footsteps on the stairs. Somebody was standing on the "
        "landing. Somebody tried the handle. I called my sister. They took the keys and a cup."
    )
    for emotion in ("contempt", "disgust", "happy"):
        assert said(text, emotion).text == text
    assert len(said(text, "fear").changes) >= 2


def test_an_unknown_part_is_an_error():
    with pytest.raises(ValueError, match=r"\{nobody\}"):
        scenes_of({"a": {"of": "b", "kind": "c", "find": ["{nobody}"]}})
