"""The sets of sentences that benchmarks/words.py reads, and the grades that refer to them."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from emoanim.emotions import TARGETS
from emoanim.engines.lexicon.restoring import is_raw


@pytest.fixture(scope="module")
def words() -> dict[str, Any]:
    return runpy.run_path(str(Path(__file__).parents[1] / "benchmarks" / "words.py"))


def test_every_set_has_one_writer_and_a_talk(words: dict[str, Any]) -> None:
    names = Counter(which for writer in words["WRITERS"] for which in words["load"](writer))
    assert set(names.values()) == {1}
    assert list(words["SETS"]) == sorted(names)
    assert all(text.strip() == text != "" for which in names for text in words["texts"](which))


def test_grades_are_of_sentences_that_exist(words: dict[str, Any]) -> None:
    for which, emotions in words["load"]("grades").items():
        texts = words["texts"](which)
        assert emotions.keys() <= set(TARGETS)
        for number, grade, *other in (line for lines in emotions.values() for line in lines):
            assert 0 <= number < len(texts), (which, number)
            assert grade in {"p", "n", "b", "c"}
            assert len(other) <= 1
            assert other != [texts[number]], f"{which} {number}: what was said stands there again"


def test_at_intensity_0_every_sentence_is_given_back_as_it_was_spoken(
    words: dict[str, Any],
) -> None:
    bare = re.compile(r"[^\w\s']")
    for which in words["SETS"]:
        for text in words["texts"](which):
            said = {words["made"](text, emotion, 0.0, 0).text for emotion in TARGETS}
            assert len(said) == 1, (which, text)
            [one] = said
            if not is_raw(text) and text != text.lower():
                assert one == text, (which, text)
            assert bare.sub("", one).lower() == bare.sub("", text).lower(), (which, text)
