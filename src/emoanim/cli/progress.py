"""Progress on a terminal: the steps of a run as bars that rich draws on standard error."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from emoanim.steps import STEP_TITLES, Step

__all__ = ["ProgressBars"]


class ProgressBars:
    """A step hook that shows one bar per step; use it as a context manager."""

    def __init__(self, console: Console) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeElapsedColumn(),
            console=console,
            transient=not console.is_terminal,
            disable=not console.is_terminal,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, step: Step) -> None:
        """Draw the step's bar."""
        title = STEP_TITLES.get(step.name)
        if title is None:
            return
        if step.name not in self._tasks:
            self._tasks[step.name] = self._progress.add_task(title, total=step.total)
        self._progress.update(self._tasks[step.name], completed=step.done, total=step.total)
