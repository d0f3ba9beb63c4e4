"""``emoanim clones``: voice clones that a crash left at a service."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["clones"]


def clones(
    delete: Annotated[bool, typer.Option("--delete", help="delete them at the service")] = False,
) -> None:
    """List the voice clones that a crash left at ElevenLabs, or delete them."""
    from emoanim.services import leftover_clones
    from emoanim.services.elevenlabs.client import Service
    from emoanim.services.elevenlabs.cloning import delete_leftovers

    if delete:
        for address in sorted({clone.address for clone in leftover_clones("elevenlabs")}):
            delete_leftovers(Service(address or None))
    left = leftover_clones("elevenlabs")
    for clone in left:
        typer.echo(f"{clone.name}\t{clone.voice_id}\t{clone.made}")
    if delete and left:
        raise typer.Exit(1)
