"""``emoanim doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from emoanim.cli.options import (
    JsonOption,
    RoleOption,
)
from emoanim.cli.printing import print_json
from emoanim.cli.tables import print_table

__all__ = ["doctor"]


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
    checkups = examine(role)
    if as_json:
        print_json([c.to_dict() for c in checkups])
        return
    print_table(
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
            for c in checkups
        ],
    )
    for note in [note for checkup in checkups for note in checkup.notes()]:
        typer.echo(f"note: {note}", err=True)
