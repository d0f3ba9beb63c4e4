"""``emoanim fetch``: weights, ahead of time."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["fetch"]


def fetch(
    names: Annotated[list[str], typer.Argument(help="weights by name", metavar="NAME ...")],
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="accept what the weights ask for")
    ] = False,
) -> None:
    """Fetch weights ahead of time and print where they are."""
    from emoanim import weights
    from emoanim.weights.hub_models import HUB_MODELS, fetch_hub_model

    for name in names:
        if name in HUB_MODELS:
            typer.echo(fetch_hub_model(name))
        else:
            typer.echo(weights.fetch(name, accept_licence=accept_licence))
