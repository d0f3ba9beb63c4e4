from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emoanim.language.long_text import parts_of


@pytest.mark.parametrize(
    ("text", "longest", "parts"),
    [
        ("One. Two! Three?", 100, ["One. Two! Three?"]),
        ("One. Two! Three?", 9, ["One. Two!", "Three?"]),
        ('"One." Two.', 7, ['"One."', "Two."]),
        ("One, two, three four.", 12, ["One, two,", "three four."]),
        ("one two three", 7, ["one two", "three"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("今日は。明日は。", 4, ["今日は。", "明日は。"]),
        ("  ", 4, []),
    ],
)
def test_cuts(text: str, longest: int, parts: list[str]) -> None:
    assert parts_of(text, longest) == parts


@settings(deadline=None)
@given(st.text("ab.,! \n", max_size=200), st.integers(1, 40))
def test_nothing_but_blanks_is_lost(text: str, longest: int) -> None:
    parts = parts_of(text, longest)
    assert all(0 < len(p) <= longest for p in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
