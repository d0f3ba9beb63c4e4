"""``emoanim fetch``: weights, ahead of time."""

from __future__ import annotations

from typing import Annotated

import typer

from emoanim import registry
from emoanim.errors import WeightsError
from emoanim.registry import ROLES
from emoanim.settings import Settings
from emoanim.settings import preset as preset_named

__all__ = ["fetch", "weights_of"]


def fetch(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="weights by name; none for all of a preset", metavar="[NAME ...]"),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", help="all weights of a preset's backends [default: local]"),
    ] = None,
    accept_licence: Annotated[
        bool, typer.Option("--accept-licence", help="accept what the weights ask for")
    ] = False,
) -> None:
    """Fetch weights ahead of time and print where they are.

    Without a name, those that the preset needs: after that it runs without a network.
    """
    wanted = list(names or ())
    if preset is not None or not wanted:
        wanted += weights_of(preset_named(preset or "local"))
    faults = []
    for name in dict.fromkeys(wanted):
        try:
            typer.echo(_fetched(name, accept_licence))
        except WeightsError as error:  # the others may well be had
            faults.append(str(error))
    if len(faults) > 1:
        for fault in faults[:-1]:
            typer.echo(f"emoanim: {' '.join(fault.split())}", err=True)
    if faults:
        raise WeightsError(faults[-1])


def weights_of(settings: Settings) -> list[str]:
    """Return the names of all weights that the backends of some settings need."""
    from emoanim.weights.hub_models import models_of

    names: list[str] = []
    for role in ROLES:
        choice = getattr(settings, role)
        if choice is not None:
            names += registry.info(role, choice.name).weights
            names += [m.repo for m in models_of(choice.name) if not m.option]
    return list(dict.fromkeys(names))


def _fetched(name: str, accept_licence: bool) -> str:
    from emoanim import weights
    from emoanim.weights.hub_models import HUB_MODELS, fetch_hub_model

    if name in HUB_MODELS:
        return str(fetch_hub_model(name))
    packaged = weights.in_packages(name)
    if packaged is not None and not weights.known(name).ask:
        return str(weights.verify(name))
    return str(weights.fetch(name, accept_licence=accept_licence))
