"""``emoanim app``."""

from __future__ import annotations

from typing import Annotated

import typer

from emoanim.cli.options import (
    BudgetOption,
    ConfigOption,
    PresetOption,
    SeedOption,
    SetOption,
    chosen_settings,
)

__all__ = ["app"]


def app(
    host: Annotated[
        str, typer.Option(help="address to listen on; 0.0.0.0 lets other machines in")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes any that is free")] = 7860,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="open the page in a browser")
    ] = False,
    preset_name: PresetOption = "local",
    config: ConfigOption = None,
    options: SetOption = None,
    classifier: Annotated[
        str,
        typer.Option("--classifier", help='measures the change; "auto" takes what is here, "none"'),
    ] = "auto",
    seed: SeedOption = None,
    budget: BudgetOption = None,
    seconds: Annotated[float, typer.Option(help="longest clip or recording")] = 60.0,
    megabytes: Annotated[float, typer.Option(help="largest file")] = 100.0,
    characters: Annotated[int, typer.Option(help="longest text")] = 1000,
    waiting: Annotated[int, typer.Option(help="jobs that may wait")] = 10,
    at_once: Annotated[int, typer.Option(help="jobs that run side by side")] = 1,
    minutes: Annotated[float, typer.Option(help="after which a visitor's files go")] = 30.0,
    disk: Annotated[float, typer.Option(help="megabytes of all visitors' files")] = 4000.0,
) -> None:
    """Serve the web page: drop a clip or a portrait, edit the words, get the film."""
    from emoanim.app.bounds import AppBounds
    from emoanim.app.serving import serve

    bounds = AppBounds(
        seconds=seconds,
        megabytes=megabytes,
        characters=characters,
        waiting=waiting,
        at_once=at_once,
        minutes=minutes,
        disk_megabytes=disk,
    )
    plain = {"seed": seed, "budget": budget}
    settings = chosen_settings(preset_name, config, {}, options or [], plain)

    def ready(address: str) -> None:
        typer.echo(address)
        if browser:
            import webbrowser

            webbrowser.open(address)

    serve(settings, bounds, host=host, port=port, scorer=classifier, on_ready=ready)
