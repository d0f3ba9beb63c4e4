"""A talk is read as a whole: what is changed, where, and what is left alone."""

from __future__ import annotations

import pytest

from emoanim.engines.lexicon.arcs import arc_of
from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.reading import read_all
from emoanim.engines.lexicon.restoring import restored
from emoanim.engines.lexicon.rewriting import Rewriting, rewriting
from emoanim.engines.lexicon.sentences import split, tidy
from emoanim.language.meaning import lost_meaning

ENGLISH = pack_for("en")
COMPLAINT = (
    "I'm ringing about my mother's bed. We ordered it from you on the second of May, and you "
    "promised it within ten days. On the twelfth two men arrived with a wardrobe. I told them it "
    "was the wrong thing, and they said they only deliver. Since then I have spoken to seven of "
    "your colleagues. One of them said the bed had never existed. Yesterday your website told me "
    "the order was complete. I've taken two days off work to wait for your van. I don't want a "
    "discount, and I don't want another email."
)
RESCUE = (
    "My first call-out came in February, at ten past two in the morning. A father and his son had "
    "not come back from the ridge. We walked for four hours in snow up to our knees. At dawn we "
    "found the boy under a rock. His father had fallen on the way down, and we were too late for "
    "him. I nearly gave up that night. A woman called Maureen used to wait for me with a flask of "
    "tea. She told me that nobody does this alone, and she was right. Since then most of them "
    "walked home with us."
)
TRIP = (
    "Our first flight was cancelled. Then at four in the morning a woman from the cleaning crew "
    "came over with two blankets. She just put them down and smiled. The flat is on the fifth "
    "floor, and there is no lift. You can see the river from the kitchen. This morning we had "
    "custard tarts for breakfast, and then we had them again for lunch. Tomorrow we're taking the "
    "tram up to the castle."
)


def said(text: str, emotion: str, intensity: float = 1.0, seed: int = 0) -> Rewriting:
    return rewriting(restored(tidy(text), ENGLISH), ENGLISH, emotion, intensity, 1.4, seed)


def changed(result: Rewriting) -> set[int]:
    return {change.sentence for change in result.changes}


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust", "fear", "sad"])
def test_a_complaint_is_one_from_its_start_to_its_end(emotion):
    result = said(COMPLAINT, emotion)
    assert 3 <= len(changed(result)) <= 5
    assert not lost_meaning(result.text, COMPLAINT)


def test_contempt_says_it_inside_the_clause():
    text = said(COMPLAINT, "contempt").text
    assert "they said they only deliver" in text
    assert "One of them actually said the bed had never existed." in text
    assert "Seven of them." in text


def test_anger_says_again_how_long_and_how_many():
    talk = f"{COMPLAINT} {TRIP}"
    assert "within ten days! Ten days!" in said(talk, "anger").text
    assert "seven of your colleagues! Seven of them!" in said(talk, "anger").text


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust", "happy"])
def test_grief_and_kindness_in_a_story_are_left_alone(emotion):
    result = said(RESCUE, emotion)
    for i in (1, 4, 5):  # the missing, the dead, the despair
        assert i not in changed(result), result.sentences[i]
    if emotion != "happy":
        assert not changed(result) & {6, 7}


def test_joy_keeps_to_the_kind_and_the_good():
    result = said(TRIP, "happy")
    assert "a lovely woman from the cleaning crew came over with two blankets!" in result.text
    assert "delicious custard tarts" in result.text
    assert not changed(result) & {0, 3}


def test_what_only_leads_on_is_left_alone():
    talk = "Hello, I'm Desmond. Let's move on. Any questions? " + COMPLAINT + " That's it from me."
    for emotion in ("anger", "contempt", "disgust", "sad"):
        result = said(talk, emotion)
        assert not changed(result) & {0, 1, 2, len(result.sentences) - 1}, emotion


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust", "fear", "happy", "sad"])
def test_intensity_decides_how_many_sentences_are_changed(emotion):
    text = f"{COMPLAINT} {TRIP}"
    numbers = [len(changed(said(text, emotion, i))) for i in (0.3, 0.6, 1.0)]
    assert numbers[0] <= numbers[1] <= numbers[2]
    assert numbers[0] < numbers[2] <= 0.45 * 16 + 1


def test_how_a_talk_stands_is_told_by_what_is_around_and_changes_at_a_turn():
    sentences = split(f"{COMPLAINT} {TRIP}", ENGLISH)
    arc = arc_of(sentences, read_all(sentences, ENGLISH), ENGLISH)
    dark = [i for i, tags in enumerate(arc.tags) if "dark" in tags]
    glad = [i for i, tags in enumerate(arc.tags) if "glad" in tags]
    assert {3, 4, 5} <= set(dark)
    assert {10, 11} <= set(glad)
    assert arc.weights[5] > arc.weights[0]


def test_a_short_text_has_no_opening_and_no_close():
    sentences = split("We won. They lost.", ENGLISH)
    arc = arc_of(sentences, read_all(sentences, ENGLISH), ENGLISH)
    assert not {"opening", "closing"} & set().union(*arc.tags)


@pytest.mark.parametrize(
    ("text", "emotion", "expected"),
    [
        (
            "The guy at the garage charged me four hundred quid for a fuse.",
            "contempt",
            "fuse. Four hundred quid",
        ),
        ("Our daughter took her first steps this morning.", "happy", "her very first steps"),
        ("Eighteen of us couldn't move the van.", "sad", "couldn't even move"),
        ("The room you gave me last night doesn't have a window.", "disgust", "even have"),
        ("A stranger took a picture of my kids at the park.", "disgust", "Some stranger"),
        ("The tide comes in twice a day, and you can hear it from here.", "happy", "can even"),
        ("I never told Marta she could sell the piano.", "anger", "I never told Marta"),
        ("No, I did not tell the buyers that the roof was new.", "anger", "did not tell"),
    ],
)
def test_some_changes_of_talks_are_made_in_a_single_sentence(text, emotion, expected):
    assert expected in said(text, emotion).text


def test_a_text_with_full_stops_and_no_capitals_gets_them_back():
    raw = (
        "so i've been a nurse for years. it's the phone calls. she sends me a card from denver. ok."
    )
    assert restored(raw, ENGLISH) == (
        "So I've been a nurse for years. It's the phone calls. She sends me a card from Denver. Ok."
    )


def test_an_echo_begins_with_a_capital_and_follows_no_other_number():
    talk = COMPLAINT.replace("seven of your colleagues", "a hundred and seven of your colleagues")
    assert "Seven of them" not in said(talk, "anger").text


EULOGY = (
    "I'm Ruth, the youngest of his four. He didn't like fuss, and he couldn't stand lilies. He "
    "drove the number 36 for thirty-one years. He knew every regular by name, and he knew who had "
    "just lost a job. On Sundays he made us pancakes. After Mum died he stopped driving, and he "
    "hardly spoke. He gave sandwiches to the drivers every day for six years, until his legs gave "
    "out. Thank you for being here."
)


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust"])
def test_the_ways_of_somebody_who_is_gone_are_left_alone(emotion):
    result = said(EULOGY, emotion)
    assert not changed(result) & {1, 2, 3, 5, 6}, result.text


def test_joy_leaves_a_complaint_alone():
    result = said(COMPLAINT, "happy")
    assert not changed(result), result.text


def test_a_raw_talk_gets_full_stops_where_clauses_begin():
    raw = (
        "so basically we got to the hospital at like two in the morning and they said we had to "
        "wait and there was nobody at the desk and my mum was in a lot of pain so i went looking "
        "for somebody and this nurse she got us a bed straight away and then the doctor came and "
        "he said it was her appendix and they operated that same night"
    )
    text = restored(raw, ENGLISH)
    assert "they said we had to wait. And there was nobody at the desk" in text
    assert len(split(text, ENGLISH)) >= 4


REPOT = (
    "Okay, so today I'm going to show you how to re-pot a plant. This one is called Gerald. Don't "
    "pull on the stem. I pulled on the stem once, and that was the end of a very nice fern. This "
    "bit here smells awful, so that goes in the bin. Put two spoons of soil in the new pot. Water "
    "him well. Mine usually get new leaves by spring."
)
MILL = (
    "I started at the mill when I was sixteen. My father worked there, and his father before him. "
    "My first wage was eleven pounds, and I gave ten of it to my mother. I met my wife in the "
    "canteen. She said my hands were filthy, and she was right. Then in 1983 a man in a grey suit "
    "came and read out a list. He read for an hour and a half. He never once looked up. They gave "
    "us a week, and a clock. My grandson lives in one, on the floor where I had my machine. He "
    "asked me to come and see it, and I went."
)
SEEDS = range(3)


@pytest.mark.parametrize("seed", SEEDS)
def test_joy_puts_no_bare_mark_at_a_loss_or_next_to_one(seed):
    repot = said(REPOT, "happy", seed=seed).text
    assert "a very nice fern." in repot
    assert "new leaves by spring!" in repot
    mill = said(MILL, "happy", seed=seed).text
    assert "read out a list. He read for an hour and a half. He" in mill


def test_irony_after_bad_news_is_not_made_stronger():
    text = "They found a dead rat, so that was nice and the guy wants four thousand on top."
    assert said(text, "happy").text == text


@pytest.mark.parametrize("seed", SEEDS)
def test_disgust_puts_no_adjective_on_a_place_and_none_beside_a_tail(seed):
    text = said(REPOT, "disgust", seed=seed).text
    assert "disgusting bin" not in text
    assert not ("just awful" in text and "gross" in text)
    assert "on the floor where I had my machine." in said(MILL, "disgust", seed=seed).text
    rats = said(f"We found a dead rat. {REPOT}", "disgust", seed=seed)
    for sentence in rats.sentences:
        assert not ("disgusting" in sentence and "gross" in sentence), sentence


def test_disgust_still_says_what_is_foul_of_the_thing_itself():
    text = said(f"{COMPLAINT} There were three rats in the kitchen.", "disgust").text
    assert "three disgusting rats in the kitchen." in text


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust"])
def test_nobody_is_blamed_where_the_fault_is_owned(emotion, seed):
    sentence = next(s for s in said(MILL, emotion, seed=seed).sentences if "filthy" in s)
    assert sentence.rstrip(".!").endswith("she was right"), sentence


@pytest.mark.parametrize("seed", SEEDS)
def test_that_nobody_told_of_a_bad_thing_is_no_relief(seed):
    assert (
        "thank God" not in said("Nobody told me the class was cancelled.", "fear", seed=seed).text
    )


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("emotion", ["anger", "contempt", "fear", "sad"])
def test_an_old_loss_of_ones_own_is_no_news_and_no_joke(emotion, seed):
    text = said("It's been a year since we lost the shop.", emotion, seed=seed).text
    assert text.rstrip(".!").endswith("It's been a year since we lost the shop"), text


@pytest.mark.parametrize("seed", SEEDS)
def test_fear_hesitates_once_and_before_a_clause(seed):
    text = said(f"{MILL} And I've lived here for six years, and I never knew.", "fear", seed=seed)
    assert all(s.count("um,") <= 1 for s in text.sentences), text.text
    assert "My father worked there, and his father before him." in text.text


@pytest.mark.parametrize("seed", SEEDS)
def test_disgust_groans_before_what_is_foul_only(seed):
    for quiet in (
        "Somebody is walking around upstairs, and I live alone.",
        "There was hair in my pasta and the waiter just shrugged.",
    ):
        assert "ugh" not in said(quiet, "disgust", seed=seed).text


COUNCIL = (
    "Good evening, and thank you for having me. I've lived on Mill Lane for thirty years. In "
    "January the water came up through the floor and into my kitchen. Mr. Hale next door had to be "
    "carried out by two firemen. He's ninety-one. We've asked this council for a wall every year "
    "since 2015. Every year you tell us there's no money. But you found two million pounds for "
    "the car park. What are we supposed to do now? My kids sleep on the ground floor. I'm not an "
    "engineer, but I can read a map. The next one is due in March. Please put this on the agenda "
    "before the summer."
)


def test_a_speech_about_a_flood_is_said_with_what_it_is_about():
    anger = said(COUNCIL, "anger").text
    assert "He's ninety-one! Ninety-one!" in anger
    assert "for the car park! Two million pounds!" in anger
    assert "ground floor, for God's sake" in anger
    assert "What exactly are we supposed to do now?" in said(COUNCIL, "contempt").text
    assert "What are we even supposed to do now?" in said(COUNCIL, "sad").text
    assert "God, what are we supposed to do now?" in said(COUNCIL, "fear").text


def test_nobody_is_glad_of_a_flood():
    assert "!" not in said(COUNCIL, "happy").text


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust", "surprise"])
def test_a_polite_request_is_no_cheek(emotion):
    text = f"{TRIP} They asked me if they could keep the swing in the back yard."
    assert "They asked me if they could keep the swing" in said(text, emotion).text


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust", "fear", "happy", "sad"])
@pytest.mark.parametrize(
    "text",
    ["So a penguin walks into a bar and asks if they've seen his brother.", "Sign element."],
)
def test_a_joke_and_a_scrap_of_a_sentence_are_left_alone(text, emotion):
    assert said(text, emotion).text.rstrip(".!") == text.rstrip(".")


def test_a_fire_brigade_is_no_fire():
    text = f"{RESCUE} The fire brigade got there in six minutes."
    assert "the... the fire" not in said(text, "fear").text.lower()


def test_what_somebody_asks_about_is_no_good_news():
    for text in ("My mother called and asked when we're coming home.", "He wondered how we won."):
        result = said(text, "happy")
        assert "good" not in result.readings[0]
        assert result.text.rstrip("!.").startswith(text.rstrip("."))


def test_moving_away_is_no_wrong_and_results_may_be_feared():
    assert "right" not in said("My sister is moving to Canada next month.", "anger").text
    fear = said("The doctor will call with the results on Friday.", "fear").text
    assert fear.startswith("The doctor will call with the results on Friday. What if it's ")


@pytest.mark.parametrize("seed", range(4))
def test_sadness_makes_no_pause_in_a_scrap_at_the_start(seed):
    text = "Congressional District, and I'm in town for my second week. Then I go home."
    assert "District..." not in said(text, "sad", seed=seed).text


FLAT = (
    "So I moved into this flat in October. The agent said the damp patch in the bedroom had been "
    "fixed. Two weeks later there was black mould behind the wardrobe. I sent them photos and "
    "nobody answered. Then the ceiling came down in the bathroom while my daughter was brushing "
    "her teeth. The landlord still took the full rent. I've kept every email, and I'm seeing a "
    "lawyer on Monday."
)


@pytest.mark.parametrize("emotion", ["anger", "contempt", "disgust", "fear", "sad"])
def test_words_within_a_clause_suit_what_they_stand_before(emotion: str) -> None:
    for seed in range(4):
        said = rewriting(FLAT, ENGLISH, emotion, 1.0, 1.4, seed).text
        for wrong in ("just black", "completely black", "disgusting teeth", "some lawyer"):
            assert wrong not in said, f"{seed}: {wrong}"


def test_a_ceiling_that_comes_down_is_a_fright() -> None:
    said = rewriting(FLAT, ENGLISH, "fear", 1.0, 1.4, 0)
    assert 4 in {change.sentence for change in said.changes}
