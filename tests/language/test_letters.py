from __future__ import annotations

import pytest

from emoanim.language.letters import sounds_of


@pytest.mark.parametrize(
    ("word", "sounds"),
    [
        ("ship", "SH IH P"),
        ("nation", "N AE SH AH N"),
        ("thing", "TH IH NG"),
        ("bonjour", "B AA N JH AW R"),
        ("élan", "EH L AE N"),
        ("7", "S EH V AH N"),
        ("letter", "L EH T ER"),
    ],
)
def test_words(word: str, sounds: str) -> None:
    assert sounds_of(word) == tuple(sounds.split())


def test_other_scripts_are_syllables() -> None:
    assert sounds_of("你好") == ("AH", "AH")
    assert sounds_of("--") == ()
