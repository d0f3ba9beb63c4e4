"""A worker: does one task after the other with the models that it has loaded."""

from __future__ import annotations

import errno
import os
import platform
import traceback
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from emoanim.errors import BackendError, EmoanimError, OutputError
from emoanim.media import limited
from emoanim.memory import peak
from emoanim.portable_messages import portable
from emoanim.services import accounting
from emoanim.study.plan import ScoringOptions
from emoanim.study.storage.cache import StageCache
from emoanim.study.storage.kept_analyses import KeptAnalyses
from emoanim.study.storage.stores import open_store
from emoanim.study.workers.evaluators import Evaluators
from emoanim.study.workers.loaded import LoadedBackends, OpenClips, RecentStills
from emoanim.study.workers.making import MAKERS, DamagedEntryError
from emoanim.study.workers.scoring import SCORERS
from emoanim.study.workers.tasks import Done, Failure, Task

__all__ = ["Worker"]


_STAGES = {**MAKERS, **SCORERS}


class Worker:
    """Makes the results of stages and puts them into the cache.

    Args:
        output: the run's folder or address.
        cache: that of the stage cache.
        scoring: what samples are scored with.
        objects: role -> backend, for a run from Python in one process.

    Raises:
        OutputError: a folder cannot be made.
    """

    def __init__(
        self,
        output: str,
        cache: str,
        scoring: ScoringOptions,
        objects: Mapping[str, Any] | None = None,
    ) -> None:
        self.output = open_store(output)
        self.cache = StageCache(open_store(cache))
        self.analyses = KeptAnalyses(self.cache)
        self.backends = LoadedBackends(objects, self.analyses)
        self.clips = OpenClips()
        self.stills = RecentStills()
        self.evaluators = Evaluators(scoring, objects)
        self.name = f"{platform.node()}:{os.getpid()}"

    def ready(self) -> str:
        """Return the worker's name: it is there."""
        return self.name

    def do(self, task: Task) -> Done:
        """Do a task; whatever goes wrong is said in the answer, never raised."""
        begun, used = perf_counter(), process_time()
        entry, failure = None, None
        with accounting(task.budget) as ledger, limited(task.item.settings.limits):
            try:
                payload, facts = _STAGES[task.stage](self, task)
                seconds = {"seconds": perf_counter() - begun, "cpu": process_time() - used}
                facts = {**facts, **{k: round(v, 4) for k, v in seconds.items()}}
                entry = self.cache.put(task.stage, task.key, payload, facts)
            except Exception as error:
                failure = _failure(task.stage, error)
        return Done(
            key=task.key,
            entry=entry,
            failure=failure,
            seconds=perf_counter() - begun,
            cpu=process_time() - used,
            usd=ledger.usd,
            worker=self.name,
            peak=peak(),
        )


def _failure(stage: str, error: Exception) -> Failure:
    said = portable(" ".join(str(error).split()))
    if isinstance(error, DamagedEntryError):
        return Failure(stage, said, "damaged")
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, OutputError) or full:
        return Failure(stage, said, "output", OutputError.exit_code)
    if isinstance(error, EmoanimError):
        kind = "backend" if isinstance(error, BackendError) else "input"
        return Failure(stage, said, kind, error.exit_code)
    where = traceback.extract_tb(error.__traceback__)[-1]
    location = f"{Path(where.filename).name}:{where.lineno}"
    return Failure(stage, f"{type(error).__name__} at {location}: {said}", "fault")
