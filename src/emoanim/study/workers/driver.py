"""The driver of a run: finds what is missing, has it made, and writes down what came of it."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from emoanim import __version__
from emoanim.errors import EmoanimError, OutputError
from emoanim.portable_messages import portable
from emoanim.study.items import Item
from emoanim.study.plan import RunOptions, ScoringOptions
from emoanim.study.rows import (
    Row,
    Work,
    drop_other_shards,
    read_shard,
    shard_name,
    write_shard,
)
from emoanim.study.stages import MAKING, SCORING, stage_key
from emoanim.study.storage.cache import Entry, StageCache
from emoanim.study.storage.keys import digest_of_bytes, digest_of_file, key_of
from emoanim.study.storage.stores import Store
from emoanim.study.workers.evaluators import can_be_had
from emoanim.study.workers.flow import Flow
from emoanim.study.workers.progress import Progress
from emoanim.study.workers.tasks import Done, Engine, Failure, Task

__all__ = ["Driver", "StageTotals"]

_REPAIRS = 2
_MOST_TOLD = 100
_PROOFS = {"film": ("video", "sha256"), "score": ("scores", "scores_sha256")}


@dataclass(slots=True)
class StageTotals:
    """What a stage has taken in this run."""

    made: int = 0
    found: int = 0
    failed: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    peak: int = 0


@dataclass(slots=True)
class _Chunk:
    number: int
    shard: str
    works: list[Work]
    kept: int = 0


@dataclass
class Driver:
    """Makes and scores samples, chunk by chunk.

    Args:
        store: the run's folder.
        cache: of the stages.
        engine: where the work is done.
        scoring: what samples are scored with; None scores nothing.
        options: chunk and tries.
        budget: US dollars that may be spent; None for no bound.
        progress: told of everything.
        objects: role -> an evaluator that is there already.
    """

    store: Store
    cache: StageCache
    engine: Engine
    scoring: ScoringOptions | None
    options: RunOptions
    budget: float | None
    progress: Progress
    objects: Mapping[str, Any] | None = None
    totals: dict[str, StageTotals] = field(default_factory=dict)
    failures: list[dict[str, str]] = field(default_factory=list)
    _halt: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _at_hand: dict[str, bool] = field(default_factory=dict)
    _looking: threading.Lock = field(default_factory=threading.Lock)

    def run(self, items: Iterable[Item]) -> None:
        """Make what is missing of all samples.

        Raises:
            OutputError: a result cannot be written; what is finished is kept.
        """
        stages = self._stages()
        steps = [self._step(stage) for stage in stages]
        shards: set[str] = set()
        flow = Flow([*steps, self._finish])
        try:
            for chunk in flow.run(self._chunks(items)):
                shards.add(chunk.shard)
                self.progress.show()
        finally:
            self._halt.set()
        drop_other_shards(self.store, shards)

    def _stages(self) -> tuple[str, ...]:
        return MAKING if self.scoring is None else (*MAKING, *SCORING)

    def _chunks(self, items: Iterable[Item]) -> Iterator[_Chunk]:
        ready = iter(items)
        for number in itertools.count():
            part = list(itertools.islice(ready, self.options.chunk))
            if not part:
                return
            shard = shard_name(number, self._key(part))
            works = [Work(item) for item in part]
            rows = read_shard(self.store, shard)
            if rows is not None and len(rows) == len(part) and all(map(self._stands, rows)):
                yield _Chunk(number, shard, [], kept=len(rows))
            else:
                yield _Chunk(number, shard, works)

    def _key(self, part: Sequence[Item]) -> str:
        scoring = None if self.scoring is None else self.scoring.model_dump(mode="json")
        return key_of(
            "chunk/1", version=__version__, scoring=scoring, items=[_plain(i) for i in part]
        )

    def _stands(self, row: Row) -> bool:
        """Whether a finished sample is still what was written, and its original too."""
        if row["status"] != "done" or self._can_be_had_now(row.get("lacking", ())):
            return False
        clip = Path(row["original"])
        if clip.exists() and clip.stat().st_size != row["clip_bytes"]:
            return False
        return all(
            self._whole(row[name], row[digest]) for name, digest in _PROOFS.values() if name in row
        )

    def _step(self, stage: str) -> Callable[[_Chunk], None]:
        def step(chunk: _Chunk) -> None:
            self._do(stage, [w for w in chunk.works if w.failure is None])

        return step

    def _do(self, stage: str, works: Sequence[Work]) -> None:
        """Bring every sample one stage further; equal keys are made once."""
        groups: dict[str, list[Work]] = {}
        scoring = self.scoring or ScoringOptions()
        for work in works:
            try:
                key = stage_key(stage, work.item, work.entries, scoring)
            except EmoanimError as error:
                work.failure = Failure(stage, portable(str(error)), "input", error.exit_code)
                continue
            groups.setdefault(key, []).append(work)
        missing: dict[str, Task] = {}
        for key, sharers in groups.items():
            entry = self.cache.find(stage, key)
            if (
                entry is not None
                and self._proved(stage, entry)
                and not self._can_be_had_now(entry.facts.get("lacking", ()))
            ):
                self._give(stage, sharers, entry)
                self._total(stage).found += 1
            else:
                missing[key] = Task(stage, key, sharers[0].item, sharers[0].entries)
        for attempt in range(self.options.tries):
            lost: dict[str, Task] = {}
            last = attempt + 1 == self.options.tries
            for done in self._results(stage, missing.values(), alone=last and attempt > 0):
                if self._halt.is_set():
                    return
                self._count(stage, done)
                if done.failure is not None and done.failure.kind == "lost" and not last:
                    lost[done.key] = missing[done.key]
                elif done.entry is not None:
                    self._give(stage, groups[done.key], done.entry)
                else:
                    assert done.failure is not None
                    self._fail(groups[done.key], done.failure)
            missing = lost
            if not missing:
                return

    def _results(self, stage: str, tasks: Iterable[Task], *, alone: bool) -> Iterator[Done]:
        """Yield the results of tasks; alone, so that one that kills its worker harms no other."""
        for lot in [[task] for task in tasks] if alone else [tasks]:
            yield from self.engine.map(stage, self._funded(lot))

    def _funded(self, tasks: Iterable[Task]) -> Iterator[Task]:
        """Give every task its share of what is left of the budget."""
        for task in tasks:
            if self._halt.is_set():
                return
            if self.budget is None:
                yield task
                continue
            spent = self.progress.counts.usd or 0.0
            yield replace(task, budget=max(0.0, self.budget - spent) / self.engine.workers)

    def _finish(self, chunk: _Chunk) -> None:
        """Mend what a damaged entry spoilt, then write the chunk's rows."""
        counts = self.progress.counts
        if chunk.kept:
            counts.done += chunk.kept
            counts.kept += chunk.kept
            return
        for _ in range(_REPAIRS):
            spoilt = [w for w in chunk.works if w.failure is not None and w.failure.again]
            for work in spoilt:
                work.entries, work.failure = {}, None
            for stage in self._stages() if spoilt else ():
                self._do(stage, [w for w in spoilt if w.failure is None])
        if self._halt.is_set():
            return
        write_shard(self.store, chunk.shard, chunk.works)
        for work in chunk.works:
            counts.done += work.failure is None
            counts.failed += work.failure is not None
            if work.failure is not None:
                self._tell(work.item.id, work.failure)

    def _tell(self, name: str, failure: Failure) -> None:
        """Keep the first failures for the summary; the rows have all of them."""
        if len(self.failures) < _MOST_TOLD:
            record = {"id": name, "stage": failure.stage, "error": failure.message}
            self.failures.append(record)

    def _give(self, stage: str, works: Sequence[Work], entry: Entry) -> None:
        for work in works:
            work.entries[stage] = entry

    def _fail(self, works: Sequence[Work], failure: Failure) -> None:
        if failure.kind == "output":
            self._halt.set()
            raise OutputError(failure.message)
        for work in works:
            work.failure = failure

    def _count(self, stage: str, done: Done) -> None:
        counts, total = self.progress.counts, self._total(stage)
        with self._lock:
            total.made += done.entry is not None
            total.failed += done.entry is None
            total.seconds += done.seconds
            total.cpu += done.cpu
            total.peak = max(total.peak, done.peak)
            counts.usd = None if counts.usd is None or done.usd is None else counts.usd + done.usd
            counts.stages[stage] = counts.stages.get(stage, 0) + (done.entry is not None)
        self.progress.show()

    def _total(self, stage: str) -> StageTotals:
        return self.totals.setdefault(stage, StageTotals())

    def _proved(self, stage: str, entry: Entry) -> bool:
        """Whether the file that an entry tells of is there as it was written."""
        if stage not in _PROOFS:
            return True
        name, digest = _PROOFS[stage]
        return self._whole(entry.facts[name], entry.facts[digest])

    def _can_be_had_now(self, lacking: Sequence[str]) -> bool:
        """Whether a result was made without an evaluator that is at hand by now.

        It is looked for once a run, here: workers elsewhere have what the driver has.
        """
        with self._looking:
            for what in lacking:
                if what not in self._at_hand and self.scoring is not None:
                    self._at_hand[what] = can_be_had(self.scoring, self.objects, what)
            return any(self._at_hand.get(what, False) for what in lacking)

    def _whole(self, name: str, digest: str) -> bool:
        path = self.store.local(name)
        try:
            if path is not None:
                return digest_of_file(path) == digest
            content = self.store.read(name)
        except OSError:
            return False
        return content is not None and digest_of_bytes(content) == digest


def _plain(item: Item) -> dict[str, Any]:
    return {
        "id": item.id,
        "clip": str(item.clip.path),
        "subject": item.clip.subject,
        "system": item.system,
        "settings": item.settings.model_dump(mode="json"),
        "emotion": str(item.prompt.emotion),
        "intensity": item.prompt.intensity,
        "prompt": item.asked.text,
        "seeds": [item.seed, item.base_seed, *item.vary],
        "output": item.output,
    }
