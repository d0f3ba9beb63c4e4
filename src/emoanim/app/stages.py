"""The stages of a job as a visitor sees them: what is done, what is under way, what is to come."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from emoanim.steps import Step

__all__ = ["READING", "Stages", "stages_of_speaking"]

_TITLES = {
    "open": "Opening the file",
    "face": "Looking for the face",
    "transcribe": "Listening to the words",
    "rewrite": "Writing the new words",
    "speak": "Speaking the words",
    "pick": "Picking frames with a face",
    "emote": "Putting the emotion on the face",
    "prepare": "Learning the person's own movement",
    "animate": "Animating",
    "original": "Looking for the emotion in the original",
    "generated": "Looking for the emotion in the result",
    "portrait": "Making the example clip",
}
READING = ("open", "face", "transcribe", "rewrite")


def stages_of_speaking(*, film: bool, scored: bool) -> tuple[str, ...]:
    """Return the stages from the words to the film.

    Args:
        film: a clip was given, not a portrait.
        scored: a classifier looks at the result.
    """
    names = ["speak"]
    names += ["pick", "emote", "prepare", "animate"] if film else ["emote", "animate"]
    if scored:
        names += ["original", "generated"]
    return tuple(names)


class Stages:
    """A list of stages that steps move on.

    Args:
        names: in order; steps of other names are passed over.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._parts: dict[str, float | None] = dict.fromkeys(names)
        """Name -> how much of it is done in [0, 1]; None if it has not begun."""

    def follow(self, steps: Iterable[Step]) -> None:
        """Take notice of steps."""
        for step in steps:
            if step.name in self._parts:
                self._parts[step.name] = step.done / step.total if step.total else 1.0
            if step.name == "animate":
                self._drop_what_never_began()

    def _drop_what_never_began(self) -> None:
        """All before the animation is over by then: not every animator prepares, for instance."""
        for name in list(self._parts)[: list(self._parts).index("animate")]:
            if self._parts[name] is None:
                del self._parts[name]

    def finish(self) -> None:
        """Everything is done."""
        self._parts = dict.fromkeys(self._parts, 1.0)

    @property
    def said(self) -> str:
        """One sentence for somebody who does not see the list."""
        for name, part in self._parts.items():
            if part is not None and part < 1.0:
                tenths = int(part * 10) * 10
                return _TITLES[name] + (f", {tenths} percent" if tenths else "")
        return "Done" if all(p == 1.0 for p in self._parts.values()) else "Working"

    def html(self) -> str:
        """Return the list as HTML."""
        rows = "".join(_row(_TITLES[name], part) for name, part in self._parts.items())
        return f'<ol class="emo-stages" data-say="{escape(self.said)}">{rows}</ol>'


def _row(title: str, part: float | None) -> str:
    state, mark, bar = "todo", "○", ""
    if part is not None and part >= 1.0:
        state, mark = "done", "✓"
    elif part is not None:
        state, mark = "now", "▸"
        amount = f' value="{part:.3f}"' if part else ""
        bar = f'<progress max="1"{amount} aria-label="{escape(title)}"></progress>'
    spoken = {"todo": "to come", "done": "done", "now": "under way"}[state]
    return (
        f'<li class="emo-{state}"><span aria-hidden="true">{mark}</span> {escape(title)}'
        f'<span class="emo-unseen"> ({spoken})</span>{bar}</li>'
    )
