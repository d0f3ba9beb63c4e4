"""Tasks on many machines by Ray: a pool of actors per stage, each with its models loaded once.

Results go through the stage cache on shared storage, never through Ray's object store; what
travels is small. An actor does one task and has one more waiting, so nothing piles up. Where a
machine is lost its tasks are given back as lost (the driver tries them again), and new actors are
asked for; the work goes on with those that are left, whenever the new ones find room.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from emoanim.errors import BackendError
from emoanim.extras import require
from emoanim.study.plan import RunOptions, ScoringOptions
from emoanim.study.tasks import Done, Failure, Task
from emoanim.study.worker import Worker

__all__ = ["RayEngine"]

_HEAVY = ("speak", "emote", "film", "score")
_PATIENCE = 120.0
_MOST_LOST = 100
_AHEAD = 2
"""Tasks of an actor: the one it does, and one, so that it need not wait for the driver."""


@dataclass
class _Pool:
    """The actors of a stage: those at rest, and those that are being started."""

    stage: str
    size: int
    options: dict[str, Any]
    idle: list[Any] = field(default_factory=list)
    starting: dict[Any, Any] = field(default_factory=dict)
    lost: int = 0
    gone: set[Any] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)


class RayEngine:
    """Actor pools on a Ray cluster, or on this machine.

    Args:
        options: ``address`` of the cluster ("" starts Ray here, or joins the one this process
            has), ``workers`` per heavy stage, and ``pools`` for stages that need something else:
            {"film": {"workers": 4, "cpus": 1, "gpus": 1, "memory": 8e9}}.
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
        self._own = not self._ray.is_initialized()
        if self._own:
            self._begin(options.address)
        self._actor = self._ray.remote(worker)

    def map(self, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the results of tasks as they come.

        Raises:
            BackendError: no worker of this stage could be started.
        """
        pool = self._pool(stage)
        with pool.lock:  # a repair may want the same stage
            yield from self._map(pool, tasks)

    def _map(self, pool: _Pool, tasks: Iterable[Task]) -> Iterator[Done]:
        running: dict[Any, tuple[Any, Task]] = {}
        left = iter(tasks)
        more = True
        since = monotonic()
        while more or running:
            while more and pool.idle:
                task = next(left, None)
                more = task is not None
                if task is not None:
                    actor = pool.idle.pop(0)
                    running[actor.do.remote(task)] = (actor, task)
            if not more and not running:
                return
            waiting = [*running, *pool.starting]
            ready, _ = self._ray.wait(waiting, num_returns=1, timeout=1.0)
            since = monotonic() if ready or running else since
            if monotonic() - since > _PATIENCE:
                raise BackendError(self._no_room(pool))
            for ref in ready:
                if ref in pool.starting:
                    self._started(pool, ref)
                else:
                    actor, task = running.pop(ref)
                    yield self._done(pool, ref, actor, task)

    def close(self) -> None:
        """End the actors; Ray too if it was started here."""
        for pool in self._pools.values():
            for actor in {*pool.idle, *pool.starting.values()}:
                self._ray.kill(actor)
        if self._own:
            self._ray.shutdown()

    def _begin(self, address: str) -> None:
        import logging

        try:
            self._ray.init(
                address=address or None,
                include_dashboard=None if address else False,
                logging_level=logging.WARNING,
                log_to_driver=False,
            )
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise BackendError(
                f"the Ray cluster {address or 'of this machine'!r} cannot be reached "
                f"({' '.join(str(error).split())[:200]}); expected an address such as "
                "'10.0.0.1:6379' or 'auto'. Start one with: ray start --head"
            ) from error

    def _pool(self, stage: str) -> _Pool:
        with self._lock:
            if stage not in self._pools:
                asked = self._asked.get(stage, {})
                heavy = stage in _HEAVY
                size = int(asked.get("workers", self.workers if heavy else 1))
                options: dict[str, Any] = {
                    "num_cpus": asked.get("cpus", 1 / len(_HEAVY) if heavy else 0),
                    "num_gpus": asked.get("gpus", 0),
                    "scheduling_strategy": "SPREAD",
                }
                if "memory" in asked:
                    options["memory"] = int(asked["memory"])
                variables = {k: v for k, v in os.environ.items() if k.startswith("EMOANIM_")}
                if variables:
                    options["runtime_env"] = {"env_vars": variables}
                self._pools[stage] = pool = _Pool(stage, size, options)
                for _ in range(size):
                    self._start(pool)
            return self._pools[stage]

    def _start(self, pool: _Pool) -> None:
        actor = self._actor.options(**pool.options).remote(*self._given)
        pool.starting[actor.ready.remote()] = actor

    def _started(self, pool: _Pool, ref: Any) -> None:
        actor = pool.starting.pop(ref)
        try:
            self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._replace(pool, str(error))
        else:
            pool.idle = [actor, *pool.idle, *[actor] * (_AHEAD - 1)]

    def _done(self, pool: _Pool, ref: Any, actor: Any, task: Task) -> Done:
        try:
            done: Done = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            if actor not in pool.gone:  # its other task is lost with it
                pool.gone.add(actor)
                pool.idle = [other for other in pool.idle if other is not actor]
                self._replace(pool, str(error))
            said = " ".join(str(error).split())[:200]
            return Done(task.key, None, Failure(pool.stage, f"the worker was lost: {said}", "lost"))
        pool.idle.append(actor)
        return done

    def _replace(self, pool: _Pool, why: str) -> None:
        pool.lost += 1
        if pool.lost > _MOST_LOST:
            raise BackendError(
                f"{pool.lost} workers of the stage {pool.stage!r} were lost; the last one said: "
                f"{' '.join(why.split())[:300]}. Look at the machines' memory."
            )
        self._start(pool)

    def _no_room(self, pool: _Pool) -> str:
        return (
            f"no worker of the stage {pool.stage!r} was started in {_PATIENCE:.0f} s; it needs "
            f"{pool.options['num_cpus']:g} CPUs and {pool.options['num_gpus']:g} GPUs, the cluster "
            f"has {self._ray.cluster_resources()}. Ask for less under [run.pools] or add machines."
        )
