"""What the parts of the page set off, told by the values that they are given; without Gradio."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from emoanim.app import AppBounds, Choice, Desk
from emoanim.app.page import _Actions
from emoanim.app.workspaces import Workspaces
from emoanim.settings import Settings


class Names:
    """Every part by its own name."""

    def __getattr__(self, name: str) -> str:
        return name


@pytest.fixture
def actions(tmp_path: Path, tiny_parts: dict[str, Any]) -> _Actions:
    desk = Desk(Settings(), AppBounds(), Workspaces(1.0, tmp_path), objects=tiny_parts)
    gradio = SimpleNamespace(update=lambda **values: values)
    return _Actions(gradio, desk, Names())


def last(updates: Any) -> dict[str, Any]:
    """The page as all updates leave it."""
    page: dict[str, Any] = {}
    for update in updates:
        page |= update
    return page


def test_buttons_wait_for_their_turn(actions: _Actions) -> None:
    page = actions.take_example_portrait("ann")
    assert page["speak"] == {"interactive": False}
    assert "Eileen Collins" in page["message"]
    choice = Choice("sad", typed="Good day.")
    reading = actions.read("ann", choice)
    first = next(reading)
    assert (first["read"], first["stop"]) == ({"interactive": False}, {"visible": True})
    page = last(reading)
    assert page["words"] == {"value": "Sad: Good day.", "interactive": True}
    assert page["speak"] == page["read"] == {"interactive": True}
    assert page["stop"] == {"visible": False}


def test_after_an_error_or_a_stop_the_words_can_be_spoken_again(actions: _Actions) -> None:
    actions.take_example_portrait("ann")
    choice = Choice("sad", typed="Good day.")
    last(actions.read("ann", choice))
    page = last(actions.speak("ann", choice, "  "))
    assert "the new words are empty" in page["message"]
    assert page["speak"] == {"interactive": True}
    speaking = actions.speak("ann", choice, "Good day to all of you.")
    next(speaking)
    next(speaking)
    assert actions.stop("ann") == {"stop": {"visible": False}}
    page = last(speaking)
    assert "was stopped before it was done" in page["message"]
    assert page["speak"] == {"interactive": True}
    page = last(actions.speak("ann", choice, "Good day to all of you."))
    assert page["film"].startswith("<before-after")


def test_a_fault_of_our_own_is_no_traceback(
    actions: _Actions, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.take_example_portrait("ann")

    def fail(*given: object, **named: object) -> None:
        raise RuntimeError("secret /path")

    monkeypatch.setattr("emoanim.app.desk.read", fail)
    page = last(actions.read("ann", Choice(typed="Good day.")))
    assert "bug in emoanim (RuntimeError)" in page["message"]
    assert "secret" not in page["message"]
    assert page["speak"] == {"interactive": False}


def test_what_was_given_is_forgotten_when_it_is_taken_away(actions: _Actions) -> None:
    folder = actions.desk.workspaces.of("ann").folder
    actions.take_example_portrait("ann")
    page = actions.take("ann", None)
    assert (page["preview"], page["speak"]) == ("", {"interactive": False})
    assert not folder.exists()
