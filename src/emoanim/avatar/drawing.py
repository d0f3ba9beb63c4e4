"""Frames that a thread of their own draws, one whenever one is asked for.

Whoever shows the frames never waits for a network, a voice or a picture that is being rendered
longer than until the turn is over: what is under way then is finished by the thread and dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import closing
from contextvars import copy_context
from typing import Any, Generic, TypeVar

from emoanim.avatar.channel import Channel, Turn

__all__ = ["on_demand"]

T = TypeVar("T")


class _Over:
    """After the last item."""


def on_demand(turn: Turn, items: Generator[T, None, None]) -> Generator[T, None, None]:
    """Yield what a generator yields that a thread works through, until the turn is over.

    The thread is at most one item ahead of what was read: it begins the next one when the last
    one was taken.

    Args:
        turn: closed when the items end, or when the reader gives them up.
        items: worked through, and closed, by the thread alone.
    """
    worker = _Worker(turn, items)
    try:
        if not turn.closed:
            worker.start()
        while worker.asked.put(True):
            item = worker.given.get()
            if item is None or isinstance(item, _Over) or turn.closed:
                return
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        turn.close()


class _Worker(threading.Thread, Generic[T]):
    def __init__(self, turn: Turn, items: Generator[T, None, None]) -> None:
        context = copy_context()
        super().__init__(
            target=context.run, args=(self._work,), name="emoanim-drawing", daemon=True
        )
        self.asked: Channel[bool] = turn.channel(1)
        self.given: Channel[Any] = turn.channel(1)
        self._items = items

    def _work(self) -> None:
        try:
            with closing(self._items) as items:
                while self.asked.get():
                    self.given.put(next(items, _Over()))
        except BaseException as error:  # it is the reader's to know
            self.given.put(error)
