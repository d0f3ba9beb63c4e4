"""``emoanim batch``: a list of videos and emotions, made with everything that a study has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from emoanim.errors import SettingsError
from emoanim.settings import Settings
from emoanim.study.manifest import items_of_manifest, read_manifest
from emoanim.study.plan import RunOptions
from emoanim.study.running import run_items
from emoanim.study.storage.lock import only_run
from emoanim.study.storage.stores import open_store
from emoanim.study.summary import RunSummary

__all__ = ["run_batch"]


def run_batch(
    manifest: str | Path,
    output: str | Path,
    *,
    settings: Settings | None = None,
    options: RunOptions | None = None,
    cache: str | Path | None = None,
    progress: str = "auto",
    objects: Mapping[str, Any] | None = None,
) -> RunSummary:
    """Make every video of a manifest (.jsonl or .csv); a failed one is reported, the rest go on.

    Args:
        manifest: one video and emotion a line, see ``emoanim.study.manifest``.
        output: a folder, or an address of fsspec's.
        settings: of the pipeline where a line names none; the preset "local" if None.
        options: engine, workers, chunk, tries.
        cache: folder of the stage cache; ``output``/cache if None.
        progress: "terminal", "log", "notebook", "none" or "auto".
        objects: role -> a backend that is there already, for one worker in this process.

    Raises:
        SettingsError: the manifest has faults; all of them are in the message, with their lines.
        OutputError: the folder cannot be written, or another run holds it.
    """
    base = settings or Settings()
    count, faults = read_manifest(manifest, base, deep=not objects)
    if faults:
        raise SettingsError(
            f"the manifest {Path(manifest).name} has {_counted(faults)}: {' '.join(faults)}"
        )
    store = open_store(output)
    with only_run(store):
        return run_items(
            items_of_manifest(manifest, base),
            count,
            store=store,
            cache=str(cache) if cache is not None else f"{store.location}/cache",
            scoring=None,
            options=options or RunOptions(),
            budget=base.budget,
            progress=progress,
            objects=objects,
        )


def _counted(faults: Sequence[str]) -> str:
    return "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
