"""Chunks of samples flow through the stages: one thread a stage, a chunk waiting between two.

While one chunk is animated the words of the next are being spoken, and never more than a few chunks
are under way, so the memory of the driver does not grow with the number of samples.
"""

from __future__ import annotations

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from emoanim.waiting import hidden_interrupt, next_of, wait_for_end

__all__ = ["Flow"]

T = TypeVar("T")


@dataclass(slots=True)
class _End:
    error: BaseException | None = None


@dataclass
class Flow(Generic[T]):
    """A line of steps that each change a value and hand it on.

    Args:
        steps: in order; each is called with one value at a time.
    """

    steps: Sequence[Callable[[T], None]]
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self, values: Iterable[T]) -> Iterator[T]:
        """Yield the values, in order, when the last step is done with them.

        Raises:
            BaseException: what a step raised; the steps behind it finish what they hold.
        """
        lines: list[queue.Queue[T | _End]] = [queue.Queue(1) for _ in range(len(self.steps) + 1)]
        threads = [threading.Thread(target=self._feed, args=(values, lines[0]), daemon=True)]
        for step, before, after in zip(self.steps, lines, lines[1:], strict=False):
            threads.append(
                threading.Thread(target=self._work, args=(step, before, after), daemon=True)
            )
        earlier = sys.exc_info()[1]
        waited = True
        try:
            for thread in threads:
                thread.start()
            while not isinstance(value := next_of(lines[-1]), _End):
                yield value
            if value.error is not None:
                raise value.error
        except BaseException as error:
            interrupt = hidden_interrupt(error, earlier)
            # What a worker has begun is not waited for then; nor where nobody reads on.
            waited = interrupt is None and isinstance(error, Exception)
            if interrupt not in (None, error):
                raise interrupt from error
            raise
        finally:
            self._stop.set()
            for line in lines:
                _empty(line)
            for thread in threads if waited else ():
                wait_for_end(thread)

    def _feed(self, values: Iterable[T], line: queue.Queue[T | _End]) -> None:
        error: BaseException | None = None
        try:
            for value in values:
                if not self._put(line, value):
                    return
        except BaseException as raised:
            error = raised
        self._put(line, _End(error))

    def _work(
        self,
        step: Callable[[T], None],
        before: queue.Queue[T | _End],
        after: queue.Queue[T | _End],
    ) -> None:
        while not self._stop.is_set():
            try:
                value = before.get(timeout=0.1)
            except queue.Empty:
                continue
            if not isinstance(value, _End):
                try:
                    step(value)
                except BaseException as raised:
                    value = _End(raised)
            self._put(after, value)
            if isinstance(value, _End):
                return

    def _put(self, line: queue.Queue[T | _End], value: T | _End) -> bool:
        while not self._stop.is_set():
            try:
                line.put(value, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False


def _empty(line: queue.Queue[T | _End]) -> None:
    while True:
        try:
            line.get_nowait()
        except queue.Empty:
            return
