"""Waits that a Ctrl-C always ends.

One that comes just before a wait begins, or that another thread receives, does not wake it: the
interpreter raises it in the main thread, which waits in a lock. So these look up after a moment.
"""

from __future__ import annotations

import math
import queue
import threading
import time
from collections.abc import Callable
from typing import TypeVar

__all__ = ["LOOK", "hidden_interrupt", "next_of", "wait_for_end", "wait_until"]

T = TypeVar("T")

LOOK = 0.1
"""Seconds after which a wait looks up."""


def wait_for_end(thread: threading.Thread) -> None:
    """Wait until a thread has ended."""
    while thread.is_alive():
        thread.join(LOOK)


def next_of(line: queue.Queue[T] | queue.SimpleQueue[T], seconds: float = math.inf) -> T:
    """Take the next item out of a queue.

    Args:
        line: the queue.
        seconds: how long it may take to come.

    Raises:
        queue.Empty: it did not come.
    """
    end = time.monotonic() + seconds
    while True:
        try:
            return line.get(timeout=max(min(LOOK, end - time.monotonic()), 0.0))
        except queue.Empty:
            if time.monotonic() >= end:
                raise


def wait_until(changed: threading.Condition, met: Callable[[], bool], end: float) -> bool:
    """Wait for what is told by a condition that is held; return whether it came.

    Args:
        changed: told of every change.
        met: whether what is waited for is there.
        end: when the wait ends without it, in seconds of ``time.monotonic``.
    """
    while not met():
        left = end - time.monotonic()
        if left <= 0.0:
            return False
        changed.wait(min(LOOK, left))
    return True


def hidden_interrupt(
    error: BaseException, before: BaseException | None = None
) -> BaseException | None:
    """Return the Ctrl-C, or what a signal's handler raised, that was on its way out; None for none.

    In the middle of ``threading``'s own waiting (for a thread's start, a future's result, a queue's
    item) it leaves a lock released, and the lock's own end then hides it behind a ``RuntimeError``.

    Args:
        error: what came up.
        before: what was being handled when the work began; an interrupt among that is an earlier
            one.
    """
    link: BaseException | None = error
    while link is not None and link is not before:
        if not isinstance(link, Exception | GeneratorExit):
            return link
        link = link.__context__
    return None
