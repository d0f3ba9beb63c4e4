"""Frames made by several threads, in order and never many ahead."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from emoanim.clips import Image
from emoanim.memory import LARGE_PICTURE

__all__ = ["in_order"]

Job = TypeVar("Job")

_AHEAD = 2
"""Frames that wait beyond those that are being made; none of large ones."""


def in_order(
    make: Callable[[Job], Image], jobs: Iterable[Job], threads: int, size: tuple[int, int]
) -> Iterator[Image]:
    """Yield what the jobs make, in their order; the jobs are read by the caller's thread.

    Args:
        make: a frame of a job.
        jobs: read as far as is needed.
        threads: that work at the same time.
        size: width and height of the frames; of large ones fewer are held.
    """
    if threads == 1:
        yield from map(make, jobs)
        return
    pool = ThreadPoolExecutor(threads, thread_name_prefix="emoanim-film")
    waiting: deque[Future[Image]] = deque()
    most = threads + (_AHEAD if size[0] * size[1] <= LARGE_PICTURE else 0)
    try:
        for job in jobs:
            waiting.append(pool.submit(make, job))
            if len(waiting) >= most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
