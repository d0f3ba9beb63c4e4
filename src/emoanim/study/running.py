"""``study run``: everything from a plan to the tables, or on from where an earlier run ended."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import Any

from emoanim.errors import BackendError, OutputError, SettingsError
from emoanim.interrupts import Interrupted
from emoanim.memory import peak
from emoanim.portable_messages import portable
from emoanim.study.checking import CheckedStudy, check_study
from emoanim.study.items import Item, items_of
from emoanim.study.plan import RunOptions, ScoringOptions, StudyPlan, plan_of, read_plan
from emoanim.study.result import StudyResult
from emoanim.study.storage.cache import StageCache
from emoanim.study.storage.lock import only_run
from emoanim.study.storage.stores import Store, open_store
from emoanim.study.summary import RunSummary, write_summary
from emoanim.study.workers.driver import Driver
from emoanim.study.workers.progress import show_progress
from emoanim.study.workers.tasks import Engine

__all__ = ["check", "make_engine", "run", "run_items"]


def check(study: str | Path | Mapping[str, Any], output: str | Path | None = None) -> CheckedStudy:
    """Look at a study without making anything; the result holds every fault at once.

    Args:
        study: study.toml, or its values.
        output: where it will be written, if that is known.

    Raises:
        SettingsError: the file cannot be read, or is no TOML.
    """
    return _checked(study, output, ())


def _checked(
    study: str | Path | Mapping[str, Any], output: str | Path | None, given: Collection[str]
) -> CheckedStudy:
    folder = Path.cwd()
    if isinstance(study, Mapping):
        plan, faults = plan_of(study)
    else:
        plan, faults = read_plan(study)
        folder = Path(study).absolute().parent
    here = Path(output) if output is not None and "://" not in str(output) else None
    return check_study(plan, folder, here, tuple(faults), given)


def run(
    study: str | Path | Mapping[str, Any],
    output: str | Path,
    *,
    engine: str | None = None,
    workers: int | None = None,
    address: str | None = None,
    cache: str | Path | None = None,
    progress: str = "auto",
    objects: Mapping[str, Any] | None = None,
    report: bool = True,
) -> StudyResult:
    """Make and score every sample of a study, then its tables, figures and page.

    What an earlier run into the same folder finished is not made again.

    Args:
        study: study.toml, or its values as a table.
        output: a folder, or an address of fsspec's.
        engine: "local" or "ray" instead of the study's.
        workers: how many instead of the study's.
        address: of a Ray cluster; "" starts one here.
        cache: folder of the stage cache, to share it between studies; ``output``/cache if None.
        progress: "terminal", "log", "notebook", "none" or "auto".
        objects: role -> a backend that is there already ("scoring.classifier" and so on for the
            evaluators); for one worker in this process.
        report: draw tables, figures and the page at the end.

    Raises:
        SettingsError: the study has faults; all of them are in the message.
        OutputError: the folder cannot be written, or another run holds it.
    """
    checked = _checked(study, output, objects or {})
    if checked.faults:
        count = len(checked.faults)
        raise SettingsError(f"the study has {count} faults: " + " ".join(checked.faults))
    plan = checked.plan
    changed = {"engine": engine, "workers": workers, "address": address}
    options = plan.run.model_copy(update={k: v for k, v in changed.items() if v is not None})
    store = open_store(output)
    folder = str(cache) if cache is not None else f"{store.location}/cache"
    with only_run(store):
        _note_plan(store, plan, checked, folder)
        summary = run_items(
            items_of(plan, list(checked.clips)),
            checked.items,
            store=store,
            cache=folder,
            scoring=plan.scoring,
            options=options,
            budget=plan.budget,
            progress=progress,
            objects=objects,
        )
        result = StudyResult(store, summary)
        if report and summary.status in ("complete", "partial"):
            from emoanim.study.reporting import write_report

            write_report(store)
    return result


def run_items(
    items: Iterable[Item],
    total: int,
    *,
    store: Store,
    cache: str,
    scoring: ScoringOptions | None,
    options: RunOptions,
    budget: float | None = None,
    progress: str = "auto",
    objects: Mapping[str, Any] | None = None,
) -> RunSummary:
    """Make samples, whatever they come from, and write the summary.

    Args:
        items: the samples.
        total: how many they are.
        store: the run's folder.
        cache: place of the stage cache.
        scoring: what they are scored with; None scores nothing.
        options: engine, workers, chunk, tries.
        budget: US dollars that may be spent.
        progress: see ``run``.
        objects: see ``run``.
    """
    begun = perf_counter()
    status, error = "complete", ""
    store.sweep()
    engine = make_engine(options, store.location, cache, scoring or ScoringOptions(), objects)
    shown = show_progress(total, progress)
    driver = Driver(
        store, StageCache(open_store(cache)), engine, scoring, options, budget, shown, objects
    )
    try:
        with shown, _interruptible():
            driver.run(items)
        status = "partial" if shown.counts.failed else "complete"
    except (KeyboardInterrupt, Interrupted):
        status, error = "interrupted", "interrupted; give the same command again to go on"
    except (OutputError, BackendError) as raised:
        status, error = "stopped", portable(str(raised))
    finally:
        engine.close()
    counts = shown.counts
    summary = RunSummary(
        status=status,
        items=total,
        done=counts.done,
        kept=counts.kept,
        failed=counts.failed,
        failures=tuple(driver.failures),
        error=error,
        seconds=round(perf_counter() - begun, 3),
        usd=counts.usd,
        stages={name: asdict(each) for name, each in driver.totals.items()},
        driver_peak=peak(),
        output=store.location,
    )
    if status != "stopped":
        write_summary(store, summary)
    return summary


def make_engine(
    options: RunOptions,
    output: str,
    cache: str,
    scoring: ScoringOptions,
    objects: Mapping[str, Any] | None = None,
) -> Engine:
    """Make the engine that the options name.

    Raises:
        MissingExtraError: Ray is asked for and not installed.
        SettingsError: objects given to workers that do not share this process.
    """
    from emoanim.study.workers.local_engine import InlineEngine, ProcessEngine

    if options.engine == "local" and options.workers == 1:
        return InlineEngine(output, cache, scoring, objects)
    if objects:
        raise SettingsError(
            f"backends given as objects with {options.workers} workers ({options.engine}); "
            "expected one local worker. Name the backends, so that each worker can load them."
        )
    if options.engine == "local":
        return ProcessEngine(options.workers, output, cache, scoring)
    from emoanim.study.workers.ray_engine import RayEngine

    return RayEngine(options, output, cache, scoring)


def _note_plan(store: Store, plan: StudyPlan, checked: CheckedStudy, cache: str) -> None:
    """Write down what the study is, for ``study report``."""
    record = {
        "plan": plan.model_dump(mode="json"),
        "items": checked.items,
        "clips": [
            {"path": str(c.path), "name": c.name, "subject": c.subject} for c in checked.clips
        ],
        "remarks": [portable(remark) for remark in checked.remarks],
        "cache": cache,
    }
    store.write("study.json", (json.dumps(record, ensure_ascii=False, indent=1) + "\n").encode())


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let SIGTERM end a run as Ctrl-C does, with a summary, where nobody has seen to it."""
    alone = threading.current_thread() is threading.main_thread()
    if not alone or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
