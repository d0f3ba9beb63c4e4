"""The branches of a run side by side, in threads that Ctrl-C does not wait for.

A thread that is deep in native code (a network) cannot be stopped, only left: it ends at the next
step that it would report. A process that ends meanwhile gives it a moment, and then leaves the way
that an unanswered Ctrl-C ends a process: Python would pull the ground from under native code, and
that ends in an abort.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import copy_context
from types import TracebackType
from typing import Any, Protocol, TypeVar

from emoanim.steps import Step, StepHook
from emoanim.waiting import LOOK, hidden_interrupt, wait_for_end

__all__ = ["AbandonedError", "Start", "branches"]

Result = TypeVar("Result")

_GRACE = 1.0
"""Seconds that abandoned threads get when the process ends by the Ctrl-C."""
_PATIENCE = 5.0
"""Seconds that they get when the program caught it and ends by itself: one that comes back from
C++ while Python takes itself down would abort the process."""
_ABANDONED: set[threading.Thread] = set()


class AbandonedError(Exception):
    """The run that this thread works for was interrupted; raised where it reports its next step."""


class Start(Protocol):
    """Runs a function in a thread of its own, with a copy of the caller's context."""

    def __call__(
        self, function: Callable[..., Result], *given: Any, **options: Any
    ) -> Future[Result]:
        """Return the result to come."""
        ...


@contextmanager
def branches(report: StepHook) -> Iterator[tuple[Start, StepHook]]:
    """Give a way to start branches and the hook that they report to.

    The end of the block waits for them. Where it ends by an exception, nobody needs what they make:
    their next report raises ``AbandonedError`` in them. Where that is a Ctrl-C or another one that
    is no ``Exception``, they are left, and not waited for.

    Args:
        report: what is told of the branches' steps.
    """
    left = threading.Event()
    threads: list[threading.Thread] = []
    before = sys.exc_info()[1]

    def reported(step: Step) -> None:
        if left.is_set():
            raise AbandonedError
        report(step)

    def start(function: Callable[..., Result], *given: Any, **options: Any) -> Future[Result]:
        future: Future[Result] = _Branch()
        thread = threading.Thread(
            target=copy_context().run,
            args=(_fulfil, future, function, given, options),
            name=f"emoanim-branch-{len(threads)}",
            daemon=True,
        )
        threads.append(thread)
        thread.start()
        return future

    try:
        try:
            yield start, reported
        except Exception as error:
            if interrupt := hidden_interrupt(error, before):
                raise interrupt from error
            left.set()
            _join(threads)
            raise
        _join(threads)
    except BaseException:
        left.set()
        _ABANDONED.update(thread for thread in threads if thread.is_alive())
        raise


class _Branch(Future[Result]):
    """The result of a branch, whose wait a Ctrl-C always ends."""

    def result(self, timeout: float | None = None) -> Result:
        while timeout is None and not self.done():
            with suppress(TimeoutError):
                super().result(LOOK)
        return super().result(timeout)


def _fulfil(
    future: Future[Any],
    function: Callable[..., Any],
    given: tuple[Any, ...],
    options: dict[str, Any],
) -> None:
    try:
        future.set_result(function(*given, **options))
    except BaseException as error:  # whatever it is, whoever waits for the result gets it
        future.set_exception(error)


def _join(threads: list[threading.Thread]) -> None:
    for thread in threads:
        wait_for_end(thread)


@atexit.register
def _end_as_interrupted() -> None:
    """See to it that a process which a Ctrl-C ended says so by its status.

    Abandoned threads get a moment; in native code they are left, for Python would end by the signal
    too. What they did meanwhile may have made Python forget the Ctrl-C: whatever runs a string as
    code (``exec``, and with it every import of a named tuple or a dataclass) clears its mark, and
    the status would be 1. One more that nobody catches inside ``exec`` sets the mark again.
    """
    interrupted = getattr(sys, "last_type", None) is KeyboardInterrupt
    deadline = time.monotonic() + (_GRACE if interrupted else _PATIENCE)
    for thread in tuple(_ABANDONED):
        thread.join(max(deadline - time.monotonic(), 0.0))
    if not interrupted:
        return
    if any(thread.is_alive() for thread in _ABANDONED):
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError, AttributeError):
                stream.flush()
        if os.name == "posix":
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            os.kill(os.getpid(), signal.SIGINT)
        os._exit(130)
    if _ended_the_program(sys.last_traceback):
        with suppress(KeyboardInterrupt):
            exec("raise KeyboardInterrupt")  # noqa: S102 - a constant, and nothing else sets the mark


def _ended_the_program(trace: TracebackType | None) -> bool:
    """Whether an exception left the outermost frame; a prompt or a callback's caller outlive it."""
    return trace is not None and trace.tb_frame.f_back is None and not hasattr(sys, "ps1")
