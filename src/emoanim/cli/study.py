"""``emoanim study run | check | report | init``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from emoanim.cli.loudness import notices, quiet, with_loudness
from emoanim.cli.options import JsonOption

__all__ = ["commands", "say_summary"]

commands = typer.Typer(
    name="study",
    help="Make and score many samples, and write the paper's tables and figures.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

StudyArgument = Annotated[Path, typer.Argument(help="study.toml")]
OutputOption = Annotated[str, typer.Option("--output", "-o", help="folder, or an fsspec address")]
EngineOption = Annotated[str | None, typer.Option("--engine", help='"local" or "ray"')]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", min=1, help="number of parallel workers")
]
AddressOption = Annotated[
    str | None,
    typer.Option("--address", help="address of a Ray cluster; without it, one is started here"),
]
CacheOption = Annotated[
    str | None, typer.Option("--cache", help="folder of cached stages; OUTPUT/cache by default")
]
ProgressOption = Annotated[
    str, typer.Option("--progress", help='"terminal", "log", "none" or "auto"')
]


@commands.command()
@with_loudness
def run(
    study: StudyArgument,
    output: OutputOption,
    engine: EngineOption = None,
    workers: WorkersOption = None,
    address: AddressOption = None,
    cache: CacheOption = None,
    progress: ProgressOption = "auto",
    as_json: JsonOption = False,
) -> None:
    """Make and score every sample, then the tables, figures and page; run it again to resume."""
    from emoanim.study.running import check as look
    from emoanim.study.running import run as run_study

    for remark in look(study, output).remarks:
        _note(remark)
    result = run_study(
        study,
        output,
        engine=engine,
        workers=workers,
        address=address,
        cache=cache,
        progress="none" if quiet() else progress,
    )
    say_summary(result.summary.to_dict(), as_json=as_json)


@commands.command()
@with_loudness
def check(study: StudyArgument, as_json: JsonOption = False) -> None:
    """Check the whole study before any work, and report all faults at once."""
    from emoanim.study.running import check as look

    checked = look(study)
    if as_json:
        record = {
            "items": checked.items,
            "clips": [str(c.path) for c in checked.clips],
            "faults": list(checked.faults),
            "remarks": list(checked.remarks),
        }
        typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        for remark in checked.remarks:
            _note(remark)
        for fault in checked.faults:
            typer.echo(fault)
        if not checked.faults:
            samples, clips = (
                f"{count} {word}{'s' * (count != 1)}"
                for count, word in ((checked.items, "sample"), (len(checked.clips), "clip"))
            )
            typer.echo(f"{samples} of {clips} can be made")
    if checked.faults:
        raise typer.Exit(2)


@commands.command()
@with_loudness
def report(
    folder: Annotated[str, typer.Argument(help="output folder of `study run`")],
) -> None:
    """Write the tables, figures and page again from saved scores; no video is read."""
    from emoanim.study.reporting import report as draw

    for name in draw(folder):
        typer.echo(f"{folder}/{name}")


@commands.command()
@with_loudness
def init(
    file: Annotated[Path, typer.Argument(help="file to write")] = Path("study.toml"),
) -> None:
    """Write a commented study.toml of the paper's design."""
    from emoanim.study.template import write_template

    typer.echo(write_template(file))


def say_summary(summary: dict[str, object], *, as_json: bool) -> None:
    """Print how a run ended, and end with its status."""
    if as_json:
        typer.echo(json.dumps(summary, ensure_ascii=False))
    else:
        console = notices()
        failures = summary["failures"]
        assert isinstance(failures, list | tuple)
        for failure in failures:
            line = f"{failure['id']}: {failure['stage']}: {failure['error']}"
            console.print(f"failed: {escape(line)}", style="yellow", soft_wrap=True)
        if summary["error"]:
            console.print(f"{escape(str(summary['error']))}", style="yellow", soft_wrap=True)
        counts = f"{summary['done']} of {summary['items']} samples"
        typer.echo(f"{summary['status']}: {counts} in {summary['output']}")
    raise typer.Exit(int(str(summary["exit_code"])))


def _note(text: str) -> None:
    notices().print(f"note: {escape(text)}", style="yellow", soft_wrap=True)
