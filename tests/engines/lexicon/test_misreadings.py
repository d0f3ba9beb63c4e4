"""Kinds of sentences that were once read wrongly: what must not be said to them, and what may."""

from __future__ import annotations

import re

import pytest

from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.reading import read_all
from emoanim.engines.lexicon.restoring import restored
from emoanim.engines.lexicon.rewriting import rewriting
from emoanim.engines.lexicon.sentences import split, tidy

ENGLISH = pack_for("en")
EMOTIONS = ("anger", "contempt", "disgust", "fear", "happy", "sad")


def tags(text: str) -> frozenset[str]:
    return read_all(split(text, ENGLISH), ENGLISH)[-1]


def said(text: str, emotion: str) -> list[str]:
    clean = restored(tidy(text), ENGLISH)
    return [rewriting(clean, ENGLISH, emotion, 1.0, 1.4, seed).text for seed in range(8)]


@pytest.mark.parametrize(
    ("emotion", "text"),
    [
        ("happy", "Three years ago the landlord doubled our rent."),
        ("happy", "He told me he loved me, and then he married somebody else."),
        ("happy", "She laughed when I told her my idea."),
        ("happy", "The new manager cut our lunch break to twenty minutes."),
        ("happy", "How could you forget my birthday?"),
        ("happy", "I missed my mother's birthday, and I only noticed two days later."),
        ("happy", "My hands won't stop shaking."),
        ("anger", "We finished the marathon in under four hours."),
        ("anger", "My book is getting published."),
        ("anger", "I heard about your mom, and I'm so sorry."),
        ("contempt", "I heard about your mom, and I'm so sorry."),
        ("contempt", "My hands won't stop shaking."),
        ("disgust", "We finished the marathon in under four hours."),
        ("disgust", "I'm sorry for what I said yesterday."),
        ("disgust", "I feel so alone since she left."),
        ("fear", "My sister is having a baby in April."),
        ("sad", "Our students raised 5,000 dollars for the food bank."),
        ("sad", "I got into Stanford."),
        ("anger", "I arrived soaked, and my manager asked me if I was all right."),
        ("contempt", "I arrived soaked, and my manager asked me if I was all right."),
        ("contempt", "In 1998 the village was hit by a typhoon."),
        ("happy", "In 1998 the village was hit by a typhoon."),
        ("happy", "A fox got into the henhouse and took three of them."),
        ("disgust", "Don't touch that wire, it might still be live."),
        ("anger", "If you'd like to see the boat, come down on Saturday."),
        ("anger", "Do I miss the car?"),
        ("happy", "My grandfather never talked about the war."),
        ("happy", "He never complained about the crash."),
        ("happy", "I shot four hundred sheep in two days, and none of them were ill."),
        ("sad", "We had eleven days of cash left when the Danish investors finally signed."),
        ("fear", "My husband says he can cook, and the smoke alarm agrees."),
    ],
)
def test_no_words_where_they_would_jar(emotion, text):
    for new in said(text, emotion):
        assert new.rstrip(".!?").replace(" really ", " ") == text.rstrip(".!?"), new
        assert text.endswith("?") or new.endswith("."), new


@pytest.mark.parametrize(
    ("emotion", "text", "never"),
    [
        ("fear", "The hikers ignored the signs, and now they have to be rescued.", "thank God"),
        ("fear", "Yesterday I cleaned out the garage and found my old guitar.", "thank God"),
        ("fear", "My best friend died in a car accident in 2019.", "I was so scared"),
        ("fear", "My son has been bullied at school since September.", "I was so scared"),
        ("fear", "After two failed loans and one flood, we opened our own restaurant.", "scared"),
        ("fear", "Our dog was sick, but he is fine now.", "Oh God"),
        ("happy", "It isn't broken, you just have to turn it on.", "Thank"),
        ("happy", "I was born in a village of 300 people.", "happy"),
        ("contempt", "We are not raising prices, and we won't charge for delivery.", "joke"),
        ("contempt", "Three years ago the landlord doubled our rent.", "Of course three"),
        ("sad", "I didn't get the job, but they kept my application.", "sadly"),
        ("sad", "The boys set the barn on fire.", "Those poor kids"),
        ("sad", "You know, I was talking to this woman.", "you know, "),
        ("sad", "Keep the bandage dry for two days.", "pity"),
        ("sad", "You always leave the lights on.", "pity"),
        ("anger", "The hospital sent us a bill for 9,000 dollars.", "Zero"),
        ("anger", "I failed the bar exam for the second time.", "How many more times"),
        ("anger", "The doctor wants to run more tests, and I have to go back.", "unfair"),
        ("anger", "The doctor said the treatment isn't working.", "Unbelievable"),
        ("disgust", "The garbage collector pauses the program for 30 milliseconds.", "sick"),
        ("disgust", "Is there anything you'd like me to repeat?", "Ugh"),
        ("disgust", "I can see your order here, and it left us on Tuesday.", "Ugh"),
        ("anger", "Water boils at a lower temperature at the top of a mountain.", "Just"),
        ("sad", "Water boils at a lower temperature at the top of a mountain.", "Just"),
        ("fear", "We lost the second half because we stopped talking.", "Oh no"),
        ("fear", "People ask whether I ever regret taking vows.", "Oh"),
        ("fear", "Would you let your fifteen-year-old cycle across Portugal?", "please"),
        ("happy", "Would you let your fifteen-year-old cycle across Portugal?", "Thank"),
        ("happy", "When the chair finally came, one leg was shorter than the others.", "great"),
        ("happy", "Why did I never call him?", "Ha"),
        ("sad", "A good bell will still be ringing long after he is gone.", "awful"),
        ("sad", "They're closing the only library on our side of the river.", "luck"),
        ("fear", "A blue whale's tongue weighs as much as a small elephant.", "think"),
        ("contempt", "We did not touch the thermostat, whatever he says.", "record"),
        ("anger", 'My boss looked at me and said, "We won\'t be needing you."', "Oh, sure"),
        ("contempt", 'My boss looked at me and said, "We won\'t be needing you."', "Sure."),
        ("disgust", "The queen is laying beautifully, so I'm going to leave her be.", "God"),
        ("fear", "We missed the target for the third month, and I need to know why.", "Oh no"),
        ("fear", "okay guys so we got the keys to the house today", "guys so"),
        ("fear", "We lost the data because somebody switched on the lights.", "thinking"),
        ("contempt", "This hive swarmed on Tuesday, and they all got away.", "apparently"),
        ("happy", "My knees are finished, and Priya is better with cats than me.", "relief"),
        ("sad", "I type the worst things people do, and then I go home and make fish.", "looking"),
        (
            "sad",
            "so he finally went down at four and then the lorry came and that was that",
            "that...",
        ),
        ("happy", "We missed the target again, and I need to know why.", "Oh well"),
        ("happy", "I was raised at the top of a hill.", "great"),
        ("sad", "They're closing the factory, and two hundred people lose their jobs.", "shame"),
        ("sad", "Two years ago I broke my wrist on that hill.", "It really hurts"),
        ("anger", "Now I do the hill without stopping, and I've lost two stone.", "kick myself"),
        ("contempt", "We've lived in this house for thirty years.", "for the record"),
        ("anger", "Our flight has been cancelled, and there isn't another one.", "is not"),
        ("anger", "She said the school would call us back, but they haven't.", "sure"),
        ("fear", "I'll have the report on your desk by Friday, I promise.", "nervous"),
        ("sad", "The ferry was cancelled because of the wind.", "heart"),
        ("contempt", "My wife and I lost our first baby in November.", "Brilliant"),
        ("happy", "I was bitten by a dog when I was six.", "I loved it"),
        ("anger", "I broke my own record.", "Damn"),
        ("happy", "I had the omelet, and it tasted like cardboard.", "!"),
        ("disgust", "The curry at Saffron House was a bit bland.", "gross"),
    ],
)
def test_never_said(emotion, text, never):
    for new in said(text, emotion):
        assert never not in new


@pytest.mark.parametrize(
    ("text", "wanted", "unwanted"),
    [
        ("I told you three times that the meeting was moved.", {"grievance"}, {"by-me", "mistake"}),
        ("We moved the database, and queries are now twice as fast.", {"gain"}, set()),
        ("I lost twelve pounds since January.", {"gain"}, {"mistake", "loss"}),
        ("My phone died.", {"failure"}, {"death", "grave"}),
        ("There are no survivors.", {"death", "grave"}, {"relief"}),
        ("The mammogram was clear.", {"relief_of"}, set()),
        ("They are closing our village school.", {"loss"}, set()),
        ("The bathroom hadn't been cleaned in weeks.", {"foul"}, {"good"}),
        ("He shows up without calling and walks into my kitchen.", {"grievance"}, {"relief"}),
        ("If the app crashes, restart it.", {"instruction"}, {"failure"}),
        ("Many songs were sad, but I don't care what he thinks.", set(), {"mistake"}),
        ("My uncle always played until midnight when I was a child.", {"memory"}, {"grievance"}),
        ("It was a cold and gloomy morning in the empty village.", {"dim", "plain"}, {"bright"}),
        ("She has a friendly face and a gentle voice.", set(), {"dim", "bad"}),
        ("The bank won't be open.", set(), {"bright"}),
        ("The tumor has shrunk by half.", {"relief"}, {"grave"}),
        ("The dog stopped barking at night.", {"good"}, {"grievance"}),
        ("We lost the first set, but we won the match.", {"mixed"}, {"loss", "bad"}),
        ("He's a terrible singer, but we love him.", {"mixed"}, {"quality", "bad"}),
        ("We love him, but he's a terrible singer.", {"quality"}, set()),
        ("He writes books about murder.", {"plain"}, {"death", "grave"}),
        ("My plants die faster than my boss.", {"joke"}, {"grave"}),
        ("The baby has a heart defect.", {"illness", "grave"}, {"failure"}),
        ("The gym is open from six in the morning until ten at night.", set(), {"grievance"}),
        ("My wife and I lost our first baby in November.", {"death"}, {"mistake"}),
        ("Unemployment in the north fell to 5 percent.", {"gain"}, {"loss", "bad"}),
        ("Sales in the north fell by 5 percent.", {"loss"}, {"gain", "good"}),
        ("Sales went up by 12 percent in the spring.", {"gain"}, {"grievance"}),
        ("Rents in the city rose by 9 percent.", {"loss"}, {"gain"}),
        ("We bake our own bread at three in the morning.", {"plain"}, {"grievance", "mistake"}),
        ("Mr. Lind stayed until midnight to help us.", {"plain"}, {"grievance"}),
        ("His dog barks until midnight.", {"grievance"}, set()),
        ("I asked for a job before I could walk again.", set(), {"relief_of", "good"}),
        ("Everyone got off before the boat went down.", {"relief_of"}, {"failure"}),
        ("I'm sorry she's gone.", {"condolence"}, set()),
        ("There are no words for what you are going through.", {"condolence"}, set()),
        ("Toast the walnuts and chop them.", {"instruction"}, {"statement"}),
        ("Yesterday the shop opened.", {"statement"}, {"instruction"}),
        ("Nobody will have to move out.", {"promise"}, {"letdown"}),
        ("I wasn't anywhere near the warehouse.", {"denial"}, set()),
        ("If I had asked, they could have helped.", {"counterfactual", "hypothetical"}, set()),
        ("If you ask me, it should be free.", {"opinion"}, {"hypothetical"}),
        ("You know, I met her at the bus stop.", {"by-me"}, {"by-you"}),
    ],
)
def test_readings(text, wanted, unwanted):
    found = tags(text)
    assert wanted <= found, found
    assert not unwanted & found, found


@pytest.mark.parametrize("emotion", ["anger", "contempt", "fear"])
def test_twenty_plain_facts_are_not_said_alike(emotion):
    facts = [f"The library on Main Street has {n} rooms and {n + 3} desks." for n in range(20, 40)]
    moulds: dict[str, int] = {}
    for fact in facts:
        new = rewriting(fact, ENGLISH, emotion, 1.0, 1.4, 0).text
        if new == fact:
            continue
        mould = re.sub(r"\d+", "N", new)
        moulds[mould] = moulds.get(mould, 0) + 1
    assert max(moulds.values(), default=0) <= 14


def test_sadness_has_nothing_to_say_to_a_plain_fact():
    fact = "The library on Main Street has 20 rooms and 23 desks."
    assert rewriting(fact, ENGLISH, "sad", 1.0, 1.4, 0).text == fact


def test_raw_speech_gets_its_commas():
    raw = "um so yeah i started running in january and like i lost twelve pounds which is great"
    assert restored(raw, ENGLISH) == (
        "Um, so yeah, I started running in January and, like, I lost twelve pounds, which is great."
    )
    asked = "they ran out of bread at ten in the morning can you believe that"
    assert restored(asked, ENGLISH).endswith("in the morning, can you believe that?")


@pytest.mark.parametrize(
    ("emotion", "text", "never"),
    [
        ("happy", "The waiter brought the duck, and it was swimming in fat.", "!"),
        ("happy", "We found some irregular cells.", "!"),
        ("happy", "I had high hopes for it, but the filling was mostly cabbage.", "!"),
        ("happy", "Thank you, and good night.", "means"),
        ("sad", "Sales went up by 12 percent.", "pity"),
        ("sad", "I spent eleven weeks on the third floor with a broken hip.", "know what to do"),
        ("fear", "I spent eleven weeks on the third floor with a broken hip.", "scared"),
        ("anger", "The shoe shop on the corner is pulling down its shutters for good.", "cares"),
        (
            "anger",
            "Your grandmother was the bravest woman I met, and I'm sorry she's gone.",
            "onest",
        ),
        ("disgust", "The judge let my brother come home on Friday.", "Ugh"),
        ("anger", "So before you throw it out, hold it up to the light.", "just before"),
        ("anger", "We were heartbroken when we heard about little Jonah.", "okay"),
        ("happy", "We were heartbroken when we heard about little Jonah.", "!"),
        ("anger", "There are three things on my list: the roof, the sink, and the lamp.", ". And"),
        ("sad", "The missing kayaker walked into a gas station on Thursday.", "Oh"),
        ("fear", "There is mold all over the bathroom ceiling.", "thank"),
    ],
)
def test_what_would_be_tone_deaf(emotion, text, never):
    for new in said(text, emotion):
        assert never not in new


@pytest.mark.parametrize(
    ("raw", "restoration"),
    [
        (
            "so the thing is right the thing is you don't need a gym you just need like a mat",
            "the thing is, right, the thing is, you don't need a gym, you just need, like, a mat.",
        ),
        ("it's been what three weeks and i'm still here", "It's been, what, three weeks"),
        ("so then i'm like okay whatever i'll take the bus", "I'm like, okay, whatever, I'll take"),
        ("i think you just need a break", "I think you just need a break."),
        ("who gives a kid a drum set i mean come on", "a drum set, I mean, come on"),
    ],
)
def test_commas_of_what_is_said_in_passing(raw, restoration):
    assert restoration in restored(raw, ENGLISH)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("I owe you an apology, I blamed it on the courier.", {"apology"}),
        ("We regret to inform you that your application was not successful.", {"bearer"}),
        ("While the onions soften, toast the cumin in a dry pan.", {"instruction"}),
        ("Whoever borrowed the projector, please bring it back.", {"instruction"}),
        ("Come on, just stop thinking about it.", {"instruction"}),
        ("My brother hasn't had a drink in 14 months.", {"good", "relief_of"}),
        ("Nothing beats a hot bath after a day on the slopes.", {"good", "eager"}),
        ("Oh, brilliant, another meeting about fewer meetings.", {"bad", "grievance"}),
        ("Had the brakes failed, we would have been on the bridge.", {"counterfactual"}),
        ("My nan was moved to the palliative ward.", {"grave", "illness"}),
        ("Even the rail couldn't stop the truck from falling.", {"bad", "harm"}),
        ("His gloomy cold speech won a prize.", {"contested"}),
        ("They're replacing the reading room with a gift shop.", {"bad", "loss"}),
        ("Mistakes happen to everyone.", {"reassuring"}),
        ("Just look at the mess you've made of my papers.", {"statement", "grievance"}),
        ("Couldn't this have waited until morning?", {"question", "reproach"}),
        ("They raced down the street with no regard for anyone.", {"grievance"}),
        ("No wonder this yogurt tastes disgusting.", {"bad", "foul"}),
        ("My password has been changed.", {"crime"}),
        ("Mommy, can we have a puppy please?", {"request"}),
        ("When I leave my kids here, I expect you to watch them.", {"opinion"}),
        ("She's still in the ward, but she's feeling much better.", {"relief_of"}),
        ("I find crumpets totally repulsive.", {"foul"}),
        ("They assured me that everything is gonna be fine.", {"assured"}),
        ("He was so happy he almost cried.", {"good", "enjoy"}),
        ("She had worked too hard to let one rejection stop her.", {"good", "gain"}),
        ("If you wanted to try again, you should have told me.", {"grievance"}),
        ("When was the last time you took your drops?", {"plain", "question"}),
        ("My trip to Portugal was a disaster.", {"failure"}),
        ("More oversight is needed, not less.", {"opinion"}),
        ("Funny how ours is the only house without light.", {"grievance"}),
        ("That's pretty creepy if you ask me.", {"opinion", "sour", "eerie"}),
    ],
)
def test_kinds_of_the_fifteenth_set_are_read(text, wanted):
    assert wanted <= tags(text)


def test_relief_is_not_contested_by_what_it_is_from():
    assert "contested" not in tags("The fever broke around four, and she asked for toast.")


@pytest.mark.parametrize(
    ("emotion", "text"),
    [
        ("anger", "We regret to inform you that your application was not successful."),
        ("anger", "My nan was moved to the palliative ward on Sunday."),
        ("anger", "I will always be grateful to Mr. Baptiste for lending me his violin."),
        ("anger", "He could see tears in her eyes."),
        ("anger", "Don't worry, I took a cab."),
        ("contempt", "My brother hasn't had a drink in 14 months."),
        ("fear", "The kitten fell asleep in my slipper."),
        ("fear", "Your translation is better than mine."),
        ("happy", "His gloomy cold speech won a prize."),
        ("happy", "We are short by about 400,000."),
        ("anger", "I'd hoped they'd be back, but now I'm really starting to worry."),
        ("contempt", "I'd hoped they'd be back, but now I'm really starting to worry."),
        ("happy", "I'll do my best not to make a mess on the carpet."),
        ("happy", "If you wanted to try again, you should have told me."),
        ("anger", "He was lost, cold, and needed help."),
        ("disgust", "He was lost, cold, and needed help."),
        ("anger", "They gave me the only bed with a net."),
        ("sad", "The museum has 86 paintings."),
        ("sad", "You're doing a great job."),
    ],
)
def test_unsure_is_left_to_voice_and_face(emotion, text):
    for new in said(text, emotion):
        assert new == text, new


def test_fear_falters_where_people_do():
    new = said("Divers found a body in the lake.", "fear")
    assert any("in... in the lake" in each for each in new)
    for text in ("The kids were at the lake.", "The road was closed on Friday."):
        assert not any(each.startswith("The... the") for each in said(text, "fear"))
    for new in said("Unless somebody fixes that wiring, this house is going to burn.", "fear"):
        assert new != "Unless somebody fixes that wiring, this house is going to burn."


def test_so_called_is_for_who_calls_themselves_so():
    assert all("so-called experts" in each for each in said("The experts were late.", "contempt"))
    assert not any("so-called" in each for each in said("The children were late.", "contempt"))


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        (
            "can you pick me up at the clinic i missed the last bus",
            "Can you pick me up at the clinic? I missed the last bus.",
        ),
        (
            "can you bring the book i lent you on monday",
            "Can you bring the book I lent you on Monday?",
        ),
        (
            "could you tell me what time i have the exam",
            "Could you tell me what time I have the exam?",
        ),
        (
            "so this is the guy i sold my car to yesterday",
            "So this is the guy I sold my car to yesterday.",
        ),
    ],
)
def test_a_raw_question_ends_where_a_whole_clause_begins(raw, wanted):
    assert restored(raw, ENGLISH) == wanted


def test_fear_asks_what_is_wrong_where_somebody_is_absent():
    for new in said("She wasn't home, and a neighbor said she didn't come in.", "fear"):
        assert "What if something" in new, new


def test_disgust_is_weary_of_what_does_not_work():
    for new in said("These trousers don't fit very well.", "disgust"):
        assert new.startswith("Ugh"), new


@pytest.mark.parametrize(
    ("emotion", "text", "something"),
    [
        ("anger", "Who left the back door open last night?", "on earth"),
        ("anger", "I can't find the invoice from Hadley and Sons.", "stupid invoice"),
        ("anger", "I'm sorry I shouted at you in front of your friends.", "okay?"),
        ("contempt", "I'll have the report on your desk by Friday, I promise.", "Relax"),
        ("contempt", "She said the school would call us back, but they haven't.", "surprise"),
        ("contempt", "The choir needs two more tenors before Christmas.", "apparently"),
        ("disgust", "He never told me he had been married before.", "sick"),
        ("fear", "Why didn't you call me when you landed?", "worried"),
        ("fear", "He never told me he had been married before.", "What else"),
        ("fear", "The doctor wants me to come back for another blood test.", "serious"),
        ("happy", "I ordered this jacket four weeks ago, and it hasn't arrived.", "Oh well!"),
        ("sad", "They're closing the factory, and 200 people lose their jobs.", "heartbreaking"),
        ("sad", "I promise I'll have the money back to you by Friday.", "sorry"),
    ],
)
def test_what_a_person_would_say(emotion, text, something):
    assert any(something in new for new in said(text, emotion)), said(text, emotion)
