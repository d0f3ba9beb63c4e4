"""``emoanim backends``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from emoanim import registry
from emoanim.cli.loudness import notices
from emoanim.cli.options import (
    JsonOption,
    RoleOption,
)
from emoanim.cli.printing import print_json
from emoanim.cli.tables import print_table
from emoanim.errors import MissingExtraError, UnknownBackendError, did_you_mean
from emoanim.registry import BackendInfo

__all__ = ["backends"]


def _names() -> list[str]:
    return sorted({b.name for b in registry.backends()})


def backends(
    name: Annotated[
        str | None,
        typer.Argument(help="one backend, with its options", autocompletion=_names),
    ] = None,
    role: RoleOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every backend by role; of one, its options with their types, defaults and bounds."""
    listed = registry.backends(role)
    if name is not None:
        chosen = [b for b in listed if b.name == name]
        if not chosen:
            where = "" if role is None else f" of the role {role}"
            known = sorted({b.name for b in listed})
            guess = did_you_mean(name, known)
            raise UnknownBackendError(
                f"no backend{where} is named {name!r}; there are: {', '.join(known)}.{guess}"
            )
        _details(chosen, as_json)
        return
    if as_json:
        print_json([_plain(b) for b in listed])
        return
    print_table(
        ("role", "name", "abilities", "licence", "what it is"),
        [(b.role, b.name, " ".join(b.abilities), b.licence, b.summary) for b in listed],
    )


def _details(chosen: list[BackendInfo], as_json: bool) -> None:
    """Print all of some backends, which are most often one."""
    from emoanim.registry.options import options_of

    records = []
    for about in chosen:
        record = _plain(about)
        try:
            record["options"] = [o._asdict() for o in options_of(about)]
        except MissingExtraError as error:
            record["options"] = None
            record["missing"] = str(error)
        records.append(record)
    if as_json:
        print_json(records)
        return
    for number, record in enumerate(records):
        if number:
            typer.echo()
        typer.echo(f"{record['role']} {record['name']}: {record['summary']}")
        typer.echo(f"licence: {record['licence']}")
        typer.echo(f"abilities: {', '.join(record['abilities']) or 'none beyond its verb'}")
        if record["extra"]:
            typer.echo(f"extra: {record['extra']}")
        if record["options"] is None:
            typer.echo(f"options: {record['missing']}")
        elif not record["options"]:
            typer.echo("options: none")
        else:
            print_table(
                ("option", "type", "default", "bounds", "what it is"),
                [tuple(str(cell) or "-" for cell in o.values()) for o in record["options"]],
            )
            notices().print(
                f"set one with: --set {record['role']}.OPTION=VALUE", highlight=False, markup=False
            )


def _plain(about: BackendInfo) -> dict[str, Any]:
    wanted = ("role", "name", "extra", "licence", "abilities", "summary")
    return {k: v for k, v in asdict(about).items() if k in wanted}
