"""The patterns themselves: their shape, their variety, and that each of them can be said."""

from __future__ import annotations

import itertools
import re

import pytest

from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.lexicon.patterns import SLOTS, STRENGTHS, key_words, phrasebook
from emoanim.engines.lexicon.sentences import FORMS, TONES

COLOURED = tuple(e for e in Emotion if e is not Emotion.NEUTRAL)
SHAPES = {
    "opener": r"[A-Z][\w',. ]*[\w.!?]",
    "that": r"[A-Z][\w', ]* that",
    "lead": r"[A-Z][\w', ]*(?:, but| to say that)",
    "mid": r"(?:[a-z]|I'm)[\w', ]*\w",
    "intensifier": r"[a-z]+",
    "verb": r"[a-z]+",
    "reaction": r"[A-Z][\w', ]*[.!?]",
}
BY_EMOTION = pytest.mark.parametrize("emotion", COLOURED)
PATTERNS = [(e, p) for e in COLOURED for p in phrasebook(e).patterns]
# Sentences of every form and tone, so short or so long that any pattern fits.
GROUND = (
    "Hello everyone.",
    "Where is it?",
    "Who won the prize?",
    "Who lost?",
    "Close the door.",
    "Enjoy the good food.",
    "Don't go.",
    "Paris next.",
    "A good one.",
    "A bad one.",
    "The bus has two doors, but it's big and we saw it yesterday at noon.",
    "It is a nice bus, but it's an old one, and I like the colour of the seats.",
    "It is a dirty bus, and it's slow, and the seats are broken on the left side.",
    "We moved to Rome in May.",
    "We lost the keys.",
    "We won the match.",
    "I like the street. I want a window there.",
    "She is sad. He is kind. They are late. That is weird. It's a dark room, and it's an ugly one.",
)


@BY_EMOTION
def test_shape(emotion):
    for pattern in phrasebook(emotion).patterns:
        assert re.fullmatch(SHAPES[pattern.slot], pattern.text), pattern
        assert not re.search(r"  |\d|\b[A-Z]{2,}\b|[.!?]\s+[a-z]", pattern.text), pattern
        assert not re.search(r"\b(\w+) \1\b", pattern.text.lower()), pattern
        assert set() < pattern.forms <= set(FORMS), pattern
        assert set() < pattern.tones <= set(TONES), pattern
        assert 1 <= pattern.length <= 9, pattern
        assert pattern.slot in SLOTS


@BY_EMOTION
def test_dozens_of_patterns_in_every_strength(emotion):
    book = phrasebook(emotion)
    for strength in range(len(STRENGTHS)):
        assert sum(p.strength == strength for p in book.patterns) >= 20
    for slot in ("opener", "that", "lead", "mid", "intensifier", "reaction"):
        assert any(p.slot == slot for p in book.patterns)
    texts = [(p.slot, p.text, p.forms, p.tones) for p in book.patterns]
    assert len(set(texts)) == len(texts)


@BY_EMOTION
def test_something_fits_every_kind_of_sentence(emotion):
    for form, slot in itertools.product(set(FORMS) - {"item"}, ("opener", "reaction")):
        for tones in ({"plain"}, {"positive"}, {"negative"}):
            fitting = [
                p
                for p in phrasebook(emotion).patterns
                if p.slot == slot and form in p.forms and tones <= p.tones
            ]
            assert len(fitting) >= 2, (form, tones)


def test_no_phrase_belongs_to_two_emotions():
    owners: dict[str, set[Emotion]] = {}
    for emotion, pattern in PATTERNS:
        if pattern.slot in ("that", "lead", "reaction") and pattern.strength > 0:
            owners.setdefault(pattern.text, set()).add(emotion)
    assert {t: o for t, o in owners.items() if len(o) > 1} == {}


@BY_EMOTION
def test_medium_and_strong_clauses_name_the_emotion(emotion):
    book = phrasebook(emotion)
    named = [
        bool(book.markers & set(p.tokens))
        for p in book.patterns
        if p.strength > 0 and p.slot in ("that", "lead", "reaction", "opener")
    ]
    assert sum(named) / len(named) > 0.5


@BY_EMOTION
def test_every_pattern_can_be_said(emotion):
    unsaid = {(p.slot, p.text) for p in phrasebook(emotion).patterns}
    for seed in range(80):
        emoter = LexiconTextEmoter(seed, max_growth=3.0)
        for text, intensity in itertools.product(GROUND, (0.3, 0.7, 1.0)):
            marked = emoter.mark(Transcript(text), EmotionPrompt(emotion, intensity))
            unsaid -= {(p.slot, p.text) for _, p in marked.added}
            for _, pattern in marked.added:
                assert pattern.text.lower() in marked.text.lower()
        if not unsaid:
            break
    assert unsaid == set()


def test_words_of_one_family_are_one_key():
    assert key_words("So scared of scary things") == {"scar", "thin"}
    assert key_words("I am so very much") == {"very"}
