"""What backends leave of the emotions and the stills that they are given, said to the user."""

from __future__ import annotations

from collections.abc import Mapping

from emoanim.emotions import EmotionPrompt, Timeline
from emoanim.registry.parts import Part

__all__ = ["notes_on_emotions", "notes_on_parts", "notes_on_stills"]

# What the film's own way of putting an emotion on stands for, and that without one.
_WITH_FILM = ("rig", "keep")
_WITH_EMOTION = ("text_emoter", "voice", "face_emoter", "animator")


def notes_on_parts(
    parts: Mapping[str, Part], asked: EmotionPrompt | Timeline, main: EmotionPrompt
) -> tuple[str, ...]:
    """Return both kinds of notes of a run that starts from a film; arguments as below."""
    return (*notes_on_emotions(parts, asked, main), *notes_on_stills(parts))


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


def notes_on_stills(parts: Mapping[str, Part]) -> tuple[str, ...]:
    """Return a note where the animator shows the film's own frames and stills were chosen for it.

    Args:
        parts: role -> backend.
    """
    emoter, animator = parts.get("face_emoter"), parts.get("animator")
    if emoter is None or animator is None or "film" not in animator.about.abilities:
        return ()
    if emoter.about.name in _WITH_FILM:
        return ()
    note = (
        f"the animator {animator.about.name!r} puts the emotion on the clip's own frames, so the "
        f"stills of {emoter.about.name!r} are not shown; --animator rig, sadtalker or eat show "
        "them"
    )
    return (note,)


def _puts_on(part: Part) -> bool:
    """Whether a backend puts an emotion on; one that says nothing of itself may."""
    return "intensity" in part.about.abilities or not part.about.abilities
