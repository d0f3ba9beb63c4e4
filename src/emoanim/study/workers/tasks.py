"""What goes to a worker and what comes back: small plain values, never a picture or a sound."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from emoanim.study.items import Item
from emoanim.study.storage.cache import Entry

__all__ = ["Done", "Engine", "Failure", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One stage of one sample.

    Attributes:
        stage: its name.
        key: of its result.
        item: the sample; one of them, where several share the result.
        entries: of the stages before.
        budget: US dollars that its paid calls may cost; None for no bound.
    """

    stage: str
    key: str
    item: Item
    entries: Mapping[str, Entry]
    budget: float | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a stage has no result.

    Attributes:
        stage: its name.
        message: one line.
        kind: "input", "backend", "output" (the run cannot go on), "damaged" (a cache entry, which
            was removed), "lost" (the worker died) or "fault" (of ours).
        exit_code: of the command line, if it were alone.
    """

    stage: str
    message: str
    kind: str
    exit_code: int = 1

    @property
    def again(self) -> bool:
        """Whether another try may go well."""
        return self.kind in ("damaged", "lost")


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker says of a task.

    Attributes:
        key: of the result.
        entry: of it; None if it failed.
        failure: why.
        seconds: wall-clock.
        cpu: processor seconds of the worker.
        usd: what its paid calls cost; None if that is not known.
        worker: a name of the worker.
        peak: bytes of memory that the worker had at most so far.
    """

    key: str
    entry: Entry | None
    failure: Failure | None = None
    seconds: float = 0.0
    cpu: float = 0.0
    usd: float | None = 0.0
    worker: str = ""
    peak: int = 0


class Engine(Protocol):
    """Where tasks are done: in this process, in some processes here, or on many machines."""

    workers: int

    def map(self, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield the results of tasks of one stage as they come.

        May be called from several threads at once, each with another stage.
        """

    def close(self) -> None:
        """Let the workers go."""
