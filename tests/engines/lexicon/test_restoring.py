"""Raw transcripts get their capitals, commas and end marks back; others keep theirs."""

from __future__ import annotations

import pytest

from emoanim.clips import Word
from emoanim.engines.lexicon.packs import pack_for
from emoanim.engines.lexicon.restoring import is_raw, restored

ENGLISH = pack_for("en")


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (
            "i wanted to fly to denver but they canceled the flight and nobody told us why",
            "I wanted to fly to Denver, but they canceled the flight, and nobody told us why.",
        ),
        ("why didn't you call me on monday", "Why didn't you call me on Monday?"),
        ("tom's sister moved to new york", "Tom's sister moved to New York."),
        ("we watched tv in the usa", "We watched TV in the USA."),
        ("i think i'm late. what time is it", "I think I'm late. What time is it?"),
        ("we went to the", "We went to the..."),
        ("ask for it by may", "Ask for it by may."),
    ],
)
def test_restored(raw, expected):
    assert restored(raw, ENGLISH) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Yes",
        "The end",
        "We met in Rome. We stayed",
        "He said no, and that was that.",
        "- a\n- b c d",
    ],
)
def test_what_is_not_raw_stays(text):
    assert not is_raw(text)
    assert restored(text, ENGLISH) == text


def test_a_long_sentence_without_commas_gets_some():
    text = (
        "I grew up in a small town and my dad worked in the mines for thirty years and we never "
        "had much but we had dinner together."
    )
    assert restored(text, ENGLISH).count(",") == 3


def test_a_pause_before_a_clause_begins_a_sentence():
    words = ["we", "waited", "for", "two", "hours", "then", "we", "left", "the", "place"]
    times = [Word(w, i * 0.3, i * 0.3 + 0.25) for i, w in enumerate(words)]
    assert restored(" ".join(words), ENGLISH, times).count(".") == 1
    late = [
        w._replace(start=w.start + 1, end=w.end + 1) if i > 4 else w for i, w in enumerate(times)
    ]
    assert restored(" ".join(words), ENGLISH, late) == (
        "We waited for two hours. Then we left the place."
    )


def test_a_very_long_text_is_cut():
    text = " ".join(["we saw the sea again and we walked along the harbor for hours"] * 6)
    new = restored(text, ENGLISH)
    assert new.count(".") >= 2
    assert new.lower().replace(",", "").replace(".", "") == text
