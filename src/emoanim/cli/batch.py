"""``emoanim batch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from emoanim.cli.loudness import quiet
from emoanim.cli.options import (
    AnimatorOption,
    BudgetOption,
    ClassifierOption,
    ConfigOption,
    FaceEmoterOption,
    JsonOption,
    PresetOption,
    SeedOption,
    SetOption,
    TextEmoterOption,
    TranscriberOption,
    VoiceOption,
    chosen_settings,
)
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


def batch(
    manifest: Annotated[Path, typer.Argument(help="videos and emotions, .jsonl or .csv")],
    output: OutputOption,
    preset_name: PresetOption = "local",
    config: ConfigOption = None,
    transcriber: TranscriberOption = None,
    text_emoter: TextEmoterOption = None,
    voice: VoiceOption = None,
    face_emoter: FaceEmoterOption = None,
    animator: AnimatorOption = None,
    classifier: ClassifierOption = None,
    options: SetOption = None,
    seed: SeedOption = None,
    budget: BudgetOption = None,
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

    names = {
        "transcriber": transcriber,
        "text_emoter": text_emoter,
        "voice": voice,
        "face_emoter": face_emoter,
        "animator": animator,
        "classifier": classifier,
    }
    plain = {"seed": seed, "budget": budget}
    given = {"engine": engine, "workers": workers, "address": address}
    summary = run_batch(
        manifest,
        output,
        settings=chosen_settings(preset_name, config, names, options or [], plain),
        options=RunOptions.model_validate({k: v for k, v in given.items() if v is not None}),
        cache=cache,
        progress="none" if quiet() else progress,
    )
    say_summary(summary.to_dict(), as_json=as_json)
