"""``emoanim animate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from emoanim.cli.loudness import notices
from emoanim.cli.options import (
    EMOTION_HELP,
    JsonOption,
    KeepOption,
    SubtitlesOption,
    emotions_for_the_shell,
)
from emoanim.cli.printing import print_json, print_words
from emoanim.cli.settings_options import AS_THE_PRESET, SettingsChoice, with_settings
from emoanim.emotions import read_prompt
from emoanim.errors import InputError, SettingsError

if TYPE_CHECKING:
    from emoanim.metrics import EDDResult

__all__ = ["animate"]


@with_settings()
def animate(
    output: Annotated[Path, typer.Option("--output", "-o", help=".mp4, .mov, .mkv, .webm or .gif")],
    video: Annotated[Path | None, typer.Argument(help="a video with a person speaking")] = None,
    emotion: Annotated[
        str | None,
        typer.Option("--emotion", "-e", help=EMOTION_HELP, autocompletion=emotions_for_the_shell),
    ] = None,
    choice: SettingsChoice = AS_THE_PRESET,
    keep: KeepOption = None,
    subtitles: SubtitlesOption = False,
    from_record: Annotated[
        Path | None,
        typer.Option("--from-record", help="repeat the run of a run.json that --keep wrote"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Change the emotion of the person in a video: words, voice and face."""
    from emoanim.cli.progress import ProgressBars
    from emoanim.language.subtitles import check_beside, write_beside
    from emoanim.pipeline import EDAPipeline
    from emoanim.runs.records import read_record

    if from_record is not None:
        if emotion is not None or choice != AS_THE_PRESET:
            raise SettingsError(
                "--from-record given together with other settings; expected the record alone, "
                "which holds them all. Leave the others out."
            )
        recorded = read_record(from_record)
        video, prompt, settings = video or recorded.source, recorded.prompt, recorded.settings
        recorded.check_source(video)
        differences = recorded.differences()
    else:
        if video is None or emotion is None:
            raise InputError(
                "no video or no emotion given; expected both: emoanim animate talk.mp4 "
                "--emotion happy -o happy.mp4 (or --from-record run.json)."
            )
        prompt, differences = read_prompt(emotion), ()
        settings = choice.settings()
    if subtitles:
        check_beside(output)
    console = notices()
    with ProgressBars(console) as bars:
        pipeline = EDAPipeline.from_settings(settings)
        result = pipeline(video, prompt, output=output, on_step=bars, keep=keep)
    written = write_beside(output, result.speech) if subtitles else ()
    for note in (*differences, *result.notes):
        console.print(f"note: {escape(note)}", style="yellow", soft_wrap=True)
    if as_json:
        record = result.to_dict() | {"subtitles": [str(path) for path in written]}
        if result.classifier is not None:
            if result.timeline is None:
                record["edd"] = _plain_edd(result.edd())
            else:
                record["passage_edds"] = [_plain_edd(edd) for edd in result.passage_edds()]
        print_json(record)
        return
    print_words(console, result.transcript.text, result.text)
    if result.classifier is not None:
        named = (
            [("", result.edd())]
            if result.timeline is None
            else [
                (f" of {passage.prompt.text} from {passage.start:.1f} s on", edd)
                for passage, edd in zip(result.speech.passages, result.passage_edds(), strict=True)
            ]
        )
        from emoanim.metrics.result import HOW_TO_READ
        from emoanim.scoring import notes_on_interval

        for what, edd in named:
            ends = edd.interval
            known = ends is not None and ends.low == ends.low
            within = f" [{ends.low:.4f}, {ends.high:.4f}]" if known and ends is not None else ""
            console.print(
                f"EDD{what} {edd.edd:.4f}{within} ({HOW_TO_READ}){_beside(edd)}",
                highlight=False,
                soft_wrap=True,
                markup=False,
            )
            for note in dict.fromkeys((*edd.notes, *notes_on_interval(edd))):
                console.print(f"note: {escape(note)}", style="yellow", soft_wrap=True)
    if result.costs["calls"]:
        dollars = result.costs["usd"]
        about = "an unknown sum" if dollars is None else f"about ${dollars:.4f}"
        console.print(f"{result.costs['calls']} paid calls, {about}", highlight=False)
    for path in (*result.takes, *written):
        typer.echo(path)


def _beside(edd: EDDResult) -> str:
    """Return what an EDD does not say by itself."""
    if edd.mean is None or edd.top is None:
        return ""
    (mean, later), (share, after) = edd.mean, edd.top
    return f"; mean p {mean:.3f} -> {later:.3f}, on top in {share:.0%} -> {after:.0%} of the frames"


def _plain_edd(result: EDDResult) -> dict[str, Any]:
    names = ("edd", "auroc", "n", "m", "mean_probability", "top1_rate", "notes")
    plain = result.to_dict()
    return {name: plain[name] for name in names}
