"""What holds for every text that the lexicon makes."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim.emotions import Emotion
from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.restoring import restored
from emoanim.engines.lexicon.rewriting import Rewriting, rewriting
from emoanim.engines.lexicon.sentences import tidy
from emoanim.language.meaning import lost_meaning

ENGLISH = pack_for("en")

COLOURED = tuple(e for e in Emotion if e is not Emotion.NEUTRAL)
TEXTS = (
    "Hello everyone.",
    "Yes.",
    "Okay",
    "Stop!",
    "I like it.",
    "I don't like it.",
    "I am so happy to see you all!",
    "I'm furious about the delay.",
    "My grandmother died yesterday.",
    "Where did you put the 12 keys?",
    "what time is it",
    "Please close the door when you leave.",
    "Don't touch that.",
    "It is a beautiful day, and we're going to the park.",
    "Mr. Smith paid $3.50 for a coffee at 7 a.m. on Main St. in Boston.",
    'He said, "I will NEVER come back!!" and he left.',
    "“Stop!” she shouted. Then Maria ran.",
    "Visit www.example.com or write to info@example.com for details.",
    "I bought apples, oranges, milk, and bread.",
    "Here is the list:\n- one egg\n- two apples",
    "1. Wash the rice.\n2. Cook it for 18 minutes.",
    "Well... I think we should go home, but it's a good place.",
    "district, and I'm currently in D.C. for my second week. In addition to learning how to",
    "so i was walking and i'm looking for my keys because i lost them",
    "We lost Emma in May, and we miss her every day.",
    "I want to thank Dr. Alvarez for taking care of my mom.",
    "They charged me 35 dollars twice, and nobody told us why.",
    "There was a dead rat behind the fridge, and it was a bit dirty.",
    "He won. She lost. They never met. Is it over? It was an old story, but they're still here.",
    "I want to thank you, and I wish I could stay. You look tired. Let's go, then.",
)
MARKS = re.compile(r"  | [.,!?;:](?:\s|$)|[!?,;]{2}|,[.!?]|(?<!\.)\.[!?,]{1}|[!?]\.")


def mark(text: str, emotion: str, intensity: float = 0.6, seed: int = 0) -> Rewriting:
    return rewriting(restored(tidy(text), ENGLISH), ENGLISH, emotion, intensity, 1.4, seed)


def rewrite(text: str, emotion: str, intensity: float = 0.6, seed: int = 0) -> str:
    return mark(text, emotion, intensity, seed).text


def outside_quotes(text: str) -> str:
    return re.sub(r'"[^"]*"|“[^”]*”', "Q", text)


RAGGED = (
    "I i'm we the a an and but so is was not good bad late very $5 3.5 Mr. D.C. e.g. Tom died won "
    '"quoted words" don\'t like, end. why? wow! ... milk then if because never every day Sorry'
)

sentences = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6).map(" ".join)
ragged = st.lists(st.sampled_from(RAGGED.split()), min_size=1, max_size=40).map(" ".join)
emotions = st.sampled_from(COLOURED)
strengths = st.floats(0.0, 1.0)
seeds = st.integers(0, 50)


@settings(max_examples=150, deadline=None)
@given(sentences | ragged, emotions, strengths, seeds)
def test_numbers_names_denials_questions_and_persons_survive(text, emotion, intensity, seed):
    if any(c.isalnum() for c in text):
        assert not lost_meaning(rewrite(text, emotion, intensity, seed), text)


@settings(max_examples=60, deadline=None)
@given(sentences, emotions, strengths, seeds)
def test_quotes_addresses_and_names_are_untouched(text, emotion, intensity, seed):
    new = rewrite(text, emotion, intensity, seed)
    for kept in re.findall(r'"[^"]*"|“[^”]*”|\$?\d[\d.]*\d|\S+@\S+\w|www\.\S+\w', text):
        assert kept in new
    for name in ("Mr. Smith", "Main St. in Boston", "Maria", "D.C.", "7 a.m."):
        assert new.count(name) == text.count(name)
    assert re.findall(r"\d+", new) == re.findall(r"\d+", text)


@settings(max_examples=100, deadline=None)
@given(sentences | ragged, emotions, strengths, seeds)
def test_growth_is_bounded(text, emotion, intensity, seed):
    if not any(c.isalnum() for c in text):
        return
    before, after = len(text.split()), len(rewrite(text, emotion, intensity, seed).split())
    assert after <= before + max(before // 2, 1)
    if before >= 10:
        assert after <= 1.4 * before + 1e-9


@settings(max_examples=50, deadline=None)
@given(sentences, emotions, strengths, seeds)
def test_one_self_report_and_no_phrase_twice(text, emotion, intensity, seed):
    made = mark(text, emotion, intensity, seed)
    assert sum(c.selfish for c in made.changes) <= 1
    said = [c.what for c in made.changes if c.kind != "edit"]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("emotion", COLOURED)
def test_a_long_text_gets_measure(emotion):
    text = " ".join(TEXTS[:16])
    few, many = mark(text, emotion, 0.1), mark(text, emotion, 1.0)
    assert len(few.changes) <= len(many.changes)
    assert sum(c.kind != "edit" for c in many.changes) <= len(many.readings) / 1.5


@pytest.mark.parametrize("text", TEXTS)
def test_reads_cleanly(text):
    for emotion, seed, intensity in itertools.product(COLOURED, range(4), (0.0, 0.3, 0.6, 1.0)):
        new = rewrite(text, emotion, intensity, seed)
        spoken = outside_quotes(new)
        for mark_ in (r"p.m.", "a.m.", "D.C.", "St."):
            spoken = spoken.replace(mark_, "Q")
        assert not MARKS.search(spoken), new
        twice = re.search(r"\b(\w+),? \1\b", re.sub(r"so, so sorry", "Q", spoken.lower()))
        assert not twice, new
        assert not re.search(r"[<>{}*_#~|\\]|:\)", new.replace("\n- ", "\n")), new
        assert new == new.strip()


def test_same_seed_same_text_and_other_seeds_differ():
    text = "The landlord never fixed the heating, and nobody called us back."
    assert rewrite(text, "anger", 1.0, 4) == rewrite(text, "anger", 1.0, 4)
    assert len({rewrite(text, "anger", 1.0, s) for s in range(12)}) > 2


SILENT = [
    ("happy", "My grandmother died yesterday."),
    ("happy", "The scan shows a four centimeter mass on your left lung."),
    ("happy", "At least 12 people were injured when a train derailed."),
    ("disgust", "I'm so sorry about your father."),
    ("contempt", "Please accept my condolences on the loss of your sister."),
    ("disgust", "The tests did not find any cancer."),
    ("anger", "I want to thank the nurses for taking care of my mom."),
    ("anger", "Our daughter took her first steps this morning."),
    ("contempt", "We lost Emma in May, and we miss her every day."),
    ("disgust", "We lost Emma in May, and we miss her every day."),
    ("disgust", "Good morning, everyone."),
    ("contempt", "Nobody was hurt in the fire."),
]


@pytest.mark.parametrize(("emotion", "text"), SILENT)
def test_where_emotion_and_content_clash_nothing_is_said(emotion, text):
    for seed, intensity in itertools.product(range(8), (0.3, 0.6, 1.0)):
        assert rewrite(text, emotion, intensity, seed) == text


@pytest.mark.parametrize(
    ("emotion", "text", "wanted"),
    [
        ("happy", "The tests did not find any cancer.", r"Thank (?:God|goodness)|What a relief"),
        ("fear", "The scan shows a mass on your left lung.", r"I'm afraid the scan"),
        ("sad", "The scan shows a mass on your left lung.", r"sorry"),
        ("sad", "I'm so sorry about your father.", r"so, so sorry"),
        ("anger", "I forgot to lock the back door.", r"Damn|Great\.|out loud|stupid|kick myself"),
        ("contempt", "We shipped it, but the page still doesn't work.", r"but of course the page"),
        ("sad", "We shipped it, but the page still doesn't work.", r"but sadly the page"),
        ("anger", "They left, and nobody told us why.", r"nobody even told us"),
        ("fear", "Take two of these, and don't drive tonight.", r"and please don't drive"),
        ("contempt", "Could you send me the slides?", r"Could you at least send"),
        ("anger", "The soup was a bit too salty.", r"way too salty"),
        ("sad", "We miss her every day, and she loved it.", r"every single day"),
        ("happy", "Good evening, and thank you for coming.", r"thank you so much for coming"),
    ],
)
def test_it_is_said_from_the_reading(emotion, text, wanted):
    assert any(re.search(wanted, rewrite(text, emotion, 1.0, seed)) for seed in range(12))


@pytest.mark.parametrize(
    "text",
    [
        "Hold the power button for ten seconds.",
        "So ask your students what they want to know.",
        "Could somebody open a window?",
    ],
)
def test_just_stands_before_the_verb(text):
    new = rewrite(text, "anger", 1.0)
    assert re.search(r"\bjust (?:hold|ask|open)\b", new.lower())
    assert "Just Hold" not in new


def test_nothing_is_said_about_the_background():
    text = "When he died, my mother wanted to sell the place."
    for emotion, seed in itertools.product(COLOURED, range(6)):
        assert not [c for c in mark(text, emotion, 1.0, seed).changes if c.kind == "tail"]


def test_end_marks_follow_the_emotion():
    assert rewrite("We won the game.", "happy", 1.0).count("!") >= 1
    assert "!" not in rewrite("We moved! We packed!", "sad", 1.0)
    assert "!" not in rewrite("We moved! We packed!", "contempt", 1.0)
    assert "!" not in rewrite("My father died in June.", "happy", 1.0)
    assert "D.C.!" not in rewrite("We live in D.C.", "happy", 1.0)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("The shop opens at nine.", r"(?:(?:Look|Listen|Okay, look), )?[Tt]he shop"),
        ("We found it here, you know.", r"(?:(?:Look|Listen|Okay, look), )?[Ww]e found"),
        ("Sarah never told us why.", r"(?:[A-Z][a-z', ]+[,.] )?Sarah never"),
        ("9 men lied to us.", r"(?:[A-Z][a-z' ,]+[,.] )?9 men"),
    ],
)
def test_capitals_at_the_join(text, start):
    for seed in range(8):
        assert re.match(start, rewrite(text, "anger", 0.9, seed))


def test_an_echo_says_a_number_in_words():
    text = "I don't think we should cut the budget by 40 percent."
    found = {rewrite(text, "contempt", 1.0, seed) for seed in range(12)}
    assert any(new.endswith("Forty percent.") for new in found)
    assert all(new.count("40") == 1 for new in found)


def test_growth_of_one_adds_no_word():
    for text, emotion in itertools.product(TEXTS, COLOURED):
        clean = restored(tidy(text), ENGLISH)
        new = rewriting(clean, ENGLISH, emotion, 1.0, 1.0, 0).text
        assert len(new.split()) <= len(clean.split())


def test_a_bare_list_keeps_its_lines():
    text = "Here is the list:\n- one egg\n- two apples"
    for emotion in COLOURED:
        assert rewrite(text, emotion, 1.0).endswith("list:\n- one egg\n- two apples")


TALK = (
    "Okay, let's begin, we have a lot to cover. The online shop is a different story. I asked the "
    "web team to look into it in June. They told me it would take two weeks. It's now October. "
    "Next year we want to open two more stores. We worked 70 hours a week. Nobody in the ministry "
    "answered our letters. The new owner told us to clear the roof in ten days. I planted them "
    "again in June. He paid me 40 pounds a week. Every evening he asked me about the weather. "
    "When I started, I worked nights. Write down three things and send them to me by Friday. "
    "I read every one of them myself. You don't need a siren to help somebody."
)


@pytest.mark.parametrize(
    ("emotion", "least"), [("anger", 4), ("contempt", 3), ("fear", 2), ("sad", 2), ("happy", 1)]
)
def test_a_talk_is_changed_all_over_without_saying_the_same_twice(emotion, least):
    for seed in range(4):
        result = rewriting(TALK, ENGLISH, emotion, 1.0, 1.4, seed)
        places = sorted({c.sentence for c in result.changes})
        assert len(places) >= least, result.text
        assert max(b - a for a, b in itertools.pairwise([0, *places, 16])) <= 14, result.text
        phrases = [c.what for c in result.changes if c.kind in ("front", "lead", "tail")]
        assert len(set(phrases)) == len(phrases)
        tags = [c.what for c in result.changes if c.what in TAGS]
        assert len(set(tags)) == len(tags)


TAGS = {e.name for e in ENGLISH.edits if e.tag}


def test_nothing_is_said_after_a_tag():
    texts = ["I got into Stanford!", "I'm sorry I shouted at you.", "I work on Saturdays."]
    tagged = 0
    for text in texts:
        for seed in range(8):
            result = rewriting(text, ENGLISH, "anger", 1.0, 1.4, seed)
            if any(c.what in TAGS for c in result.changes):
                tagged += 1
                assert [c.kind for c in result.changes if c.kind == "tail"] == []
                assert sum(c.what in TAGS for c in result.changes) == 1
    assert tagged


def test_a_change_that_a_calm_end_takes_back_is_not_recorded():
    for text in (
        "They want to keep my husband in the hospital over the weekend for observation.",
        "We lost Emma, and she was ten.",
    ):
        for emotion in map(str, COLOURED):
            result = rewriting(text, ENGLISH, emotion, 1.0, 1.4, 0)
            assert result.text != text or not result.changes
