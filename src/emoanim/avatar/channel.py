"""What passes between the threads of an utterance, and can be cut off at once."""

from __future__ import annotations

import math
import threading
from collections import deque
from typing import Any, Generic, TypeVar

from emoanim.emotions import EmotionPrompt
from emoanim.waiting import wait_until

__all__ = ["Channel", "Turn"]

T = TypeVar("T")


class Channel(Generic[T]):
    """A bounded queue whose two ends wake up when it is closed.

    Args:
        most: items that may wait in it.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether nothing passes any more."""
        return self._closed

    def close(self) -> None:
        """Cut it off; whatever waits in it is dropped."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

    def put(self, item: T) -> bool:
        """Put an item in, waiting for room; False if the channel was closed instead."""
        with self._changed:
            wait_until(
                self._changed, lambda: self._closed or len(self._items) < self._most, math.inf
            )
            if not self._closed:
                self._items.append(item)
                self._changed.notify_all()
            return not self._closed

    def get(self, until: float | None = None) -> T | None:
        """Take an item out; None if the channel was closed or the time is over.

        Args:
            until: of ``time.monotonic``; None waits without an end.
        """
        with self._changed:
            end = math.inf if until is None else until
            wait_until(self._changed, lambda: self._closed or bool(self._items), end)
            if self._closed or not self._items:
                return None
            item = self._items.popleft()
            self._changed.notify_all()
            return item


class Turn:
    """An utterance, or a wait, from its beginning to its end or its interruption.

    Attributes:
        closed: it is over.
        emotion: what somebody changed over to in its middle; None as long as nobody did.
    """

    def __init__(self) -> None:
        self.closed = False
        self.emotion: EmotionPrompt | None = None
        self._channels: list[Channel[Any]] = []
        self._lock = threading.Lock()

    def channel(self, most: int) -> Channel[Any]:
        """Return a channel that is closed with the turn."""
        channel: Channel[Any] = Channel(most)
        with self._lock:
            self._channels.append(channel)
            if self.closed:
                channel.close()
        return channel

    def close(self) -> None:
        """End it: whoever waits for one of its channels is woken."""
        with self._lock:
            self.closed = True
            for channel in self._channels:
                channel.close()
