"""A job in a thread of its own, watched step by step, ended when its visitor leaves."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import Any, Generic, NamedTuple, TypeVar

from emoanim.errors import EmoanimError
from emoanim.steps import Step, StepHook

__all__ = ["Done", "StoppedError", "watched"]

T = TypeVar("T")


class StoppedError(EmoanimError):
    """The visitor left, or stopped the job, before it was done."""


class Done(NamedTuple, Generic[T]):
    """What a job returned."""

    value: T


_EVERY = 0.25
"""Seconds between two looks at the steps of a job."""


def watched(
    work: Callable[[StepHook], T], gone: Callable[[], bool]
) -> Iterator[list[Step] | Done[T]]:
    """Run ``work`` with a step hook and yield the steps as they come, at last what it returned.

    Args:
        work: told the hook; it is ended by an error out of the hook once ``gone`` is true, or
            this iterator is closed.
        gone: whether nobody waits for it any more.

    Raises:
        Exception: whatever ``work`` raises.
    """
    steps: queue.SimpleQueue[Step] = queue.SimpleQueue()
    closed = threading.Event()
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def hook(step: Step) -> None:
        if closed.is_set() or gone():
            raise StoppedError("the run was stopped before it was done; nothing of it was kept.")
        steps.put(step)

    def run() -> None:
        try:
            outcome.append(work(hook))
        except BaseException as error:  # it is raised again where it is waited for
            failure.append(error)

    thread = threading.Thread(target=copy_context().run, args=(run,), name="app-job", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(_EVERY)
            if come := _waiting(steps):
                yield come
    finally:
        closed.set()
        thread.join()
    if come := _waiting(steps):
        yield come
    if failure:
        raise failure[0]
    yield Done(outcome[0])


def _waiting(steps: queue.SimpleQueue[Step]) -> list[Step]:
    """Return what has come; of steps that count up, only the newest of a name."""
    come: list[Step] = []
    while True:
        try:
            step = steps.get_nowait()
        except queue.Empty:
            return come
        if come and step.artefact is None and come[-1][:2] == step[:2] and step.done < step.total:
            come.pop()
        come.append(step)
