"""The sets of sentences that benchmarks/words.py reads, and the grades that refer to them."""

from __future__ import annotations

import runpy
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from emoanim.emotions import TARGETS


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
