"""Frames made by several threads, in order and never many ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from emoanim.clips import Image

__all__ = ["in_order"]

Job = TypeVar("Job")

_AHEAD = 2


def in_order(make: Callable[[Job], Image], jobs: Iterable[Job], threads: int) -> Iterator[Image]:
    """Yield what the jobs make, in their order; the jobs are read by the caller's thread.

    Args:
        make: a frame of a job.
        jobs: read as far as is needed.
        threads: that work at the same time.
    """
    if threads == 1:
        yield from map(make, jobs)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="emoanim-film")
    waiting: deque[Future[Image]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(make, job))
            if len(waiting) >= threads + _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
