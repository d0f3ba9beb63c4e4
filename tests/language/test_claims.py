"""Proposals of a model that say another thing are found; free but faithful ones are let through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoanim.language.meaning import lost_meaning
from emoanim.language.numbers import spoken

ALTERED = [
    # numbers spelled in words, scales, ordinals, order, units, parts
    ("We sold 40 cars.", "We sold fourteen cars!"),
    ("We sold forty cars.", "We sold 14 cars!"),
    ("It cost 4 million dollars.", "It cost 4 billion dollars!"),
    ("It cost four million dollars.", "It cost 4 thousand dollars!"),
    ("We lost Emma on the ninth of May.", "We lost Emma on the tenth of May."),
    ("She finished twenty-second.", "She finished twenty-first!"),
    ("12 people were hurt and 3 died.", "3 people were hurt and 12 died."),
    ("Prices rose by 40 percent.", "Prices rose by 40 dollars!"),
    ("It starts at 5 am.", "It starts at 5 pm!"),
    ("Take 5 mg of it.", "Please, take 5 grams of it."),
    ("Take it every eight hours.", "Please, take it every eight days."),
    ("Half of the staff left.", "All of the staff left!"),
    ("A dozen people came.", "A hundred people came!"),
    ("They charged me twice.", "They charged me for it!"),
    ("At least 12 people were injured.", "At most 12 people were injured."),
    ("At least 12 people were injured.", "Oh no, 12 people were injured."),
    ("It takes less than 20 minutes.", "It takes more than 20 minutes!"),
    # names, also where a sentence begins
    ("Sarah stole the money.", "Emma stole the money!"),
    ("Sarah stole the money.", "Somebody stole the money!"),
    ("Tom hit Jerry in the yard.", "Jerry hit Tom in the yard!"),
    ("Sarah's car is red.", "Maria's car is red!"),
    ("Doctor Alvarez called.", "Doctor Miller called!"),
    # denials: gone, elsewhere, twofold, in other words
    ("I never said that she stole it.", "I said that she never stole it!"),
    ("I don't think we should sell it.", "I think we should not sell it!"),
    ("Nobody was not invited.", "Nobody was invited!"),
    ("The tests did not find any cancer.", "The tests did find cancer!"),
    ("He failed to deliver it.", "He delivered it!"),
    ("He delivered it.", "He failed to deliver it!"),
    ("She refused to sign.", "She signed!"),
    ("They left without paying.", "They left after paying!"),
    ("The lump is cancer.", "The lump is cancer. It isn't true!"),
    ("The lump is cancer.", "The lump is cancer. No, it is not."),
    ("I know Tom.", "Oh no, I don't know Tom!"),
    ("I don't know Tom.", "Oh no, I know Tom!"),
    # persons
    ("She gave him the keys.", "He gave her the keys!"),
    ("I told her about it.", "She told me about it!"),
    ("We owe them money.", "They owe us money!"),
    ("My brother called me.", "My sister called me!"),
    ("I ate until I could not look at it.", "We ate until I could not look at it!"),
    (
        "Can you move your bike so I can get my car out?",
        "Can you move my bike so I can get your car?",
    ),
    # questions and statements
    ("Have you seen the library?", "You have seen the library! Right?"),
    ("The library is closed.", "Wow. Is the library closed?"),
    ("Could you send me the slides?", "You could send me the slides. Okay?"),
    # how sure, when, which way
    ("The lump may be cancer.", "The lump is cancer."),
    ("The lump is cancer.", "The lump might be cancer."),
    ("We will close the plant.", "We closed the plant."),
    ("They are going to tear it down.", "They tore it down!"),
    ("If it rains, the game is off.", "It rains, the game is off!"),
    ("You should see a doctor.", "You see a doctor!"),
    ("Call before noon.", "Please, call after noon."),
    ("It stays closed until March.", "It stays closed in March."),
    ("Turn left at the church.", "Just turn right at the church!"),
    ("Sales went up in May.", "Sales went down in May!"),
    ("Rents rose again.", "Rents fell again!"),
    ("The store opens at nine.", "The store closes at nine!"),
    ("We won the game.", "We lost the game!"),
    ("All of the passengers got off.", "Some of the passengers got off!"),
    ("Some of you will hate it.", "All of you will hate it!"),
    ("He said the plants were a fire hazard.", "The plants were a fire hazard!"),
    ("They found the hikers alive.", "They found the hikers dead."),
]

FAITHFUL = [
    ("We sold 40 cars.", "Yes! We actually sold forty cars!"),
    ("It cost 4 million dollars.", "It cost four million dollars!"),
    ("It cost $40.", "It cost 40 dollars!"),
    ("It cost 40 bucks.", "It cost 40 dollars!"),
    ("Take 5 mg of it.", "Please, take 5 milligrams of it."),
    ("It starts at 5 am.", "It starts at 5 am!"),
    ("He is six foot tall.", "He is six feet tall!"),
    (
        "We lost Emma on the ninth of May, and we miss her every day.",
        "We lost Emma on the 9th of May... and we miss her so much, every single day.",
    ),
    (
        "The mayor said on Tuesday that the bridge on Dock Street will stay closed until March 14.",
        "On Tuesday the mayor said the bridge on Dock Street will stay closed until March 14!",
    ),
    (
        "At least 12 people were injured when a train derailed outside Lyon early this morning.",
        "Oh God, at least twelve people were hurt when a train derailed outside Lyon this morning.",
    ),
    ("I never said that Sarah stole the money.", "I never, ever said that Sarah stole the money!"),
    (
        "I don't think we should cut the testing budget by 40 percent.",
        "I really do not think we should slash the testing budget by 40%!",
    ),
    (
        "We won't be raising taxes this year, and we aren't cutting schools either.",
        "We will not be raising taxes this year, and we are not cutting schools either. Period!",
    ),
    (
        "Have you seen what they did to the old library?",
        "Oh no, have you seen what they did to the poor old library?",
    ),
    (
        "Could you send me the slides before the meeting at four?",
        "Could you please, please send me the slides before the meeting at four?",
    ),
    (
        "Call me at 555-0142 between nine and five and ask for Tom Becker.",
        "Just call me at 555-0142 between nine and five, and ask for Tom Becker!",
    ),
    (
        "The scan shows a four centimeter mass on your left lung.",
        "I'm so sorry. The scan shows a four centimeter mass on your left lung.",
    ),
    (
        "Take two tablets of ibuprofen every eight hours, and don't drive tonight.",
        "Please take two tablets of ibuprofen every eight hours, and please do not drive tonight.",
    ),
    (
        "The neighbors upstairs play music until two in the morning every single night.",
        "The neighbors upstairs blast their music until two in the morning, every single night!",
    ),
    (
        "My goldfish has a better attention span than my boss.",
        "Honestly, even my goldfish has a better attention span than my boss!",
    ),
    (
        "Our daughter took her first steps this morning. My wife got it all on video.",
        "Oh, our daughter took her very first steps this morning! My wife got it all on video!",
    ),
    (
        "Put the chicken in the oven at 200 degrees for forty minutes.",
        "Just put the chicken in the oven at 200 degrees for 40 minutes!",
    ),
    ("They closed the pool.", "They went and closed the pool!"),
    ("She isn't answering.", "She is not even answering..."),
    ("We met him there.", "We were so glad that we met him there!"),
    ("Sarah stole the money.", "Sarah really stole the money!"),
    ("It may rain.", "Oh, it might rain..."),
    ("The heating is off.", "The heating is off. It isn't fair!"),
    ("I passed the test.", "I passed the test, thank you very much!"),
    ("I passed the test.", "I passed the test, can you believe it?"),
    ("They canceled the flight.", "I can't believe this. They canceled the flight!"),
    ("It takes more than ten minutes.", "It takes more than, um, ten minutes."),
    ("We worked 70 hours a week.", "We worked 70 hours a week! Seventy hours!"),
    ("The heating is broken.", "Great! The heating is broken!"),
]


@pytest.mark.parametrize(("old", "new"), ALTERED)
def test_what_is_altered_is_found(old, new):
    assert lost_meaning(new, old, strict=True)


@pytest.mark.parametrize(("old", "new"), FAITHFUL)
def test_what_is_faithful_passes(old, new):
    assert lost_meaning(new, old, strict=True) == ""


@given(st.integers(2, 999), st.integers(2, 999))
def test_numbers_in_words_and_in_digits_are_the_same(one, other):
    new, old = f"We sold {spoken(one)} of them!", f"We sold {other} of them."
    assert (lost_meaning(new, old, strict=True) == "") == (one == other)
    assert (lost_meaning(old, new, strict=True) == "") == (one == other)


@given(
    st.sampled_from(sorted({old for old, _ in ALTERED + FAITHFUL})),
    st.sampled_from(["", "Oh, ", "Look, ", "Ugh, ", "Honestly, ", "Please, "]),
    st.sampled_from([".", "!", "..."]),
)
def test_a_particle_and_another_mark_are_no_alteration(old, particle, mark):
    new = particle + (old[0] + old[1:])
    if not new.endswith("?"):
        new = new[:-1] + mark
    assert lost_meaning(new, old, strict=True) == ""
