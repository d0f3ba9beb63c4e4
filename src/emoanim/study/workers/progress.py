"""How far a run is: on a terminal, in a log, in a notebook, or nowhere."""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass, field
from importlib import import_module
from time import monotonic
from typing import Any

__all__ = ["Counts", "Progress", "show_progress"]

_LOG_EVERY = 30.0
_SCREEN_EVERY = 0.5


@dataclass
class Counts:
    """What a run has done so far.

    Attributes:
        total: samples of the run.
        done: finished, of which ``kept`` were there before.
        failed: given up.
        usd: cost of the paid calls so far; None if one's price is not known.
        stages: stage -> results that were made now.
        stage: what was worked on last.
    """

    total: int
    done: int = 0
    kept: int = 0
    failed: int = 0
    usd: float | None = 0.0
    stages: dict[str, int] = field(default_factory=dict)
    stage: str = ""
    begun: float = field(default_factory=monotonic)

    @property
    def seconds_left(self) -> float | None:
        """Estimate of what is left, from the samples made in this run; None before the first."""
        computed = self.done + self.failed - self.kept
        if computed <= 0:
            return None
        return (monotonic() - self.begun) / computed * (self.total - self.done - self.failed)

    def line(self) -> str:
        """Return all of it in one line."""
        left = self.seconds_left
        parts = [f"{self.done}/{self.total} samples"]
        if self.kept:
            parts.append(f"{self.kept} there before")
        if self.failed:
            parts.append(f"{self.failed} failed")
        parts.append(f"{_clock(monotonic() - self.begun)} so far")
        parts.append("time left not known" if left is None else f"about {_clock(left)} left")
        if self.usd is None:
            parts.append("cost not known")
        elif self.usd:
            parts.append(f"${self.usd:.2f}")
        if self.stages:
            parts.append(" ".join(f"{name} {count}" for name, count in self.stages.items()))
        return ", ".join(parts)


class Progress:
    """Shows counts whenever they change, but not too often; a context manager.

    Args:
        how: "terminal", "log", "notebook", "none", or "auto" to tell by itself.
    """

    def __init__(self, counts: Counts, how: str = "auto") -> None:
        self.counts = counts
        self._how = _best_display() if how == "auto" else how
        self._last = -1e9
        self._lock = threading.Lock()
        self._screen: Any = None

    def __enter__(self) -> Progress:
        if self._how == "terminal":
            from rich.console import Console
            from rich.live import Live

            self._screen = Live(console=Console(stderr=True), auto_refresh=False)
            self._screen.start()
        elif self._how == "notebook":
            display: Any = import_module("IPython.display").display
            self._screen = display({"text/plain": "..."}, raw=True, display_id=True)
        self.show(at_once=True)
        return self

    def __exit__(self, *_: object) -> None:
        self.show(at_once=True)
        if self._how == "terminal" and self._screen is not None:
            self._screen.stop()

    def show(self, *, at_once: bool = False) -> None:
        """Show the counts if it is time."""
        every = _LOG_EVERY if self._how == "log" else _SCREEN_EVERY
        with self._lock:
            now = monotonic()
            if self._how == "none" or (not at_once and now - self._last < every):
                return
            self._last = now
            line = self.counts.line()
            if self._how == "terminal":
                self._screen.update(line, refresh=True)
            elif self._how == "notebook":
                self._screen.update({"text/plain": line}, raw=True)
            else:
                print(f"emoanim: {line}", file=sys.stderr, flush=True)


def show_progress(total: int, how: str = "auto") -> Progress:
    """Return the progress of a run of ``total`` samples."""
    return Progress(Counts(total), how)


def _best_display() -> str:
    shell = sys.modules.get("IPython")
    if shell is not None and getattr(shell.get_ipython(), "kernel", None) is not None:
        return "notebook"
    return "terminal" if sys.stderr.isatty() else "log"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
