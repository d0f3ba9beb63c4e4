"""``emoanim demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from emoanim.cli.loudness import notices
from emoanim.cli.options import (
    EmotionOption,
    JsonOption,
    SeedOption,
)
from emoanim.cli.printing import print_json, print_words

__all__ = ["demo"]


def demo(
    emotion: EmotionOption = "very happy",
    folder: Annotated[Path, typer.Option("--output", "-o", help="folder for what it makes")] = Path(
        "emoanim-demo"
    ),
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Run without any input: a portrait speaks, first plainly, then in the emotion."""
    from emoanim.cli.progress import ProgressBars

    console = notices()
    with ProgressBars(console) as bars:
        from emoanim.demo import run_demo  # seconds on a slow disk

        result = run_demo(folder, emotion, seed=seed or 0, on_step=bars)
    if as_json:
        print_json(result.to_dict())
        return
    print_words(console, result.result.transcript.text, result.result.text)
    for path in (result.before, result.after, result.own, result.sheet):
        typer.echo(path)
