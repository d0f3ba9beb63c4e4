"""What a run reports while it works, for progress bars and keepers of artefacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

from emoanim.arguments import callable_of

__all__ = ["STEP_TITLES", "Step", "StepHook", "Stopwatch", "ignore"]

STEP_TITLES = {
    "portrait": "letting the portrait speak",
    "read": "reading the video",
    "transcribe": "listening to the words",
    "rewrite": "rewriting them",
    "speak": "speaking them",
    "pick": "picking frames with a face",
    "emote": "putting the emotion on the face",
    "prepare": "learning the person's own movement",
    "animate": "animating",
    "original": "watching the original",
    "generated": "watching the generated clip",
}
"""Step name -> what a person is told is going on; other steps are not shown."""


class Step(NamedTuple):
    """Something was done.

    Attributes:
        name: "portrait" (of the demo), "read", "transcribe", "rewrite", "speak", "pick",
            "emote", "prepare", "animate" or "write".
        artefact: what came of it (a type of ``emoanim.clips``, text or a path); None while the
            step is under way.
        done: units finished so far (frames while animating, else 0 or 1).
        total: units in all.
    """

    name: str
    artefact: Any
    done: int
    total: int


StepHook = Callable[[Step], None]
"""Called from whichever thread does the step; calls never overlap within one run."""


def ignore(step: Step) -> None:
    """Take no notice: the hook of a run that nobody watches."""


class Stopwatch:
    """Wall-clock seconds by step name, reported together with the step's events."""

    def __init__(self, hook: StepHook) -> None:
        self.seconds: dict[str, float] = {}
        self._hook = callable_of(hook, "on_step", "what is called with every emoanim.steps.Step")

    def start(self, name: str, total: int = 1) -> None:
        """Report that a step begins."""
        self._hook(Step(name, None, 0, total))

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[Any], None]]:
        """Time a block; call what is yielded with the artefact when it is there."""
        artefacts: list[Any] = []
        self.start(name)
        begun = perf_counter()
        yield artefacts.append
        self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - begun
        self._hook(Step(name, artefacts[0] if artefacts else None, 1, 1))
