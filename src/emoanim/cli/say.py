"""``emoanim say``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from emoanim.cli.loudness import notices
from emoanim.cli.options import (
    AnimatorOption,
    BudgetOption,
    ConfigOption,
    DeviceOption,
    EmotionOption,
    FaceEmoterOption,
    JsonOption,
    KeepOption,
    PresetOption,
    SeedOption,
    SetOption,
    SignatureOption,
    VoiceOption,
    WordsOption,
    chosen_settings,
    chosen_unless,
)
from emoanim.cli.printing import print_json

__all__ = ["say"]


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
    preset_name: PresetOption = "local",
    config: ConfigOption = None,
    voice: VoiceOption = None,
    face_emoter: FaceEmoterOption = None,
    animator: AnimatorOption = None,
    options: SetOption = None,
    seed: SeedOption = None,
    budget: BudgetOption = None,
    device: DeviceOption = None,
    keep: KeepOption = None,
    signature: SignatureOption = True,
    words: WordsOption = True,
    as_json: JsonOption = False,
) -> None:
    """Make the person in a picture say a text in the emotion."""
    from emoanim.cli.progress import ProgressBars
    from emoanim.pipeline import EDAPipeline

    # A film is no help to a picture: whatever a preset animates films with, the rig takes stills.
    names = {"voice": voice, "face_emoter": face_emoter, "animator": animator}
    plain = {
        "seed": seed,
        "budget": budget,
        "device": device,
        "sign": chosen_unless(signature),
        "words_in_tags": chosen_unless(words),
    }
    settings = chosen_settings(preset_name, config, names, options or [], plain)
    if animator is None:
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
