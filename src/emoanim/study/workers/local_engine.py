"""Tasks on this machine: in this process, or in some processes of their own."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from emoanim.study.plan import ScoringOptions
from emoanim.study.workers.tasks import Done, Failure, Task
from emoanim.study.workers.worker import Worker

__all__ = ["InlineEngine", "ProcessEngine"]


class InlineEngine:
    """One worker in this process; stages take turns.

    Args:
        output: the run's folder.
        cache: of the stage cache.
        scoring: of the study.
        objects: role -> a backend that is there already.
    """

    workers = 1

    def __init__(
        self,
        output: str,
        cache: str,
        scoring: ScoringOptions,
        objects: Mapping[str, Any] | None = None,
    ) -> None:
        self._worker = Worker(output, cache, scoring, objects)
        self._turn = threading.Lock()

    def map(self, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the results of tasks, one after the other."""
        for task in tasks:
            with self._turn:
                done = self._worker.do(task)
            yield done

    def close(self) -> None:
        """Let the models go with the worker."""


_WORKER: Worker | None = None


def _begin(output: str, cache: str, scoring: ScoringOptions) -> None:
    global _WORKER  # a pool's process has no other place for what it keeps
    threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    _WORKER = Worker(output, cache, scoring)


def _watch(driver: int) -> None:
    """End with the driver, even one that was killed and could not say so."""
    while os.getppid() == driver:
        time.sleep(0.5)
    os._exit(1)


def _do(task: Task) -> Done:
    assert _WORKER is not None
    return _WORKER.do(task)


class ProcessEngine:
    """Some worker processes; one that dies is replaced and its tasks are given back as lost.

    Args:
        workers: how many.
        output: the run's folder.
        cache: of the stage cache.
        scoring: of the study.
    """

    def __init__(self, workers: int, output: str, cache: str, scoring: ScoringOptions) -> None:
        self.workers = workers
        self._given = (output, cache, scoring)
        self._lock = threading.Lock()
        self._pool = self._new_pool()

    def map(self, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the results of tasks as they come; a few more than workers wait at a time."""
        waiting: dict[Future[Done], Task] = {}
        left = iter(tasks)
        more = True
        while more or waiting:
            while more and len(waiting) < 2 * self.workers:
                task = next(left, None)
                more = task is not None
                if task is not None:
                    waiting[self._submit(task)] = task
            if not waiting:
                return
            for future in wait(waiting, return_when=FIRST_COMPLETED).done:
                task = waiting.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    yield Done(task.key, None, Failure(stage, "the worker died", "lost"))

    def close(self) -> None:
        """End the processes; what they have begun is not waited for."""
        processes = list((self._pool._processes or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()

    def _submit(self, task: Task) -> Future[Done]:
        with self._lock:
            try:
                return self._pool.submit(_do, task)
            except BrokenProcessPool:
                self._pool.shutdown(wait=False)
                self._pool = self._new_pool()
                return self._pool.submit(_do, task)

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=self._given,
        )
