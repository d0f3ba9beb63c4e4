from __future__ import annotations

import pytest

from emoanim.engines.hibari import reading
from emoanim.engines.hibari.reading import Reader, Sentence, spoken_words


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def letters(sentence: Sentence) -> str:
    return "".join(s.letter for s in sentence.symbols)


def weights(sentence: Sentence) -> dict[str, float]:
    out = dict.fromkeys(sentence.words, 0.0)
    for symbol in sentence.symbols:
        if symbol.weight:
            out[sentence.words[symbol.word]] = symbol.weight
    return out


def test_sentences_words_and_ends(reader: Reader) -> None:
    one, two, three = reader.sentences("We are here. Are you? No!")
    assert (one.end, two.end, three.end) == (".", "?", "!")
    assert one.words == ("We", "are", "here")
    assert letters(one).endswith(".")
    assert [w for w in (s.word for s in one.symbols) if w >= 0][-1] == 2
    ids = reader.ids(one.symbols)
    assert ids[0] == ids[-1] == 0
    assert len(ids) == len(one.symbols) + 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Ew!", "ˈiju!"),
        ("Shh.", "ʃˈʌ."),
        ("Pff,", "pˈʌf,"),
        ("Oh no.", "ˈO nˈO."),
        ("Wait... what", "wˈAt… wˌʌt"),
        ("Wait -- now", "wˈAt — nˈW"),
        ("What?!", "wˌʌt?"),
        ("It’s", "ˌɪts"),
    ],
)
def test_what_rules_alone_get_wrong(reader: Reader, text: str, said: str) -> None:
    assert letters(reader.sentences(text)[0]) == said


def test_weight_goes_to_words_that_feel(reader: Reader) -> None:
    found = weights(reader.sentences("It was a wonderful table in the SUN for NASA.")[0])
    assert found["wonderful"] == 0.9
    assert found["table"] == 0.5
    assert found["sun"] == 1.0
    assert found["in"] <= 0.1
    assert found["NASA"] < 1.0


def test_the_stressed_vowel_carries_the_weight(reader: Reader) -> None:
    symbols = reader.sentences("tomorrow")[0].symbols
    place = next(i for i, s in enumerate(symbols) if s.weight)
    assert symbols[place - 1].letter == "ˈ"
    assert symbols[place].letter in reading.VOWELS


def test_long_sentences_are_cut_at_pauses_or_between_words(reader: Reader) -> None:
    commas = reader.sentences("We went on and on over the hills and far away, " * 12 + "home.")
    assert len(commas) > 1
    assert all(len(s.symbols) <= reading.LONGEST for s in commas)
    assert all(letters(s).endswith(",") and s.end == "," for s in commas[:-1])
    assert commas[-1].end == "."
    words = reader.sentences("we went over the hills and far away " * 20)
    assert all(not letters(s).startswith(" ") for s in words)
    together = sum(len({s.word for s in part.symbols if s.word >= 0}) for part in words)
    assert together == 8 * 20
    one = reader.sentences("a" * 900)
    assert all(len(s.symbols) <= reading.LONGEST for s in one)


def test_nothing_to_say(reader: Reader) -> None:
    assert not any(s.words for s in reader.sentences("... !!! 你好"))


def test_spoken_words_have_sounds() -> None:
    assert spoken_words("Her bird paid $2.") == [
        ("her", ("HH", "ER")),
        ("bird", ("B", "ER", "D")),
        ("paid", ("P", "EY", "D")),
        ("2", ("T", "UW", "D", "AA", "L", "ER", "Z")),
    ]
