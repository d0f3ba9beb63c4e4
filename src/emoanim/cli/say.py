"""``emoanim say``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from emoanim.cli.loudness import notices
from emoanim.cli.options import EmotionOption, JsonOption, KeepOption
from emoanim.cli.printing import print_json
from emoanim.cli.settings_options import AS_THE_PRESET, SettingsChoice, with_settings

__all__ = ["say"]


@with_settings(
    "transcriber", "text_emoter", "classifier", "takes", "stills", "audio_track", "limit", "bed"
)
def say(
    image: Annotated[Path, typer.Argument(help="a picture of one person")],
    emotion: EmotionOption,
    output: Annotated[Path, typer.Option("--output", "-o", help=".mp4, .mov, .mkv, .webm or .gif")],
    text: Annotated[str, typer.Argument(help="what the person says")] = "",
    speech: Annotated[
        Path | None, typer.Option("--speech", help="a recording instead of the voice and text")
    ] = None,
    like: Annotated[
        Path | None, typer.Option("--like", help="a recording of the voice to sound like")
    ] = None,
    choice: SettingsChoice = AS_THE_PRESET,
    keep: KeepOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the person in a picture say a text in the emotion."""
    from emoanim.cli.progress import ProgressBars
    from emoanim.pipeline import EDAPipeline

    # A film is no help to a picture: whatever a preset animates films with, the rig takes stills.
    settings = choice.settings()
    if choice.animator is None:
        settings = settings.for_a_picture()
    console = notices()
    with ProgressBars(console) as bars:
        pipeline = EDAPipeline.from_settings(settings)
        result = pipeline.say(
            image, text, emotion, output=output, speech=speech, voice=like, on_step=bars, keep=keep
        )
    for note in result.notes:
        console.print(f"note: {escape(note)}", style="yellow", soft_wrap=True)
    if as_json:
        print_json(result.to_dict())
        return
    typer.echo(output)
