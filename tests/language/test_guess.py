from __future__ import annotations

import pytest

from emoanim.language.guess import guessed, primary_subtag, script_of

SAID = {
    "en": "We are going to meet the new team on Monday and I am glad.",
    "de": "Wir treffen am Montag das neue Team und ich freue mich nicht.",
    "fr": "Nous allons voir la nouvelle équipe lundi et je ne suis pas triste.",
    "es": "El lunes vamos a ver el nuevo equipo y no estoy triste por eso.",
    "it": "Lunedì vedremo la nuova squadra e non sono triste, anche se è tardi.",
    "pt": "Na segunda vamos ver a nova equipe e eu não estou triste com isso.",
    "nl": "We gaan op maandag het nieuwe team zien en ik ben niet verdrietig.",
    "pl": "W poniedziałek zobaczymy nowy zespół i nie jest mi smutno, ale tak.",
    "sv": "Vi ska träffa det nya laget på måndag och jag är inte ledsen.",
}


@pytest.mark.parametrize("language", SAID)
def test_languages(language: str) -> None:
    assert guessed(SAID[language]) == language


@pytest.mark.parametrize(
    "text",
    [
        "I'm so happy that I'm home today, and I want to stay!",
        "I do! I do want to go to Na Pali with Jak.",
        "Oh no, I can't go on like that, no, no, no, no.",
        "Die, die, die! You must die in a war, she said.",
        "Come on, do me a favour: tell me in a minute.",
    ],
)
def test_english_that_looks_otherwise(text: str) -> None:
    assert guessed(text) in ("en", "")


def test_too_short_or_unclear() -> None:
    assert guessed("Yes, of course.") == ""
    assert guessed("Zebra quartz jumped vexing fjord blocks nightly") == ""


@pytest.mark.parametrize(
    ("text", "script"),
    [("Grüße!", "LATIN"), ("Привет", "CYRILLIC"), ("こんにちは世界", "CJK"), ("12!", "")],
)
def test_scripts(text: str, script: str) -> None:
    assert script_of(text) == script


@pytest.mark.parametrize("code", ["en", "EN", "en-GB", "en_US", "en-Latn-GB"])
def test_a_code_is_of_its_language_wherever_it_is_spoken(code: str) -> None:
    assert primary_subtag(code) == "en"
