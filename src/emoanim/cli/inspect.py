"""``emoanim inspect``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from emoanim.cli.options import JsonOption
from emoanim.cli.printing import print_json

__all__ = ["inspect"]

_CHANGED = 5
"""Exit status for a file that was changed after it was signed."""


def inspect(
    file: Annotated[Path, typer.Argument(help="video, sound or picture")],
    of: Annotated[
        Path | None,
        typer.Option("--of", help="a signed file: is this a copy of it, converted or cut?"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a file was made, and whether this information can be trusted."""
    from emoanim.provenance import compare
    from emoanim.provenance import inspect as examine

    inspection = examine(file)
    compared = [] if of is None else compare(file, of)
    if as_json:
        print_json({**inspection.to_dict(), "compared": compared})
    else:
        for sentence in (*inspection.sentences(), *compared):
            typer.echo(sentence)
    if inspection.state == "changed":
        raise typer.Exit(_CHANGED)
