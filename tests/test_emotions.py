"""The words that people use for emotions, and what is made of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoanim.emotions import (
    ALIASES,
    PLAIN_INTENSITY,
    TARGETS,
    Emotion,
    EmotionPrompt,
    Timeline,
    parse_emotion,
    read_prompt,
)
from emoanim.errors import EmotionError

parse = EmotionPrompt.parse


def test_targets_are_the_papers_seven():
    assert TARGETS == ("anger", "contempt", "disgust", "fear", "happy", "neutral", "sad")
    assert list(Emotion) == sorted(Emotion)


@pytest.mark.parametrize(
    ("text", "emotion", "intensity"),
    [
        ("happy", "happy", 0.6),
        ("HAPPY", "happy", 0.6),
        (" Joy ", "happy", 0.6),
        ("happy!", "happy", 0.6),
        ("HAPPY!!!", "happy", 0.7333),
        ("very happy", "happy", 0.7333),
        ("very very happy", "happy", 0.8222),
        ("Make this text very very very happy", "happy", 0.8815),
        ("sooo happyyy", "happy", 0.7333),
        ("veeery angry", "anger", 0.7333),
        ("so very sad", "sad", 0.8222),
        ("really, really sad", "sad", 0.8222),
        ("more angry", "anger", 0.7333),
        ("much angrier", "anger", 0.7333),
        ("too happy", "happy", 0.7333),
        ("make it so that he is sad", "sad", 0.6),
        ("for most people it is sad", "sad", 0.6),
        ("quite angry", "anger", 0.54),
        ("rather sad", "sad", 0.54),
        ("slightly sad", "sad", 0.3),
        ("half happy", "happy", 0.3),
        ("a little bit of sadness", "sad", 0.3),
        ("say it with a hint of contempt", "contempt", 0.3),
        ("kind of scared", "fear", 0.3),
        ("very slightly sad", "sad", 0.2),
        ("furious", "anger", 0.8),
        ("annoyed", "anger", 0.45),
        ("mournful and heartbroken", "sad", 0.8),
        ("in an angry voice", "anger", 0.6),
        ("make it sound as if she were terrified", "fear", 0.8),
        ("Speak scornfully, please.", "contempt", 0.6),
        ("as if he was about to start crying", "sad", 0.6),
        ("as sad as possible", "sad", 1.0),
        ("I want him as angry as can be", "anger", 1.0),
        ("she couldn't be happier", "happy", 0.6),
        ("Don't hold back, make it angry", "anger", 0.6),
        ("happy, not sad", "happy", 0.6),
        ("not sad but happy", "happy", 0.6),
        ("from sad to happy", "happy", 0.6),
        ("happy instead of sad", "happy", 0.6),
        ("sad rather than angry", "sad", 0.6),
        ("80 % happy", "happy", 0.8),
        ("happy 35%", "happy", 0.35),
        ("very sad, at 0.25", "sad", 0.25),
        ("as sad as in 1969", "sad", 0.6),
        ("ｈａｐｐｙ", "happy", 0.6),
        ("Emotion.HAPPY", "happy", 0.6),
        ("ang", "anger", 0.6),
        ("con.", "contempt", 0.6),
        ("shocked", "surprise", 0.6),
        ("calm", "neutral", 0.6),
    ],
)
def test_parse(text, emotion, intensity):
    prompt = parse(text)
    assert (prompt.emotion, prompt.intensity) == (emotion, intensity)
    assert prompt.text == text.strip()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"empty emotion given; expected one of anger, .*surprise"),
        (" \n", r"empty emotion given"),
        ("hapy", r"'hapy' names no emotion.*Did you mean 'happy'\?"),
        ("make it agnry", r"Did you mean 'angry'\?"),
        ("terified", r"Did you mean 'terrified'\?"),
        ("blah", r"'blah' names no emotion; .* afraid\.$"),
        ("unafraid", r"afraid\.$"),
        ("pros and con", r"names no emotion; .* afraid\.$"),
        ("12", r"names no emotion"),
        ("😀", r"names no emotion"),
        ("très triste", r"names no emotion"),
        ("not too happy", r"denies 'happy'; expected the emotion that is wanted"),
        ("isn’t happy", r"denies 'happy'"),
        ("not at all sad", r"denies 'sad'"),
        ("without anger", r"denies 'anger'"),
        ("non-angry", r"denies 'angry'"),
        ("Please don't make me sad", r"denies 'sad'"),
        ("less happy", r"denies 'happy'"),
        ("happy@0 sad@2", r"timeline 'happy@0 sad@2' given; expected one emotion or a blend here"),
        ("happy or sad", r"several emotions \(happy, sad\); expected one, or a blend such as"),
        ("make this sad text happy", r"several emotions \(happy, sad\)"),
        ("happy, sad, angry and afraid", r"at most 3 emotions"),
        ("happy 70 %, sad 180 %", r"'180 %'; expected 0 % to 100 %"),
        ("happy 180%", r"'180%'; expected 0 % to 100 %"),
        ("-0.5 sad", r"'-0\.5'; expected"),
    ],
)
def test_what_cannot_be_read_says_why(text, message):
    with pytest.raises(EmotionError, match=message):
        parse(text)


def test_every_word_is_read_alone_and_after_very():
    for word, emotion in ALIASES.items():
        assert parse_emotion(word.upper()) is emotion
        assert parse(word).emotion is emotion
        if len(word) > 3 or word in ("mad", "joy", "sad"):
            plain, very = parse(word).intensity, parse(f"very {word}").intensity
            assert plain < very < 1.0


def test_no_word_means_two_things():
    for code in ("ang", "con", "dis", "fea", "hap", "neu", "sur"):
        with pytest.raises(EmotionError):
            parse(f"make it {code}")


def test_more_verys_never_reach_one_and_slightly_never_reaches_plain():
    values = [parse("very " * n + "happy").intensity for n in range(12)]
    assert values == sorted(values)
    assert values[0] == PLAIN_INTENSITY
    assert values[-1] < 1.0
    assert parse("slightly " * 3 + "happy").intensity < PLAIN_INTENSITY


def test_a_prompt_passes_through():
    prompt = EmotionPrompt(Emotion.SAD, 0.9)
    assert parse(prompt) is prompt
    assert parse(Emotion.FEAR) == EmotionPrompt(Emotion.FEAR, PLAIN_INTENSITY, "fear")
    assert EmotionPrompt("joy").emotion is Emotion.HAPPY


@pytest.mark.parametrize("intensity", [-0.1, 1.1, float("nan")])
def test_intensity_out_of_range(intensity):
    with pytest.raises(EmotionError, match="from 0 to 1"):
        EmotionPrompt(Emotion.SAD, intensity)


@pytest.mark.parametrize("word", ["hapy", "", "very happy"])
def test_parse_emotion_takes_one_known_word(word):
    with pytest.raises(EmotionError, match="expected one of"):
        parse_emotion(word)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    """Refused with a message for the user, or read; never another error."""
    try:
        prompt = parse(text)
    except EmotionError:
        assert text.strip().lower() not in ALIASES
    else:
        assert prompt.emotion in Emotion
        assert 0.0 <= prompt.intensity <= 1.0


@given(
    st.lists(
        st.sampled_from(["very", "so", "not", "but", ",", "slightly", "50%", "sad", "make", "!!"]),
        max_size=8,
    ),
    st.sampled_from([word for word in ALIASES if len(word) > 3]),  # shorter ones are data sets'
)
def test_words_around_an_emotion_never_break_it(around, word):
    wanted = {ALIASES[word]} | ({Emotion.SAD} if "sad" in around else set())
    try:
        prompt = parse(" ".join([*around, word]))
    except EmotionError:
        assert {"not", "sad"} & set(around)  # denied, or two emotions; nothing else is a reason
    else:
        assert 0.0 <= prompt.intensity <= 1.0
        assert prompt.emotion in wanted


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("happy and surprised", [("happy", 0.6), ("surprise", 0.6)]),
        ("happy but a little sad", [("happy", 0.6), ("sad", 0.3)]),
        ("a little sad but happy", [("happy", 0.6), ("sad", 0.3)]),
        ("slightly sad and very angry", [("anger", 0.7333), ("sad", 0.3)]),
        ("happily surprised", [("happy", 0.6), ("surprise", 0.6)]),
        ("happy & furious", [("anger", 0.8), ("happy", 0.6)]),
        ("angry, sad and afraid", [("anger", 0.6), ("sad", 0.6), ("fear", 0.6)]),
        ("70% happy and 30% sad", [("happy", 0.7), ("sad", 0.3)]),
        ("happy 30 %, sad 0.7", [("sad", 0.7), ("happy", 0.3)]),
        ("very happy and joyful but afraid", [("happy", 0.7333), ("fear", 0.6)]),
    ],
)
def test_a_blend_has_a_strength_for_each_emotion(text, parts):
    prompt = parse(text)
    assert [(p.emotion, p.intensity) for p in prompt.parts] == parts
    assert prompt.text == text
    assert sum(prompt.shares) == pytest.approx(1.0)


def test_one_emotion_alone_is_its_only_part():
    prompt = parse("very sad")
    assert prompt.parts == (prompt,)
    assert prompt.shares == (1.0,)
    assert EmotionPrompt(Emotion.SAD, 0.0, others=((Emotion.FEAR, 0.0),)).shares == (0.5, 0.5)


def test_a_blend_of_one_emotion_with_itself_is_refused():
    with pytest.raises(EmotionError, match="each once"):
        EmotionPrompt(Emotion.SAD, others=((Emotion.SAD, 0.2),))


def test_a_timeline_by_the_clock():
    line = read_prompt(" neutral@0 happy and surprised @ 2.5s, very sad@6 ")
    assert isinstance(line, Timeline)
    assert line.starts == (0.0, 2.5, 6.0)
    assert [p.emotion for p in line.prompts] == ["neutral", "happy", "sad"]
    assert line.prompts[1].others == ((Emotion.SURPRISE, 0.6),)
    assert line.main(20.0).emotion is Emotion.SAD
    assert line.main(7.0).emotion is Emotion.HAPPY
    assert read_prompt(line) is line


def test_a_timeline_by_sentences():
    line = read_prompt("Sentence: neutral, happy, very sad")
    assert isinstance(line, Timeline)
    assert line.by_sentence
    assert [p.intensity for p in line.prompts] == [0.6, 0.6, 0.7333]
    assert read_prompt("happy, not sad") == parse("happy, not sad")


def test_a_timeline_writes_itself_so_that_it_can_be_read():
    for line in (
        Timeline((parse("happy"), parse("very sad")), (0.0, 1.5)),
        Timeline((parse("happy"), parse("very sad"))),
    ):
        again = Timeline.parse(line.text)
        assert (again.prompts, again.starts) == (line.prompts, line.starts)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("happy@2", r"starts at 2 s given; expected .*the first at 0.*'neutral@0 happy@2.5"),
        ("happy@", r"'' given as a second"),
        ("@3", r"'@3' given; expected"),
        ("happy@0 sad", r"'happy@0 sad' given; expected"),
        ("happy@0 sad@1:05", r"'1:05' given as a second"),
        ("happy@0 sad@-3", r"'-3' given as a second"),
        ("happy@0 sad@3 angry@2", r"2 s after 3 s given .* the seconds rising"),
        ("happy@0 blah@3", r"'blah' names no emotion"),
        ("sentence:", r"'sentence:' given; expected"),
        ("sentence: happy,, sad", r"expected"),
    ],
)
def test_what_is_no_timeline_says_what_is(text, message):
    with pytest.raises(EmotionError, match=message):
        read_prompt(text)


@given(st.text(alphabet="@happy sd0123.:,", max_size=40))
def test_what_is_read_of_any_timeline_can_be_read_again(text):
    try:
        line = read_prompt(text)
    except EmotionError:
        return
    if isinstance(line, Timeline):
        again = Timeline.parse(Timeline(line.prompts, line.starts).text)
        assert [p.emotion for p in again.prompts] == [p.emotion for p in line.prompts]
        assert again.starts == pytest.approx(line.starts)


@pytest.mark.parametrize("value", [3, None, ["happy"], b"happy"])
def test_what_is_no_prompt_at_all_is_one_clear_line(value):
    for read in (EmotionPrompt.parse, read_prompt):
        with pytest.raises(EmotionError, match="given as the emotion; expected words such as"):
            read(value)


def test_an_intensity_in_words_is_refused():
    with pytest.raises(EmotionError, match="intensity 'high' given; expected a number from 0 to 1"):
        EmotionPrompt(Emotion.FEAR, "high")
