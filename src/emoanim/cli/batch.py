"""``emoanim batch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from emoanim.cli.loudness import quiet
from emoanim.cli.options import JsonOption
from emoanim.cli.settings_options import AS_THE_PRESET, SettingsChoice, with_settings
from emoanim.cli.study import (
    AddressOption,
    CacheOption,
    EngineOption,
    OutputOption,
    ProgressOption,
    WorkersOption,
    say_summary,
)

__all__ = ["batch"]


@with_settings("takes")
def batch(
    manifest: Annotated[Path, typer.Argument(help="videos and emotions, .jsonl or .csv")],
    output: OutputOption,
    choice: SettingsChoice = AS_THE_PRESET,
    engine: EngineOption = None,
    workers: WorkersOption = None,
    address: AddressOption = None,
    cache: CacheOption = None,
    progress: ProgressOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Make many videos; a failed one is reported, the rest go on; give it again to go on."""
    from emoanim.study.batch import run_batch
    from emoanim.study.plan import RunOptions

    given = {"engine": engine, "workers": workers, "address": address}
    summary = run_batch(
        manifest,
        output,
        settings=choice.settings(),
        options=RunOptions.model_validate({k: v for k, v in given.items() if v is not None}),
        cache=cache,
        progress="none" if quiet() else progress,
    )
    say_summary(summary.to_dict(), as_json=as_json)
