"""Tasks on many machines, by Ray."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from emoanim.study.plan import RunOptions, ScoringOptions
from emoanim.study.tasks import Done, Task

__all__ = ["RayEngine"]


class RayEngine:
    """Actor pools."""

    workers = 1

    def __init__(
        self, options: RunOptions, output: str, cache: str, scoring: ScoringOptions
    ) -> None:
        raise NotImplementedError

    def map(self, stage: str, tasks: Iterable[Task]) -> Iterator[Done]:
        """Yield."""
        raise NotImplementedError

    def close(self) -> None:
        """End."""
