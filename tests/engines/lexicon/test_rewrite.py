"""What holds for every text that the lexicon makes."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim import registry
from emoanim.adapters.text_emoters.lexicon import LexiconTextEmoter
from emoanim.clips import Transcript
from emoanim.emotions import Emotion, EmotionPrompt
from emoanim.engines.lexicon.emphasis import Marked
from emoanim.engines.lexicon.patterns import phrasebook
from emoanim.errors import InputError, NoSpeechError, SettingsError
from emoanim.protocols import TextEmoter

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
    "He won. She lost. They never met. Is it over? It was an old story, but they're still here.",
    "I want to thank you, and I wish I could stay. You look tired. Let's go, then.",
)
MARKS = re.compile(r"  | [.,!?;:](?:\s|$)|[!?,;]{2}|,[.!?]|(?<!\.)\.[!?,]{1}|[!?]\.")


def mark(text: str, emotion: Emotion, intensity: float = 0.6, seed: int = 0) -> Marked:
    return LexiconTextEmoter(seed).mark(Transcript(text), EmotionPrompt(emotion, intensity))


def rewrite(text: str, emotion: Emotion, intensity: float = 0.6, seed: int = 0) -> str:
    return mark(text, emotion, intensity, seed).text


def tokens(text: str) -> list[str]:
    return re.findall(r"[\w$@]+(?:[.'’@/-]\w+)*", text.lower())


def in_order(needles: list[str], hay: list[str]) -> bool:
    rest = iter(hay)
    return all(any(n == h for h in rest) for n in needles)


def outside_quotes(text: str) -> str:
    return re.sub(r'"[^"]*"|“[^”]*”', "Q", text)


def allowance(text: str) -> int:
    return int(0.6 * max(len(text.split()), 14))


RAGGED = (
    "I i'm we the a an and but so is was not good bad late very $5 3.5 Mr. D.C. e.g. Tom "
    '"quoted words" don\'t like, end. why? wow! ... milk then if because'
)

sentences = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6).map(" ".join)
ragged = st.lists(
    st.sampled_from(RAGGED.split()),
    min_size=1,
    max_size=40,
).map(" ".join)
emotions = st.sampled_from(COLOURED)
strengths = st.floats(0.0, 1.0)
seeds = st.integers(0, 50)


@settings(max_examples=100, deadline=None)
@given(sentences | ragged, emotions, strengths, seeds)
def test_every_word_stays_in_order(text, emotion, intensity, seed):
    if not any(c.isalnum() for c in text):
        return
    assert in_order(tokens(text), tokens(rewrite(text, emotion, intensity, seed)))


@settings(max_examples=100, deadline=None)
@given(sentences | ragged, emotions, strengths, seeds)
def test_growth_is_bounded(text, emotion, intensity, seed):
    if not any(c.isalnum() for c in text):
        return
    new = rewrite(text, emotion, intensity, seed)
    assert len(new.split()) <= len(text.split()) + allowance(text)


@settings(max_examples=25, deadline=None)
@given(sentences, emotions, seeds)
def test_more_intensity_never_means_fewer_additions(text, emotion, seed):
    counts = [len(mark(text, emotion, i / 10, seed).added) for i in range(11)]
    assert counts == sorted(counts)


@pytest.mark.parametrize("emotion", COLOURED)
def test_full_intensity_adds_more_than_little(emotion):
    for text in ("We moved the meeting to Monday.", TEXTS[-2]):
        assert len(mark(text, emotion, 1.0).added) > len(mark(text, emotion, 0.1).added) > 0


@pytest.mark.parametrize("text", TEXTS)
def test_reads_cleanly(text):
    for emotion, seed, intensity in itertools.product(Emotion, range(3), (0.0, 0.3, 0.6, 1.0)):
        new = rewrite(text, emotion, intensity, seed)
        spoken = outside_quotes(new)
        for mark_ in (r"p.m.", "a.m.", "D.C.", "St."):
            spoken = spoken.replace(mark_, "Q")
        assert not MARKS.search(spoken), new
        assert not re.search(
            r"\b(\w+),? \1\b",
            re.sub(
                r"(?i)yes, yes, yes|well, well|wow, just wow|"
                r"that that|to to",
                "Q",
                spoken.lower(),
            ),
        ), new
        assert not re.search(r"[<>{}*_#~|\\]|:\)", new.replace("\n- ", "\n")), new
        assert not re.search(r"\b[A-Z]{2,}\b", spoken), new
        assert new == new.strip()


@pytest.mark.parametrize("emotion", COLOURED)
def test_same_seed_same_text_and_other_seeds_differ(emotion):
    text = TEXTS[13]
    assert rewrite(text, emotion, seed=4) == rewrite(text, emotion, seed=4)
    assert len({rewrite(text, emotion, seed=s) for s in range(12)}) > 5


@pytest.mark.parametrize("text", TEXTS)
def test_emotions_give_different_texts(text):
    assert len({rewrite(text, e, 0.9) for e in COLOURED}) == len(COLOURED)


@settings(max_examples=40, deadline=None)
@given(sentences, emotions, strengths, seeds)
def test_numbers_quotes_and_names_are_untouched(text, emotion, intensity, seed):
    new = rewrite(text, emotion, intensity, seed)
    for kept in re.findall(r'"[^"]*"|“[^”]*”|\$?\d[\d.]*\d|\S+@\S+\w|www\.\S+\w', text):
        assert kept in new
    for name in ("Mr. Smith", "Main St. in Boston", "Maria", "D.C.", "7 a.m."):
        assert new.count(name) == text.count(name)
    assert re.findall(r"\d+", new) == re.findall(r"\d+", text)


@settings(max_examples=40, deadline=None)
@given(sentences, st.sampled_from(tuple(Emotion)), strengths, seeds)
def test_questions_stay_questions(text, emotion, intensity, seed):
    asked = re.findall(r"[\w' ]+\?", text)
    new = rewrite(text, emotion, intensity, seed)
    for question in asked:
        assert question.strip().lower()[3:] in new.lower()


@pytest.mark.parametrize("emotion", COLOURED)
def test_what_was_already_said_in_the_emotion_is_not_said_again(emotion):
    for text in TEXTS:
        for intensity in (0.3, 0.6, 1.0):
            once = rewrite(text, emotion, intensity)
            twice = rewrite(once, emotion, intensity)
            grown = len(once.split()) - len(text.split())
            assert len(twice.split()) - len(once.split()) <= max(7, grown // 2), twice


@pytest.mark.parametrize("emotion", COLOURED)
def test_from_medium_strength_on_the_emotion_is_unmistakable(emotion):
    shown = phrasebook(emotion).markers
    for text, intensity, seed in itertools.product(TEXTS, (0.6, 1.0), range(3)):
        assert shown & set(tokens(rewrite(text, emotion, intensity, seed)))


@pytest.mark.parametrize("emotion", COLOURED)
def test_no_phrase_twice_in_one_text(emotion):
    text = " ".join(TEXTS[:16])
    for seed in range(4):
        said = [
            p.text
            for place, p in mark(text, emotion, 1.0, seed).added
            if place.slot in ("front", "reaction")
        ]
        assert len(said) > 8
        assert len(said) == len(set(said))


def test_a_very_long_text_is_rewritten_throughout():
    text = "The train to Oslo was late, but we're here. We saw the sea. " * 150
    found = mark(text, Emotion.HAPPY, 1.0)
    touched = {place.sentence for place, _ in found.added}
    assert len(touched) > 150
    assert max(touched) > 290
    assert in_order(tokens(text), tokens(found.text))
    said = [(place.sentence, p.text) for place, p in found.added if place.slot == "reaction"]
    said.sort()
    assert all(a[1] != b[1] for a, b in itertools.pairwise(said))


def test_happy_does_not_contradict_a_negation():
    for text in ("I don't like it.", "Nobody called.", "He lost his job."):
        for seed, intensity in itertools.product(range(20), (0.3, 0.6, 1.0)):
            new = rewrite(text, Emotion.HAPPY, intensity, seed)
            assert "I love" not in new
            assert "wonderful" not in new.replace("in a wonderful mood", "").replace(
                "feel wonderful", ""
            )
            assert not re.search(r"(?:happy|glad|pleased|delighted|thrilled) (?:that|to say)", new)


def test_what_the_speaker_denies_is_not_claimed_next_to_it():
    for seed, intensity in itertools.product(range(20), (0.3, 0.6, 1.0)):
        happy = rewrite("I'm not happy.", Emotion.HAPPY, intensity, seed)
        assert not re.search(r"(?<!not )happy|joy|overjoyed|thrilled", happy), happy
        angry = rewrite("I'm not angry.", Emotion.ANGER, intensity, seed)
        assert not re.search(r"(?<!not )angry|furious|\bmad\b|rage", angry), angry


def test_good_and_bad_at_once_gets_both_sides():
    for seed in range(10):
        new = rewrite("I love it, but I lost it.", Emotion.HAPPY, 1.0, seed)
        assert len(new.split()) > 8
        assert not re.search(r"(?:glad|happy|thrilled|joy) that", new)


def test_only_what_agrees_is_made_stronger():
    text = "It was good, it was bad, and I like it."
    for seed in range(20):
        assert not re.search(r"ly bad|so bad", rewrite(text, Emotion.HAPPY, 1.0, seed))
        assert not re.search(r"ly (?:good|like)|so good", rewrite(text, Emotion.DISGUST, 1.0, seed))


def test_sad_news_of_good_news_is_told_with_and_yet():
    for seed in range(20):
        new = rewrite("We won the prize.", Emotion.SAD, 1.0, seed)
        assert not re.search(r"(?i)(?:sadly|it breaks my heart that|how sad)", new)


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("The dog is here.", r"[A-Z][^.!?]*,? the dog|.*[.!?] The dog|The dog"),
        ("Paris is big.", r".*[.!?] Paris is|Paris is"),
        ("I have it.", r"[A-Z][^.!?]*,? I have|.*[.!?] I have|I have"),
        ("Will is here.", r".*[.!?] Will is|Will is"),
        ("9 men came.", r"[A-Z].*[,.!?] 9 men|9 men"),
        ("which is why we left.", r"[A-Z].*, which is|.*[.!?] Which|which"),
    ],
)
def test_capitals_at_the_join(text, start):
    for emotion, seed in itertools.product(COLOURED, range(8)):
        assert re.match(start, rewrite(text, emotion, 0.9, seed))


def test_intensifiers_stand_before_known_adjectives_only():
    text = "It was a good trip, an old car, and I like it."
    found = set()
    for seed in range(30):
        new = rewrite(text, Emotion.SURPRISE, 1.0, seed)
        found |= set(re.findall(r"\b(?:an? \w+ly \w+|I \w+ly like)", new))
    assert found
    assert all(re.match(r"a [^aeiou]\w+ly good|an [aeiou]\w+ly old|I \w+ly like", f) for f in found)
    for untouched in (
        "It is not good.",
        "Is it good?",
        "If it is good, take it.",
        "It's big enough.",
    ):
        for seed in range(10):
            added = mark(untouched, Emotion.HAPPY, 1.0, seed).added
            assert not any(place.slot in ("intensifier", "verb") for place, _ in added)


def test_a_transcript_cut_off_trails_away_before_a_reaction():
    texts = {rewrite("We went to the", Emotion.HAPPY, 1.0, s) for s in range(10)}
    assert any("to the... " in t for t in texts)
    assert not any("to the!" in t or "to the." in t.replace("to the...", "") for t in texts)


@pytest.mark.parametrize(
    "text",
    [
        "He said it is good",
        'He said "it is good and I like it"',
        'He said "it is good and I like it."',
        "He said (and it is good)",
        "Go to www.example.com",
        "First line\nSecond line\nthird, and",
        "We moved to D.C.",
        "We moved -",
        "So we moved, and:",
        "Did we move",
        "- one egg",
    ],
)
def test_a_reaction_never_runs_into_the_sentence(text):
    for emotion, seed, intensity in itertools.product(COLOURED, range(6), (0.3, 0.6, 1.0)):
        found = mark(text, emotion, intensity, seed)
        for place, pattern in found.added:
            if place.slot == "reaction" and not text.startswith("-"):
                assert re.search(rf"[.!?][\"”)]? {re.escape(pattern.text)}", found.text), found.text
        for kept in re.findall(r'"[^"]*"|\([^)]*\)|www\S+', text):
            assert kept in found.text


def test_opinions_and_plans_are_no_facts_to_feel_something_about():
    for text in ("We should leave.", "I think it is late.", "That is it.", "I like the bus."):
        for emotion, seed in itertools.product(COLOURED, range(15)):
            assert not any(p.slot == "that" for _, p in mark(text, emotion, 0.9, seed).added)


def test_a_bare_list_gets_one_reaction_and_keeps_its_lines():
    text = "- one egg\n- two apples"
    new = rewrite(text, Emotion.HAPPY, 1.0)
    assert new.startswith("- one egg\n- two apples")
    assert len(new) > len(text)


def test_nothing_stands_between_an_announcement_and_its_list():
    for seed in range(10):
        new = rewrite(TEXTS[19], Emotion.ANGER, 1.0, seed)
        assert "ist:\n- one egg\n- two apples" in new


def test_end_marks_follow_the_emotion():
    assert rewrite("We moved. We packed.", Emotion.HAPPY, 1.0).count("!") >= 2
    assert "!" not in rewrite("We moved! We packed!", Emotion.SAD, 1.0)
    assert "!" not in rewrite("We moved! We packed!", Emotion.CONTEMPT, 1.0)
    assert "D.C.!" not in rewrite("We live in D.C.", Emotion.HAPPY, 1.0)


def test_growth_of_one_changes_end_marks_only():
    emoter = LexiconTextEmoter(max_growth=1.0)
    prompt = EmotionPrompt(Emotion.HAPPY, 1.0)
    assert emoter.rewrite(Transcript("We won."), prompt) == "We won!"


@pytest.mark.parametrize("language", ["en", "EN", "en-US", "en_GB", ""])
def test_english_by_any_code(language):
    emoter = LexiconTextEmoter()
    assert emoter.rewrite(Transcript("We won.", language), EmotionPrompt(Emotion.SAD))


def test_another_language_names_the_way_out():
    with pytest.raises(InputError, match=r"'de'.*English.*gpt4"):
        LexiconTextEmoter().rewrite(Transcript("Guten Tag.", "de"), EmotionPrompt(Emotion.SAD))


@pytest.mark.parametrize("text", ["", "  \n ", "...", "?!", "♪"])
@pytest.mark.parametrize("emotion", [Emotion.HAPPY, Emotion.NEUTRAL])
def test_no_words_no_text(text, emotion):
    with pytest.raises(NoSpeechError, match="without words"):
        LexiconTextEmoter().rewrite(Transcript(text), EmotionPrompt(emotion))


@pytest.mark.parametrize("options", [{"seed": -1}, {"max_growth": 0.9}, {"max_growth": 11.0}])
def test_options_out_of_range(options):
    with pytest.raises(SettingsError, match="expected"):
        LexiconTextEmoter(**options)


def test_the_registry_knows_it():
    emoter = registry.backend("text_emoter", "lexicon", seed=3, max_growth=1.2)
    assert isinstance(emoter, LexiconTextEmoter)
    assert isinstance(emoter, TextEmoter)
    assert registry.info("text_emoter", "lexicon").abilities == LexiconTextEmoter.abilities
