"""Progress in a notebook: one bar per step of a run, drawn anew in its place."""

from __future__ import annotations

import sys
from html import escape
from time import perf_counter
from typing import Any

from emoanim.arguments import callable_of
from emoanim.steps import STEP_TITLES, Step, StepHook, ignore

__all__ = ["StepsDisplay", "in_notebook", "watching"]

_EVERY = 0.1
"""Seconds between two drawings of one step."""


def in_notebook() -> bool:
    """Whether this code runs in a notebook's kernel, which can show HTML.

    Nothing is imported: where IPython runs, its module is there already.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return shell is not None and getattr(shell, "kernel", None) is not None


def watching(hook: StepHook) -> StepHook:
    """Return the hook that was given, or bars where none was and a notebook is watching."""
    callable_of(hook, "on_step", "what is called with every emoanim.steps.Step")
    return StepsDisplay() if hook is ignore and in_notebook() else hook


class StepsDisplay:
    """A step hook that draws its steps under the cell that started the run.

    Args:
        display: shows HTML and returns a handle with ``update``; None takes IPython's.
    """

    def __init__(self, display: Any = None) -> None:
        self._display = display
        self._handle: Any = None
        self._steps: dict[str, tuple[int, int]] = {}
        self._begun: dict[str, float] = {}
        self._seconds: dict[str, float] = {}
        self._drawn = 0.0

    def __call__(self, step: Step) -> None:
        """Take note of a step; draw it if it began, ended, or the last drawing is old."""
        if step.name not in STEP_TITLES:
            return
        now = perf_counter()
        new = step.name not in self._steps
        self._begun.setdefault(step.name, now)
        ended = step.done >= step.total
        if ended:
            self._seconds[step.name] = now - self._begun[step.name]
        self._steps[step.name] = step.done, step.total
        if new or ended or now - self._drawn >= _EVERY:
            self._drawn = now
            self._draw()

    def html(self) -> str:
        """Return the bars as they stand."""
        rows = []
        for name, (done, total) in self._steps.items():
            share = f'value="{done}" max="{total}"' if total > 1 or done else ""
            took = f"{self._seconds[name]:.1f} s" if name in self._seconds else ""
            if total > 1:
                took = f"{done} of {total}  {took}"
            rows.append(
                f"<tr><td>{escape(STEP_TITLES[name])}</td><td><progress {share}></progress></td>"
                f"<td>{took}</td></tr>"
            )
        return f"<table>{''.join(rows)}</table>"

    def _draw(self) -> None:
        shown = {"text/html": self.html(), "text/plain": ", ".join(self._steps)}
        if self._handle is not None:
            self._handle.update(shown, raw=True)
            return
        display = self._display or sys.modules["IPython"].display.display
        self._handle = display(shown, raw=True, display_id=True)
