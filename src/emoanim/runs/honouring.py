"""What backends leave of a blend or a timeline, said to the user."""

from __future__ import annotations

from collections.abc import Mapping

from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.registry.parts import Part

__all__ = ["notes_on_emotions"]

_WITH_EMOTION = ("text_emoter", "voice", "face_emoter", "animator")


def notes_on_emotions(
    parts: Mapping[str, Part], asked: EmotionPrompt | Timeline, main: EmotionPrompt
) -> tuple[str, ...]:
    """Return a note for each part that puts on one emotion where several are asked for.

    Args:
        parts: role -> backend.
        asked: what the user gave.
        main: the prompt that such a part gets.
    """
    prompts = asked.prompts if isinstance(asked, Timeline) else (asked,)
    notes = []
    for role in _WITH_EMOTION:
        part = parts.get(role)
        if part is None or not _puts_on(part):
            continue
        who = f"the {role.replace('_', ' ')} {part.about.name!r}"
        if role == "animator" and len(set(prompts)) > 1 and "timeline" not in part.about.abilities:
            notes.append(f"{who} shows one emotion at a time: {main.text!r} throughout")
        blends = [prompt for prompt in prompts if prompt.others]
        if blends and "blend" not in part.about.abilities:
            notes.append(
                f"{who} knows one emotion at a time: of {blends[0].text!r} it takes "
                f"{blends[0].emotion}, the strongest"
            )
    return tuple(notes)


def _puts_on(part: Part) -> bool:
    """Whether a backend puts an emotion on; one that says nothing of itself may."""
    return "intensity" in part.about.abilities or not part.about.abilities
