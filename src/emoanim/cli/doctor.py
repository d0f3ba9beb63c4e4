"""``emoanim doctor``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from emoanim.cli.loudness import notices
from emoanim.cli.options import (
    JsonOption,
    PresetOption,
    RoleOption,
)
from emoanim.cli.printing import print_json
from emoanim.cli.tables import print_table
from emoanim.settings import preset

if TYPE_CHECKING:
    from emoanim.doctor import Checkup

__all__ = ["doctor"]


def doctor(
    role: RoleOption = None,
    verify: Annotated[
        str | None, typer.Option("--verify", help="read and check this backend's weights")
    ] = None,
    preset_name: PresetOption = "local",
    as_json: JsonOption = False,
) -> None:
    """Show what is installed for each backend, and how to get what is missing.

    Ends with status 4 if the preset cannot run.
    """
    from emoanim.doctor import examine, lacking
    from emoanim.doctor import verify as verified

    if verify is not None:
        failed = False
        for step in verified(verify):
            typer.echo(f"{'ok' if step.passed else 'failed'}\t{step.name}\t{step.detail}")
            failed |= not step.passed
        raise typer.Exit(4 if failed else 0)
    wanted = preset(preset_name)
    checkups = examine(role)
    if as_json:
        print_json([c.to_dict() for c in checkups])
        _end(preset_name, lacking(wanted, role))
    print_table(
        ("role", "name", "installed", "weights", "key", "device", "licence", "how to fix"),
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
        notices().print(f"note: {note}", markup=False, highlight=False, soft_wrap=True)
    _end(preset_name, lacking(wanted, role))


def _end(preset_name: str, faults: tuple[Checkup, ...]) -> NoReturn:
    """Say whether the preset runs here, and end with the status that says so."""
    if not faults:
        notices().print(f"the preset {preset_name} can run here", highlight=False)
        raise typer.Exit(0)
    said = "; ".join(f"{c.role} {c.name}: {c.fix}" for c in faults)
    typer.echo(f"the preset {preset_name} cannot run here; to fix it: {said}", err=True)
    raise typer.Exit(4)
