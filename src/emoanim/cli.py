"""The command line: ``emoanim animate | speak | demo | evaluate | backends | doctor``.

Results go to standard output, everything else to standard error. A mistake of the user's ends in
one line and a status that is not 0 (see ``emoanim.errors``).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from emoanim import __version__, registry
from emoanim.errors import EmoanimError, SettingsError
from emoanim.evaluation.command import evaluate
from emoanim.settings import Settings, load_settings, preset

__all__ = ["app", "main"]

app = typer.Typer(
    name="emoanim",
    help="A video of a person speaking and an emotion in; the person saying it that way out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)

EmotionOption = Annotated[
    str, typer.Option("--emotion", "-e", help='for instance "very happy" or "slightly sad"')
]
PresetOption = Annotated[str, typer.Option("--preset", help="start from these settings")]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="settings file (TOML or JSON) instead of a preset")
]
TranscriberOption = Annotated[str | None, typer.Option("--transcriber", help="backend by name")]
TextEmoterOption = Annotated[str | None, typer.Option("--text-emoter", help="backend by name")]
VoiceOption = Annotated[str | None, typer.Option("--voice", help="backend by name")]
FaceEmoterOption = Annotated[str | None, typer.Option("--face-emoter", help="backend by name")]
AnimatorOption = Annotated[str | None, typer.Option("--animator", help="backend by name")]
ClassifierOption = Annotated[str | None, typer.Option("--classifier", help="backend by name")]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="backend option, as voice.rate=0.9; may be repeated"),
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="of every random choice")]
BudgetOption = Annotated[
    float | None, typer.Option("--budget", min=0, help="US dollars that paid calls may cost")
]
JsonOption = Annotated[bool, typer.Option("--json", help="print the record of the run as JSON")]
KeepOption = Annotated[
    Path | None, typer.Option("--keep", help="folder for every stage's artefact")
]
RoleOption = Annotated[str | None, typer.Option("--role", help="of this role only")]


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status."""
    try:
        app(args=arguments, standalone_mode=True)
    except EmoanimError as error:
        _complain(str(error))
        sys.exit(error.exit_code)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
) -> None:
    if version:
        typer.echo(f"emoanim {__version__}")
        raise typer.Exit


@app.command()
def animate(
    video: Annotated[Path, typer.Argument(help="a video with one person speaking")],
    emotion: EmotionOption,
    output: Annotated[Path, typer.Option("--output", "-o", help=".mp4, .mov or .mkv")],
    preset_name: PresetOption = "local",
    config: ConfigOption = None,
    transcriber: TranscriberOption = None,
    text_emoter: TextEmoterOption = None,
    voice: VoiceOption = None,
    face_emoter: FaceEmoterOption = None,
    animator: AnimatorOption = None,
    classifier: ClassifierOption = None,
    options: SetOption = None,
    takes: Annotated[str | None, typer.Option(help='"best" still, or "all" of them')] = None,
    frames: Annotated[int | None, typer.Option(min=1, help="random frames to take")] = None,
    seed: SeedOption = None,
    budget: BudgetOption = None,
    keep: KeepOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make the person in the video say it in the emotion: words, voice and face."""
    from emoanim.emotions import EmotionPrompt
    from emoanim.pipeline import EDAPipeline
    from emoanim.progress import ProgressBars

    prompt = EmotionPrompt.parse(emotion)
    names = {
        "transcriber": transcriber,
        "text_emoter": text_emoter,
        "voice": voice,
        "face_emoter": face_emoter,
        "animator": animator,
        "classifier": classifier,
    }
    plain = {"takes": takes, "frames": frames, "seed": seed, "budget": budget}
    settings = _settings(preset_name, config, names, options or [], plain)
    pipeline = EDAPipeline.from_settings(settings)
    console = Console(stderr=True)
    with ProgressBars(console) as bars:
        result = pipeline(video, prompt, output=output, on_step=bars, keep=keep)
    for note in result.notes:
        console.print(f"note: {escape(note)}", style="yellow", soft_wrap=True)
    if as_json:
        record = result.to_dict()
        if result.classifier is not None:
            record["edd"] = _plain_edd(result.edd())
        typer.echo(json.dumps(record, ensure_ascii=False))
        return
    console.print(f'said: "{escape(result.transcript.text)}"', highlight=False, soft_wrap=True)
    console.print(f'now:  "{escape(result.text)}"', highlight=False, soft_wrap=True)
    if result.classifier is not None:
        edd = result.edd()
        console.print(
            f"EDD {edd.edd:.4f} (0 fully changed, 0.5 no change)", highlight=False, soft_wrap=True
        )
    if result.costs["calls"]:
        dollars = result.costs["usd"]
        about = "an unknown sum" if dollars is None else f"about ${dollars:.4f}"
        console.print(f"{result.costs['calls']} paid calls, {about}", highlight=False)
    for take in result.takes:
        typer.echo(take)


@app.command()
def speak(
    source: Annotated[Path, typer.Argument(help="video or sound of one person speaking")],
    emotion: EmotionOption,
    output: Annotated[Path, typer.Option("--output", "-o", help="the new speech, .wav")],
    preset_name: PresetOption = "local",
    config: ConfigOption = None,
    transcriber: TranscriberOption = None,
    text_emoter: TextEmoterOption = None,
    voice: VoiceOption = None,
    options: SetOption = None,
    seed: SeedOption = None,
    budget: BudgetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make only the speech: a video or sound in, a sound file out."""
    from emoanim.emotions import EmotionPrompt
    from emoanim.media import check_writable, read_audio, write_wav
    from emoanim.paid_calls import accounting
    from emoanim.pipeline import make_speech
    from emoanim.progress import ProgressBars

    prompt = EmotionPrompt.parse(emotion)
    check_writable(output, suffixes=(".wav",), source=source)
    names = {"transcriber": transcriber, "text_emoter": text_emoter, "voice": voice}
    settings = _settings(
        preset_name, config, names, options or [], {"seed": seed, "budget": budget}
    )
    chain = make_speech(settings)
    with ProgressBars(Console(stderr=True)) as bars, accounting(settings.budget) as ledger:
        result = chain(read_audio(source), prompt, on_step=bars)
    write_wav(output, result.speech.audio)
    if as_json:
        record = {
            "source": str(source),
            "output": str(output),
            "emotion": str(prompt.emotion),
            "intensity": prompt.intensity,
            "transcript": result.transcript.text,
            "text": result.text,
            "speech_seconds": round(result.speech.audio.duration, 3),
            "timings": {k: round(v, 3) for k, v in result.timings.items()},
            "costs": ledger.to_dict(),
        }
        typer.echo(json.dumps(record, ensure_ascii=False))
    else:
        typer.echo(output)


@app.command()
def demo(
    emotion: EmotionOption = "very happy",
    folder: Annotated[Path, typer.Option("--output", "-o", help="folder for what it makes")] = Path(
        "emoanim-demo"
    ),
    seed: SeedOption = 0,
    as_json: JsonOption = False,
) -> None:
    """Show it without any input: a portrait speaks, then says the same in the emotion."""
    from emoanim.demo import run_demo
    from emoanim.progress import ProgressBars

    with ProgressBars(Console(stderr=True)) as bars:
        made = run_demo(folder, emotion, seed=seed or 0, on_step=bars)
    if as_json:
        typer.echo(json.dumps(made.to_dict(), ensure_ascii=False))
        return
    for path in (made.before, made.after, made.sheet):
        typer.echo(path)


app.command()(evaluate)


@app.command()
def backends(role: RoleOption = None, as_json: JsonOption = False) -> None:
    """List every backend by role."""
    found = registry.backends(role)
    if as_json:
        rows = [
            {
                "role": b.role,
                "name": b.name,
                "extra": b.extra,
                "licence": b.licence,
                "abilities": list(b.abilities),
                "summary": b.summary,
            }
            for b in found
        ]
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    _print_table(
        ("role", "name", "abilities", "licence", "what it is"),
        [(b.role, b.name, " ".join(b.abilities), b.licence, b.summary) for b in found],
    )


@app.command()
def doctor(
    role: RoleOption = None,
    verify: Annotated[
        str | None, typer.Option("--verify", help="check this backend's weights in earnest")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say for each backend what it has here and what would mend it."""
    from emoanim.doctor import examine
    from emoanim.doctor import verify as verified

    if verify is not None:
        failed = False
        for step in verified(verify):
            typer.echo(f"{'ok' if step.passed else 'failed'}\t{step.name}\t{step.detail}")
            failed |= not step.passed
        raise typer.Exit(4 if failed else 0)
    found = examine(role)
    if as_json:
        typer.echo(json.dumps([c.to_dict() for c in found], ensure_ascii=False))
        return
    _print_table(
        ("role", "name", "installed", "weights", "key", "device", "licence", "to mend it"),
        [
            (
                c.role,
                c.name,
                "yes" if c.installed else "no",
                c.weights,
                c.key,
                c.device,
                c.licence,
                c.fix or "-",
            )
            for c in found
        ],
    )
    for note in [note for checkup in found for note in checkup.notes()]:
        typer.echo(f"note: {note}", err=True)


def _settings(
    preset_name: str,
    config: Path | None,
    names: Mapping[str, str | None],
    options: list[str],
    plain: Mapping[str, Any],
) -> Settings:
    """Preset or file, then backend names, then their options, then plain values."""
    settings = load_settings(config) if config else preset(preset_name)
    changes: dict[str, Any] = {
        role: {"name": name} for role, name in names.items() if name is not None
    }
    settings = settings.changed(**changes)
    for option in options:
        role, key, value = _option(option)
        if getattr(settings, role) is None:
            raise SettingsError(f"--set {option!r} given, but no {role} is chosen (--{role} NAME).")
        settings = settings.changed(**{role: {"options": {key: value}}})
    return settings.changed(**{k: v for k, v in plain.items() if v is not None})


def _option(text: str) -> tuple[str, str, Any]:
    """Read "voice.rate=0.9"; a value is JSON where it can be, else the text as it is."""
    place, equals, value = text.partition("=")
    role, dot, key = place.strip().partition(".")
    role = role.replace("-", "_")
    if not equals or not dot or not key or role not in registry.ROLES:
        raise SettingsError(
            f"--set {text!r} given; expected ROLE.OPTION=VALUE with a role of "
            f"{', '.join(registry.ROLES)}."
        )
    try:
        return role, key.replace("-", "_"), json.loads(value)
    except json.JSONDecodeError:
        return role, key.replace("-", "_"), value


def _plain_edd(result: Any) -> dict[str, Any]:
    return {"edd": result.edd, "auroc": result.auroc, "n": result.n, "m": result.m}


def _print_table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    console = Console()
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*heads)
    for row in rows:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def _complain(message: str) -> None:
    print(f"emoanim: error: {' '.join(message.split())}", file=sys.stderr)


if __name__ == "__main__":
    main()
