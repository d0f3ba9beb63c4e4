"""Tasks on many machines by Ray: actors that each load a model once.

One pool of actors does every stage, as the processes of a local run do; a stage that needs
something else (a GPU, more memory) gets a pool of its own. Results go through the stage cache on
shared storage, never through Ray's object store; what travels is small. An actor does one task and
has one more waiting, so nothing piles up. Where a machine is lost its tasks are given back as lost
(the driver tries them again), and new actors are asked for; the work goes on with those that are
left, whenever the new ones find room.

A Ray of this machine is started when the first task comes, not before: a run whose results are all
there needs none. Most of that time is Ray's own: its server, dashboard, two agents and two
monitors, which start one after the other.
"""

from __future__ import annotations

import math
import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from time import monotonic
from typing import Any

from emoanim.errors import BackendError
from emoanim.extras import require
from emoanim.study.plan import RunOptions, ScoringOptions
from emoanim.study.workers.tasks import Done, Failure, Task
from emoanim.study.workers.worker import Worker

__all__ = ["RayEngine"]

_HEAVY = {"speak", "emote", "film", "score"}
_SHARED = "default"
"""The pool of every stage that has none of its own."""
_PATIENCE = 120.0
_MOST_LOST = 100
_AHEAD = 2
"""Tasks of an actor: the one it does, and one, so that it need not wait for the driver."""
_NICE = "RAY_worker_niceness"
_LOOK = 0.05
"""Seconds after which a stage looks again whether an actor is free for its next task."""


@dataclass
class _Pool:
    """Some actors: those with room for a task, and those that are being started."""

    name: str
    size: int
    options: dict[str, Any]
    free: deque[Any] = field(default_factory=deque)
    starting: dict[Any, Any] = field(default_factory=dict)
    alive: set[Any] = field(default_factory=set)
    lost: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def take(self) -> Any:
        """Return an actor that has room for a task, None if there is none."""
        with self.changed:
            return self.free.popleft() if self.free else None

    def give(self, actor: Any) -> None:
        """Say that an actor has room for one more task."""
        with self.changed:
            if actor in self.alive:
                self.free.append(actor)
                self.changed.notify()

    def wait(self) -> None:
        """Wait for room, a moment at most."""
        with self.changed:
            if not self.free:
                self.changed.wait(_LOOK)


class RayEngine:
    """Actor pools on a Ray cluster, or on this machine.

    Args:
        options: ``address`` of the cluster ("" starts Ray here, or joins the one this process
            has), ``workers``, and ``pools`` for stages that need something else:
            {"film": {"workers": 4, "cpus": 1, "gpus": 1, "memory": 8e9}}; "default" is the pool of
            all others.
        output: the run's folder or address, the same on every machine.
        cache: of the stage cache, the same on every machine.
        scoring: of the study.
        worker: what an actor is; another one than ours is for trying how a run scales.

    Raises:
        MissingExtraError: Ray is not installed.
        BackendError: the cluster cannot be reached.
    """

    def __init__(
        self,
        options: RunOptions,
        output: str,
        cache: str,
        scoring: ScoringOptions,
        worker: type[Any] = Worker,
    ) -> None:
        self._ray: Any = require("ray", "ray")
        self.workers = options.workers
        self._asked = options.pools
        self._given = (output, cache, scoring)
        self._pools: dict[str, _Pool] = {}
        self._lock = threading.Lock()
        self._worker = worker
        self._actor: Any = None
        self._own = not self._ray.is_initialized()
        self._inherited = self._own and not options.address
        if self._own and options.address:
            self._begin(address=options.address)

    def map(self, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the results of tasks as they come.

        Raises:
            BackendError: no worker of this stage could be started.
        """
        left = iter(tasks)
        first = next(left, None)
        if first is None:
            return
        left, more = chain([first], left), True
        pool = self._pool(stage if stage in self._asked else _SHARED)
        running: dict[Any, tuple[Any, Task]] = {}
        since = monotonic()
        while more or running:
            more = more and self._submit(pool, left, running)
            if pool.starting:
                self._settle(pool)
            if pool.alive or running:
                since = monotonic()
            elif more and monotonic() - since > _PATIENCE:
                raise BackendError(self._no_room(pool))
            if not running:
                if more:
                    pool.wait()
                continue
            ready, _ = self._ray.wait([*running], num_returns=1, timeout=_LOOK if more else 1.0)
            for ref in ready:
                yield self._done(pool, stage, ref, *running.pop(ref))

    def _submit(
        self, pool: _Pool, left: Iterator[Task], running: dict[Any, tuple[Any, Task]]
    ) -> bool:
        """Give tasks to the actors that have room; return whether there may be more of them."""
        while (actor := pool.take()) is not None:
            task = next(left, None)
            if task is None:
                pool.give(actor)
                return False
            running[actor.do.remote(task)] = (actor, task)
        return True

    def close(self) -> None:
        """End the actors; Ray too if it was started here."""
        for pool in self._pools.values():
            for actor in {*pool.alive, *pool.starting.values()}:
                self._ray.kill(actor)
        if self._own and self._ray.is_initialized():
            self._ray.shutdown()

    def _begin(self, **how: Any) -> None:
        """Start Ray here, or join the cluster of an address.

        Raises:
            BackendError: it cannot be reached.
        """
        import logging

        address = how.get("address")

        try:
            with _as_nice_as_this():
                self._ray.init(logging_level=logging.WARNING, log_to_driver=False, **how)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise BackendError(
                f"the Ray cluster {address or 'of this machine'!r} cannot be reached "
                f"({' '.join(str(error).split())[:200]}); expected an address such as "
                "'10.0.0.1:6379' or 'auto'. Start one with: ray start --head"
            ) from error

    def _pool(self, name: str) -> _Pool:
        with self._lock:
            if not self._ray.is_initialized():
                # Left alone it counts this machine's cores; more workers than these never start.
                cpus = sum(self._size(pool) * self._cpus(pool) for pool in {*self._asked, _SHARED})
                self._begin(num_cpus=max(math.ceil(cpus), 1), include_dashboard=False)
            if self._actor is None:
                self._actor = self._ray.remote(self._worker)
            if name not in self._pools:
                asked = self._asked.get(name, {})
                options: dict[str, Any] = {
                    "num_cpus": self._cpus(name),
                    "num_gpus": asked.get("gpus", 0),
                    "scheduling_strategy": "SPREAD",
                }
                if "memory" in asked:
                    options["memory"] = int(asked["memory"])
                variables = {k: v for k, v in os.environ.items() if k.startswith("EMOANIM_")}
                if variables and not self._inherited:
                    options["runtime_env"] = {"env_vars": variables}
                self._pools[name] = pool = _Pool(name, self._size(name), options)
                for _ in range(pool.size):
                    self._start(pool)
            return self._pools[name]

    def _size(self, name: str) -> int:
        """Return how many actors a pool has."""
        return int(self._asked.get(name, {}).get("workers", self.workers))

    def _cpus(self, name: str) -> float:
        """Return how many CPUs an actor of a pool takes."""
        heavy = name in _HEAVY if name != _SHARED else not set(self._asked) >= _HEAVY
        return self._asked.get(name, {}).get("cpus", 1 if heavy else 0)

    def _start(self, pool: _Pool) -> None:
        actor = self._actor.options(**pool.options).remote(*self._given)
        pool.starting[actor.ready.remote()] = actor

    def _settle(self, pool: _Pool) -> None:
        """See which actors have started; whichever stage comes first does it for all."""
        with pool.changed:
            refs = [*pool.starting]
            ready, _ = self._ray.wait(refs, num_returns=len(refs), timeout=0)
            for ref in ready:
                actor = pool.starting.pop(ref)
                try:
                    self._ray.get(ref)
                except self._ray.exceptions.RayError as error:
                    self._replace(pool, str(error))
                else:
                    pool.alive.add(actor)
                    pool.free.appendleft(actor)
                    pool.free.extend([actor] * (_AHEAD - 1))
                    pool.changed.notify_all()

    def _done(self, pool: _Pool, stage: str, ref: Any, actor: Any, task: Task) -> Done:
        try:
            done: Done = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            with pool.changed:
                if actor in pool.alive:  # its other task is lost with it
                    pool.alive.remove(actor)
                    pool.free = deque(other for other in pool.free if other is not actor)
                    self._replace(pool, str(error))
            said = " ".join(str(error).split())[:200]
            return Done(task.key, None, Failure(stage, f"the worker was lost: {said}", "lost"))
        pool.give(actor)
        return done

    def _replace(self, pool: _Pool, why: str) -> None:
        pool.lost += 1
        if pool.lost > _MOST_LOST:
            raise BackendError(
                f"{pool.lost} workers of the pool {pool.name!r} were lost; the last one said: "
                f"{' '.join(why.split())[:300]}. Look at the machines' memory."
            )
        self._start(pool)

    def _no_room(self, pool: _Pool) -> str:
        return (
            f"no worker of the pool {pool.name!r} was started in {_PATIENCE:.0f} s; it needs "
            f"{pool.options['num_cpus']:g} CPUs and {pool.options['num_gpus']:g} GPUs, the cluster "
            f"has {self._ray.cluster_resources()}. Ask for less under [run.pools] or add machines."
        )


@contextmanager
def _as_nice_as_this() -> Iterator[None]:
    """Let a Ray that is started here give its workers this process's priority.

    By itself it makes them 15 steps nicer, so that whatever else runs on the machine goes first.
    """
    if _NICE in os.environ:
        yield
        return
    os.environ[_NICE] = "0"
    try:
        yield
    finally:
        os.environ.pop(_NICE, None)
