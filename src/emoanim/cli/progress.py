"""Progress on a terminal: the steps of a run as bars that rich draws on standard error."""

from __future__ import annotations

import logging
from time import perf_counter
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from emoanim.steps import STEP_TITLES, Step

__all__ = ["ProgressBars"]

_LOG = logging.getLogger(__name__)
_WAITING = "getting ready"


class ProgressBars:
    """A step hook that shows one bar per step; use it as a context manager.

    From the first moment something moves: "getting ready" until the first step begins. A step
    whose share is not known has a bar that moves to and fro. Where no terminal listens nothing is
    drawn; the steps go to the log either way.
    """

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            SpinnerColumn("line", finished_text=" "),
            TextColumn("{task.description}"),
            BarColumn(pulse_style="bar.complete"),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=console,
            transient=not console.is_terminal,
            disable=not console.is_terminal or console.quiet,
        )
        self._tasks: dict[str, TaskID] = {}
        self._begun: dict[str, float] = {}
        self._waiting: TaskID | None = None

    def __enter__(self) -> Self:
        self._progress.start()
        self._waiting = self._progress.add_task(_WAITING, total=None)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._no_longer_waiting()
        self._progress.stop()

    def __call__(self, step: Step) -> None:
        """Draw the step's bar."""
        self._log(step)
        title = STEP_TITLES.get(step.name)
        if title is None:
            return
        self._no_longer_waiting()
        # one unit says nothing of how far it is: the bar moves to and fro until it is done
        total = step.total if step.total > 1 or step.done else None
        if step.name not in self._tasks:
            self._tasks[step.name] = self._progress.add_task(title, total=total)
        self._progress.update(self._tasks[step.name], completed=step.done, total=total)

    def _no_longer_waiting(self) -> None:
        if self._waiting is not None:
            self._progress.remove_task(self._waiting)
            self._waiting = None

    def _log(self, step: Step) -> None:
        if step.done < step.total and step.name not in self._begun:
            self._begun[step.name] = perf_counter()
            _LOG.info("%s ...", STEP_TITLES.get(step.name, step.name))
        elif step.done >= step.total and step.name in self._begun:
            seconds = perf_counter() - self._begun.pop(step.name)
            _LOG.info("%s: %.1f s", STEP_TITLES.get(step.name, step.name), seconds)
