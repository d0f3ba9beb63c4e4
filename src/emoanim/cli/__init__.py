"""The command line, one file per command.

Results go to standard output, everything else to standard error. A mistake of the user's ends in
one line and a status that is not 0 (see ``emoanim.errors``).
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from emoanim import __version__
from emoanim.cli.animate import animate
from emoanim.cli.app import app as web_page
from emoanim.cli.backends import backends
from emoanim.cli.batch import batch
from emoanim.cli.clones import clones
from emoanim.cli.demo import demo
from emoanim.cli.doctor import doctor
from emoanim.cli.evaluate import evaluate
from emoanim.cli.fetch import fetch
from emoanim.cli.inspect import inspect
from emoanim.cli.loudness import with_loudness
from emoanim.cli.printing import one_line, replace_what_cannot_be_shown
from emoanim.cli.say import say
from emoanim.cli.speak import speak
from emoanim.cli.study import commands as study
from emoanim.errors import BackendError, EmoanimError, OutputError
from emoanim.registry import package_at_fault

__all__ = ["app", "main"]

app = typer.Typer(
    name="emoanim",
    help="Change the emotion of a speaking person in a video: words, voice and face.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


_SHOWN = 80
"""Characters of a file's name that are shown."""
_LONGEST = 300
"""Characters of an internal error that are shown."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with its status.

    A fault of emoanim's own is one line too; EMOANIM_TRACEBACK=1 shows where it happened.
    """
    replace_what_cannot_be_shown()
    try:
        app(args=arguments, standalone_mode=True)
    except EmoanimError as error:
        print(f"emoanim: error: {one_line(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if os.environ.get("EMOANIM_TRACEBACK"):
            raise
        where = f": {str(error.filename)[:_SHOWN]!r}" if error.filename else ""
        print(
            f"emoanim: error: the system reports: {error.strerror or error}{where}", file=sys.stderr
        )
        sys.exit(OutputError.exit_code)
    except Exception as error:
        if os.environ.get("EMOANIM_TRACEBACK"):
            raise
        said = one_line(f"{type(error).__name__}: {error}")[:_LONGEST]
        if (whose := package_at_fault(error)) is not None:
            print(
                f"emoanim: error: {whose} failed: {said} - this is a bug there, please "
                "tell those who wrote it (EMOANIM_TRACEBACK=1 shows where)",
                file=sys.stderr,
            )
            sys.exit(BackendError.exit_code)
        print(
            f"emoanim: internal error: {said} - this is a bug in emoanim, please report it "
            "(EMOANIM_TRACEBACK=1 shows where)",
            file=sys.stderr,
        )
        sys.exit(EmoanimError.exit_code)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="print the version")] = False,
) -> None:
    if version:
        typer.echo(f"emoanim {__version__}")
        raise typer.Exit


for _command in (
    animate, say, speak, demo, evaluate, batch, backends, doctor, fetch, inspect, clones,
):  # fmt: skip
    app.command()(with_loudness(_command))
app.command("app")(with_loudness(web_page))
app.add_typer(study, name="study")
